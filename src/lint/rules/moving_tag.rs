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
    for stage in &input.graph.stages {
        let Base::Image { reference, range } = &stage.base else { continue };
        // A variable without a value is the caller's choice, and may bring its own tag.
        if reference.contains('$') || reference.contains('@') {
            continue;
        }
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let (alias, message): (&[&str], _) = match name.split_once(':') {
            None => (&["DL3006"], format!("`{reference}` has no tag: it is `latest`, which moves")),
            Some((_, "latest")) => (&["DL3007"], format!("`{reference}` moves with every release")),
            Some(_) => continue,
        };
        found.push(
            Diagnostic::new(&RULE, *range, message)
                .known_as(alias)
                .help("name a version, or better the digest, with the tag in a comment"),
        );
    }
}
