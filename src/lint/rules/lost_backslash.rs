use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, Severity, declare_rule};
use crate::shell::{PartKind, Role};

declare_rule! {
    /// A backslash that the shell takes away: `\n` without quotes is `n`.
    ///
    /// ## Why it matters
    /// Outside of quotes a backslash keeps the next character from meaning anything special, and goes away. `tr -d \n` takes
    /// out every `n`, and `C:\tools` is `C:tools`.
    ///
    /// Unasked, this rule speaks of `\n`, `\t` and `\r`. On request it shows every backslash before a character that means
    /// nothing special anyway.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN tr -d \n < /etc/hostname > /etc/name
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN grep -c a\-b /etc/hosts
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN tr -d '\n' < /etc/hostname > /etc/name && find /opt -name \*.pyc -exec rm {} \;
    /// ```
    name: "lost-backslash",
    aliases: ["SC1012", "SC1001"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// What a backslash keeps from its meaning.
const SPECIAL: &str = "|&;<>()\\$`'\" \t\n\r?*@!+[]{}.,~#";

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains('\\')) {
        for placed in code.words().filter(|placed| placed.word.text.contains('\\')) {
            let words = placed.command.map(|command| command.words.as_slice()).unwrap_or_default();
            let at = words.iter().position(|word| word.range == placed.word.range);
            if at.and_then(|at| words.get(at.checked_sub(1)?)).is_some_and(|before| before.text == "=~") {
                continue;
            }
            for part in placed.word.parts() {
                let PartKind::Escape(text) = part.kind else { continue };
                let Some(next) = text.chars().nth(1).filter(|next| !SPECIAL.contains(*next)) else {
                    continue;
                };
                // `\\ls` calls the program and no alias.
                let is_alias_kept_off =
                    placed.role == Role::Name && part.range.start() == placed.word.range.start();
                if part.quotes.is_some() || is_alias_kept_off {
                    continue;
                }
                let message = format!("without quotes `\\{next}` is `{next}`");
                let diagnostic = Diagnostic::new(&RULE, part.range, message);
                found.push(if matches!(next, 'n' | 't' | 'r') {
                    diagnostic
                        .help(format!("put it in quotes, or use \"$(printf '\\{next}')\""))
                        .known_as(&["SC1012"])
                } else {
                    let diagnostic =
                        diagnostic.help("put it in quotes to keep the backslash, else leave it out");
                    diagnostic.severity(Severity::Info).known_as(&["SC1001"]).on_request()
                });
            }
        }
    }
}
