//! A team's own rules: a pattern, what to say where it matches, and nothing more.

use std::ops::Range;
use std::sync::Arc;

use regex::Regex;

use crate::dockerfile::{Body, Instruction, Keyword};
use crate::facts::InstructionFacts;
use crate::shell;
use crate::text::TextRange;

use super::{Diagnostic, Input, Severity};

/// A rule that a team brings in its configuration.
#[derive(Debug, Clone)]
pub struct CustomRule {
    /// The name, in kebab-case and no other rule's.
    pub name: String,
    /// The instruction that it looks at; every one where none is named.
    pub instruction: Option<Keyword>,
    /// What it looks for.
    pub pattern: CustomPattern,
    /// What is wrong where it is found.
    pub message: String,
    /// How grave that is.
    pub severity: Severity,
    /// What to do about it.
    pub help: Option<String>,
}

/// What a team's rule looks for.
#[derive(Debug, Clone)]
pub enum CustomPattern {
    /// A match in an instruction as it is written, from its keyword on.
    Text(Regex),
    /// A match in a command that a script or a JSON form runs: its words without their quotes, a blank between them.
    Command(Regex),
}

/// Adds what the team's rule finds.
pub(super) fn check(rule: &Arc<CustomRule>, input: &Input<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        if rule.instruction.is_some_and(|wanted| !is(fact.instruction, wanted)) {
            continue;
        }
        let places = match &rule.pattern {
            CustomPattern::Text(pattern) => in_text(pattern, input, fact.instruction),
            CustomPattern::Command(pattern) => in_commands(pattern, fact.facts),
        };
        diagnostics.extend(places.into_iter().map(|place| Diagnostic::custom(Arc::clone(rule), place)));
    }
}

/// Whether the instruction, or what it triggers, is of that kind.
fn is(instruction: &Instruction, wanted: Keyword) -> bool {
    let triggered = match &instruction.body {
        Body::Onbuild(trigger) => trigger.keyword,
        _ => None,
    };
    instruction.keyword == Some(wanted) || triggered == Some(wanted)
}

/// The matches in the instruction's own text. What lies in a comment between its lines is none.
fn in_text(pattern: &Regex, input: &Input<'_>, instruction: &Instruction) -> Vec<TextRange> {
    let start = instruction.range.start();
    let matches = pattern.find_iter(input.source.slice(instruction.range)).filter(|found| !found.is_empty());
    matches
        .map(|found| TextRange::from(found.range()).shift(start))
        .filter(|place| !instruction.comments.iter().any(|comment| comment.contains_range(*place)))
        .collect()
}

fn in_commands(pattern: &Regex, facts: &InstructionFacts) -> Vec<TextRange> {
    let commands = facts.commands().into_iter();
    commands.flat_map(|found| in_command(pattern, found.command)).collect()
}

/// The matches in one command, each from the first word it touches to the last: to the byte in words that are written
/// as they read, and whole words else.
fn in_command(pattern: &Regex, command: &shell::Command) -> Vec<TextRange> {
    let mut text = String::new();
    let mut words: Vec<(Range<usize>, &shell::Word)> = Vec::new();
    for word in &command.words {
        if !text.is_empty() {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(word.shown());
        words.push((start..text.len(), word));
    }
    let place = |found: regex::Match<'_>| {
        let touched = |(place, _): &&(Range<usize>, &shell::Word)| {
            place.start < found.end() && found.start() < place.end
        };
        let exact = |(place, word): &(Range<usize>, &shell::Word)| {
            if word.text != word.shown() || word.range.len() != word.text.len() {
                return word.range;
            }
            let start = found.start().saturating_sub(place.start);
            let end = found.end().min(place.end) - place.start;
            TextRange::new(word.range.start() + start, word.range.start() + end)
        };
        words.iter().filter(touched).map(exact).reduce(TextRange::cover)
    };
    pattern.find_iter(&text).filter_map(place).collect()
}
