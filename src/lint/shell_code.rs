//! The scripts whose code rules look at: what a shell of the POSIX family reads, understood from end to end.

use std::cell::OnceCell;

use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::shell::{
    Command, Dialect, Element, PartKind, Placed, Role, Script, Statement, Values, Word, statements, words_of,
};
use crate::text::{Edit, EditSet, TextRange};

use super::Input;
use super::shell_script::PROXIES;

/// Commands whose arguments assign variables.
pub(super) const DECLARING: [&str; 6] = ["local", "declare", "export", "readonly", "typeset", "let"];

/// A script with what holds around it.
#[derive(Debug)]
pub(super) struct ShellCode<'a> {
    /// The instruction that it is of.
    pub(super) fact: Fact<'a>,
    /// The script.
    pub(super) script: &'a Script,
    /// The shell that reads it.
    pub(super) dialect: Dialect,
    /// The script as it stands in the file.
    pub(super) text: &'a str,
    statements: OnceCell<Vec<&'a Statement>>,
    values: OnceCell<Values>,
}

/// Every script of the file that is surely read right, in order. Zsh splits no values and is left out, as ShellCheck
/// leaves it out.
pub(super) fn shell_code<'a>(input: &Input<'a>) -> impl Iterator<Item = ShellCode<'a>> {
    let source = input.source;
    input.facts.all(input.dockerfile).filter_map(move |fact| {
        let dialect = fact.facts.dialect.filter(|dialect| *dialect != Dialect::Zsh)?;
        let script = fact.facts.script().filter(|script| script.understood)?;
        let text = source.slice(script.range);
        Some(ShellCode { fact, script, dialect, text, statements: OnceCell::new(), values: OnceCell::new() })
    })
}

impl<'a> ShellCode<'a> {
    /// Whether the script runs while the image is built.
    pub(super) fn is_run(&self) -> bool {
        matches!(self.fact.trigger().body, Body::Run(_))
    }

    /// Every statement, nested ones included, in the order in which they are written.
    pub(super) fn statements(&self) -> &[&'a Statement] {
        self.statements.get_or_init(|| statements(&self.script.list))
    }

    /// Every word with what the shell does with it.
    pub(super) fn words(&self) -> impl Iterator<Item = Placed<'a>> {
        self.statements().iter().copied().flat_map(words_of)
    }

    /// The script's text in a range of the file.
    pub(super) fn slice(&self, range: TextRange) -> &'a str {
        let start = self.script.range.start();
        self.text
            .get(range.start().saturating_sub(start)..range.end().saturating_sub(start))
            .unwrap_or_default()
    }

    /// Every simple command that calls something.
    pub(super) fn commands(&self) -> impl Iterator<Item = &'a Command> {
        let elements = self.statements().iter().copied().flat_map(|statement| &statement.pipeline);
        elements.filter_map(|element| match element {
            Element::Command(command) if !command.words.is_empty() => Some(command),
            _ => None,
        })
    }

    /// Every call of one of `programs`: the command and its arguments. Only the command's first word counts, and
    /// `builtin` and `command` are looked past.
    pub(super) fn calls(&self, programs: &'a [&'a str]) -> impl Iterator<Item = (&'a Command, &'a [Word])> {
        self.commands().filter_map(move |command| {
            let mut call = command.invocation();
            while matches!(call.name(), Some("builtin" | "command")) {
                call = call.from(1);
            }
            call.name().filter(|name| programs.contains(name))?;
            Some((command, call.args()))
        })
    }

    /// Whether the word names the program that the command calls.
    pub(super) fn is_program(placed: &Placed<'_>) -> bool {
        let words = placed.command.map(|command| command.words.as_slice()).unwrap_or_default();
        words.get(program(words)).is_some_and(|word| word.range == placed.word.range)
    }

    /// Whether the Dockerfile sets the variable where the script runs.
    pub(super) fn is_set(&self, name: &str) -> bool {
        let variables = &self.fact.facts.before.variables;
        if PROXIES.contains(&name) {
            true
        } else if self.is_run() {
            variables.contains_key(name)
        } else {
            variables.env().any(|(known, _)| known == name)
        }
    }

    /// What is known of the values of its variables.
    pub(super) fn values(&self) -> &Values {
        self.values.get_or_init(|| Values::of(self.script, self.text, &|name| self.is_set(name)))
    }

    /// Whether a command that fails ends the script: `set -e`, in it or in the shell's own words.
    pub(super) fn stops_at_failure(&self) -> bool {
        let own = self.text.lines().take(1).filter(|line| line.starts_with("#!"));
        own.flat_map(str::split_whitespace).any(sets_errexit)
            || self.fact.facts.before.shell.words().iter().skip(1).any(|word| sets_errexit(word))
            || self.calls(&["set"]).any(|(_, args)| args.iter().any(|word| sets_errexit(word.shown())))
    }

    /// Whether the shell leaves what is put into the word as it is, even without quotes.
    pub(super) fn is_quote_free(&self, placed: &Placed<'_>) -> bool {
        match placed.role {
            Role::Value | Role::Item | Role::Subject | Role::Pattern => true,
            Role::Name | Role::Target => false,
            Role::Argument => {
                let first = placed.command.and_then(|command| command.words.first());
                let name = first.map(Word::shown).unwrap_or_default();
                // POSIX's `export` takes its arguments for words like any others.
                name == "[["
                    || (self.dialect != Dialect::Posix
                        && DECLARING.contains(&name)
                        && placed.word.declaration().is_some())
            }
        }
    }

    /// Puts double quotes around what stands at `range`. Nothing where the quotes could end others: in a script with
    /// backticks.
    pub(super) fn quoted(&self, range: TextRange) -> Option<EditSet> {
        let quotes = vec![Edit::insert(range.start(), "\""), Edit::insert(range.end(), "\"")];
        (!self.text.contains('`')).then(|| EditSet::try_from(quotes).ok())?
    }
}

/// What the word surely says: what is put into it counts for nothing.
pub(super) fn constant(word: &Word) -> String {
    let parts = word.parts();
    let pieces = parts.iter().map(|part| match part.kind {
        PartKind::Literal(text) | PartKind::SingleQuoted(text) => text,
        PartKind::Escape(text) => text.get(1..).unwrap_or_default(),
        _ => "",
    });
    pieces.collect()
}

/// Whether the word, among the options of a shell or of `set`, ends the script where a command fails.
fn sets_errexit(word: &str) -> bool {
    word == "errexit" || (word.starts_with('-') && !word.starts_with("--") && word.contains('e'))
}

/// Which of a command's words names the program: the first, or the one behind a word that only calls another.
pub(super) fn program(words: &[Word]) -> usize {
    let calls_another = words.first().is_some_and(|word| {
        word.value
            .as_deref()
            .is_some_and(|name| ["builtin", "busybox", "command", "exec", "run"].contains(&name))
    });
    usize::from(calls_another && words.get(1).is_some_and(|word| !word.shown().starts_with('-')))
}
