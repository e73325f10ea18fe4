use crate::dockerfile::Body;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A stage named `scratch` or `context`.
    ///
    /// ## Why it matters
    /// `scratch` is the empty base and `context` the build context. Behind such a stage `FROM scratch` means the stage,
    /// and a build context of that name can't be given.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22 AS scratch
    /// FROM scratch
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22 AS build
    /// FROM scratch
    /// ```
    name: "reserved-stage-name",
    aliases: ["DL3063", "ReservedStageName"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for instruction in input.dockerfile.instructions() {
        let Body::From(from) = &instruction.body else { continue };
        let Some(name) = &from.alias else { continue };
        let lower = name.text.to_lowercase();
        if !matches!(lower.as_str(), "scratch" | "context") {
            continue;
        }
        let aliases: &[&str] = if lower == name.text { RULE.aliases } else { &["ReservedStageName"] };
        let message = format!("stage name should not use the same name as reserved stage \"{lower}\"");
        found.push(
            Diagnostic::new(&RULE, name.range, message).known_as(aliases).help("give the stage another name"),
        );
    }
}
