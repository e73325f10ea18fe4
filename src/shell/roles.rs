//! The words of a statement, each with what the shell does with it.

use super::tree::{Command, CompoundKind, Element, Redirect, RedirectTarget, Statement, Word};

/// A word in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed<'a> {
    /// The word.
    pub word: &'a Word,
    /// What the shell does with it.
    pub role: Role,
    /// The simple command that it belongs to; none where it is a compound's.
    pub command: Option<&'a Command>,
}

/// What the shell does with a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A variable gets it, before a command or alone.
    Value,
    /// It names the command.
    Name,
    /// It is given to the command.
    Argument,
    /// A redirection leads there.
    Target,
    /// A loop goes through what it comes to.
    Item,
    /// `case` looks at it.
    Subject,
    /// `case` compares it.
    Pattern,
}

impl Placed<'_> {
    /// Whether it is an operand of `[` or `test`.
    pub fn is_tested(&self) -> bool {
        self.role == Role::Argument
            && self
                .command
                .and_then(|command| command.words.first())
                .is_some_and(|first| first.is("[") || first.is("test"))
    }

    /// Whether it is the operand of `-n` in `[ -n operand ]`.
    pub fn is_asked_for_length(&self) -> bool {
        let words = self.command.map(|command| command.words.as_slice()).unwrap_or_default();
        let at = words.iter().position(|word| word.range == self.word.range);
        let before = at.and_then(|at| words.get(at.checked_sub(1)?));
        words.first().is_some_and(|first| first.is("[")) && before.is_some_and(|before| before.is("-n"))
    }
}

/// The words of the statement itself; those of what is nested in it are other statements'.
pub fn words_of(statement: &Statement) -> Vec<Placed<'_>> {
    let mut found = Vec::new();
    for element in &statement.pipeline {
        match element {
            Element::Command(command) => of_command(command, &mut found),
            Element::Compound(compound) => {
                let mut put = |word, role| found.push(Placed { word, role, command: None });
                match &compound.kind {
                    CompoundKind::For { words, .. } => words.iter().for_each(|word| put(word, Role::Item)),
                    CompoundKind::Case { word, items } => {
                        put(word, Role::Subject);
                        let patterns = items.iter().flat_map(|item| &item.patterns);
                        patterns.for_each(|word| put(word, Role::Pattern));
                    }
                    _ => {}
                }
                of_redirects(&compound.redirects, None, &mut found);
            }
        }
    }
    found
}

fn of_command<'a>(command: &'a Command, found: &mut Vec<Placed<'a>>) {
    let mut put = |word, role| found.push(Placed { word, role, command: Some(command) });
    command.assignments.iter().for_each(|assignment| put(&assignment.value, Role::Value));
    for (index, word) in command.words.iter().enumerate() {
        put(word, if index == 0 { Role::Name } else { Role::Argument });
    }
    of_redirects(&command.redirects, Some(command), found);
}

fn of_redirects<'a>(redirects: &'a [Redirect], command: Option<&'a Command>, found: &mut Vec<Placed<'a>>) {
    for redirect in redirects {
        if let RedirectTarget::Word(word) = &redirect.target {
            found.push(Placed { word, role: Role::Target, command });
        }
    }
}
