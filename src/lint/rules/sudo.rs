use crate::facts::Value;
use crate::lint::calls::{commands, runs};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{Invocation, Word};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// `sudo` in a build.
    ///
    /// ## Why it matters
    /// A `RUN` already is root unless a `USER` says otherwise. `sudo` then only takes variables away, and where it had to
    /// be installed, it is one more program with root's rights in the image.
    ///
    /// Where a `USER` that isn't root stands before it, or where the base brings `sudo` and so may have such a user, it does
    /// its work, and `sudo -u` gives rights away: these are shown on request only.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends sudo && rm -rf /var/lib/apt/lists/*
    /// RUN sudo mkdir -p /srv/data
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends sudo && rm -rf /var/lib/apt/lists/*
    /// RUN mkdir -p /srv/data
    /// ```
    /// ```dockerfile,on-request
    /// FROM gitpod/workspace-base:2026-01-01
    /// USER gitpod
    /// RUN sudo mkdir -p /srv/data
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends sudo && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: `sudo` resets the environment and the search path, and a base image may have another user.
    name: "sudo",
    aliases: ["DL3004", "DS-0010", "CKV2_DOCKER_1", "DKL-DI-0001", "DF010"],
    category: Security,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let is_installed = installs_sudo(input);
    for fact in input.facts.all(input.dockerfile).filter(runs) {
        let user = &fact.facts.before.user;
        let is_root = match user {
            Value::Known(user) => matches!(user.split(':').next(), Some("root" | "0")),
            Value::Unset => is_installed,
            Value::Unknown => false,
        };
        for command in commands(&fact) {
            let call = command.invocation();
            let Some(word) = call.words().first().filter(|_| call.name() == Some("sudo")) else { continue };
            let what = if is_root { "sudo in a build, which is root already" } else { "sudo in a build" };
            let diagnostic = Diagnostic::new(&RULE, word.range, what)
                .help("leave it out; where another user is set, put USER root before the RUN and the user behind it");
            let mut options = call.args().iter().map(Word::shown).take_while(|word| word.starts_with('-'));
            let gives_away = options.any(|option| option.contains(['u', 'g']));
            found.push(if is_root && !gives_away {
                diagnostic.fix(Safety::Unsafe, "leave out sudo", without(call))
            } else {
                diagnostic.on_request()
            });
        }
    }
}

/// Whether a `RUN` of this file installs sudo.
fn installs_sudo(input: &Input<'_>) -> bool {
    input.facts.all(input.dockerfile).any(|fact| {
        let actions = fact.facts.actions();
        actions.iter().any(|(_, action)| action.packages.iter().any(|package| package.is("sudo")))
    })
}

/// The call without its `sudo`; nothing where options or variables are meant for it.
fn without(call: Invocation<'_>) -> Option<EditSet> {
    let [sudo, program, ..] = call.words() else { return None };
    let name = program.value.as_deref().filter(|name| !name.starts_with('-') && !name.contains('='))?;
    let gap = TextRange::new(sudo.range.start(), program.range.start());
    let on_a_line = sudo.range.end() + 1 == program.range.start();
    (on_a_line && !name.is_empty()).then(|| EditSet::try_from(vec![Edit::delete(gap)]).ok())?
}
