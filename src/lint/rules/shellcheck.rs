use crate::lint::shell_code::shell_code;
use crate::lint::{
    Check, Diagnostic, Input, ShellScript, Verdicts, catalogue, declare_rule, shellcheck_codes,
};

declare_rule! {
    /// What ShellCheck says of a script beside what Plimsoll's own rules say.
    ///
    /// ## Why it matters
    /// ShellCheck knows several hundred ways in which a script goes wrong. Plimsoll has rules of its own for those that occur
    /// most in Dockerfiles; `plimsoll lint --shellcheck` asks the program `shellcheck` for the others. Each finding bears
    /// ShellCheck's code, and that code is taken wherever a rule is named: `--ignore SC2162`, `# hadolint ignore=SC2162`. A
    /// code's page is at `https://www.shellcheck.net/wiki/` and its name.
    ///
    /// Variables that an `ENV` or `ARG` sets are known to be set. What the program has said of a script is kept in a folder
    /// for caches, and the program isn't asked again.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN [ -z "$(ls /opt)" -a -d /srv ] || exit
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN [ -z "$(ls /opt)" ] && [ -d /srv ] || exit
    /// ```
    name: "shellcheck",
    aliases: [],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
    looks_at: verdicts,
}

fn check(input: &Input<'_>, verdicts: &Verdicts, found: &mut Vec<Diagnostic>) {
    let understood: Vec<usize> = shell_code(input).map(|code| code.fact.index).collect();
    for fact in input.facts.all(input.dockerfile) {
        let Some(script) = ShellScript::of(&fact) else { continue };
        let has_own_rules = understood.binary_search(&fact.index).is_ok();
        for remark in verdicts.of(&script) {
            let names = shellcheck_codes::named(remark.code);
            let Some(range) = script.range(remark.from, remark.to) else { continue };
            if has_own_rules && names.iter().any(|name| has_own_rule(name)) {
                continue;
            }
            found.push(
                Diagnostic::new(&RULE, range, remark.message.clone())
                    .help(format!(
                        "https://www.shellcheck.net/wiki/{}",
                        names.first().copied().unwrap_or_default()
                    ))
                    .severity(remark.severity)
                    .known_as(names),
            );
        }
    }
}

/// Whether a rule of ours reports what the code stands for.
fn has_own_rule(name: &str) -> bool {
    catalogue().iter().any(|rule| !matches!(rule.check, Check::Verdicts(_)) && rule.aliases.contains(&name))
}
