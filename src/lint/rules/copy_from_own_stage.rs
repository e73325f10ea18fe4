use crate::dockerfile::Body;
use crate::graph::GraphIssueKind;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A stage copies from itself.
    ///
    /// ## Why it matters
    /// `COPY --from` takes from a stage that is finished, which this one is not: the build stops with an error about a
    /// circular dependency. Within a stage, `RUN cp` copies.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22 AS app
    /// COPY --from=app /usr/local/bin/node /app/node
    /// ```
    /// ```dockerfile,good
    /// FROM node:22 AS build
    /// RUN npm ci
    /// FROM node:22-slim AS app
    /// COPY --from=build /app /app
    /// ```
    name: "copy-from-own-stage",
    aliases: ["DL3023", "DS-0006", "DF050"],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let Body::Copy(_) = &fact.instruction.body else { continue };
        let Some(from) = fact.instruction.flag_value("from") else { continue };
        let is_own = input.graph.issues.iter().any(|issue| {
            fact.instruction.lines.contains_range(issue.range) && issue.kind == GraphIssueKind::OwnStage
        });
        // Hadolint compares names only.
        let is_number = from.text.bytes().all(|byte| byte.is_ascii_digit());
        if is_own {
            found.push(
                Diagnostic::new(&RULE, from.range, format!("`{}` is this very stage", from.text))
                    .known_as(if is_number { &["DS-0006", "DF050"] } else { RULE.aliases })
                    .help("name an earlier stage, or copy with RUN cp"),
            );
        }
    }
}
