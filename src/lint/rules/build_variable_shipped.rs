use crate::dockerfile::{Body, Pair};
use crate::facts::Fact;
use crate::lint::script_edits::RunScript;
use crate::lint::start::starts_program;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::{self, Verb};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// A variable that only the build needs is set in every container.
    ///
    /// ## Why it matters
    /// `DEBIAN_FRONTEND=noninteractive` keeps apt from asking while an image is built. As an `ENV` it stays: whoever
    /// works in a container, or builds on the image, gets answers that he was never asked for. An `ARG` of the same name
    /// is in the environment of every `RUN` below it and of no container.
    ///
    /// Silent where the image starts nothing or a shell, or has `sudo`: then it is one to work in, or to build on.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// ENV DEBIAN_FRONTEND=noninteractive
    /// RUN apt-get update && apt-get install -y --no-install-recommends nginx && rm -rf /var/lib/apt/lists/*
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// ARG DEBIAN_FRONTEND=noninteractive
    /// RUN apt-get update && apt-get install -y --no-install-recommends nginx && rm -rf /var/lib/apt/lists/*
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN apt-get update \
    ///  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends tzdata \
    ///  && rm -rf /var/lib/apt/lists/*
    /// CMD ["date"]
    /// ```
    /// In a build stage it harms nobody:
    /// ```dockerfile,good
    /// FROM debian:trixie AS build
    /// ENV DEBIAN_FRONTEND=noninteractive
    /// RUN apt-get update && apt-get install -y gcc
    /// FROM debian:trixie-slim
    /// COPY --from=build /usr/lib/gcc /opt/gcc
    /// CMD ["/opt/gcc/run"]
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: containers, and images built on this one, are without the variable. Offered where the `ENV` sets nothing
    /// else.
    name: "build-variable-shipped",
    aliases: [],
    category: Correctness,
    severity: Info,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

/// Variables that only tell the installers of packages what to do.
const VARIABLES: &[&str] = &["DEBIAN_FRONTEND", "DEBCONF_NONINTERACTIVE_SEEN", "NEEDRESTART_MODE"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    if !is_to_run(input) {
        return;
    }
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_shipped(fact)) {
        let Body::Env(pairs) = &fact.instruction.body else { continue };
        for pair in pairs.iter().filter(|pair| VARIABLES.contains(&&*pair.key.text)) {
            let name = &pair.key.text;
            // Whoever empties it again has thought of it; his image has the variable all the same, but not its value.
            if !sets(pair) || is_settled(input, &fact, name) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    &RULE,
                    pair.key.range,
                    format!("`{name}` stays set in every container of the image"),
                )
                .help(format!("write `ARG {name}=…`, which only the build sees"))
                .fix(Safety::Unsafe, "make it an ARG", fix(input, &fact, pairs)),
            );
        }
    }
}

/// Whether the image starts a program. People and jobs that work in one that starts a shell or nothing, or that has
/// `sudo`, install packages in it.
fn is_to_run(input: &Input<'_>) -> bool {
    let mut shipped = RunScript::shipped(input).into_iter();
    let brings_sudo = shipped.any(|run| {
        let commands = run.script.commands();
        let mut actions = commands.iter().filter_map(|occurrence| packages::read(occurrence.command));
        actions
            .any(|action| action.verb == Verb::Install && action.packages.iter().any(|word| word.is("sudo")))
    });
    !brings_sudo && starts_program(input)
}

fn sets(pair: &Pair<'_>) -> bool {
    pair.value.as_ref().is_some_and(|value| {
        let text = value.text.trim_matches(['"', '\'']);
        !matches!(text, "" | "dialog" | "newt" | "readline" | "teletype")
    })
}

/// Whether a later `ENV` of the image gives it another value.
fn is_settled(input: &Input<'_>, fact: &Fact<'_>, name: &str) -> bool {
    let heirs = fact.facts.stage.map(|stage| input.facts.heirs(stage)).unwrap_or_default();
    let later = input.facts.all(input.dockerfile).filter(|later| {
        later.index > fact.index && later.facts.stage.is_some_and(|stage| heirs.contains(&stage))
    });
    later.into_iter().any(|later| {
        matches!(&later.instruction.body, Body::Env(pairs) if pairs.iter().any(|pair| pair.key.text == name))
    })
}

/// `ARG` in the place of `ENV`.
fn fix(input: &Input<'_>, fact: &Fact<'_>, pairs: &[Pair<'_>]) -> Option<EditSet> {
    let [pair] = pairs else { return None };
    let value = pair.value.as_ref()?;
    let keyword = &fact.instruction.name;
    let arg = if keyword.text.bytes().any(|byte| byte.is_ascii_lowercase()) { "arg" } else { "ARG" };
    let between = TextRange::new(pair.key.range.end(), value.range.start());
    let mut edits = vec![Edit::replace(keyword.range, arg)];
    // `ENV name value` is no form of an ARG.
    if input.source.slice(between) != "=" {
        let is_plain =
            !value.text.contains(char::is_whitespace) && input.source.slice(between).trim().is_empty();
        if !is_plain {
            return None;
        }
        edits.push(Edit::replace(between, "="));
    }
    EditSet::try_from(edits).ok()
}
