use crate::dockerfile::Body;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A stage is named by its number.
    ///
    /// ## Why it matters
    /// `--from=0` is whatever stage stands first. A stage put in above, or moved, silently makes it another one: the copy
    /// fails, or takes a file of the same name from somewhere else. A name stays with its stage, and says what is in it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS build
    /// WORKDIR /src
    /// RUN --mount=target=. CGO_ENABLED=0 go build -o /bin/app .
    /// FROM gcr.io/distroless/static:nonroot
    /// COPY --from=0 /bin/app /app
    /// ```
    /// ```dockerfile,fixed
    /// FROM golang:1.25 AS build
    /// WORKDIR /src
    /// RUN --mount=target=. CGO_ENABLED=0 go build -o /bin/app .
    /// FROM gcr.io/distroless/static:nonroot
    /// COPY --from=build /bin/app /app
    /// ```
    /// A stage without a name wants one first:
    /// ```dockerfile,bad
    /// FROM golang:1.25
    /// WORKDIR /src
    /// RUN --mount=target=. CGO_ENABLED=0 go build -o /bin/app .
    /// FROM gcr.io/distroless/static:nonroot
    /// COPY --from=0 /bin/app /app
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// WORKDIR /src
    /// RUN --mount=target=. CGO_ENABLED=0 go build -o /bin/app .
    /// FROM gcr.io/distroless/static:nonroot
    /// COPY --from=build /bin/app /app
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the name is that of the same stage. Offered where no other stage has it.
    name: "stage-by-number",
    aliases: ["DF023"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let Some(value) = fact.instruction.flag_value("from") else { continue };
        if !matches!(fact.instruction.body, Body::Copy(_)) {
            continue;
        }
        let number: Option<usize> = value.text.parse().ok();
        let stage = number.and_then(|number| input.graph.stages.get(number));
        let Some(stage) = stage.filter(|stage| Some(stage.index) < fact.facts.stage) else { continue };
        let is_unique = |name: &String| {
            input.graph.stages.iter().filter(|stage| stage.name.as_ref() == Some(name)).count() == 1
        };
        let name = stage.name.as_ref().filter(|name| is_unique(name));
        let edits =
            name.and_then(|name| EditSet::try_from(vec![Edit::replace(value.range, name.clone())]).ok());
        let help = match name {
            Some(name) => format!("write `--from={name}`"),
            None => format!("give the stage a name with `AS`, and write that instead of {}", value.text),
        };
        found.push(
            Diagnostic::new(
                &RULE,
                value.range,
                format!("`{}` is another stage once one is put in above it", value.text),
            )
            .label(stage.range, "it is this one")
            .help(help)
            .fix(Safety::Safe, "name the stage", edits),
        );
    }
}
