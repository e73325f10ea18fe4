use crate::lint::{Diagnostic, Dialect, Ignore, Input, declare_rule};

declare_rule! {
    /// A comment that silences a rule which nobody knows.
    ///
    /// ## Why it matters
    /// A misspelt name silences nothing, and who reads the comment believes that it does. BuildKit's own comment is
    /// the strictest: there `jsonargsrecommended` is not `JSONArgsRecommended`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// # plimsoll: ignore=moving-tags -- pinned by the platform team
    /// FROM nginx
    /// ```
    /// ```dockerfile,bad
    /// # check=skip=jsonargsrecommended
    /// FROM nginx
    /// ```
    /// ```dockerfile,good
    /// # plimsoll: ignore=moving-tag -- pinned by the platform team
    /// FROM nginx
    /// ```
    name: "unknown-ignore",
    aliases: [],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
    looks_at: ignores,
}

fn check(_: &Input<'_>, ignores: &[Ignore<'_>], found: &mut Vec<Diagnostic>) {
    for ignore in ignores {
        for name in &ignore.suppression.names {
            let Err(unknown) = &name.meaning else { continue };
            // Tally has rules of its own that are nobody else's business.
            if ignore.suppression.dialect == Dialect::Tally && unknown.nearest.is_none() {
                continue;
            }
            let help = match &unknown.nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`plimsoll rules` lists them all".to_owned(),
            };
            let message = format!("no rule is named `{}`, so this silences nothing", unknown.name);
            found.push(Diagnostic::new(&RULE, name.range, message).help(help));
        }
    }
}
