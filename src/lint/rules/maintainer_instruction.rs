use crate::dockerfile::{Body, Instruction, Word};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// `MAINTAINER` instead of a label.
    ///
    /// ## Why it matters
    /// The instruction is deprecated since Docker 1.13. It sets one field that no registry shows; a label is found by
    /// every tool that reads images, and `org.opencontainers.image.authors` is its agreed name.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// MAINTAINER Ann Lee <ann@example.org>
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.authors="Ann Lee <ann@example.org>"
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.authors="ann@example.org"
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the image's author field is then empty and a label takes its place. Nothing at run time reads either, but
    /// a script that asks `docker inspect` for the author has to ask for the label.
    name: "maintainer-instruction",
    aliases: ["DL4000", "MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6"],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for instruction in input.dockerfile.instructions() {
        let Body::Maintainer(who) = &instruction.body else { continue };
        found.push(
            Diagnostic::new(
                &RULE,
                instruction.name.range,
                "the MAINTAINER instruction is deprecated in favor of a label",
            )
            .help("use `LABEL org.opencontainers.image.authors=…`")
            .fix(Safety::Unsafe, "write a label", label(input, instruction, who)),
        );
    }
}

fn label(input: &Input<'_>, instruction: &Instruction, who: &Word) -> Option<EditSet> {
    // A comment inside the instruction would be lost.
    if !instruction.comments.is_empty() || !instruction.flags.is_empty() {
        return None;
    }
    let text = who.text.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = quoted.filter(|text| !text.contains('"')).unwrap_or(text);
    let mut value = String::new();
    for ch in text.chars() {
        if matches!(ch, '"' | '$') || ch == input.dockerfile.escape {
            value.push(input.dockerfile.escape);
        }
        value.push(ch);
    }
    let is_lower = instruction.name.text.starts_with('m');
    let name = if is_lower { "label" } else { "LABEL" };
    let place = TextRange::new(instruction.name.range.start(), who.range.end());
    let text = format!("{name} org.opencontainers.image.authors=\"{value}\"");
    EditSet::try_from(vec![Edit::replace(place, text)]).ok()
}
