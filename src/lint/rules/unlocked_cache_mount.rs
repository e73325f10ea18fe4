use crate::facts::{Fact, Mount, MountKind, Sharing};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::{self, PackageManager, Verb};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// A cache mount that two builds write to at once, of a program that wants it for itself.
    ///
    /// ## Why it matters
    /// apt locks its folders, and fails where another has them: `Could not get lock /var/cache/apt/archives/lock`. A
    /// cache mount is shared by all builds of a builder, and by the stages and platforms of one build, which run side by
    /// side. With `sharing=locked` one waits for the other.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN rm -f /etc/apt/apt.conf.d/docker-clean
    /// RUN --mount=type=cache,target=/var/lib/apt \
    ///     apt-get update && apt-get install -y --no-install-recommends nginx
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN rm -f /etc/apt/apt.conf.d/docker-clean
    /// RUN --mount=type=cache,target=/var/lib/apt,sharing=locked \
    ///     apt-get update && apt-get install -y --no-install-recommends nginx
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25
    /// RUN --mount=type=cache,target=/go/pkg/mod go install example.org/tool@v1.2.3
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the mount is the same, and no part of the image. A build may wait where it failed before.
    name: "unlocked-cache-mount",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

/// The folders that apt and dpkg lock.
const LOCKED: &[&str] =
    &["/var/cache/apt", "/var/cache/apt/archives", "/var/lib/apt", "/var/lib/apt/lists", "/var/lib/dpkg"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        if !locks(&fact) {
            continue;
        }
        let mut mounts = fact.facts.mounts.iter().filter(|mount| is_open(mount));
        let Some(mount) = mounts.next() else { continue };
        // What the flag doesn't say outright, a variable may.
        let all: Vec<&Mount> = std::iter::once(mount).chain(mounts).collect();
        let says = |mount: &&Mount| input.source.slice(mount.range).contains("sharing");
        let edits = all.iter().map(|mount| added(input, mount.range)).collect::<Option<Vec<_>>>();
        let mut diagnostic = Diagnostic::new(
            &RULE,
            mount.range,
            "two builds at once share this cache, and apt fails where another has its lock",
        )
        .help("add `sharing=locked`: one build then waits for the other");
        for other in all.iter().skip(1) {
            diagnostic = diagnostic.label(other.range, "this one too");
        }
        let edits = edits.filter(|_| !all.iter().any(says));
        let edits = edits.and_then(|edits| EditSet::try_from(edits).ok());
        found.push(diagnostic.fix(Safety::Safe, "lock the cache", edits));
    }
}

fn is_open(mount: &Mount) -> bool {
    let target = mount.target.as_deref().unwrap_or_default().trim_end_matches('/');
    mount.kind == MountKind::Cache && mount.sharing == Sharing::Shared && LOCKED.contains(&target)
}

/// Whether apt does something in it that it locks its folders for.
fn locks(fact: &Fact<'_>) -> bool {
    fact.facts.commands().iter().any(|occurrence| {
        packages::read(occurrence.command).is_some_and(|action| {
            action.manager == PackageManager::Apt
                && matches!(action.verb, Verb::Update | Verb::Install | Verb::Upgrade)
        })
    })
}

fn added(input: &Input<'_>, flag: TextRange) -> Option<Edit> {
    let is_plain = !input.source.slice(flag).contains(['"', '\'', '\n', '$']);
    is_plain.then(|| Edit::insert(flag.end(), ",sharing=locked"))
}
