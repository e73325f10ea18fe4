use std::collections::BTreeMap;

use crate::dockerfile::{Body, Instruction, Keyword};
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A `CMD`, `ENTRYPOINT` or `HEALTHCHECK` that another one overrides.
    ///
    /// ## Why it matters
    /// Only the stage's last one counts. Who reads or edits the first of them sees something that never runs.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// CMD ["node", "migrate.js"]
    /// CMD ["node", "server.js"]
    /// ```
    /// A stage may override what the stage below it sets.
    /// ```dockerfile,good
    /// FROM node:22-slim AS base
    /// CMD ["node", "server.js"]
    /// FROM base AS debug
    /// CMD ["node", "--inspect", "server.js"]
    /// ```
    ///
    /// The finding stands at the instruction that has no effect. Hadolint's DL3012, DL4003 and DL4004 stand at each one
    /// behind the first: with `--profile all` the last is reported too, for those who come from there.
    name: "overridden-instruction",
    aliases: ["DL3012", "DL4003", "DL4004", "MultipleInstructionsDisallowed", "DS-0007", "DS-0016", "DS-0023"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // Without a stage BuildKit refuses the file, and hadolint reads on.
    let mut stages: BTreeMap<Option<usize>, Vec<&Instruction>> = BTreeMap::new();
    for fact in input.facts.all(input.dockerfile) {
        stages.entry(fact.facts.stage).or_default().push(fact.instruction);
    }
    for instructions in stages.values() {
        for keyword in [Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck] {
            let is_whole =
                |one: &&Instruction| one.keyword == Some(keyword) && !matches!(one.body, Body::Malformed(_));
            let all: Vec<&Instruction> = instructions.iter().copied().filter(is_whole).collect();
            let Some((last, overridden)) = all.split_last() else { continue };
            for (index, instruction) in overridden.iter().enumerate() {
                let message = format!(
                    "multiple {} instructions in one stage: only the last one counts, not this",
                    keyword.as_str()
                );
                found.push(
                    Diagnostic::new(&RULE, instruction.name.range, message)
                        .known_as(aliases(keyword, index > 0, true))
                        .label(last.name.range, "the one that counts")
                        .help("remove it, or run both from one script"),
                );
            }
            if let Some(first) = overridden.first() {
                let message = format!("this {} overrides another one of the same stage", keyword.as_str());
                found.push(
                    Diagnostic::new(&RULE, last.name.range, message)
                        .known_as(aliases(keyword, true, false))
                        .label(first.name.range, "the first one")
                        .help("keep one of them")
                        .on_request(),
                );
            }
        }
    }
}

/// The peers' names: hadolint's for each behind the first, BuildKit's for each that another one overrides.
fn aliases(keyword: Keyword, is_behind: bool, is_overridden: bool) -> &'static [&'static str] {
    match (keyword, is_behind, is_overridden) {
        (_, false, _) => &["MultipleInstructionsDisallowed"],
        (Keyword::Cmd, true, true) => &["DL4003", "MultipleInstructionsDisallowed", "DS-0016"],
        (Keyword::Cmd, true, false) => &["DL4003", "DS-0016"],
        (Keyword::Entrypoint, true, true) => &["DL4004", "MultipleInstructionsDisallowed", "DS-0007"],
        (Keyword::Entrypoint, true, false) => &["DL4004", "DS-0007"],
        (_, true, true) => &["DL3012", "MultipleInstructionsDisallowed", "DS-0023"],
        (_, true, false) => &["DL3012", "DS-0023"],
    }
}
