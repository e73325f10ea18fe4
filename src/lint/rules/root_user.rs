use crate::dockerfile::Body;
use crate::facts::{Fact, Value};
use crate::graph::Base;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::text::TextRange;

declare_rule! {
    /// The image runs as root.
    ///
    /// ## Why it matters
    /// Whoever breaks into the program is root in the container, one kernel flaw from being root on the host. Many
    /// clusters refuse to start such an image at all, and a failover is a bad time to learn that.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// USER root
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// CMD ["node", "server.js"]
    /// ```
    /// A stage that only builds may well do it as root, and so may a base for others: that is shown on request.
    /// ```dockerfile,on-request
    /// FROM node:22-slim AS build
    /// USER root
    /// RUN npm ci
    /// FROM node:22-slim
    /// USER node
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim AS build
    /// RUN npm ci
    /// FROM node:22-slim
    /// USER node
    /// CMD ["node", "server.js"]
    /// ```
    /// Images whose name says that they bring a user of their own are trusted.
    /// ```dockerfile,good
    /// FROM gcr.io/distroless/nodejs22-debian12:nonroot
    /// CMD ["server.js"]
    /// ```
    name: "root-user",
    aliases: ["DL3002", "DS-0002", "CKV_DOCKER_3"],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut left = left_as_root(input);
    if let Some((range, message)) = shipped_as_root(input) {
        let is_written = left.contains(&range);
        left.retain(|other| *other != range);
        found.push(
            Diagnostic::new(&RULE, range, message)
                .known_as(if is_written { RULE.aliases } else { &["DS-0002", "CKV_DOCKER_3"] })
                .help("add `USER` with a user of the base image, or a number such as 10001, before the last CMD or ENTRYPOINT"),
        );
    }
    for range in left {
        found.push(
            Diagnostic::new(&RULE, range, "the stage ends as root")
                .known_as(&["DL3002"])
                .help("end it with another user, unless nothing runs from it")
                .on_request(),
        );
    }
}

/// The last `USER` of each stage that has one, where it is root.
fn left_as_root(input: &Input<'_>) -> Vec<TextRange> {
    let stages = 0..input.graph.stages.len();
    let last = |stage| {
        let mut facts = input.facts.of_stage(input.dockerfile, stage).into_iter();
        facts.rfind(|fact| matches!(fact.instruction.body, Body::User(_)))
    };
    let is_root =
        |fact: &Fact<'_>| matches!(&fact.instruction.body, Body::User(user) if is_root_named(&user.text));
    stages.filter_map(last).filter(is_root).map(|fact| fact.instruction.range).collect()
}

fn is_root_named(user: &str) -> bool {
    user.split(':').next().is_some_and(|name| name == "root" || name == "0")
}

/// Where the image is said to run as root, and how.
fn shipped_as_root(input: &Input<'_>) -> Option<(TextRange, &'static str)> {
    let target = input.facts.target()?;
    // An image that starts nothing is a base for others, who choose the user.
    let start = target.end.cmd.or(target.end.entrypoint)?;
    let sets_user =
        |fact: &Fact<'_>| input.facts.is_shipped(fact) && matches!(fact.instruction.body, Body::User(_));
    let setting = input.facts.all(input.dockerfile).rfind(sets_user);
    match (&target.end.user, setting) {
        (Value::Known(user), Some(fact)) if is_root_named(user) => {
            Some((fact.instruction.range, "the image runs as root"))
        }
        (Value::Unset, None) if !brings_user(input) => {
            let last = target.instructions.last().copied();
            let at = |index: usize| input.dockerfile.instructions().nth(index);
            let instruction = at(start).or_else(|| last.and_then(at))?;
            Some((instruction.range, "no USER is set, so this runs as root unless the base says otherwise"))
        }
        _ => None,
    }
}

/// Whether the external base's name says that it runs as somebody else.
fn brings_user(input: &Input<'_>) -> bool {
    let Some(lowest) = input.facts.shipped().next() else { return false };
    let base = input.graph.stages.get(lowest).map(|stage| &stage.base);
    matches!(base, Some(Base::Image { reference, .. })
        if ["nonroot", "rootless", "unprivileged", "chainguard"].iter().any(|word| reference.contains(word)))
}
