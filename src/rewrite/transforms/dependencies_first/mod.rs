//! Dependencies in a layer of their own, where more than an install has to move: what a rule's fix does not do.
//!
//! Cargo builds dependencies with the program, and a workspace of npm has a manifest in each of its packages.

mod cargo;
mod workspace;

use crate::dockerfile::{Body, Source, Transfer};
use crate::facts::{Fact, MountKind};
use crate::rewrite::{Outcome, Subject, Transform};

/// A change of the sources makes nothing run again that only depends on manifests.
pub(in crate::rewrite) const DEPENDENCIES_FIRST: Transform =
    Transform { name: "dependencies-first", attempt };

fn attempt(subject: &Subject<'_>) -> Outcome {
    match cargo::attempt(subject) {
        Outcome::NothingToDo => workspace::attempt(subject),
        outcome => outcome,
    }
}

/// A `COPY` of the whole context, before which the stage copies nothing.
struct WholeCopy<'a> {
    fact: Fact<'a>,
    /// Where it goes, which is also the working folder.
    folder: String,
    /// The instructions behind it in its stage.
    behind: Vec<Fact<'a>>,
}

/// Such a copy in each stage that the target needs.
fn whole_copies<'a>(subject: &Subject<'a>) -> Vec<WholeCopy<'a>> {
    let needed = subject.facts.stages.iter().enumerate().filter(|(_, stage)| stage.reached);
    needed
        .filter_map(|(index, _)| {
            let facts = subject.facts.of_stage(subject.dockerfile, index);
            let at = facts.iter().position(|fact| transfer(fact).is_some())?;
            let fact = *facts.get(at)?;
            let transfer = transfer(&fact).filter(|_| fact.instruction.flags.is_empty())?;
            let [Source::Path(source)] = transfer.sources.as_slice() else { return None };
            let folder = fact.facts.before.path(&transfer.destination.text, '\\')?;
            let is_whole = matches!(&*source.text, "." | "./") && !transfer.json;
            let is_workdir = fact.facts.before.workdir.known() == Some(folder.as_str());
            (is_whole && is_workdir).then(|| WholeCopy {
                fact,
                folder,
                behind: facts.get(at + 1..).unwrap_or_default().to_vec(),
            })
        })
        .collect()
}

fn transfer<'a>(fact: &Fact<'a>) -> Option<&'a Transfer<'a>> {
    match &fact.instruction.body {
        Body::Copy(transfer) | Body::Add(transfer) => Some(transfer),
        _ => None,
    }
}

/// Whether the `RUN` has a cache mount: what it needs again is there.
fn is_cached(fact: &Fact<'_>) -> bool {
    fact.facts.mounts.iter().any(|mount| mount.kind == MountKind::Cache)
}

fn newline(subject: &Subject<'_>) -> &'static str {
    if subject.source.text().contains("\r\n") { "\r\n" } else { "\n" }
}
