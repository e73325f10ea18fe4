use crate::lint::calls::calls_of;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// `/bin/sh` is linked to another shell.
    ///
    /// ## Why it matters
    /// Every script in the image that asks for `/bin/sh` gets the other shell, at start and in production, and an update
    /// of the distribution's package links it back. `SHELL` changes it for the build's own instructions and for nothing
    /// else. Some images want just that link, so this rule speaks only with `--profile all`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM ubuntu:24.04
    /// RUN ln -sf /bin/bash /bin/sh
    /// ```
    /// ```dockerfile,good
    /// FROM ubuntu:24.04
    /// SHELL ["/bin/bash", "-c"]
    /// RUN ln -s /opt/tool/bin/tool /usr/local/bin/tool
    /// ```
    name: "relinked-shell",
    aliases: ["DL4005"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for call in calls_of(input, &["ln"]) {
        let Some(word) = call.words.args().iter().find(|word| word.is("/bin/sh")) else { continue };
        found.push(
            Diagnostic::new(&RULE, word.range, "/bin/sh is linked anew, for every script in the image")
                .known_as(call.aliases(&RULE))
                .help("name the build's shell with SHELL"),
        );
    }
}
