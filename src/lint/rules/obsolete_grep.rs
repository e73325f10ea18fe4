use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// `egrep` or `fgrep`.
    ///
    /// ## Why it matters
    /// Both are gone from POSIX, and since version 3.8 GNU grep warns of each call. `grep -E` and `grep -F` are the same
    /// programs.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN egrep -v '^(#|$)' /etc/hosts
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN grep -E -v '^(#|$)' /etc/hosts
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN grep -E -v '^(#|$)' /etc/hosts && grep -F '.' /etc/hosts
    /// ```
    ///
    /// ## Fix safety
    /// Safe: `egrep` runs `grep -E` with the same arguments, beside its warning. Not offered where the name has a folder
    /// before it.
    name: "obsolete-grep",
    aliases: ["SC2196", "SC2197"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("grep")) {
        for command in code.commands() {
            let (flag, known_as): (_, &[&str]) = match command.invocation().name() {
                Some("egrep") => ("-E", &["SC2196"]),
                Some("fgrep") => ("-F", &["SC2197"]),
                _ => continue,
            };
            let Some(name) = command.words.first() else { continue };
            let is_bare = matches!(name.text.as_str(), "egrep" | "fgrep");
            let edit = is_bare
                .then(|| EditSet::try_from(vec![Edit::replace(name.range, format!("grep {flag}"))]).ok());
            found.push(
                Diagnostic::new(&RULE, name.range, format!("`{}` is obsolete", name.shown()))
                    .help(format!("grep {flag}"))
                    .known_as(known_as)
                    .fix(Safety::Safe, format!("write grep {flag}"), edit.flatten()),
            );
        }
    }
}
