use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A pattern that can come to an option: `rm *`.
    ///
    /// ## Why it matters
    /// The shell puts the names of files in the place of `*`. One that begins with a dash is an option to the program, and
    /// `rm *` in a folder with a file named `-rf` does what nobody asked for. `./*` can't be an option.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// WORKDIR /opt/tools
    /// RUN chmod +x *.sh
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// WORKDIR /opt/tools
    /// RUN chmod +x ./*.sh && rm -- *.bak && echo *
    /// ```
    name: "pattern-as-option",
    aliases: ["SC2035"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains(['*', '?'])) {
        for command in code.commands() {
            let name = command.invocation().name().unwrap_or_default();
            if ["echo", "printf", "[", "[[", "test"].contains(&name) {
                continue;
            }
            let ends = ["--", ":::", "::::"];
            let args = command.invocation().args().iter().take_while(|word| !ends.contains(&word.shown()));
            for word in args.filter(|word| word.text.starts_with(['*', '?'])) {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        word.range,
                        "a file whose name begins with a dash would be an option",
                    )
                    .help(format!("write ./{}, or `--` before it", word.text)),
                );
            }
        }
    }
}
