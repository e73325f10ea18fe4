use crate::dockerfile::Body;
use crate::facts::{Fact, MountKind};
use crate::lint::cost::Waste;
use crate::lint::landings::Landing;
use crate::lint::layers::below;
use crate::lint::package_calls::{called, shown};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, Action, Verb};
use crate::shell::{Occurrence, Word};
use crate::text::TextRange;

declare_rule! {
    /// Sources are copied before the distribution's packages are installed.
    ///
    /// ## Why it matters
    /// The packages do not depend on the sources, but the cache does not know that: behind `COPY . .` every edit of any
    /// file installs them all anew, and gives their layer another digest, so that the regions pull it anew, too. Above
    /// the copy, both happen only when the list of packages changes.
    ///
    /// Sources are `COPY .`, or a folder that becomes the working folder. Silent where what stands between may say which packages there are, or where they come from.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// WORKDIR /app
    /// COPY . .
    /// RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    /// CMD ["/app/run"]
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    /// WORKDIR /app
    /// COPY . .
    /// CMD ["/app/run"]
    /// ```
    /// Where the sources say what to install, they have to come first:
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// WORKDIR /app
    /// COPY . .
    /// RUN apt-get update && xargs -a packages.txt apt-get install -y && rm -rf /var/lib/apt/lists/*
    /// CMD ["/app/run"]
    /// ```
    name: "sources-before-packages",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// What lies below an instruction.
#[derive(Debug, Clone, Copy, Default)]
struct Below {
    /// Where the sources first came.
    sources: Option<TextRange>,
    /// Whether packages were reported already, or something may stand on the sources.
    settled: bool,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    below(input, &Below::default(), |below, fact| {
        if let Some(landing) = Landing::of(input, fact).filter(|landing| landing.brings_sources(input)) {
            below.sources.get_or_insert(landing.fact.instruction.range);
        }
        let Some(sources) = below.sources.filter(|_| !below.settled) else { return };
        if !matches!(fact.instruction.body, Body::Run(_)) {
            return;
        }
        let commands = fact.facts.commands();
        let install = commands.iter().enumerate().find_map(|(at, occurrence)| {
            let action = packages::read(occurrence.command)?;
            let installs = action.verb == Verb::Install && action.manager.is_system();
            (installs && stands_alone(&action, commands.get(..at)?)).then_some(action)
        });
        below.settled = install.is_some() || may_say_what_to_install(input, &fact);
        let is_cached = fact.facts.mounts.iter().any(|mount| mount.kind == MountKind::Cache);
        let Some(install) = install.filter(|_| !is_cached && input.facts.is_reached(&fact)) else { return };
        found.push(
            Diagnostic::new(
                &RULE,
                called(&install),
                format!(
                    "each change of a source file makes `{}` run again, which reads none",
                    shown(&install)
                ),
            )
            .label(sources, "the sources come before it")
            .help("install the packages above the copy")
            .wastes(input, &fact, &Waste::RunsAgain),
        );
    });
}

/// Whether the install needs nothing of the sources: its packages are named, and nothing before it in the script could
/// have read a file.
fn stands_alone(install: &Action<'_>, before: &[Occurrence<'_>]) -> bool {
    let is_name = |word: &&Word| {
        word.value.is_some()
            && !word.text.contains('/')
            && ![".deb", ".rpm"].iter().any(|end| word.text.ends_with(end))
    };
    let is_harmless = |occurrence: &Occurrence<'_>| {
        packages::read(occurrence.command).is_some_and(|action| action.manager.is_system())
            || matches!(occurrence.command.name(), Some("set" | "export" | "echo" | "mkdir"))
            || occurrence.command.words.is_empty()
    };
    !install.packages.is_empty() && install.packages.iter().all(is_name) && before.iter().all(is_harmless)
}

/// Whether the `RUN` may configure where packages come from.
fn may_say_what_to_install(input: &Input<'_>, fact: &Fact<'_>) -> bool {
    let text = input.source.slice(fact.instruction.range);
    fact.facts.script().is_none_or(|script| !script.understood)
        || ["apt", "apk", "yum", "dnf", "zypper", "repo", "sources.list", "gpg", ".sh", "make", "./"]
            .iter()
            .any(|part| text.contains(part))
}
