use std::collections::BTreeSet;

use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::lint::cost::Waste;
use crate::lint::hadolint_view;
use crate::lint::layers::above;
use crate::lint::package_calls::{PackageRun, called, package_runs};
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Effect, Input, Safety, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Command, Occurrence, removals};
use crate::text::{EditSet, TextRange};

declare_rule! {
    /// apt's package lists stay in the layer.
    ///
    /// ## Why it matters
    /// `apt-get update` writes the lists of every package of the distribution to `/var/lib/apt/lists`. They are only
    /// needed while packages are installed, and out of date a day later; left there, every region pulls them with every
    /// image. A later `RUN` can't take them out again: they stay in the layer that brought them.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl
    /// CMD ["curl", "--version"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
    /// CMD ["curl", "--version"]
    /// ```
    /// The command is written as the others are:
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update \
    ///     && apt-get install -y --no-install-recommends \
    ///         ca-certificates \
    ///         curl
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update \
    ///     && apt-get install -y --no-install-recommends \
    ///         ca-certificates \
    ///         curl \
    ///     && rm -rf /var/lib/apt/lists/*
    /// ```
    /// Where a later `RUN` still needs the lists, there is no fix: bring the installs together first.
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update
    /// RUN apt-get install -y curl
    /// ```
    /// What is mounted is in no layer:
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN --mount=type=cache,target=/var/lib/apt,sharing=locked \
    ///     --mount=type=cache,target=/var/cache/apt,sharing=locked \
    ///     apt-get update && apt-get install -y curl
    /// ```
    /// With one of the two mounts alone, the packages that apt downloads may stay in the layer:
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update && apt-get install -y curl
    /// ```
    /// Neither is what a stage of the build leaves behind:
    /// ```dockerfile,good
    /// FROM debian:trixie-slim AS build
    /// RUN apt-get update && apt-get install -y gcc
    /// FROM debian:trixie-slim
    /// COPY --from=build /app /app
    /// ```
    ///
    /// ## Fix safety
    /// Safe where no later `RUN` of the stage, nor of the stages built on it, calls apt without an update of its own.
    /// Unsafe where a later `RUN` runs a script that is not in the Dockerfile, which may do so.
    name: "package-lists-left",
    aliases: ["DL3009", "DKL-DI-0005", "DF004"],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

const LISTS: &str = "/var/lib/apt/lists";

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut above: Option<(Vec<Need>, Vec<Option<TextRange>>)> = None;
    for run in package_runs(input) {
        let reported = hadolint_reports(input, run);
        let understood = run.script.is_none_or(|run| run.script.understood);
        let is_mounted = run.fact.facts.mounts.iter().any(|mount| mount.covers(LISTS));
        let Some((occurrence, update)) = last_update_left(&run.commands) else { continue };
        if is_mounted {
            found.extend(reported.then(|| archives_beside_the_mount(&update)));
            continue;
        }
        let is_real = run.shipped && understood;
        if !is_real && !reported {
            continue;
        }
        let mut diagnostic = Diagnostic::new(
            &RULE,
            called(&update),
            format!("`{} update` leaves its package lists in the layer", update.program),
        )
        .help("remove them in the same RUN: `&& rm -rf /var/lib/apt/lists/*`")
        .known_as(if reported {
            &["DL3009", "DKL-DI-0005", "DF004"]
        } else {
            &["DKL-DI-0005", "DF004"]
        });
        if !is_real {
            found.push(diagnostic.on_request());
            continue;
        }
        diagnostic = diagnostic.wastes(input, &run.fact, &Waste::PackageLists);
        let (needs, removals) =
            above.get_or_insert_with(|| (lists_needed_above(input, &BTreeSet::new()), removed_above(input)));
        if let Some(removed) = removals.get(run.fact.index).copied().flatten() {
            diagnostic =
                diagnostic.label(removed, "removed here, in a layer above: they are pulled all the same");
        }
        let is_sudo = occurrence.command.invocation().name() == Some("sudo");
        let command =
            if is_sudo { "sudo rm -rf /var/lib/apt/lists/*" } else { "rm -rf /var/lib/apt/lists/*" };
        let safety = match needs.get(run.fact.index) {
            Some(Need::Nothing) => Some(Safety::Safe),
            Some(Need::Unseen) => Some(Safety::Unsafe),
            Some(Need::Lists) | None => None,
        };
        // What a trigger's image does with the lists is not in this file.
        let safety = safety.filter(|_| matches!(run.fact.instruction.body, Body::Run(_)));
        if let (Some(safety), Some(script)) = (safety, &run.script) {
            diagnostic = diagnostic
                .fix(safety, TITLE, edits(script, command))
                .effects([Effect::Removes(LISTS.to_owned())]);
        }
        found.push(diagnostic);
    }
}

fn archives_beside_the_mount(update: &Action<'_>) -> Diagnostic {
    let message = "the lists are in a mount, and the packages' archives are not";
    Diagnostic::new(&RULE, called(update), message)
        .help("mount a cache over `/var/cache/apt`, too")
        .known_as(&["DL3009"])
        .on_request()
}

const TITLE: &str = "remove the package lists in the same RUN";

fn edits(run: &RunScript<'_>, command: &str) -> Option<EditSet> {
    EditSet::try_from(vec![run.append(command)?]).ok()
}

