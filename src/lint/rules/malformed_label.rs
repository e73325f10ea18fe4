use crate::lint::label_forms::{LabelValue, labels};
use crate::lint::{Diagnostic, Input, LabelType, declare_rule};

declare_rule! {
    /// A label whose value doesn't have the form that the team's schema asks for.
    ///
    /// ## Why it matters
    /// A tool that reads the label expects a date, a version or a commit, and gets something else.
    ///
    /// The rule is silent until a label schema is set. A value that comes from a build argument is shown on request only,
    /// since nobody knows what the build will say.
    ///
    /// ## Examples
    /// Where the schema asks for a semantic version in `version` and for a text in `team`:
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// LABEL version="latest" team="payments"
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// LABEL version="1.4.2" team=""
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// LABEL version="1.4.2" team="payments"
    /// ```
    name: "malformed-label",
    aliases: ["DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        for label in labels(input, &fact) {
            let Some(form) = input.policy.label_schema.get(label.key) else { continue };
            let range = label.pair.value.as_ref().map_or(label.pair.range, |value| value.range);
            let report = |message: String, aliases| Diagnostic::new(&RULE, range, message).known_as(aliases);
            match &label.value {
                LabelValue::Fixed(value) if value.is_empty() => found.push(
                    report(format!("the label `{}` is empty", label.key), also_empty(*form))
                        .help(format!("give it {}", form.what())),
                ),
                LabelValue::Fixed(value) if form.accepts(value) => {}
                LabelValue::Fixed(value) => found.push(
                    report(
                        format!("the label `{}` should be {}, not `{value}`", label.key, form.what()),
                        code(*form),
                    )
                    .help("write the value in that form"),
                ),
                LabelValue::Open(written) if form.accepts(written) => {}
                LabelValue::Open(_) => found.push(
                    report(
                        format!(
                            "the label `{}` should be {}: the build decides what it is",
                            label.key,
                            form.what()
                        ),
                        code(*form),
                    )
                    .on_request(),
                ),
            }
        }
    }
}

/// The code of a value that hasn't the form.
fn code(form: LabelType) -> &'static [&'static str] {
    match form {
        LabelType::Text => &["DL3051"],
        LabelType::Url => &["DL3052"],
        LabelType::Rfc3339 => &["DL3053"],
        LabelType::Spdx => &["DL3054"],
        LabelType::GitHash => &["DL3055"],
        LabelType::Semver => &["DL3056"],
        LabelType::Email => &["DL3058"],
    }
}

/// The codes of a value that is empty, and so hasn't the form either.
fn also_empty(form: LabelType) -> &'static [&'static str] {
    match form {
        LabelType::Text => &["DL3051"],
        LabelType::Url => &["DL3051", "DL3052"],
        LabelType::Rfc3339 => &["DL3051", "DL3053"],
        LabelType::Spdx => &["DL3051", "DL3054"],
        LabelType::GitHash => &["DL3051", "DL3055"],
        LabelType::Semver => &["DL3051", "DL3056"],
        LabelType::Email => &["DL3051", "DL3058"],
    }
}
