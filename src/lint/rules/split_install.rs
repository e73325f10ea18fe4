use crate::lint::cost::Waste;
use crate::lint::package_calls::{Call, called, package_runs};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::Join;
use crate::shell::packages::{PackageManager, Verb};

declare_rule! {
    /// Packages are installed by one call after the other.
    ///
    /// ## Why it matters
    /// Each call reads the index, works out the dependencies and runs the triggers anew: caches of fonts, icons, the
    /// linker and the manual. One call with all the packages does so once.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && \
    ///     apt-get install -y --no-install-recommends curl && \
    ///     apt-get install -y --no-install-recommends git && \
    ///     rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && \
    ///     apt-get install -y --no-install-recommends curl git && \
    ///     rm -rf /var/lib/apt/lists/*
    /// ```
    /// What brings the sources of a package's build is no install:
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && \
    ///     apt-get build-dep -y qemu && \
    ///     apt-get install -y ninja-build && \
    ///     rm -rf /var/lib/apt/lists/*
    /// ```
    /// With other flags it is another matter:
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && \
    ///     apt-get install -y --no-install-recommends curl && \
    ///     apt-get install -y -t trixie-backports git && \
    ///     rm -rf /var/lib/apt/lists/*
    /// ```
    name: "split-install",
    aliases: [],
    category: Cache,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in package_runs(input) {
        for pair in run.calls.windows(2) {
            let [first, second] = pair else { continue };
            if is_same_call(first, second) {
                let program = second.action.program;
                let diagnostic = Diagnostic::new(
                    &RULE,
                    called(&second.action),
                    format!("`{program}` was called for other packages just before"),
                )
                .label(called(&first.action), "these could come with them")
                .help("name all packages in one call");
                found.push(if second.action.manager == PackageManager::Apt {
                    diagnostic.wastes(input, &run.fact, &Waste::ListsReadAgain)
                } else {
                    diagnostic
                });
            }
        }
    }
}

/// Whether `second` runs right behind `first`, and does the same with other packages.
fn is_same_call(first: &Call<'_>, second: &Call<'_>) -> bool {
    let installs = |call: &Call<'_>| call.action.verb == Verb::Install && !call.action.packages.is_empty();
    let flags = |call: &Call<'_>| -> Vec<String> {
        let words = call.action.call.args().iter();
        let mut flags: Vec<String> =
            words.filter(|word| word.text.starts_with('-')).map(|word| word.text.clone()).collect();
        flags.sort_unstable();
        flags
    };
    // A group or a module is installed by other words, and may be what brings the packages.
    let subcommand = |call: &Call<'_>| -> Vec<String> {
        call.action.subcommand.iter().map(|word| word.shown().to_owned()).collect()
    };
    first.action.manager.is_system()
        && first.action.program == second.action.program
        && subcommand(first) == subcommand(second)
        && installs(first)
        && installs(second)
        && first.occurrence.top_level
        && second.occurrence.top_level
        && second.at == first.at + 1
        && matches!(second.occurrence.join, Join::And | Join::Next)
        && flags(first) == flags(second)
        && !brings_repository(first)
}

/// Whether one of the packages says where others are, as `epel-release` does: those can't come with it.
fn brings_repository(call: &Call<'_>) -> bool {
    let names = call.action.packages.iter().map(|word| word.shown());
    names.into_iter().any(|name| {
        ["release", "repo", "keyring", "packages-microsoft"].iter().any(|part| name.contains(part))
    })
}
