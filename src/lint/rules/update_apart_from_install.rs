use std::collections::BTreeMap;

use crate::lint::layers::below;
use crate::lint::package_calls::called;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::{self, PackageManager, Verb};
use crate::shell::{Occurrence, Script};
use crate::text::{EditSet, TextRange};

use super::package_lists_left::{Need, clears_lists, last_update_left, lists_needed_above};

declare_rule! {
    /// The package index is fetched in another `RUN` than the install that needs it.
    ///
    /// ## Why it matters
    /// Each `RUN` is cached by its own text. When the list of packages changes, only the install runs again, with the
    /// index of the day on which `apt-get update` last ran: it gets old versions, or none at all, since an archive
    /// deletes what it has replaced. The build then fails with a 404 on one machine and passes on another, and a
    /// rebuild in the failover region is when one learns of it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update
    /// RUN apt-get install -y --no-install-recommends curl
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl
    /// ```
    /// What the `RUN` does besides stays there:
    /// ```dockerfile,bad
    /// FROM debian:trixie
    /// RUN dpkg --add-architecture i386 && apt-get update
    /// RUN apt-get install -y \
    ///     libc6:i386
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie
    /// RUN dpkg --add-architecture i386
    /// RUN apt-get update && apt-get install -y \
    ///     libc6:i386
    /// ```
    /// An index that serves an install of its own `RUN` is not there for the next one:
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y curl
    /// RUN apt-get install -y git
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y curl
    /// RUN apt-get update && apt-get install -y git
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the same packages are installed, from an index that is never older than the install. The update is
    /// taken from where it was only where nothing else needs it there.
    name: "update-apart-from-install",
    aliases: ["DS-0017", "CKV_DOCKER_5", "DF028", "CIS-DI-0007"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

/// An install without an update of its own.
struct Reader<'a> {
    run: RunScript<'a>,
    install: Occurrence<'a>,
    range: TextRange,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut by_update: BTreeMap<usize, Vec<Reader<'_>>> = BTreeMap::new();
    // The instruction whose update wrote the index that lies below; nothing where it was removed, or where it may be
    // the base image's.
    let providers = below(input, &None, |provider: &mut Option<usize>, fact| {
        let Some(run) = RunScript::of(input, fact) else { return };
        let commands = run.script.commands();
        if last_update_left(&commands).is_some() {
            *provider = Some(fact.index);
        } else if commands.iter().any(|occurrence| clears_lists(occurrence.command)) {
            *provider = None;
        }
    });
    for (fact, provider) in input.facts.all(input.dockerfile).zip(&providers) {
        let Some(update) = provider.filter(|_| input.facts.is_reached(&fact)) else { continue };
        if let Some(reader) = RunScript::of(input, fact).and_then(reader) {
            by_update.entry(update).or_default().push(reader);
        }
    }
    if by_update.is_empty() {
        return;
    }
    let served = by_update.values().flatten().map(|reader| reader.run.fact.index).collect();
    let needs = lists_needed_above(input, &served);
    for (update, readers) in by_update {
        let fact = input.facts.get(input.dockerfile, update);
        let Some(run) = fact.and_then(|fact| RunScript::of(input, fact)) else { continue };
        let is_needed = needs.get(update) != Some(&Need::Nothing);
        report(&run, readers, is_needed, found);
    }
}

/// Reports one update with the installs that read its index. `is_needed`: something else above reads it, too.
fn report(run: &RunScript<'_>, readers: Vec<Reader<'_>>, is_needed: bool, found: &mut Vec<Diagnostic>) {
    let Some((update, action)) = last_update_left(&run.script.commands()) else { return };
    let place = called(&action);
    let program = action.program;
    let help = format!("write `{program} update && {program} install …` in one RUN");
    if installs_behind(run, &update) {
        for reader in readers {
            found.push(
                Diagnostic::new(
                    &RULE,
                    reader.range,
                    "this installs with the index of an earlier layer, which may be old",
                )
                .help(&help)
                .label(place, "the index was fetched here")
                .fix(
                    Safety::Safe,
                    TITLE,
                    with_updates(run, &update, std::slice::from_ref(&reader)),
                ),
            );
        }
        return;
    }
    let message = format!("`{program} update` is cached apart from the install that needs it");
    let mut diagnostic = Diagnostic::new(&RULE, place, message).help(help);
    for reader in &readers {
        diagnostic = diagnostic.label(reader.range, "this installs with whatever index the cache holds");
    }
    let edits = with_updates(run, &update, &readers).and_then(|mut edits| {
        if !is_needed {
            let alone = run.script.list.len() == 1;
            let edit = if alone { run.delete_instruction() } else { run.delete_statement(update.statement) };
            if let Some(edit) = edit.filter(|_| update.top_level) {
                edits.insert(edit).ok()?;
            }
        }
        Some(edits)
    });
    found.push(diagnostic.fix(Safety::Safe, TITLE, edits));
}

const TITLE: &str = "fetch the index in the RUN that installs";

/// The first install of the script, where no update runs before it.
fn reader(run: RunScript<'_>) -> Option<Reader<'_>> {
    for occurrence in run.script.commands().into_iter().filter(|_| run.script.understood) {
        let Some(action) = packages::read(occurrence.command) else { continue };
        match action.verb {
            _ if action.manager != PackageManager::Apt => {}
            Verb::Update => return None,
            Verb::Install | Verb::Upgrade if !action.has_flag(&["--no-download", "--download-only"]) => {
                let range = called(&action);
                return Some(Reader { run, install: occurrence, range });
            }
            _ => {}
        }
    }
    None
}

/// Whether the update serves the script that it is in.
fn installs_behind(run: &RunScript<'_>, update: &Occurrence<'_>) -> bool {
    let script: &Script = run.script;
    let at = update.command.range.start();
    script.commands().iter().filter(|other| other.command.range.start() > at).any(|other| {
        packages::read(other.command).is_some_and(|action| {
            action.manager == PackageManager::Apt && !matches!(action.verb, Verb::Remove | Verb::Clean)
        }) || matches!(other.command.name(), Some("apt-cache" | "apt-file" | "gdebi"))
    })
}

/// The update put before each of the installs.
fn with_updates(run: &RunScript<'_>, update: &Occurrence<'_>, readers: &[Reader<'_>]) -> Option<EditSet> {
    let text = run.on_one_line(update.command.range)?;
    // A variable of the script's own is not there in another one.
    if !update.command.words.iter().all(|word| word.variables.is_empty()) {
        return None;
    }
    let mut edits = EditSet::new();
    for reader in readers {
        if reader.run.fact.instruction.flag("network").is_some() {
            return None;
        }
        let is_sudo = |occurrence: &Occurrence<'_>| occurrence.command.invocation().name() == Some("sudo");
        let prefix = if is_sudo(&reader.install) && !is_sudo(update) { "sudo " } else { "" };
        let edit = reader.run.insert_before(reader.install.statement, &format!("{prefix}{text}"))?;
        edits.insert(edit).ok()?;
    }
    Some(edits)
}
