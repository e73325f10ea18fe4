use crate::lint::label_forms::labels;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A label's key that Docker's rules for keys don't allow.
    ///
    /// ## Why it matters
    /// Keys begin with a lower-case letter, end with one or a digit, and hold only those, `.`, `-`, `_` and `/` between,
    /// no two dots or dashes in a row. `com.docker`, `io.docker` and `org.dockerproject` are Docker's own. Nothing breaks
    /// at another key, but tools that filter by label may not find it. So this rule speaks only with `--profile all`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// LABEL Version=1.4
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// LABEL com.docker.team="payments"
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// LABEL org.opencontainers.image.version=1.4 "team"=payments
    /// ```
    name: "label-key",
    aliases: ["DL3048", "tally/labels/valid-key"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        for label in labels(input, &fact) {
            let Some(reason) = reason(label.key) else { continue };
            found.push(
                Diagnostic::new(
                    &RULE,
                    label.pair.key.range,
                    format!("the label's key `{}` {reason}", label.key),
                )
                .help("use lower-case letters and digits, parted by single `.` or `-`"),
            );
        }
    }
}

/// What is wrong with the key.
fn reason(key: &str) -> Option<&'static str> {
    let is_valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_/".contains(c);
    let ends_well = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !key.chars().all(is_valid) {
        Some("has characters that keys don't have")
    } else if !key.starts_with(|c: char| c.is_ascii_lowercase()) {
        Some("doesn't begin with a lower-case letter")
    } else if !key.ends_with(ends_well) {
        Some("doesn't end with a lower-case letter or a digit")
    } else if key.contains("..") || key.contains("--") {
        Some("has two dots or dashes in a row")
    } else if ["com.docker.", "io.docker.", "org.dockerproject."].iter().any(|own| key.starts_with(own)) {
        Some("is in a namespace that is Docker's own")
    } else {
        None
    }
}
