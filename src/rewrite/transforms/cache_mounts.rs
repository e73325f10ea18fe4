//! Cache mounts for what package managers download.

use crate::dockerfile::Body;
use crate::facts::{Fact, MountKind};
use crate::lint::{Safety, project_install};
use crate::rewrite::{Abstention, Change, Outcome, Subject, Transform};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::text::{Edit, EditSet, TextRange};

/// What was downloaded stays on the builder, out of the image.
pub(super) const CACHE_MOUNTS: Transform = Transform { name: "cache-mounts", attempt };

/// Where root keeps what it has downloaded.
fn folders(manager: PackageManager) -> &'static [&'static str] {
    match manager {
        PackageManager::Npm => &["/root/.npm"],
        PackageManager::Yarn => &["/usr/local/share/.cache/yarn"],
        PackageManager::Pip => &["/root/.cache/pip"],
        PackageManager::Uv => &["/root/.cache/uv"],
        PackageManager::Go => &["/go/pkg/mod", "/root/.cache/go-build"],
        PackageManager::Cargo => &["/usr/local/cargo/registry"],
        PackageManager::Maven => &["/root/.m2"],
        PackageManager::Composer => &["/tmp/cache"],
        PackageManager::Dotnet => &["/root/.nuget/packages"],
        _ => &[],
    }
}

fn attempt(subject: &Subject<'_>) -> Outcome {
    let mut edits = Vec::new();
    let mut managers: Vec<&str> = Vec::new();
    let mut hindrance = None;
    for fact in subject.facts.all(subject.dockerfile).filter(|fact| subject.facts.is_reached(fact)) {
        if !matches!(fact.instruction.body, Body::Run(_)) {
            continue;
        }
        let (folders, program) = wanted(&fact);
        let Some(program) = program else { continue };
        if fact.facts.mounts.iter().any(|mount| mount.kind == MountKind::Cache) {
            continue;
        }
        if let Some(range) = cleaned(&fact) {
            let reason = format!("what `{program}` has downloaded is removed right away");
            hindrance.get_or_insert(Abstention::new(range, reason));
            continue;
        }
        if fact.facts.before.user.known().is_some_and(|user| user != "root" && user != "0") {
            hindrance.get_or_insert(Abstention::new(
                fact.instruction.range,
                format!("`{program}` runs as a user whose home isn't known"),
            ));
            continue;
        }
        let mounts: Vec<String> =
            folders.iter().map(|folder| format!(" --mount=type=cache,target={folder}")).collect();
        edits.push(Edit::insert(fact.instruction.name.range.end(), mounts.concat()));
        edits.extend(unkept(subject, &fact));
        if !managers.contains(&program) {
            managers.push(program);
        }
    }
    let edits = EditSet::try_from(edits).unwrap_or_default();
    match hindrance {
        _ if !edits.is_empty() => Outcome::Rewrites(Change {
            edits,
            title: format!("keep what {} downloads on the builder", managers.join(" and ")),
            safety: Safety::Unsafe,
            can_differ: vec![
                "what is downloaded is not in the image, where something could look for it".to_owned(),
            ],
            about: Vec::new(),
        }),
        Some(abstention) => Outcome::Abstains(abstention),
        None => Outcome::NothingToDo,
    }
}

/// The caches that serve a `RUN`, and the first program they serve.
fn wanted<'a>(fact: &Fact<'a>) -> (Vec<&'static str>, Option<&'a str>) {
    let mut found: Vec<&'static str> = Vec::new();
    let mut first = None;
    for one in fact.facts.commands() {
        let Some(action) = packages::read(one.command) else { continue };
        let builds = matches!(action.manager, PackageManager::Cargo | PackageManager::Go)
            && action.subcommand.first().is_some_and(|word| word.is("build") || word.is("install"));
        if !builds && project_install(one.command).is_none() {
            continue;
        }
        for folder in folders(action.manager) {
            if !found.contains(folder) {
                found.push(folder);
                first.get_or_insert(action.program);
            }
        }
    }
    (found, first)
}

/// A command that would empty the cache.
fn cleaned(fact: &Fact<'_>) -> Option<TextRange> {
    let commands = fact.facts.commands();
    let cleans = |action: &Action<'_>| action.verb == Verb::Clean && !action.manager.is_system();
    commands
        .iter()
        .find(|one| packages::read(one.command).is_some_and(|action| cleans(&action)))
        .map(|one| one.command.range)
}

/// Edits that take away the flags with which nothing is kept.
fn unkept(subject: &Subject<'_>, fact: &Fact<'_>) -> Vec<Edit> {
    let words: Vec<TextRange> = fact
        .facts
        .commands()
        .iter()
        .flat_map(|one| &one.command.words)
        .filter(|word| word.is("--no-cache-dir"))
        .map(|word| word.range)
        .collect();
    let with_blank = |range: TextRange| {
        let before = TextRange::new(range.start().saturating_sub(1), range.start());
        if subject.text(before) == " " { before.cover(range) } else { range }
    };
    words.into_iter().map(|range| Edit::delete(with_blank(range))).collect()
}
