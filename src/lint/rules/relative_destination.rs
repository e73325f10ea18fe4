use crate::dockerfile::Body;
use crate::facts::Value;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A relative destination, and no `WORKDIR` that says of what.
    ///
    /// ## Why it matters
    /// Without a `WORKDIR` in this file, the base image decides where the files land: `/` in most, `/go` in Go's,
    /// anything in the next release. The program is then looked for where it isn't.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// COPY app.py app/
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim AS base
    /// WORKDIR /srv
    /// FROM base
    /// COPY app.py app/
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// COPY app.py /srv/app/
    /// ```
    name: "relative-destination",
    aliases: ["DL3045", "DF063"],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let (transfer, aliases): (_, &[&str]) = match &fact.instruction.body {
            Body::Copy(transfer) => (transfer, RULE.aliases),
            Body::Add(transfer) => (transfer, &[]),
            _ => continue,
        };
        let word = &transfer.destination;
        let written = word.text.trim_matches(['"', '\'']);
        let is_windows =
            written.starts_with(|c: char| c.is_ascii_alphabetic()) && written.get(1..2) == Some(":");
        // A heredoc or a variable says by itself where it goes.
        if fact.facts.before.workdir != Value::Unset || written.starts_with(['/', '$', '\\']) || is_windows {
            continue;
        }
        found.push(
            Diagnostic::new(
                &RULE,
                word.range,
                format!("`{}` is relative, and no WORKDIR says to what", word.text),
            )
            .known_as(aliases)
            .help("set WORKDIR before it, or write the absolute path"),
        );
    }
}
