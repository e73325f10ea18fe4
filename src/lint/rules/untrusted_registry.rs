use crate::dockerfile::words::references;
use crate::dockerfile::{Body, From};
use crate::facts::Fact;
use crate::graph::{Base, Stage};
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
    let mut images: Vec<Image<'_>> = Vec::new();
    for fact in input.facts.all(input.dockerfile) {
        match &fact.instruction.body {
            Body::From(from) => images.extend(base(input, &fact, from)),
            Body::Copy(_) => images.extend(
                fact.instruction
                    .flag_value("from")
                    .filter(|from| !is_stage(input, &fact, &from.text))
                    .map(|from| Image::taken(input, &from.text, from.range)),
            ),
            Body::Run(_) => images.extend(fact.facts.mounts.iter().filter_map(|mount| {
                let reference = mount.from.as_deref().filter(|from| !is_stage(input, &fact, from))?;
                Some(Image::taken(input, reference, mount.range))
            })),
            _ => {}
        }
    }
    for Image { reference, range, is_hadolints } in images {
        let registry = registry(reference);
        // What a variable that nothing sets brings is the caller's choice.
        let is_open = match registry {
            Some(registry) => !references(registry, input.dockerfile.escape).is_empty(),
            None => reference.starts_with('$'),
        };
        let is_fine = if is_open { !is_hadolints } else { is_trusted(input, registry) };
        if is_fine {
            continue;
        }
        let shown = registry.unwrap_or("docker.io");
        let message = if is_open {
            format!("`{reference}` may come from any registry")
        } else {
            format!("`{reference}` comes from {shown}, which is no trusted registry")
        };
        let diagnostic = Diagnostic::new(&RULE, range, message)
            .known_as(if is_hadolints { RULE.aliases } else { &["DF065"] })
            .help(format!("trusted are: {}", input.policy.trusted_registries.join(", ")));
        found.push(if is_open { diagnostic.on_request() } else { diagnostic });
    }
}

/// An image that the build takes, where it says so, and whether hadolint would judge it by the same registry.
struct Image<'a> {
    reference: &'a str,
    range: TextRange,
    is_hadolints: bool,
}

impl<'a> Image<'a> {
    /// One that is named without build arguments.
    fn taken(input: &Input<'_>, reference: &'a str, range: TextRange) -> Self {
        Self { reference, range, is_hadolints: is_hadolints(input, reference) }
    }
}

/// Whether hadolint trusts no registry for what is written: it leaves variables as they are, and takes a name that
/// begins with one for Docker Hub's.
fn is_hadolints(input: &Input<'_>, written: &str) -> bool {
    !is_trusted(input, registry(written).filter(|first| first.contains('.')))
}

/// The image of a `FROM`; nothing where it is a stage.
fn base<'a>(input: &Input<'a>, fact: &Fact<'a>, from: &From) -> Option<Image<'a>> {
    let stage = input.graph.stages.get(fact.facts.stage?)?;
    let (reference, range) = match &stage.base {
        Base::Image { reference, range } => (reference, *range),
        Base::Unresolved { written, range } => (written, *range),
        Base::Stage(_) | Base::NamedContext { .. } | Base::Scratch => return None,
    };
    Some(Image { reference, range, is_hadolints: is_hadolints(input, &from.image.text) })
}

/// Whether the name that a `COPY` or a mount takes from is an earlier stage's.
fn is_stage(input: &Input<'_>, fact: &Fact<'_>, name: &str) -> bool {
    let earlier = input.graph.stages.iter().take(fact.facts.stage.map_or(0, |stage| stage + 1));
    let is_named = |stage: &Stage| {
        stage.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))
            || stage.index.to_string() == name
    };
    name == "scratch" || earlier.into_iter().any(is_named)
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
