use crate::lint::{Check, Diagnostic, Ignore, Input, Rule, declare_rule};

declare_rule! {
    /// A comment that silences a rule which has nothing to say.
    ///
    /// ## Why it matters
    /// The reason for the comment is gone, or it stands in the wrong place. It stays, and one day it silences a finding
    /// that somebody should have read.
    ///
    /// Of each name in the comment it is told by itself. A code that only the ShellCheck program reports is left alone
    /// where that wasn't asked.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// # plimsoll: ignore=moving-tag -- pinned by the platform team
    /// FROM nginx:1.29.3
    /// ```
    /// ```dockerfile,good
    /// # plimsoll: ignore=moving-tag -- pinned by the platform team
    /// FROM nginx
    /// ```
    name: "unused-ignore",
    aliases: [],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: None,
    looks_at: ignores,
}

fn check(input: &Input<'_>, ignores: &[Ignore<'_>], found: &mut Vec<Diagnostic>) {
    for ignore in ignores {
        for (name, used) in ignore.suppression.names.iter().zip(&ignore.used) {
            let Some(selector) = name.meaning.as_ref().ok().filter(|_| !used) else { continue };
            // Of what the ShellCheck program would say nothing is known where it wasn't asked.
            let is_asked =
                |rule: &Rule| !matches!(rule.check, Check::Verdicts(_)) || input.verdicts.is_some();
            if selector.rules().next().is_some() && !selector.rules().any(is_asked) {
                continue;
            }
            // Whether a rule about comments has something to say is only known after this one.
            if selector.rules().any(|rule| matches!(rule.check, Check::Ignores(_))) {
                continue;
            }
            let message = format!("there is nothing here for `{}` to silence", selector.written());
            found.push(Diagnostic::new(&RULE, name.range, message).help("remove the name"));
        }
    }
}
