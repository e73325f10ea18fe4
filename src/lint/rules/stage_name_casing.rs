use crate::dockerfile::Body;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A stage name with capitals.
    ///
    /// ## Why it matters
    /// BuildKit keeps a stage's name in lower case. `COPY --from` and `--target` find it in any case, `FROM` does not:
    /// `FROM Build` behind a stage `Build` asks a registry for an image. In lower case, one spelling works everywhere.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS Build
    /// FROM scratch
    /// COPY --from=Build /app /app
    /// ```
    /// ```dockerfile,fixed
    /// FROM golang:1.25 AS build
    /// FROM scratch
    /// COPY --from=Build /app /app
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// ```
    ///
    /// ## Fix safety
    /// Safe: BuildKit does the same before it looks at the name.
    name: "stage-name-casing",
    aliases: ["StageNameCasing"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for instruction in input.dockerfile.instructions() {
        let Body::From(from) = &instruction.body else { continue };
        let Some(name) = &from.alias else { continue };
        let lower = name.text.to_lowercase();
        if lower == name.text {
            continue;
        }
        let edits = (name.text.len() == name.range.len()).then(|| Edit::replace(name.range, lower.clone()));
        found.push(
            Diagnostic::new(&RULE, name.range, format!("stage name '{}' should be lowercase", name.text))
                .help(format!("call it `{lower}`, in FROM too where a stage is built on it"))
                .fix(
                    Safety::Safe,
                    "write the name in lower case",
                    edits.and_then(|edit| EditSet::try_from(vec![edit]).ok()),
                ),
        );
    }
}
