//! The programs that a `RUN` calls itself, and not through another shell.

use crate::dockerfile::Body;
use crate::facts::{Fact, Run};
use crate::shell::{Command, Element, Invocation, Statement, statements};

use super::Input;

/// The calls of any of `programs` in every `RUN`, those behind an `ONBUILD` included.
pub(super) fn calls_of<'a>(input: &Input<'a>, programs: &[&str]) -> Vec<(Fact<'a>, Invocation<'a>)> {
    let facts = input.facts.all(input.dockerfile).filter(runs);
    let calls =
        facts.flat_map(|fact| commands(&fact).into_iter().map(move |command| (fact, command.effective())));
    calls.filter(|(_, call)| call.name().is_some_and(|name| programs.contains(&name))).collect()
}

/// The simple commands of a `RUN` in the order in which they are written; for the JSON form the one that it is.
pub(super) fn commands<'a>(fact: &Fact<'a>) -> Vec<&'a Command> {
    if let Run::Exec(command) = &fact.facts.run {
        return vec![command];
    }
    let elements = own_statements(fact).into_iter().flat_map(|statement| &statement.pipeline);
    let commands = elements.filter_map(|element| match element {
        Element::Command(command) if !command.words.is_empty() => Some(command),
        _ => None,
    });
    commands.collect()
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
