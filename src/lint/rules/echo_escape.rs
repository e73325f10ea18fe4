use std::sync::LazyLock;

use regex::Regex;

use crate::lint::shell_code::{constant, shell_code};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::Dialect;

declare_rule! {
    /// `echo` with an escape that only some shells read.
    ///
    /// ## Why it matters
    /// Bash prints the `\n` of `echo "a\nb"` as it stands, dash makes a line's end of it. The same line writes two files,
    /// and which one depends on the base image. `printf` does the same everywhere.
    ///
    /// Unasked, this rule speaks where bash reads the script, and so the escape surely stays. In `sh` it speaks on request.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// SHELL ["/bin/bash", "-c"]
    /// RUN echo "[pip]\nno-input = true" > /etc/pip.conf
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN echo "[pip]\nno-input = true" > /etc/pip.conf
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN printf '[pip]\nno-input = true\n' > /etc/pip.conf
    /// ```
    name: "echo-escape",
    aliases: ["SC2028"],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: None,
}

/// What `echo` may read as another character.
static ESCAPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\\(?:[abefnrtv\\']|[0-7]{1,3}|x[0-9A-Fa-f]{1,2})").ok());

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(escape) = ESCAPE.as_ref() else { return };
    for code in shell_code(input).filter(|code| code.text.contains("echo")) {
        if matches!(code.dialect, Dialect::Dash | Dialect::Ash) {
            continue;
        }
        for command in code.commands().filter(|command| command.invocation().name() == Some("echo")) {
            if command.invocation().has_flag(&["-e"]) {
                continue;
            }
            for word in command.invocation().args() {
                if !word.text.contains('\\') || !escape.is_match(&constant(word)) {
                    continue;
                }
                let diagnostic = Diagnostic::new(
                    &RULE,
                    word.range,
                    "whether `echo` reads the escape in it depends on the shell",
                )
                .help("printf '%b\\n' \"…\" reads escapes in every shell");
                found.push(if code.dialect == Dialect::Posix { diagnostic.on_request() } else { diagnostic });
            }
        }
    }
}
