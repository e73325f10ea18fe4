use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{
    Compound, CompoundKind, Element, Join, RedirectOperator, RedirectTarget, Statement, Word, words_of,
};
use crate::text::TextRange;

declare_rule! {
    /// Three commands in a row that append to one file.
    ///
    /// ## Why it matters
    /// `{ …; …; …; } >> file` opens the file once and names it once. A heredoc says the same as it will stand in the file.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN <<EOF
    /// echo one >> /etc/app.conf
    /// echo two >> /etc/app.conf
    /// echo three >> /etc/app.conf
    /// EOF
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// COPY <<EOF /etc/app.conf
    /// one
    /// two
    /// three
    /// EOF
    /// ```
    name: "repeated-append",
    aliases: ["SC2129"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.matches(">>").count() > 2) {
        of_list(&code.script.list, found);
        for statement in code.statements() {
            for placed in words_of(statement) {
                placed.word.substitutions.iter().for_each(|inner| of_list(&inner.list, found));
            }
            for element in &statement.pipeline {
                if let Element::Compound(Compound { kind, .. }) = element {
                    of_compound(kind, found);
                }
            }
        }
    }
}

fn of_compound(kind: &CompoundKind, found: &mut Vec<Diagnostic>) {
    match kind {
        CompoundKind::Subshell(body) | CompoundKind::Group(body) | CompoundKind::For { body, .. } => {
            of_list(body, found);
        }
        CompoundKind::If { branches, otherwise } => {
            for branch in branches {
                of_list(&branch.body, found);
            }
            of_list(otherwise, found);
        }
        CompoundKind::Loop(branch) => of_list(&branch.body, found),
        CompoundKind::Case { items, .. } => items.iter().for_each(|item| of_list(&item.body, found)),
        CompoundKind::Function { .. } | CompoundKind::Arithmetic => {}
    }
}

fn of_list(list: &[Statement], found: &mut Vec<Diagnostic>) {
    let joined = |index: usize| {
        list.get(index).is_some_and(|statement| matches!(statement.join, Join::And | Join::Or))
    };
    let targets: Vec<Option<(&str, TextRange)>> = list
        .iter()
        .enumerate()
        .map(|(index, statement)| target(statement).filter(|_| !joined(index) && !joined(index + 1)))
        .collect();
    let mut start = 0;
    while let Some(first) = targets.get(start) {
        let same =
            |other: &&Option<(&str, TextRange)>| other.map(|(file, _)| file) == first.map(|(file, _)| file);
        let length = targets.get(start..).unwrap_or_default().iter().take_while(same).count();
        if let Some((_, range)) = first.filter(|_| length > 2) {
            found.push(
                Diagnostic::new(&RULE, range, "this and the next commands append to one file")
                    .help("{ …; …; } >> file, or a heredoc"),
            );
        }
        start += length;
    }
}

/// The file that a statement appends to.
fn target(statement: &Statement) -> Option<(&str, TextRange)> {
    let last = statement.pipeline.last()?;
    let redirects = match last {
        Element::Command(command) => &command.redirects,
        Element::Compound(compound) => &compound.redirects,
    };
    redirects.iter().find(|redirect| redirect.operator == RedirectOperator::Append).and_then(|redirect| {
        match &redirect.target {
            RedirectTarget::Word(Word { text, .. }) => Some((text.as_str(), last.range())),
            _ => None,
        }
    })
}
