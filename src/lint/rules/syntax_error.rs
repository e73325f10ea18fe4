use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// What BuildKit refuses to parse.
    ///
    /// ## Why it matters
    /// The build stops at the first of these. Plimsoll reads on: it reports all of them at once, and lints the rest of
    /// the file around them.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// COPPY app /app
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// COPY app /app
    /// ```
    name: "syntax-error",
    aliases: ["DL1000", "tally/unknown-instruction"],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for error in input.errors {
        let mut diagnostic = Diagnostic::new(&RULE, error.range, error.kind.to_string());
        if let Some(help) = error.help() {
            diagnostic = diagnostic.help(help);
        }
        found.push(diagnostic);
    }
}
