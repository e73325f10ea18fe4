//! What a script does to the shell that runs it.
//!
//! Two `RUN`s are two shells: a working directory, a variable or an option set in one is gone in the next. A rewrite
//! that makes them one has to know what would leak.

use super::certainty::Occurrence;
use super::tree::{Command, Compound, CompoundKind, Element, Script, Statement};
use crate::text::TextRange;

/// One change of the shell's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The command that makes it.
    pub range: TextRange,
    /// What is changed.
    pub kind: EffectKind,
}

/// The kinds of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EffectKind {
    /// The working directory: `cd`, `pushd`, `popd`.
    Directory,
    /// Variables: assignments, `export`, `unset`, `read`, a loop's variable. By name, as far as they are literal.
    Variables(Vec<String>),
    /// Options: `set`, `shopt`.
    Options,
    /// `umask` and `ulimit`.
    Limits,
    /// Names for commands: functions and aliases.
    Definitions,
    /// `trap`
    Traps,
    /// Descriptors, by an `exec` that only redirects.
    Descriptors,
    /// The shell ends: `exit`, `return`, or an `exec` that replaces it.
    End,
    /// Processes that go on behind the script: `&`.
    Background,
    /// Anything: `eval` and `source` run what is not there to read.
    Unknown,
}

impl Script {
    /// What the script changes of its own shell, in order. What runs in a subshell, a pipe or a substitution changes
    /// nothing. Complete only where the script is understood.
    pub fn effects(&self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.commands().iter().filter_map(of_command).collect();
        of_list(&self.list, &mut effects);
        effects.sort_by_key(|effect| effect.range);
        effects
    }
}

fn of_command(occurrence: &Occurrence<'_>) -> Option<Effect> {
    if occurrence.detached {
        return None;
    }
    let command = occurrence.command;
    let kind = kind_of(command)?;
    Some(Effect { range: command.range, kind })
}

fn kind_of(command: &Command) -> Option<EffectKind> {
    if command.words.is_empty() {
        let names: Vec<String> =
            command.assignments.iter().map(|assignment| assignment.name.clone()).collect();
        return (!names.is_empty()).then_some(EffectKind::Variables(names));
    }
    let mut invocation = command.invocation();
    while matches!(invocation.name(), Some("command" | "builtin")) {
        invocation = invocation.from(1);
    }
    let operands = || {
        let words = invocation.positionals(&["-d", "-i", "-n", "-N", "-p", "-t", "-u"]);
        let names = words.iter().map(|word| word.text.split('=').next().unwrap_or_default().to_owned());
        names.collect::<Vec<String>>()
    };
    // A name that has to be expanded first can be any of these.
    let Some(name) = invocation.name() else { return Some(EffectKind::Unknown) };
    Some(match name {
        "cd" | "pushd" | "popd" => EffectKind::Directory,
        "export" | "declare" | "typeset" | "readonly" | "local" | "unset" | "read" | "getopts"
        | "mapfile" | "let" => EffectKind::Variables(operands()),
        "set" | "shopt" | "setopt" => EffectKind::Options,
        "umask" | "ulimit" => EffectKind::Limits,
        "alias" | "unalias" | "hash" | "enable" => EffectKind::Definitions,
        "trap" => EffectKind::Traps,
        "exec" if invocation.args().is_empty() => EffectKind::Descriptors,
        "exec" | "exit" | "return" => EffectKind::End,
        "eval" | "source" | "." => EffectKind::Unknown,
        _ => return None,
    })
}

/// The effects that are no command's: background jobs, functions, loop variables.
fn of_list(list: &[Statement], effects: &mut Vec<Effect>) {
    for statement in list {
        if statement.background {
            effects.push(Effect { range: statement.range, kind: EffectKind::Background });
            continue;
        }
        if let [Element::Compound(compound)] = statement.pipeline.as_slice() {
            of_compound(compound, effects);
        }
    }
}

fn of_compound(compound: &Compound, effects: &mut Vec<Effect>) {
    let range = compound.range;
    match &compound.kind {
        CompoundKind::Subshell(_) => {}
        CompoundKind::Arithmetic => effects.push(Effect { range, kind: EffectKind::Variables(Vec::new()) }),
        CompoundKind::Function { .. } => effects.push(Effect { range, kind: EffectKind::Definitions }),
        CompoundKind::Group(body) => of_list(body, effects),
        CompoundKind::If { branches, otherwise } => {
            for branch in branches {
                of_list(&branch.condition, effects);
                of_list(&branch.body, effects);
            }
            of_list(otherwise, effects);
        }
        CompoundKind::Loop(branch) => {
            of_list(&branch.condition, effects);
            of_list(&branch.body, effects);
        }
        CompoundKind::For { variable, body, .. } => {
            effects.push(Effect { range, kind: EffectKind::Variables(variable.iter().cloned().collect()) });
            of_list(body, effects);
        }
        CompoundKind::Case { items, .. } => items.iter().for_each(|item| of_list(&item.body, effects)),
    }
}
