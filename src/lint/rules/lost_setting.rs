use crate::dockerfile::{Body, Pair};
use crate::graph::{EdgeKind, Origin};
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A setting of an image stands in a stage that only gives files away.
    ///
    /// ## Why it matters
    /// `COPY --from` takes files and nothing else. A label, a port, a health check or a command of the stage they come
    /// from is in no image: whoever wrote it believes that the image has it.
    ///
    /// A stage that is built by itself with `--target`, too, has its settings for that; name it so that it is told apart,
    /// or ignore the rule there.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS build
    /// LABEL maintainer="team@example.com"
    /// WORKDIR /src
    /// RUN --mount=target=. CGO_ENABLED=0 go build -o /bin/app .
    /// FROM gcr.io/distroless/static:nonroot
    /// COPY --from=build /bin/app /app
    /// ENTRYPOINT ["/app"]
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// WORKDIR /src
    /// RUN --mount=target=. CGO_ENABLED=0 go build -o /bin/app .
    /// FROM gcr.io/distroless/static:nonroot
    /// LABEL maintainer="team@example.com"
    /// COPY --from=build /bin/app /app
    /// ENTRYPOINT ["/app"]
    /// ```
    /// The label that marks the images of build stages, so that they can be removed, is meant for them:
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// LABEL stage=builder
    /// RUN --mount=target=. CGO_ENABLED=0 go build -o /bin/app .
    /// FROM gcr.io/distroless/static:nonroot
    /// COPY --from=build /bin/app /app
    /// ENTRYPOINT ["/app"]
    /// ```
    name: "lost-setting",
    aliases: [],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for (index, stage) in input.facts.stages.iter().enumerate() {
        let gives_files =
            input.graph.edges.iter().any(|edge| {
                edge.origin == Origin::Stage(index) && matches!(edge.kind, EdgeKind::Copy { .. })
            });
        if !stage.reached || stage.shipped || stage.inherited || !gives_files {
            continue;
        }
        let label = input.graph.stages.get(index).map(crate::graph::Stage::label).unwrap_or_default();
        for fact in input.facts.of_stage(input.dockerfile, index) {
            let is_setting = match &fact.instruction.body {
                Body::Cmd(_)
                | Body::Entrypoint(_)
                | Body::Expose(_)
                | Body::Healthcheck(_)
                | Body::Stopsignal(_) => true,
                Body::Label(pairs) => !pairs.iter().all(marks_stage),
                _ => false,
            };
            if is_setting {
                let name = fact.instruction.name.text.to_ascii_uppercase();
                found.push(
                    Diagnostic::new(
                        &RULE,
                        fact.instruction.name.range,
                        format!("this {name} is in no image: only files are taken from the stage `{label}`"),
                    )
                    .help("move it to the stage that is shipped, or leave it out"),
                );
            }
        }
    }
}

/// Whether the label is there to find the stage's own image again.
fn marks_stage(pair: &Pair<'_>) -> bool {
    let key = pair.key.text.to_ascii_lowercase();
    ["stage", "builder", "autodelete", "intermediate", "temp"].iter().any(|part| key.contains(part))
}
