use crate::dockerfile::{Body, Source};
use crate::facts::Fact;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::Word;
use crate::shell::packages::{self, Action, PackageManager};
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
    for run in RunScript::shipped(input) {
        if is_configured(input, &run.fact) {
            continue;
        }
        for occurrence in run.script.commands() {
            let Some(action) = packages::read(occurrence.command) else { continue };
            let Some(install) = action.subcommand.last().copied().filter(|_| takes_recommended(&action))
            else {
                continue;
            };
            if may_say_otherwise(&run, &action) {
                continue;
            }
            let range =
                action.call.words().first().map_or(install.range, |name| name.range.cover(install.range));
            let message = format!("`{} install` brings what the packages recommend, too", action.program);
            let edit = run.insert_word(behind_yes(&action, install), "--no-install-recommends");
            found.push(
                Diagnostic::new(&RULE, range, message)
                    .help("give it `--no-install-recommends`, and name what the image needs of the recommendations")
                    .fix(
                        Safety::Unsafe,
                        "add `--no-install-recommends`",
                        edit.and_then(|edit| EditSet::try_from(vec![edit]).ok()),
                    ),
            );
        }
    }
}

fn takes_recommended(action: &Action<'_>) -> bool {
    let flags = [
        "--no-install-recommends",
        "--without-recommends",
        "--install-recommends",
        "--download-only",
        "--only-upgrade",
        "--print-uris",
        "-d",
    ];
    let by_option = action
        .call
        .flag_values(&["-o", "--option"])
        .iter()
        .any(|option| option.to_ascii_lowercase().contains("install-recommends"));
    action.manager == PackageManager::Apt
        && action.subcommand.iter().any(|word| word.is("install"))
        && !action.packages.is_empty()
        && !action.has_flag(&flags)
        && !by_option
}

/// Whether a variable among the words may hold the flag.
fn may_say_otherwise(run: &RunScript<'_>, action: &Action<'_>) -> bool {
    let names = action.call.args().iter().flat_map(|word| &word.variables);
    names.into_iter().any(|name| {
        let value = run.fact.facts.before.value(name);
        let upper = name.to_uppercase();
        let is_options = ["OPT", "ARG", "FLAG", "INSTALL"].iter().any(|part| upper.contains(part));
        value.map_or(is_options, |value| value.contains("recommends"))
    })
}

/// Whether apt's configuration, as far as earlier instructions show it, says something of recommendations.
fn is_configured(input: &Input<'_>, fact: &Fact<'_>) -> bool {
    if fact.facts.before.variables.contains_key("APT_CONFIG") {
        return true;
    }
    input.facts.all(input.dockerfile).take(fact.index + 1).any(|earlier| match &earlier.instruction.body {
        Body::Run(_) => {
            let text = input.source.slice(earlier.instruction.range).to_ascii_lowercase();
            text.contains("apt::install-recommends") || text.contains("apt::get::install-recommends")
        }
        Body::Copy(transfer) | Body::Add(transfer) => {
            let from_context = transfer.sources.iter().any(|source| {
                matches!(source, Source::Path(path) if path.text.contains("apt.conf") || path.text.contains("etc/apt"))
            });
            let inline = input.source.slice(earlier.instruction.range).contains("Install-Recommends");
            from_context || inline || transfer.destination.text.contains("/etc/apt/apt.conf")
        }
        _ => false,
    })
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
