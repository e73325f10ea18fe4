//! The programs that a `RUN` calls itself, and not through another shell.

use crate::dockerfile::Body;
use crate::facts::{Fact, Run};
use crate::shell::{Command, Element, Invocation, Statement, statements};

use super::hadolint_view;
use super::{Input, Rule};

/// A call of a program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    /// The instruction it is in.
    pub(super) fact: Fact<'a>,
    /// The program and its arguments.
    pub(super) words: Invocation<'a>,
    /// Whether hadolint sees it.
    is_bare: bool,
}

impl Call<'_> {
    /// Which of the rule's aliases stand for a finding about this call.
    pub(super) fn aliases(&self, rule: &'static Rule) -> &'static [&'static str] {
        if self.is_bare { rule.aliases } else { &[] }
    }
}

/// The calls of any of `programs` in every `RUN`, those behind an `ONBUILD` included.
pub(super) fn calls_of<'a>(input: &Input<'a>, programs: &[&str]) -> Vec<Call<'a>> {
    let facts = input.facts.all(input.dockerfile).filter(runs);
    let calls = facts.flat_map(|fact| {
        let commands = commands(&fact).into_iter();
        commands.map(move |command| Call { fact, words: program(command), is_bare: is_bare(command) })
    });
    calls.filter(|call| call.words.name().is_some_and(|name| programs.contains(&name))).collect()
}

/// What a command calls in the end, past `sudo`, `env` and the like.
fn program(command: &Command) -> Invocation<'_> {
    let call = command.effective();
    if call.name() == Some("busybox") { call.from(1) } else { call }
}

/// Whether hadolint sees which program the command calls: it takes the same word for its name, and no folder is in it.
pub(super) fn is_bare(command: &Command) -> bool {
    hadolint_view::name(command)
        .is_some_and(|name| program(command).words().first() == Some(name) && !name.shown().contains('/'))
}

/// The simple commands of a `RUN` in the order in which they are written. Of `["sh", "-c", "a && b"]` those are the `sh`
/// with `a` for its script, and `b`: that is how hadolint reads it.
pub(super) fn commands<'a>(fact: &Fact<'a>) -> Vec<&'a Command> {
    if let Run::Exec(command) = &fact.facts.run {
        let inner = simple(statements(&command.inner)).skip(1);
        return std::iter::once(command).chain(inner).collect();
    }
    simple(own_statements(fact)).collect()
}

fn simple(statements: Vec<&Statement>) -> impl Iterator<Item = &Command> {
    let elements = statements.into_iter().flat_map(|statement| &statement.pipeline);
    elements.filter_map(|element| match element {
        Element::Command(command) if !command.words.is_empty() => Some(command),
        _ => None,
    })
}

/// Every statement of an instruction's script, nested ones included.
pub(super) fn own_statements<'a>(fact: &Fact<'a>) -> Vec<&'a Statement> {
    fact.facts.script().map(|script| statements(&script.list)).unwrap_or_default()
}

/// Whether it is a `RUN`, now or as an `ONBUILD`'s trigger.
pub(super) fn runs(fact: &Fact<'_>) -> bool {
    let body = match &fact.instruction.body {
        Body::Onbuild(trigger) => &trigger.body,
        body => body,
    };
    matches!(body, Body::Run(_))
}
