use crate::facts::{Fact, Mount, MountKind};
use crate::lint::cost::Waste;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// A cache mount that belongs to root is used by somebody else.
    ///
    /// ## Why it matters
    /// A new cache is a folder of root's that nobody else may write to, whatever `USER` says. npm fails, pip says that
    /// the cache is disabled and goes on without it. `uid` says whose it is; it needs the user's number.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// USER node
    /// WORKDIR /home/node/app
    /// RUN --mount=type=cache,target=/home/node/.npm npm ci
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// USER node
    /// WORKDIR /home/node/app
    /// RUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 npm ci
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// RUN --mount=type=cache,target=/root/.npm npm ci
    /// USER node
    /// ```
    name: "unwritable-cache-mount",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let user = fact.facts.before.user.known().unwrap_or_default();
        let name = user.split(':').next().unwrap_or(user);
        if matches!(name, "" | "root" | "0") || becomes_root(&fact) {
            continue;
        }
        for mount in fact.facts.mounts.iter().filter(|mount| is_roots(input, mount)) {
            let uid = if name.bytes().all(|byte| byte.is_ascii_digit()) { name } else { "…" };
            found.push(
                Diagnostic::new(
                    &RULE,
                    mount.range,
                    format!("this cache belongs to root, and `{name}` may not write to it"),
                )
                .help(format!("say whose it is: add `,uid={uid}` with the number of the user `{name}`"))
                .wastes(input, &fact, &Waste::DownloadsAgain),
            );
        }
    }
}

/// Whether the cache is made as root's, writable for root alone.
fn is_roots(input: &Input<'_>, mount: &Mount) -> bool {
    let text = input.source.slice(mount.range);
    let says = ["uid", "gid", "mode", "from="].iter().any(|key| text.contains(key));
    mount.kind == MountKind::Cache && !mount.read_only && !says
}

/// Whether the script's programs may be root's all the same.
fn becomes_root(fact: &Fact<'_>) -> bool {
    let changes = |name: &str| matches!(name, "sudo" | "su" | "doas" | "gosu" | "su-exec");
    fact.facts.commands().iter().any(|occurrence| occurrence.command.invocation().name().is_some_and(changes))
}
