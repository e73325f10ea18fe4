use crate::lint::label_forms::labels;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A label that the team's schema doesn't know.
    ///
    /// ## Why it matters
    /// Where the schema is strict, labels are an interface: another spelling is a label that nobody reads.
    ///
    /// The rule is silent until the schema is said to be strict.
    ///
    /// ## Examples
    /// Where the strict schema lists `team` and no `owner`:
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// LABEL team="payments" owner="payments"
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// LABEL team="payments"
    /// ```
    name: "unlisted-label",
    aliases: ["DL3050"],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    if !input.policy.strict_labels {
        return;
    }
    for fact in input.facts.all(input.dockerfile) {
        for label in labels(input, &fact) {
            if input.policy.label_schema.contains_key(label.key) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    &RULE,
                    label.pair.key.range,
                    format!("the schema has no label `{}`", label.key),
                )
                .help("leave it out, or add it to the schema"),
            );
        }
    }
}
