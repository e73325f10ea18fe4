use crate::graph::Base;
use crate::lint::end_of_life::{READ, ended};
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A base image that gets no more fixes.
    ///
    /// ## Why it matters
    /// After its end of life a system or language gets no security fixes, and its image is not built again.
    /// Distributions also move the packages of old releases away, so a build that still works from its cache fails in
    /// the region that has none.
    ///
    /// The dates are the publishers', read in August 2026: the rule knows no clock, so that a file has the same
    /// findings on any day, and says nothing of what has ended since. Looks at official images, and at the release of
    /// Debian, Ubuntu or Alpine that a tag names, such as `-buster`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.8-slim
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-buster
    /// ```
    /// ```dockerfile,bad
    /// FROM ubuntu:18.04
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// ```
    /// ```dockerfile,good
    /// FROM python:3
    /// ```
    name: "end-of-life-base",
    aliases: ["tally/ruby/eol-ruby-version"],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for (index, stage) in input.graph.stages.iter().enumerate() {
        let Base::Image { reference, range } = &stage.base else { continue };
        if !input.facts.stages.get(index).is_some_and(|stage| stage.reached) {
            continue;
        }
        let Some(end) = ended(reference) else { continue };
        let aliases: &[&str] = if end.product == "Ruby" { RULE.aliases } else { &[] };
        found.push(
            Diagnostic::new(
                &RULE,
                *range,
                format!(
                    "`{reference}`: {} {} has had no fixes since {}",
                    end.product,
                    end.version,
                    end.date()
                ),
            )
            .known_as(aliases)
            .help(format!("move to a release that is maintained (as of {READ})")),
        );
    }
}
