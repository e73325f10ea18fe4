use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// `read` without `-r`, which drops backslashes.
    ///
    /// ## Why it matters
    /// Without `-r` a backslash in what is read joins lines and goes away. Paths and patterns come out otherwise than they
    /// are in the file.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN while read line; do echo "$line"; done < /etc/hosts
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN while read -r line; do echo "$line"; done < /etc/hosts
    /// ```
    name: "read-without-r",
    aliases: ["SC2162"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("read")) {
        for command in
            code.commands().filter(|command| command.words.first().is_some_and(|word| word.is("read")))
        {
            let call = command.invocation();
            let only_asks = call.flag_values(&["-t"]).contains(&"0");
            if let Some(name) = command.words.first().filter(|_| !call.has_flag(&["-r"]) && !only_asks) {
                found.push(
                    Diagnostic::new(&RULE, name.range, "without -r, `read` drops backslashes")
                        .help("read -r"),
                );
            }
        }
    }
}
