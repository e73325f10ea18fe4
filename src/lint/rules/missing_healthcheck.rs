use std::collections::BTreeSet;

use crate::dockerfile::Body;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// No `HEALTHCHECK`.
    ///
    /// ## Why it matters
    /// Docker and Compose know of a container only that its process runs. With a `HEALTHCHECK` they know whether it
    /// answers, and what depends on it can wait. Kubernetes has its own probes and reads none of it, and a stage that
    /// only builds has nothing to check. So this rule speaks only with `--profile all`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM nginx:1.29
    /// COPY site /usr/share/nginx/html
    /// ```
    /// ```dockerfile,good
    /// FROM nginx:1.29 AS base
    /// HEALTHCHECK CMD curl -f http://localhost/ || exit 1
    /// FROM base
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// HEALTHCHECK NONE
    /// ```
    name: "missing-healthcheck",
    aliases: ["DL3057", "DS-0026", "CKV_DOCKER_2", "DF012"],
    category: Start,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let checked: Vec<usize> = input
        .facts
        .all(input.dockerfile)
        .filter(|fact| matches!(fact.instruction.body, Body::Healthcheck(_)))
        .filter_map(|fact| fact.facts.stage)
        .collect();
    // A stage has it from the stages below, and needs none where one above it has it.
    let spared: BTreeSet<usize> = checked
        .iter()
        .flat_map(|stage| input.graph.chain(*stage).into_iter().chain(input.facts.heirs(*stage)))
        .collect();
    for stage in input.graph.stages.iter().filter(|stage| !spared.contains(&stage.index)) {
        let from = input.facts.get(input.dockerfile, stage.from);
        let Some(Body::From(from)) = from.map(|from| &from.instruction.body) else { continue };
        found.push(
            Diagnostic::new(&RULE, from.image.range, "the stage has no HEALTHCHECK")
                .help("add one, or HEALTHCHECK NONE where there is nothing to ask"),
        );
    }
}
