use crate::dockerfile::{Body, Healthcheck};
use crate::lint::cost::Waste;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, PackageManager, Verb};

declare_rule! {
    /// A tool is in the image only for the health check.
    ///
    /// ## Why it matters
    /// curl comes with a dozen libraries, which every region pulls and whose flaws are the image's. Each check also
    /// starts it anew. Most programs can ask themselves: with the language's own HTTP client, or with a flag of theirs.
    /// BusyBox brings a `wget` of its own, and a cluster's probes need no tool in the image at all.
    ///
    /// Reported where nothing else of the file calls the tool; a script of yours still may.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
    /// HEALTHCHECK CMD ["curl", "-f", "http://localhost:3000/"]
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// HEALTHCHECK CMD ["node", "health.js"]
    /// CMD ["node", "server.js"]
    /// ```
    name: "health-check-tool",
    aliases: [],
    category: Size,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(health) = input.facts.target().and_then(|target| target.end.healthcheck) else { return };
    let Some(fact) = input.facts.all(input.dockerfile).nth(health) else { return };
    if !matches!(fact.instruction.body, Body::Healthcheck(Healthcheck::Cmd(_))) {
        return;
    }
    let commands = fact.facts.commands();
    let Some((tool, call)) = commands.iter().find_map(|occurrence| {
        let name = occurrence.command.name().filter(|name| matches!(*name, "curl" | "wget"))?;
        Some((name, occurrence.command.effective().words().first()?))
    }) else {
        return;
    };
    // Any other mention of the tool may be a use.
    let is_used = |script: &RunScript<'_>| {
        let calls = |name: Option<&str>| name == Some(tool);
        script.script.commands().iter().any(|occurrence| calls(occurrence.command.name()))
    };
    let shipped = RunScript::shipped(input);
    if shipped.iter().any(is_used) {
        return;
    }
    for run in &shipped {
        for occurrence in run.script.commands() {
            let Some(action) = packages::read(occurrence.command) else { continue };
            if action.verb != Verb::Install || !action.manager.is_system() {
                continue;
            }
            if let Some(word) = action.packages.iter().find(|word| word.is(tool)) {
                let diagnostic = Diagnostic::new(
                    &RULE,
                    word.range,
                    format!("`{tool}` is installed only for the health check"),
                )
                .help("let the program check itself, with its language's HTTP client or a flag of its own")
                .label(call.range, "its only use in the file");
                found.push(if action.manager == PackageManager::Apt {
                    diagnostic.wastes(input, &run.fact, &Waste::Packages(vec![tool]))
                } else {
                    diagnostic
                });
            }
        }
    }
}
