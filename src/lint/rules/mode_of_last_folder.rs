use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::Word;

declare_rule! {
    /// `mkdir -p -m`: only the last folder gets the mode.
    ///
    /// ## Why it matters
    /// `mkdir -p -m 700 /srv/app/keys` makes `/srv/app` with the mode that every folder gets, so that everybody can look
    /// into it. Each folder that needs a mode has to be made by itself.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN mkdir -p -m 700 /srv/app/keys
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN mkdir -p /srv && mkdir -m 700 /srv/app /srv/app/keys && mkdir -p -m 700 keys
    /// ```
    name: "mode-of-last-folder",
    aliases: ["SC2174"],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("mkdir")) {
        for command in code.commands().filter(|command| command.invocation().name() == Some("mkdir")) {
            let call = command.invocation();
            let gives_mode = |word: &&Word| {
                let text = word.shown();
                let is_long = text == "--mode" || text.starts_with("--mode=");
                is_long || (text.starts_with('-') && !text.starts_with("--") && text.contains('m'))
            };
            let mode = call.args().iter().find(gives_mode);
            let deep = call.args().iter().skip(1).any(may_be_deep);
            if let Some(mode) = mode.filter(|_| deep && call.has_flag(&["-p", "--parents"])) {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        mode.range,
                        "of the folders that are made, only the last gets this mode",
                    )
                    .help("make each folder that needs it by itself"),
                );
            }
        }
    }
}

/// Whether more than one folder may have to be made for the path.
fn may_be_deep(word: &Word) -> bool {
    let Some(path) = word.value.as_deref() else { return true };
    let mut below = path;
    while let Some(rest) = below.strip_prefix("../").or_else(|| below.strip_prefix("./")) {
        below = rest;
    }
    below.contains('/') || (path.contains('/') && below.is_empty())
}
