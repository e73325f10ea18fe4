use crate::lint::{Diagnostic, Dialect, Ignore, Input, Reach, declare_rule};

declare_rule! {
    /// A comment that silences a rule, where a team allows none.
    ///
    /// ## Why it matters
    /// Some teams keep all exceptions in one place, the configuration, where they are seen in review. This rule runs only
    /// where it is selected.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// # hadolint ignore=DL3006
    /// FROM nginx
    /// ```
    /// ```dockerfile,good
    /// # the platform team pins the digest when it deploys
    /// FROM nginx
    /// ```
    name: "inline-ignore",
    aliases: ["DL1001"],
    category: Correctness,
    severity: Style,
    profile: Named,
    fix: None,
    looks_at: ignores,
}

fn check(_: &Input<'_>, ignores: &[Ignore<'_>], found: &mut Vec<Diagnostic>) {
    for suppression in ignores.iter().map(|ignore| ignore.suppression) {
        let is_hadolints =
            suppression.dialect == Dialect::Hadolint && suppression.reach == Reach::Instruction;
        found.push(
            Diagnostic::new(&RULE, suppression.range, "a comment silences a rule here")
                .known_as(if is_hadolints { &["DL1001"] } else { &[] })
                .help("say it in the configuration, under `ignore`"),
        );
    }
}
