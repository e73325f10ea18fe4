use crate::dockerfile::Body;
use crate::graph::{Base, EdgeKind, Origin};
use crate::lint::label_forms::labels;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A label that the team wants of every image isn't there.
    ///
    /// ## Why it matters
    /// Whoever looks at a running container at night wants to know what it is, of which commit, and whom to call. The
    /// labels that answer this are worth nothing where some images lack them.
    ///
    /// The rule is silent until a label schema is set. A stage that others copy from, or that a stage with the label is
    /// built on, is no image of its own.
    ///
    /// ## Examples
    /// Where the schema asks for `team`:
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// CMD ["app"]
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie AS build
    /// RUN make
    /// FROM debian:trixie-slim
    /// LABEL team="payments"
    /// COPY --from=build /app /app
    /// ```
    name: "missing-label",
    aliases: ["DL3049"],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let wanted: Vec<&str> = input.policy.label_schema.keys().map(String::as_str).collect();
    if wanted.is_empty() {
        return;
    }
    let mut set: Vec<Vec<&str>> = vec![Vec::new(); input.graph.stages.len()];
    for fact in input.facts.all(input.dockerfile) {
        if let Some(own) = fact.facts.stage.and_then(|stage| set.get_mut(stage)) {
            own.extend(labels(input, &fact).into_iter().map(|label| label.key));
        }
    }
    let has = |stage: usize, label: &str| {
        input.graph.chain(stage).iter().any(|below| set.get(*below).is_some_and(|own| own.contains(&label)))
    };
    for stage in &input.graph.stages {
        let is_copied = input.graph.taken_from(stage.index).any(|edge| {
            matches!(edge.kind, EdgeKind::Copy { .. }) && edge.origin == Origin::Stage(stage.index)
        });
        let is_built_on = |label: &str| {
            let heirs = input.graph.stages.iter().filter(|heir| heir.base == Base::Stage(stage.index));
            heirs.into_iter().any(|heir| has(heir.index, label))
        };
        let missing: Vec<&str> = wanted
            .iter()
            .copied()
            .filter(|label| !is_copied && !has(stage.index, label) && !is_built_on(label))
            .collect();
        let from = input.facts.get(input.dockerfile, stage.from);
        let Some(Body::From(from)) = from.map(|from| &from.instruction.body).filter(|_| !missing.is_empty())
        else {
            continue;
        };
        let names: Vec<String> = missing.iter().map(|label| format!("`{label}`")).collect();
        let (what, verb) = if names.len() == 1 { ("label", "is") } else { ("labels", "are") };
        found.push(
            Diagnostic::new(
                &RULE,
                from.image.range,
                format!("the {what} {} {verb} missing", names.join(", ")),
            )
            .help("add a LABEL to the stage"),
        );
    }
}
