use crate::dockerfile::words::references;
use crate::graph::{Base, EdgeKind, Origin};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::text::TextRange;

declare_rule! {
    /// An image from a registry that the team doesn't trust.
    ///
    /// ## Why it matters
    /// What a base image holds, every region runs. A team that mirrors or scans its bases wants no other to slip in. The
    /// rule looks at `FROM`, at `COPY --from` and at `RUN --mount=from=…`, with the defaults of build arguments put in.
    ///
    /// It is silent until trusted registries are set. Docker Hub's are `docker.io` or `hub.docker.com`; a `*` at either
    /// end stands for anything.
    ///
    /// ## Examples
    /// Where `docker.io` and `*.example.org` are trusted:
    /// ```dockerfile,bad
    /// FROM quay.io/acme/base:1.4
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// COPY --from=ghcr.io/acme/tool:2 /tool /usr/bin/tool
    /// ```
    /// ```dockerfile,good
    /// FROM registry.example.org/acme/base:1.4 AS build
    /// FROM debian:trixie-slim
    /// COPY --from=build /app /app
    /// ```
    name: "untrusted-registry",
    aliases: ["DL3026", "DF065"],
    category: Security,
    severity: Error,
    profile: Default,
    fix: None,
}

/// The names of Docker Hub.
const HUB: [&str; 2] = ["docker.io", "hub.docker.com"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    if input.policy.trusted_registries.is_empty() {
        return;
    }
    let bases = input.graph.stages.iter().filter_map(|stage| match &stage.base {
        Base::Image { reference, range } => Some((reference.as_str(), *range)),
        _ => None,
    });
    let taken = input.graph.edges.iter().filter_map(|edge| match (&edge.kind, &edge.origin) {
        (EdgeKind::Copy { .. } | EdgeKind::Mount { .. }, Origin::Image(reference)) => {
            Some((reference.as_str(), edge.range))
        }
        _ => None,
    });
    let images: Vec<(&str, TextRange)> = bases.chain(taken).collect();
    for (reference, range) in images {
        let registry = registry(reference);
        // What a variable that nothing sets brings is the caller's choice.
        if !references(registry.unwrap_or_default(), input.dockerfile.escape).is_empty()
            || is_trusted(input, registry)
        {
            continue;
        }
        let shown = registry.unwrap_or("docker.io");
        found.push(
            Diagnostic::new(
                &RULE,
                range,
                format!("`{reference}` comes from {shown}, which is no trusted registry"),
            )
            .help(format!("trusted are: {}", input.policy.trusted_registries.join(", "))),
        );
    }
}

/// The registry that a reference names; none where it is Docker Hub's by default.
fn registry(reference: &str) -> Option<&str> {
    let (first, _) = reference.split_once('/')?;
    (first.contains(['.', ':', '$']) || first == "localhost").then_some(first)
}

fn is_trusted(input: &Input<'_>, registry: Option<&str>) -> bool {
    let trusts =
        |registry: &str| input.policy.trusted_registries.iter().any(|trusted| matches(trusted, registry));
    registry.map_or_else(|| HUB.into_iter().any(trusts), trusts)
}

fn matches(trusted: &str, registry: &str) -> bool {
    match (trusted.strip_prefix('*'), trusted.strip_suffix('*')) {
        (Some(end), _) => registry.ends_with(end),
        (None, Some(start)) => registry.starts_with(start),
        (None, None) => registry == trusted,
    }
}
