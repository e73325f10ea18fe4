use crate::lint::calls::calls_of;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A command that has nothing to act on while an image is built.
    ///
    /// ## Why it matters
    /// Nothing runs during a build but the build: no service manager, no login, no other process worth a look. What
    /// `service`, `kill` or `mount` change is gone when the `RUN` ends, and only files stay. Mostly such a line was
    /// taken over from a machine's set-up and does nothing.
    ///
    /// A database that is started to be filled is a fair use, so this rule speaks only with `--profile all`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN service nginx start
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends ssh vim && rm -rf /var/lib/apt/lists/*
    /// ```
    name: "host-command",
    aliases: ["DL3001", "DF060"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

/// The commands that hadolint names.
const COMMANDS: [&str; 9] = ["free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for call in calls_of(input, &COMMANDS) {
        let (Some(word), Some(name)) = (call.words.words().first(), call.words.name()) else { continue };
        found.push(
            Diagnostic::new(
                &RULE,
                word.range,
                format!("`{name}` is for a running machine, and a build is none"),
            )
            .known_as(call.aliases(&RULE))
            .help("leave it out, or do it when the container starts"),
        );
    }
}
