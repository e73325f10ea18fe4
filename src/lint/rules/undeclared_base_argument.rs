use std::collections::BTreeSet;

use crate::dockerfile::{Body, Word, words};
use crate::lint::suggestion::nearest_name;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A variable in `FROM` that no `ARG` declares.
    ///
    /// ## Why it matters
    /// `FROM` sees only the `ARG`s above the first `FROM` and the platform arguments of every build. Anything else is
    /// empty, whatever a stage or `--build-arg` says: the base is another one than was meant, or none.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// ARG NODE_VERSION=22
    /// FROM node:${NODE_VERSON}
    /// ```
    /// ```dockerfile,bad
    /// FROM --platform=$BULIDPLATFORM golang:1.25
    /// ```
    /// ```dockerfile,good
    /// ARG NODE_VERSION=22
    /// FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}
    /// ```
    name: "undeclared-base-argument",
    aliases: ["UndefinedArgInFrom"],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let Body::From(from) = &fact.instruction.body else { continue };
        // At a FROM, the state is that of the global arguments, the platform's among them.
        let declared = &fact.facts.before.variables;
        let platform = fact.instruction.flag_value("platform");
        for word in std::iter::once(&from.image).chain(platform) {
            let mut named = BTreeSet::new();
            for reference in references(input, word) {
                if declared.contains_key(&reference.name) || !named.insert(reference.name.clone()) {
                    continue;
                }
                let name = &reference.name;
                let near = nearest_name(name, declared.keys().map(String::as_str));
                let hint = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
                let message = format!("FROM argument '{name}' is not declared{hint}");
                let place = word.place(reference.range);
                found.push(
                    Diagnostic::new(&RULE, place, message)
                        .help(format!("declare it above the first FROM: `ARG {name}=…`")),
                );
            }
        }
    }
}

fn references(input: &Input<'_>, word: &Word) -> Vec<words::Reference> {
    words::references(&word.text, input.dockerfile.escape)
}
