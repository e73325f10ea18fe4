use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{PartKind, Role};

declare_rule! {
    /// `[ -n $name ]` without quotes, which is always true.
    ///
    /// ## Why it matters
    /// Where the value is empty there is no word, and `[ -n ]` only asks whether `-n` is a text. So the branch for a value that
    /// is set runs whether it is or not.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// ARG TOKEN
    /// RUN if [ -n $TOKEN ]; then ./login; fi
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// ARG TOKEN
    /// RUN if [ -n "$TOKEN" ]; then ./login; fi
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ARG TOKEN
    /// RUN if [ -n "$TOKEN" ]; then ./login; fi
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: what ran always then runs only where there is a value, as it is written.
    name: "always-true-test",
    aliases: ["SC2070"],
    category: Correctness,
    severity: Error,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("-n")) {
        for placed in
            code.words().filter(|placed| placed.role == Role::Argument && placed.is_asked_for_length())
        {
            let parts = placed.word.parts();
            let expansions = parts.iter().filter(|part| {
                part.quotes.is_none()
                    && matches!(part.kind, PartKind::Parameter(_) | PartKind::Command { .. })
            });
            let is_list = parts.iter().any(|part| match part.kind {
                PartKind::Parameter(parameter) => parameter.name == "@" || parameter.behind.contains("[@]"),
                _ => false,
            });
            if expansions.count() > 0 && !is_list {
                let edits = (parts.len() == 1).then(|| code.quoted(placed.word.range)).flatten();
                found.push(
                    Diagnostic::new(
                        &RULE,
                        placed.word.range,
                        "without quotes this test is true for an empty value too",
                    )
                    .help("put it in double quotes")
                    .fix(Safety::Unsafe, "quote it", edits),
                );
            }
        }
    }
}
