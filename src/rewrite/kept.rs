//! What every rewrite keeps: the file parses, no comment is gone, and the image is configured as before.

use std::collections::BTreeMap;

use crate::dockerfile::{self, Dockerfile, Item};
use crate::engine::BuildArgs;
use crate::facts::{self, Facts, Given};
use crate::graph;
use crate::text::SourceFile;

use super::Subject;
use super::transform::Aspect;

/// What `after` has lost of what `before` has and the rewrite is not about; nothing where all is there. The target is
/// the last stage of both.
pub(super) fn what_is_lost(
    before: &Subject<'_>,
    after: &SourceFile,
    about: &[Aspect],
    args: &BuildArgs,
) -> Option<&'static str> {
    let parsed = dockerfile::parse(after);
    if !parsed.errors.is_empty() {
        return Some("the file's syntax");
    }
    let graph = graph::resolve(&parsed.dockerfile, &args.0);
    if graph.issues.len() > before.graph.issues.len() {
        return Some("the stages' references");
    }
    let target = graph.target(None).ok();
    let given = Given { target, args: &args.0, shells: &[] };
    let facts = facts::derive_for(&parsed.dockerfile, &graph, &given);
    if !has_all(&comments(after, &parsed.dockerfile), &comments(before.source, before.dockerfile)) {
        return Some("the file's comments");
    }
    let old = Configuration::of(before.source, before.dockerfile, before.facts)?;
    let Some(new) = Configuration::of(after, &parsed.dockerfile, &facts) else {
        return Some("the file's stages");
    };
    let aspects = [
        (Aspect::Start, old.start == new.start, "what the image starts"),
        (Aspect::Ports, old.ports == new.ports, "the ports that the image exposes"),
        (Aspect::User, old.user == new.user, "the image's user"),
        (Aspect::Environment, old.environment_is_in(&new), "the image's environment"),
    ];
    aspects.into_iter().find(|(aspect, same, _)| !same && !about.contains(aspect)).map(|(.., what)| what)
}

/// The comments of a file, how often each.
fn comments<'a>(source: &'a SourceFile, dockerfile: &Dockerfile<'_>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for item in &dockerfile.items {
        let ranges = match item {
            Item::Comment(comment) => vec![comment.range],
            Item::Instruction(instruction) => instruction.comments.clone(),
            Item::Blank(_) | Item::Directive(_) => Vec::new(),
        };
        for range in ranges {
            *counts.entry(source.slice(range)).or_default() += 1;
        }
    }
    counts
}

fn has_all(all: &BTreeMap<&str, usize>, some: &BTreeMap<&str, usize>) -> bool {
    some.iter().all(|(comment, count)| all.get(comment).is_some_and(|other| other >= count))
}

/// What the target's instructions say of the image's configuration.
#[derive(Debug, PartialEq, Eq)]
struct Configuration {
    start: [Option<String>; 2],
    ports: Vec<String>,
    user: Option<String>,
    environment: BTreeMap<String, Option<String>>,
}

impl Configuration {
    fn of(source: &SourceFile, dockerfile: &Dockerfile<'_>, facts: &Facts) -> Option<Self> {
        let end = &facts.target()?.end;
        let written = |index: Option<usize>| {
            let fact = facts.get(dockerfile, index?)?;
            Some(source.slice(fact.instruction.range).to_owned())
        };
        let environment = end.variables.env();
        Some(Self {
            start: [written(end.entrypoint), written(end.cmd)],
            ports: end.ports.iter().map(|(port, ())| port.clone()).collect(),
            user: end.user.known().map(str::to_owned),
            environment: environment
                .map(|(name, variable)| (name.clone(), variable.value.known().map(str::to_owned)))
                .collect(),
        })
    }

    /// Whether all variables are there with their values. A path may have grown at its front.
    fn environment_is_in(&self, new: &Self) -> bool {
        self.environment.iter().all(|(name, value)| match (value, new.environment.get(name)) {
            (Some(old), Some(Some(new))) => new == old || (name == "PATH" && new.ends_with(old.as_str())),
            (None, Some(_)) => true,
            _ => false,
        })
    }
}
