//! What a transform is: a change too large for a rule's fix, and what comes of attempting one.

use crate::dockerfile;
use crate::engine::BuildArgs;
use crate::facts::{self, Given};
use crate::graph;
use crate::lint::Safety;
use crate::text::{EditSet, SourceFile, TextRange};

use super::kept::what_is_lost;
use super::{Project, Subject};

/// A rewrite of the whole file. A function of its subject alone: no I/O.
#[derive(Debug, Clone, Copy)]
pub struct Transform {
    /// Its name, which is also that of the variant it makes.
    pub name: &'static str,
    /// Looks whether it applies.
    pub attempt: fn(&Subject<'_>) -> Outcome,
}

/// What came of attempting a transform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The file has nothing of what the transform is for.
    NothingToDo,
    /// It has, and something stands in the way.
    Abstains(Abstention),
    /// The transform applies.
    Rewrites(Change),
}

/// Why a transform leaves a file as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abstention {
    /// What stands in the way.
    pub range: TextRange,
    /// Why, in a plain sentence without a full stop.
    pub reason: String,
}

impl Abstention {
    /// The transform would, but for what stands at `range`.
    pub fn new(range: TextRange, reason: impl Into<String>) -> Self {
        Self { range, reason: reason.into() }
    }
}

/// What a transform does to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The edits.
    pub edits: EditSet,
    /// What they do, in a few words.
    pub title: String,
    /// Whether the image is proven to be the same.
    pub safety: Safety,
    /// What can be different in the image, a sentence each.
    pub can_differ: Vec<String>,
    /// What of the image's configuration the change is about.
    pub about: Vec<Aspect>,
}

/// A part of an image's configuration that a transform keeps unless it is about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// `ENTRYPOINT` and `CMD`
    Start,
    /// `EXPOSE`
    Ports,
    /// `USER`
    User,
    /// `ENV`
    Environment,
}

/// A file after a transform.
#[derive(Debug, Clone)]
pub struct Transformed {
    /// The file.
    pub source: SourceFile,
    /// What was done to it.
    pub change: Change,
}

/// Attempts `transform` on `source`. Whatever would be lost that the transform is not about makes it abstain.
pub fn attempt(
    transform: &Transform,
    source: &SourceFile,
    project: Project<'_>,
    target: Option<&str>,
    args: &BuildArgs,
) -> Result<Option<Transformed>, Abstention> {
    let parsed = dockerfile::parse(source);
    let given =
        graph::Build { args: args.0.clone(), target: target.map(str::to_owned), ..graph::Build::default() };
    let graph = graph::resolve_build(&parsed.dockerfile, &given);
    let Ok(target) = graph.target(target) else { return Ok(None) };
    let given = Given { target: Some(target), args: &args.0, shells: &[] };
    let facts = facts::derive_for(&parsed.dockerfile, &graph, &given);
    let subject =
        Subject { source, dockerfile: &parsed.dockerfile, graph: &graph, facts: &facts, target, project };
    if !parsed.errors.is_empty() {
        return Ok(None);
    }
    match (transform.attempt)(&subject) {
        Outcome::NothingToDo => Ok(None),
        Outcome::Abstains(abstention) => Err(abstention),
        Outcome::Rewrites(change) => {
            let after = source.edited(&change.edits);
            match what_is_lost(&subject, &after, &change.about, args) {
                None => Ok(Some(Transformed { source: after, change })),
                Some(lost) => {
                    let range = graph.stages.get(target).map_or(TextRange::default(), |stage| stage.range);
                    Err(Abstention::new(range, format!("the rewrite would not keep {lost}")))
                }
            }
        }
    }
}
