use std::collections::HashSet;

use crate::dockerfile::Body;
use crate::graph::Base;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A base image that is another one tomorrow.
    ///
    /// ## Why it matters
    /// Without a tag, or with `latest`, the base is whatever was pushed last. Two regions that build or pull on
    /// different days run different images, share no layers, and a rollback brings back something that never ran.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM nginx
    /// ```
    /// ```dockerfile,bad
    /// ARG BASE=nginx:latest
    /// FROM $BASE
    /// ```
    /// ```dockerfile,good
    /// FROM nginx:1.29.3
    /// ```
    /// ```dockerfile,good
    /// FROM nginx@sha256:3b7732505933ca591ce4a6d860cb713ad96a3176b82f7979a8dfa9973486a0d6
    /// ```
    name: "moving-tag",
    aliases: ["DL3006", "DL3007"],
    category: Reproducibility,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut earlier: HashSet<&str> = HashSet::new();
    for stage in &input.graph.stages {
        let from = input.facts.get(input.dockerfile, stage.from);
        let Some(Body::From(from)) = from.map(|from| &from.instruction.body) else { continue };
        let is_stage = earlier.contains(&*from.image.text);
        earlier.extend(from.alias.as_ref().map(|alias| &*alias.text));
        let written = tag(&from.image.text);
        let (resolved, reference, range) = match &stage.base {
            // A variable without a value is the caller's choice, and may bring its own tag.
            Base::Image { reference, range } => {
                let open = reference.contains('$');
                (if open { Tag::Fixed } else { tag(reference) }, reference.as_str(), *range)
            }
            Base::Unresolved { written, range } => (Tag::Fixed, written.as_str(), *range),
            Base::Stage(_) | Base::NamedContext { .. } | Base::Scratch => continue,
        };
        let is_open = resolved == Tag::Fixed;
        // Hadolint looks at what is written, and leaves alone a name that begins with a variable.
        let name = from.image.text.rsplit_once('/').map_or(from.image.text.as_ref(), |(_, name)| name);
        let begins_open =
            from.image.text.starts_with('$') || (is_registry(&from.image.text) && name.starts_with('$'));
        // It takes the port of a registry without a dot for a tag, and finds a stage by its name as it is written.
        let is_port = from
            .image
            .text
            .split_once('/')
            .is_some_and(|(first, _)| !first.contains('.') && first.contains(':'));
        let known =
            if is_stage || is_port || (begins_open && written == Tag::None) { Tag::Fixed } else { written };
        let (aliases, message): (&[&str], _) = match (if is_open { known } else { resolved }, known) {
            (Tag::Fixed, _) => continue,
            (Tag::None, Tag::None) => {
                (&["DL3006"], format!("`{reference}` has no tag: it is `latest`, which moves"))
            }
            (Tag::None, _) => (&[], format!("`{reference}` has no tag: it is `latest`, which moves")),
            (Tag::Latest, Tag::Latest) => (&["DL3007"], format!("`{reference}` moves with every release")),
            (Tag::Latest, _) => (&[], format!("`{reference}` moves with every release")),
        };
        let diagnostic = Diagnostic::new(&RULE, range, message)
            .known_as(aliases)
            .help("name a version, or better the digest, with the tag in a comment");
        found.push(if is_open { diagnostic.on_request() } else { diagnostic });
    }
}

/// What a reference says of its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    None,
    Latest,
    /// A digest, or a tag of its own.
    Fixed,
}

fn tag(reference: &str) -> Tag {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    match name.split_once(':') {
        _ if reference.contains('@') => Tag::Fixed,
        None => Tag::None,
        Some((_, "latest")) => Tag::Latest,
        Some(_) => Tag::Fixed,
    }
}

/// Whether the reference is a registry and a name of one part.
fn is_registry(reference: &str) -> bool {
    reference.split_once('/').is_some_and(|(first, name)| first.contains(['.', ':']) && !name.contains('/'))
}
