use crate::dockerfile::{Body, Source};
use crate::facts::Fact;
use crate::lint::cost::Waste;
use crate::lint::hadolint_view::{self, Seen};
use crate::lint::layers::below;
use crate::lint::package_calls::{PackageRun, package_runs};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::Word;
use crate::shell::packages::{Action, PackageManager};
use crate::text::EditSet;

declare_rule! {
    /// apt installs what the packages recommend, too.
    ///
    /// ## Why it matters
    /// On Debian and Ubuntu, apt installs a package's recommendations like its dependencies. They are chosen for a
    /// desktop or a server with a person at it: documentation, mail programs, compilers behind a library. In an image
    /// they are size that nobody asked for, and more to patch.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
    /// ```
    /// apt's own configuration says the same for all installs behind it:
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN echo 'APT::Install-Recommends "false";' > /etc/apt/apt.conf.d/99-lean
    /// RUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: what was there by recommendation alone is missing then, such as `ca-certificates` behind `curl`. Name
    /// what the image needs.
    name: "recommended-packages",
    aliases: ["DL3015", "DS-0029", "DF016"],
    category: Size,
    severity: Info,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let configured = below(input, &false, |configured, fact| *configured |= configures(input, &fact));
    for run in package_runs(input) {
        let below = configured.get(run.fact.index).copied().unwrap_or_default();
        if run.calls.is_empty() || below || configures(input, &run.fact) {
            continue;
        }
        for call in &run.calls {
            let action = &call.action;
            let Some(install) = action.subcommand.last().copied().filter(|_| is_install(action)) else {
                continue;
            };
            let seen = hadolint_view::read(call.occurrence.command).filter(|_| call.plain);
            let is_seen = seen.is_some_and(|seen| hadolint_reports(&seen));
            let is_real = run.shipped && !action.packages.is_empty() && !may_say_otherwise(run, action);
            if says_otherwise(action) || !(is_real || is_seen) {
                continue;
            }
            let range =
                action.call.words().first().map_or(install.range, |name| name.range.cover(install.range));
            let message = format!("`{} install` brings what the packages recommend, too", action.program);
            let mut diagnostic = Diagnostic::new(&RULE, range, message)
                .help(
                    "give it `--no-install-recommends`, and name what the image needs of the recommendations",
                )
                .known_as(if is_seen { &["DL3015", "DS-0029", "DF016"] } else { &["DS-0029", "DF016"] });
            if is_real {
                let names = action.packages.iter().map(|word| word.shown()).collect();
                diagnostic = diagnostic.wastes(input, &run.fact, &Waste::Recommended(names));
            }
            if let Some(script) = &run.script {
                let edit = script.insert_word(behind_yes(action, install), "--no-install-recommends");
                let edits = edit.and_then(|edit| EditSet::try_from(vec![edit]).ok());
                diagnostic = diagnostic.fix(Safety::Unsafe, "add `--no-install-recommends`", edits);
            }
            found.push(if is_real { diagnostic } else { diagnostic.on_request() });
        }
    }
}

fn is_install(action: &Action<'_>) -> bool {
    action.manager == PackageManager::Apt && action.subcommand.iter().any(|word| word.is("install"))
}

/// Source: hadolint/hadolint, src/Hadolint/Rule/DL3015.hs.
fn hadolint_reports(seen: &Seen<'_>) -> bool {
    seen.calls(&["apt-get"], &["install"])
        && !seen.has_flag(&["no-install-recommends"])
        && !seen.args().any(|arg| arg == "APT::Install-Recommends=false")
}

/// Whether the call itself says whether recommendations come.
fn says_otherwise(action: &Action<'_>) -> bool {
    let flags = [
        "--no-install-recommends",
        "--without-recommends",
        "--install-recommends",
        "--download-only",
        "--only-upgrade",
        "--print-uris",
        "-d",
    ];
    let options = action.call.flag_values(&["-o", "--option"]);
    action.has_flag(&flags)
        || options.iter().any(|option| option.to_ascii_lowercase().contains("install-recommends"))
}

/// Whether a variable among the words may hold the flag.
fn may_say_otherwise(run: &PackageRun<'_>, action: &Action<'_>) -> bool {
    let names = action.call.args().iter().flat_map(|word| &word.variables);
    names.into_iter().any(|name| {
        let value = run.fact.facts.before.value(name);
        let upper = name.to_uppercase();
        let is_options = ["OPT", "ARG", "FLAG", "INSTALL"].iter().any(|part| upper.contains(part));
        value.map_or(is_options, |value| value.contains("recommends"))
    })
}

/// Whether the instruction tells apt's configuration, or may tell it, whether recommendations come.
fn configures(input: &Input<'_>, fact: &Fact<'_>) -> bool {
    let text = || input.source.slice(fact.instruction.range);
    match &fact.instruction.body {
        Body::Run(_) => {
            let text = text().to_ascii_lowercase();
            text.contains("apt::install-recommends") || text.contains("apt::get::install-recommends")
        }
        Body::Env(pairs) => pairs.iter().any(|pair| pair.key.text == "APT_CONFIG"),
        Body::Copy(transfer) | Body::Add(transfer) => {
            let from_context = transfer.sources.iter().any(|source| {
                matches!(source, Source::Path(path) if path.text.contains("apt.conf") || path.text.contains("etc/apt"))
            });
            from_context
                || transfer.destination.text.contains("/etc/apt/apt.conf")
                || text().contains("Install-Recommends")
        }
        _ => false,
    }
}

/// The word behind which the flag is added: `-y` where it follows `install`, as most write it.
fn behind_yes<'a>(action: &Action<'a>, install: &'a Word) -> &'a Word {
    let at = action.call.words().iter().position(|word| word.range == install.range);
    let next = at.and_then(|at| action.call.words().get(at + 1));
    next.filter(|word| {
        matches!(word.shown(), "-y" | "-yq" | "-qy" | "-yqq" | "-qqy" | "--yes" | "--assume-yes")
    })
    .unwrap_or(install)
}