/// Whether hadolint reports the instruction: for it any `rm -rf` removes the lists, and the stage is shipped where it
/// is the last one or another is built on it.
/// Source: hadolint/hadolint, src/Hadolint/Rule/DL3009.hs.
fn hadolint_reports(input: &Input<'_>, run: &PackageRun<'_>) -> bool {
    let seen = hadolint_view::seen(&run.commands);
    let mounted = |path: &str| hadolint_view::mounts_cache(&run.fact, path);
    let updates = seen.iter().any(|seen| seen.calls(&["apt", "apt-get", "aptitude"], &["update"]));
    let removed = seen.iter().any(|seen| seen.calls(&["rm"], &["-rf", "/var/lib/apt/lists/*"]));
    let kept_out = mounted(LISTS) || (mounted("/var/lib/apt") && mounted("/var/cache/apt"));
    updates && !removed && !kept_out && hadolint_view::counts_stage(input, &run.fact)
}

/// The last update among the commands behind which nothing removes the lists.
pub(super) fn last_update_left<'a>(commands: &[Occurrence<'a>]) -> Option<(Occurrence<'a>, Action<'a>)> {
    let mut left = None;
    for occurrence in commands {
        if let Some(action) = packages::read(occurrence.command).filter(updates_lists) {
            left = Some((*occurrence, action));
        } else if clears_lists(occurrence.command) {
            left = None;
        }
    }
    left
}

fn updates_lists(action: &Action<'_>) -> bool {
    let elsewhere = action.call.flag_values(&["-o", "--option"]).iter().any(|option| {
        let option = option.to_ascii_lowercase();
        option.starts_with("dir=") || option.starts_with("dir::state") || option.starts_with("rootdir")
    });
    action.manager == PackageManager::Apt && action.verb == Verb::Update && !elsewhere
}

/// Whether the command removes the lists, or may well do so.
pub(super) fn clears_lists(command: &Command) -> bool {
    if let Some(action) = packages::read(command) {
        // `apt-get distclean` removes them; `apt-get clean` does not.
        return action.manager == PackageManager::Apt
            && action.subcommand.iter().any(|word| word.is("distclean") || word.is("dist-clean"));
    }
    // A script such as `/clean.sh` or `docker-clean` is named for what it does.
    let is_cleaner = command.name().is_some_and(|name| name.contains("clean"));
    is_cleaner || removals(command).iter().any(|removal| covers_lists(removal.path.shown()))
}

/// Whether a path, pattern and all, stands for the lists, some of them or a folder around them.
fn covers_lists(path: &str) -> bool {
    let path = path.replace(['"', '\''], "");
    let folder = path.trim_end_matches(['/', '*']);
    let is_parent =
        !folder.is_empty() && LISTS.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let in_braces = path.contains('{') && path.contains("apt");
    is_parent || folder.contains("apt/lists") || in_braces
}

fn removal_of_lists(fact: &Fact<'_>) -> Option<TextRange> {
    let commands = fact.facts.script()?.commands();
    commands.iter().find_map(|occurrence| {
        let removed = removals(occurrence.command);
        removed.iter().find(|removal| covers_lists(removal.path.shown())).map(|removal| removal.path.range)
    })
}

/// What instructions need of the lists that an earlier one has fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// None of them reads the lists.
    Nothing,
    /// They run what is not in the Dockerfile.
    Unseen,
    /// They read the lists of an earlier update.
    Lists,
}

/// For each instruction, what those above it need of the lists. Those in `served` have an update of their own.
pub(super) fn lists_needed_above(input: &Input<'_>, served: &BTreeSet<usize>) -> Vec<Need> {
    let of = |fact: Fact<'_>| if served.contains(&fact.index) { Need::Nothing } else { need(input, &fact) };
    above(input, &Need::Nothing, of, |near, far| *near.max(far))
}

/// For each instruction, where one above it removes the lists.
fn removed_above(input: &Input<'_>) -> Vec<Option<TextRange>> {
    above(input, &None, |fact| removal_of_lists(&fact), |near, far| near.or(*far))
}

fn need(input: &Input<'_>, fact: &Fact<'_>) -> Need {
    match (&fact.instruction.body, fact.facts.script()) {
        (Body::Run(_), Some(script)) => {
            let mut need = if script.understood { Need::Nothing } else { Need::Unseen };
            let mut updated = false;
            for occurrence in script.commands() {
                match packages::read(occurrence.command) {
                    Some(action) if action.manager == PackageManager::Apt => match action.verb {
                        Verb::Update => updated = true,
                        Verb::Remove | Verb::Clean => {}
                        _ if updated => {}
                        _ => return Need::Lists,
                    },
                    _ if !updated && reads_lists(occurrence.command) => return Need::Lists,
                    _ if runs_unseen_script(occurrence.command) => need = Need::Unseen,
                    _ => {}
                }
            }
            need
        }
        // In exec form, for another shell, or for an image built on this one.
        (Body::Run(_) | Body::Onbuild(_), _)
            if input.source.slice(fact.instruction.range).contains("apt") =>
        {
            Need::Lists
        }
        _ => Need::Nothing,
    }
}

fn reads_lists(command: &Command) -> bool {
    matches!(command.name(), Some("apt-cache" | "apt-file" | "gdebi"))
}

/// Whether the command runs a script that is not in the Dockerfile.
fn runs_unseen_script(command: &Command) -> bool {
    let is_shell = |name: &str| ["sh", "bash", "dash", "ash", "zsh", "ksh"].contains(&name);
    match command.name() {
        Some(name) if is_shell(name) => command.inner.is_empty(),
        Some(name) => {
            [".sh", ".bash"].iter().any(|ending| name.ends_with(ending)) || matches!(name, "." | "source")
        }
        None => false,
    }
}
