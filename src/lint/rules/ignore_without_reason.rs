use crate::lint::{Diagnostic, Dialect, Ignore, Input, declare_rule};

declare_rule! {
    /// A comment that silences a rule and does not say why.
    ///
    /// ## Why it matters
    /// Whoever comes next can't tell a decision from a shortcut, and dares neither to keep the comment nor to remove it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// # plimsoll: ignore=moving-tag
    /// FROM nginx
    /// ```
    /// ```dockerfile,good
    /// # plimsoll: ignore=moving-tag -- the platform team pins the digest when it deploys
    /// FROM nginx
    /// ```
    /// ```dockerfile,good
    /// # hadolint ignore=DL3006 # the platform team pins the digest when it deploys
    /// FROM nginx
    /// ```
    name: "ignore-without-reason",
    aliases: [],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: None,
    looks_at: ignores,
}

fn check(_: &Input<'_>, ignores: &[Ignore<'_>], found: &mut Vec<Diagnostic>) {
    for ignore in ignores.iter().filter(|ignore| !ignore.suppression.has_reason) {
        let form = match ignore.suppression.dialect {
            Dialect::Plimsoll => " -- why",
            Dialect::Hadolint => " # why",
            Dialect::Buildkit => " // why",
            Dialect::Tally => ";reason=why",
        };
        found.push(
            Diagnostic::new(&RULE, ignore.suppression.range, "it is not said why this is silenced")
                .help(format!("end it with `{form}`")),
        );
    }
}
