use std::cell::OnceCell;

use crate::lint::package_calls::{Call, PackageRun, package_runs};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// `apt` in a script, whose command line its authors keep free to change.
    ///
    /// ## Why it matters
    /// `apt` is made for people: it draws progress bars, warns on every call that its command line is not stable, and
    /// changes what it prints and does from release to release. `apt-get` and `apt-cache` do the same and stay as they
    /// are.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt update
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y curl && apt-cache policy curl
    /// ```
    ///
    /// ## Fix safety
    /// Safe for what both do alike; only apt's own log names another command then. An install is safe on the official
    /// Debian and Ubuntu images, which empty the archive folder after each call: elsewhere `apt` deletes what it
    /// downloaded and `apt-get` keeps it, so the fix is unsafe there. `apt upgrade` has no fix: `apt-get upgrade` holds
    /// back what needs a new package.
    name: "unstable-apt-cli",
    aliases: ["DL3027", "CKV_DOCKER_9", "DF059"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let keeps_archives = OnceCell::new();
    for run in package_runs(input) {
        for call in run.calls.iter().filter(|call| call.action.program == "apt") {
            let Some(name) = call.action.call.words().first() else { continue };
            let reported = call.plain
                && call
                    .occurrence
                    .command
                    .words
                    .first()
                    .is_some_and(|first| first.range == name.range && first.is("apt"));
            let mut diagnostic = Diagnostic::new(&RULE, name.range, "`apt` has no stable command line")
                .help("call `apt-get`, or `apt-cache` for questions")
                .known_as(if reported {
                    &["DL3027", "CKV_DOCKER_9", "DF059"]
                } else {
                    &["CKV_DOCKER_9", "DF059"]
                });
            if let Some((program, safety)) = stable(input, &keeps_archives, run, call) {
                let in_place = input.source.slice(name.range) == "apt"
                    && run.script.is_some_and(|script| script.script.understood);
                let edits = EditSet::try_from(vec![Edit::replace(name.range, program)]).ok();
                diagnostic = diagnostic.fix(safety, format!("call `{program}`"), edits.filter(|_| in_place));
            }
            found.push(diagnostic);
        }
    }
}

/// The program that does the same, and whether it surely does.
fn stable(
    input: &Input<'_>,
    keeps_archives: &OnceCell<bool>,
    run: &PackageRun<'_>,
    call: &Call<'_>,
) -> Option<(&'static str, Safety)> {
    let [subcommand] = call.action.subcommand.as_slice() else { return None };
    match subcommand.value.as_deref()? {
        "update" | "remove" | "purge" | "autoremove" | "auto-remove" | "clean" | "autoclean" => {
            Some(("apt-get", Safety::Safe))
        }
        "install" | "build-dep" => {
            let text = input.source.text();
            let kept = *keeps_archives
                .get_or_init(|| text.contains("docker-clean") || text.contains("Keep-Downloaded"));
            let emptied = !kept && empties_archives(input, run);
            Some(("apt-get", if emptied { Safety::Safe } else { Safety::Unsafe }))
        }
        "show" | "search" | "policy" | "depends" | "rdepends" => Some(("apt-cache", Safety::Unsafe)),
        _ => None,
    }
}

/// Whether the base is one that removes the archives after each call, whatever makes it.
fn empties_archives(input: &Input<'_>, run: &PackageRun<'_>) -> bool {
    let root = run.fact.facts.stage.and_then(|stage| input.graph.chain(stage).first().copied());
    let base = root.and_then(|root| input.facts.stages.get(root)?.base.as_deref());
    let is_official = base.is_some_and(|base| {
        let base = base.strip_prefix("docker.io/").unwrap_or(base);
        let name = base.strip_prefix("library/").unwrap_or(base).split([':', '@']).next().unwrap_or_default();
        matches!(name, "debian" | "ubuntu" | "buildpack-deps")
    });
    let mounted = run.fact.facts.mounts.iter().any(|mount| mount.covers("/var/cache/apt"));
    is_official && !mounted
}
