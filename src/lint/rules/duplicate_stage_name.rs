use std::collections::{BTreeMap, BTreeSet};

use crate::dockerfile::{Body, Word};
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// Two stages of one name.
    ///
    /// ## Why it matters
    /// The name means the last of them: `COPY --from`, mounts and `--target` never find the first, and a `FROM` between
    /// the two finds another stage than one behind them.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS build
    /// FROM node:22-slim AS build
    /// FROM scratch
    /// COPY --from=build /app /app
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS server
    /// FROM node:22-slim AS pages
    /// ```
    name: "duplicate-stage-name",
    aliases: ["DL3024", "DuplicateStageName", "DS-0012", "CKV_DOCKER_11"],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // BuildKit compares in lower case; hadolint compares what is written.
    let mut lower: BTreeMap<String, &Word> = BTreeMap::new();
    let mut written: BTreeSet<&str> = BTreeSet::new();
    for instruction in input.dockerfile.instructions() {
        let Body::From(from) = &instruction.body else { continue };
        let Some(name) = &from.alias else { continue };
        let is_written = !written.insert(&name.text);
        let Some(first) = lower.insert(name.text.to_lowercase(), name) else { continue };
        let aliases: &[&str] = if is_written { RULE.aliases } else { &["DuplicateStageName"] };
        let name_of_both = name.text.to_lowercase();
        found.push(
            Diagnostic::new(
                &RULE,
                name.range,
                format!("duplicate stage name \"{name_of_both}\", stage names should be unique"),
            )
            .known_as(aliases)
            .label(first.range, "the stage that has it already")
            .help("give one of the two another name"),
        );
    }
}
