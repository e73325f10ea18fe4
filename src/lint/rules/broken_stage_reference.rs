use crate::dockerfile::{Body, Keyword};
use crate::graph::GraphIssueKind;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A stage is built on or takes from what it can't.
    ///
    /// ## Why it matters
    /// A stage can only be built on, and take from, a stage that stands above it, and neither `--from` nor a mount's
    /// `from` takes variables. Some of this stops the build at once. A name that no stage has is worse: it is taken for
    /// an image, and the build asks a registry for it.
    ///
    /// What `COPY --from` names has rules of its own.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS builder
    /// RUN go build -o /app .
    /// FROM bulider
    /// RUN go test ./...
    /// ```
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS builder
    /// RUN go build -o /app .
    /// FROM debian:trixie-slim
    /// RUN --mount=from=bulider,source=/app,target=/tmp/app install /tmp/app /usr/local/bin
    /// ```
    /// ```dockerfile,bad
    /// ARG TOOLS=busybox
    /// FROM debian:trixie-slim
    /// COPY --from=${TOOLS} /bin/busybox /bin/busybox
    /// ```
    /// ```dockerfile,good
    /// ARG TOOLS=busybox
    /// FROM ${TOOLS} AS tools
    /// FROM debian:trixie-slim
    /// COPY --from=tools /bin/busybox /bin/busybox
    /// ```
    name: "broken-stage-reference",
    aliases: [],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let instructions: Vec<_> = input.dockerfile.instructions().collect();
    for issue in &input.graph.issues {
        let behind = instructions.partition_point(|one| one.lines.start() <= issue.range.start());
        let Some(instruction) = behind.checked_sub(1).and_then(|at| instructions.get(at)) else { continue };
        let body = match &instruction.body {
            Body::Onbuild(trigger) => trigger,
            _ => *instruction,
        };
        let is_copy = body.keyword == Some(Keyword::Copy);
        let help = match &issue.kind {
            GraphIssueKind::VariableInFrom { .. } | GraphIssueKind::Cycle { .. } => None,
            GraphIssueKind::BlankBase { .. } => Some("give its variables a value above the first FROM"),
            // A word that can't be read is told by another rule.
            GraphIssueKind::Expansion {
                error: crate::dockerfile::words::ExpandError::Required { .. },
                ..
            } => Some("give the variable a value above the first FROM, or build with `--build-arg`"),
            _ if is_copy => continue,
            GraphIssueKind::OwnStage
            | GraphIssueKind::LaterStage { .. }
            | GraphIssueKind::IndexInMount { .. } => None,
            GraphIssueKind::LikelyStage { .. } => Some("if it is an image, give it a tag"),
            _ => continue,
        };
        // The flag's value says it all.
        let value =
            body.flags.iter().find(|flag| flag.range == issue.range).and_then(|flag| flag.value.as_ref());
        let place = value.map_or(issue.range, |value| match value.text.find("from=") {
            Some(start) => {
                let rest = value.text.get(start..).unwrap_or_default();
                value.place(start..start + rest.find(',').unwrap_or(rest.len()))
            }
            None => value.range,
        });
        let diagnostic = Diagnostic::new(&RULE, place, issue.kind.to_string());
        found.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }
}
