use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, Severity, declare_rule};

declare_rule! {
    /// Brackets around a range for `tr`.
    ///
    /// ## Why it matters
    /// `tr` takes sets of characters, not patterns: `tr -d '[a-z]'` takes out brackets too. Without quotes the shell reads the
    /// brackets as a pattern and puts the name of a file there where one fits.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN uname -s | tr '[A-Z]' a-y > /etc/kernel
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN uname -s | tr '[:upper:]' '[:lower:]' > /etc/kernel
    /// ```
    name: "brackets-in-tr",
    aliases: ["SC2021", "SC2060"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("tr")) {
        for command in code.commands().filter(|command| command.invocation().name() == Some("tr")) {
            for word in command.invocation().args() {
                if word.is_pattern() {
                    found.push(
                        Diagnostic::new(
                            &RULE,
                            word.range,
                            "without quotes the shell puts the name of a file here",
                        )
                        .help("put it in single quotes")
                        .severity(Severity::Warning)
                        .known_as(&["SC2060"]),
                    );
                    continue;
                }
                let Some(set) = word.value.as_deref() else { continue };
                let is_class = set.starts_with("[:") || set.starts_with("[=");
                if set.starts_with('[')
                    && set.ends_with(']')
                    && set.len() > 2
                    && !set.contains('*')
                    && !is_class
                {
                    found.push(
                        Diagnostic::new(&RULE, word.range, "the brackets are in the set as well")
                            .help("write the range alone, or a class as [:lower:]")
                            .known_as(&["SC2021"]),
                    );
                }
            }
        }
    }
}
