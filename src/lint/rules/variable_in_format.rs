use crate::lint::shell_code::{constant, shell_code};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Part, PartKind};

declare_rule! {
    /// A variable in the format of `printf`.
    ///
    /// ## Why it matters
    /// `printf` reads `%` and `\` in its format, so a value that has one comes out otherwise, or not at all. As an argument
    /// of `%s` it is printed as it is.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN printf "home=$HOME\n" > /etc/app.conf
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN printf 'home=%s\n' "$HOME" > /etc/app.conf
    /// ```
    name: "variable-in-format",
    aliases: ["SC2059"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("printf")) {
        for (_, args) in code.calls(&["printf"]) {
            let mut args = args.iter().skip_while(|word| word.is("--")).peekable();
            match args.peek().and_then(|word| word.value.as_deref()) {
                Some("-v") => drop(args.by_ref().take(2).count()),
                Some(flag) if flag.starts_with("-v") => drop(args.next()),
                _ => {}
            }
            let Some(format) = args.next() else { continue };
            let is_put_in = |part: &Part<'_>| {
                matches!(part.kind, PartKind::Parameter(_) | PartKind::Command { .. } | PartKind::Arithmetic)
            };
            if format.parts().iter().any(is_put_in) && !constant(format).contains('%') {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        format.range,
                        "a `%` or `\\` in the value is read as the format's",
                    )
                    .help("printf '…%s…' \"$value\""),
                );
            }
        }
    }
}
