//! The package managers that the `RUN`s of a file call, and what several rules say of such a call.

use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::shell::packages::{self, Action};
use crate::shell::{Command, Occurrence};
use crate::text::TextRange;

use super::Input;
use super::script_edits::RunScript;

/// A `RUN`, or the one that an `ONBUILD` triggers, with the package managers it calls.
#[derive(Debug, Clone)]
pub(super) struct PackageRun<'a> {
    /// The instruction with what holds there.
    pub(super) fact: Fact<'a>,
    /// Its script, to be edited; none for the exec form.
    pub(super) script: Option<RunScript<'a>>,
    /// All its commands, in the order in which they run.
    pub(super) commands: Vec<Occurrence<'a>>,
    /// Those that call a package manager.
    pub(super) calls: Vec<Call<'a>>,
    /// Whether its layer is in the image, or in one built on it.
    pub(super) shipped: bool,
}

/// A call of a package manager.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    /// Its index among the commands.
    pub(super) at: usize,
    /// The command in its place.
    pub(super) occurrence: Occurrence<'a>,
    /// What it does.
    pub(super) action: Action<'a>,
    /// Whether it stands in the script itself, in no `sh -c '…'`.
    pub(super) plain: bool,
}

/// Every `RUN` of the file that a POSIX shell or no shell reads, those of an `ONBUILD` included.
pub(super) fn package_runs<'a>(input: &Input<'a>) -> impl Iterator<Item = &'a PackageRun<'a>> {
    input.readings.package_runs.iter()
}

/// Reads them.
pub(super) fn read<'a>(input: &Input<'a>) -> Vec<PackageRun<'a>> {
    let runs = input.facts.all(input.dockerfile).filter_map(|fact| {
        if !matches!(fact.trigger().body, Body::Run(_)) {
            return None;
        }
        let commands = fact.facts.commands();
        let mut within = 0;
        let mut calls = Vec::new();
        for (at, occurrence) in commands.iter().enumerate() {
            let command = occurrence.command;
            let plain = command.range.start() >= within;
            if !command.inner.is_empty() {
                within = within.max(command.range.end());
            }
            calls.extend(packages::read(command).map(|action| Call {
                at,
                occurrence: *occurrence,
                action,
                plain,
            }));
        }
        let is_onbuild = matches!(fact.instruction.body, Body::Onbuild(_));
        Some(PackageRun {
            fact,
            script: RunScript::of_trigger(input, fact),
            commands,
            calls,
            shipped: is_onbuild || input.facts.is_shipped(&fact),
        })
    });
    runs.collect()
}

impl PackageRun<'_> {
    /// Whether a variable of that name, in any case, is switched on for the commands: by the Dockerfile, or in the
    /// script. A value that is not known may be.
    pub(super) fn sets(&self, name: &str) -> bool {
        let is_on = |value: Option<&str>| !matches!(value, Some("0" | "false" | "False" | "off" | "no" | ""));
        let in_script = |command: &Command| {
            let assigned = command.assignments.iter().any(|assignment| {
                assignment.name.eq_ignore_ascii_case(name) && is_on(assignment.value.value.as_deref())
            });
            assigned
                || command.words.iter().any(|word| {
                    let pair = word.shown().split_once('=');
                    pair.is_some_and(|(key, value)| key.eq_ignore_ascii_case(name) && is_on(Some(value)))
                })
        };
        let mut variables = self.fact.facts.before.variables.iter();
        variables.any(|(key, variable)| key.eq_ignore_ascii_case(name) && is_on(variable.value.known()))
            || self.commands.iter().any(|occurrence| in_script(occurrence.command))
    }
}

/// Where the call says what it does: from the manager's name to its subcommand.
pub(super) fn called(action: &Action<'_>) -> TextRange {
    let words = action.call.words().first().into_iter().chain(action.subcommand.iter().copied());
    words.map(|word| word.range).reduce(TextRange::cover).unwrap_or_default()
}

/// The manager's name and subcommand, as one would say them: `npm cache clean`.
pub(super) fn shown(action: &Action<'_>) -> String {
    let words = action.subcommand.iter().map(|word| word.shown());
    std::iter::once(action.program).chain(words).collect::<Vec<_>>().join(" ")
}

/// Whether the file shows that its yarn is of version 2 or later: it has other flags than yarn 1, and may run packages
/// from their archives in its cache.
pub(super) fn is_modern_yarn(input: &Input<'_>) -> bool {
    let signs =
        ["corepack", ".yarnrc.yml", ".yarn/", ".pnp", "--immutable", "set version", "workspaces focus"];
    signs.iter().any(|sign| input.source.text().contains(sign))
}

#[cfg(test)]
mod tests {
    use super::{called, shown};
    use crate::shell::{packages, parse};
    use crate::text::TextRange;

    #[test]
    fn a_call_is_named_without_its_flags_and_without_what_starts_it() {
        let script = parse("sudo npm --silent cache clean --force");
        let commands = script.commands();
        let action = packages::read(commands[0].command).unwrap();
        assert_eq!(shown(&action), "npm cache clean");
        assert_eq!(called(&action), TextRange::new(5, 29));
    }
}
