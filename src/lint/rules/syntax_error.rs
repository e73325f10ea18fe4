use crate::dockerfile::{Keyword, SyntaxError, SyntaxErrorKind};
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
    aliases: ["DL1000", "DL3043", "DL3061", "tally/unknown-instruction"],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let no_stage = |error: &SyntaxError| error.kind == SyntaxErrorKind::NoStage;
    if let Some(reported) = input.errors.iter().find(|error| no_stage(error)) {
        // One report says it; hadolint has one for each instruction.
        let instructions = input.dockerfile.instructions();
        let others = instructions
            .filter(|other| other.keyword != Some(Keyword::Arg) && other.name.range != reported.range);
        found.extend(others.map(|other| {
            Diagnostic::new(&RULE, other.name.range, "the instruction stands in no stage")
                .known_as(&["DL3061"])
                .on_request()
        }));
    }
    for error in input.errors {
        let is_argument =
            input.dockerfile.instructions().next().is_some_and(|first| first.keyword == Some(Keyword::Arg));
        let aliases = if no_stage(error) && is_argument { &[] } else { aliases(&error.kind) };
        let mut diagnostic = Diagnostic::new(&RULE, error.range, error.kind.to_string()).known_as(aliases);
        if let Some(help) = error.help() {
            diagnostic = diagnostic.help(help);
        }
        found.push(diagnostic);
    }
}

/// The peers' names for the error. They tell some from those that they can't read past.
fn aliases(kind: &SyntaxErrorKind) -> &'static [&'static str] {
    match kind {
        SyntaxErrorKind::OnbuildTrigger { .. } => &["DL3043"],
        SyntaxErrorKind::BeforeFrom { .. } | SyntaxErrorKind::NoStage => &["DL3061"],
        SyntaxErrorKind::UnknownInstruction { .. } => &["DL1000", "tally/unknown-instruction"],
        _ => &["DL1000"],
    }
}
