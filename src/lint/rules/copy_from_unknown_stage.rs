use crate::dockerfile::Body;
use crate::graph::{EdgeKind, GraphIssueKind, Origin};
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// `COPY --from` of something that is no stage of this file.
    ///
    /// ## Why it matters
    /// A name that no earlier stage has is taken for an image, and the build asks a registry for it: at best it fails
    /// late, at worst it finds somebody else's image. This rule speaks of a stage that comes later, of a number that no
    /// stage has and of a name that is nearly a stage's.
    ///
    /// Any other name may well be an image or a build context. On request, this rule shows those that have no tag, as
    /// hadolint does.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS builder
    /// RUN go build -o /app .
    /// FROM debian:trixie-slim
    /// COPY --from=bulider /app /app
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// COPY --from=build /app /app
    /// FROM golang:1.25 AS build
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// COPY --from=busybox /bin/busybox /bin/busybox
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// RUN go build -o /app .
    /// FROM debian:trixie-slim
    /// COPY --from=build /app /app
    /// COPY --from=busybox:1.37 /bin/busybox /bin/busybox
    /// ```
    name: "copy-from-unknown-stage",
    aliases: ["DL3022", "DF049"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let Body::Copy(_) = &fact.instruction.body else { continue };
        let Some(from) = fact.instruction.flag_value("from") else { continue };
        let is_own = |kind| matches!(kind, EdgeKind::Copy { instruction } if instruction == fact.index);
        let edge = input.graph.edges.iter().find(|edge| is_own(edge.kind));
        let issue = input.graph.issues.iter().find(|issue| {
            fact.instruction.lines.contains_range(issue.range)
                && matches!(
                    issue.kind,
                    GraphIssueKind::LaterStage { .. }
                        | GraphIssueKind::NoSuchIndex { .. }
                        | GraphIssueKind::LikelyStage { .. }
                )
        });
        if let Some(issue) = issue {
            found.push(
                Diagnostic::new(&RULE, from.range, issue.kind.to_string())
                    .help("name an earlier stage, or an image with its tag"),
            );
            continue;
        }
        let is_stage = edge.is_some_and(|edge| matches!(edge.origin, Origin::Stage(_)));
        let is_own_stage = input.graph.issues.iter().any(|issue| {
            fact.instruction.lines.contains_range(issue.range) && issue.kind == GraphIssueKind::OwnStage
        });
        if is_stage || is_own_stage || from.text.contains(':') {
            continue;
        }
        found.push(
            Diagnostic::new(
                &RULE,
                from.range,
                format!("`{}` is no stage of this file, so it is taken for an image", from.text),
            )
            .help("give the image its tag, or name an earlier stage")
            .on_request(),
        );
    }
}
