use crate::dockerfile::Body;
use crate::facts::{Fact, Value};
use crate::graph::Base;
use crate::lint::{Diagnostic, Input, declare_rule};

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
    /// ```dockerfile,good
    /// FROM node:22-slim AS build
    /// USER root
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
    let Some(target) = input.facts.target() else { return };
    // An image that starts nothing is a base for others, who choose the user.
    let (Some(start), last) = (target.end.cmd.or(target.end.entrypoint), target.instructions.last()) else {
        return;
    };
    let at = |index: usize| input.dockerfile.instructions().nth(index);
    let named = |user: &str| user.split(':').next().is_some_and(|name| name == "root" || name == "0");
    let sets_user =
        |fact: &Fact<'_>| input.facts.is_shipped(fact) && matches!(fact.instruction.body, Body::User(_));
    let setting = input.facts.all(input.dockerfile).rfind(sets_user);
    let (range, message) = match (&target.end.user, setting) {
        (Value::Known(user), Some(fact)) if named(user) => (fact.instruction.range, "the image runs as root"),
        (Value::Unset, None) if !brings_user(input) => {
            match at(start).or_else(|| last.and_then(|last| at(*last))) {
                Some(instruction) => {
                    (instruction.range, "no USER is set, so this runs as root unless the base says otherwise")
                }
                None => return,
            }
        }
        _ => return,
    };
    found.push(
        Diagnostic::new(&RULE, range, message)
            .help("add `USER` with a user of the base image, or a number such as 10001, before the last CMD or ENTRYPOINT"),
    );
}

/// Whether the external base's name says that it runs as somebody else.
fn brings_user(input: &Input<'_>) -> bool {
    let Some(lowest) = input.facts.shipped().next() else { return false };
    let base = input.graph.stages.get(lowest).map(|stage| &stage.base);
    matches!(base, Some(Base::Image { reference, .. })
        if ["nonroot", "rootless", "unprivileged", "chainguard"].iter().any(|word| reference.contains(word)))
}
