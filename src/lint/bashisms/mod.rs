//! What bash understands and POSIX does not say: where a script has it, and what other shells make of it.
//! Source: POSIX.1-2024, XCU 2; bash's manual; what dash 0.5.12 and BusyBox 1.37 (shell/ash.c) take.

mod commands;
mod expansions;

use crate::shell::{
    Assignment, Command, CompoundKind, Element, Redirect, RedirectOperator, RedirectTarget, Statement,
    is_name,
};
use crate::text::TextRange;

use super::shell_code::ShellCode;

/// A piece of a script that is bash's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bashism {
    pub(super) range: TextRange,
    /// ShellCheck's code for it.
    pub(super) code: &'static str,
    /// What it is.
    pub(super) what: String,
    /// Whether a shell that does not know it goes on and does something else. Most say so, and the build fails.
    pub(super) is_silent: bool,
    /// Whether BusyBox's shell knows it.
    pub(super) in_ash: bool,
    /// Whether dash knows it.
    pub(super) in_dash: bool,
}

impl Bashism {
    fn new(range: TextRange, code: &'static str, what: impl Into<String>) -> Self {
        Self { range, code, what: what.into(), is_silent: false, in_ash: false, in_dash: false }
    }

    /// Other shells go on and do something else.
    fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// BusyBox's shell knows it.
    fn in_ash(mut self) -> Self {
        self.in_ash = true;
        self
    }

    /// BusyBox's shell and dash know it.
    fn in_dash(mut self) -> Self {
        (self.in_ash, self.in_dash) = (true, true);
        self
    }
}

/// All of a script's, in no order.
pub(super) fn bashisms(code: &ShellCode<'_>) -> Vec<Bashism> {
    let mut found = Vec::new();
    for statement in code.statements() {
        of_statement(code, statement, &mut found);
    }
    for placed in code.words() {
        expansions::of_word(code, &placed, &mut found);
    }
    found
}

fn of_statement(code: &ShellCode<'_>, statement: &Statement, found: &mut Vec<Bashism>) {
    for pair in statement.pipeline.windows(2) {
        let [first, second] = pair else { continue };
        let between = TextRange::new(first.range().end(), second.range().start());
        if let Some(at) = code.slice(between).find("|&") {
            let start = between.start() + at;
            found.push(Bashism::new(TextRange::new(start, start + 2), "SC3029", "`|&`"));
        }
    }
    for element in &statement.pipeline {
        let redirects = match element {
            Element::Command(command) => {
                commands::of_command(code, command, found);
                command.assignments.iter().for_each(|assignment| of_assignment(assignment, found));
                &command.redirects
            }
            Element::Compound(compound) => {
                of_compound(code, &compound.kind, compound.range, found);
                &compound.redirects
            }
        };
        for redirect in redirects {
            of_redirect(code, redirect, found);
        }
    }
}

fn of_compound(code: &ShellCode<'_>, kind: &CompoundKind, range: TextRange, found: &mut Vec<Bashism>) {
    let text = code.slice(range);
    match kind {
        CompoundKind::Arithmetic => {
            found.push(Bashism::new(range, "SC3006", "`((…))` as a command"));
            expansions::of_arithmetic(code, range, found);
        }
        CompoundKind::For { variable: None, body, .. } => {
            found.push(Bashism::new(range, "SC3005", "`for ((…))`"));
            let end = body.first().map_or(range.end(), |first| first.range.start());
            expansions::of_arithmetic(code, TextRange::new(range.start(), end), found);
        }
        CompoundKind::For { .. } if text.starts_with("select") => {
            found.push(Bashism::new(range, "SC3008", "`select`"));
        }
        CompoundKind::Function { name, .. } if !is_name(name) => {
            found.push(Bashism::new(
                range,
                "SC3033",
                "a function's name with other signs than letters, digits and `_`",
            ));
        }
        _ => {}
    }
}

fn of_assignment(assignment: &Assignment, found: &mut Vec<Bashism>) {
    if assignment.append {
        found.push(Bashism::new(assignment.range, "SC3024", "`+=`"));
    }
    if assignment.value.text.starts_with('(') {
        found.push(Bashism::new(assignment.value.range, "SC3030", "an array"));
    }
}

fn of_redirect(code: &ShellCode<'_>, redirect: &Redirect, found: &mut Vec<Bashism>) {
    let range = redirect.range;
    let target = match &redirect.target {
        RedirectTarget::Word(word) => Some(word),
        _ => None,
    };
    match redirect.operator {
        RedirectOperator::WriteBoth | RedirectOperator::AppendBoth => {
            found.push(Bashism::new(range, "SC3020", "`&>`").silent().in_ash());
        }
        RedirectOperator::DuplicateOutput if redirect.descriptor.is_none() => {
            let is_file = target.is_some_and(|word| {
                let literal = word.shown();
                !literal.trim_end_matches('-').bytes().all(|byte| byte.is_ascii_digit())
                    && !literal.starts_with('$')
            });
            if is_file && code.slice(range).starts_with(">&") {
                found.push(Bashism::new(range, "SC3021", "`>&` with a file"));
            }
        }
        RedirectOperator::HereString => {
            found.push(Bashism::new(range, "SC3011", "`<<<`"));
        }
        _ => {}
    }
    if redirect.descriptor.is_some_and(|descriptor| descriptor > 9) {
        found.push(Bashism::new(range, "SC3023", "a descriptor above 9"));
    }
    if let Some(word) =
        target.filter(|word| ["/dev/tcp", "/dev/udp"].iter().any(|path| word.shown().starts_with(path)))
    {
        let path = word.shown();
        found.push(Bashism::new(range, "SC3025", format!("`{path}`")).silent());
    }
}

/// The literal word's value, or what of it is literal.
fn literal(command: &Command, index: usize) -> Option<&str> {
    command.words.get(index)?.value.as_deref()
}
