use crate::dockerfile::Body;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// `USER` with a name, where the host knows numbers only.
    ///
    /// ## Why it matters
    /// Kubernetes can't tell whether a name is root's: with `runAsNonRoot` it refuses to start the container, and a
    /// failover is a bad time to learn that. A number says it. Where that isn't used, a name is as good, so this rule
    /// speaks only with `--profile all`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// USER node
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// ARG APP_UID=10001
    /// USER ${APP_UID}:0
    /// USER 10001
    /// ```
    name: "user-by-name",
    aliases: ["DL3066"],
    category: Start,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut arguments: Vec<&str> = Vec::new();
    for fact in input.facts.all(input.dockerfile) {
        match &fact.instruction.body {
            Body::Arg(pairs) => arguments.extend(pairs.iter().map(|pair| pair.key.text.as_ref())),
            Body::User(user) => {
                let is_argument = |name: &&str| {
                    user.text.contains(&format!("${name}")) || user.text.contains(&format!("${{{name}}}"))
                };
                let name = user.text.split(':').next().unwrap_or_default();
                let is_number = name.chars().all(|c| c.is_ascii_digit());
                if is_number || arguments.iter().any(is_argument) {
                    continue;
                }
                found.push(
                    Diagnostic::new(
                        &RULE,
                        user.range,
                        format!("`{name}` is a name; a host that knows numbers only can't judge it"),
                    )
                    .help("write the user's number"),
                );
            }
            _ => {}
        }
    }
}
