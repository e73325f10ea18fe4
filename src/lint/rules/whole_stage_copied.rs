use crate::dockerfile::{Body, Source, words};
use crate::facts::Fact;
use crate::graph::Base;
use crate::lint::cost::Waste;
use crate::lint::dependencies::project_install;
use crate::lint::landings::{Landing, is_everything, is_within};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Command, Word, removals};
use crate::text::TextRange;

declare_rule! {
    /// More of a build stage is copied than the program needs.
    ///
    /// ## Why it matters
    /// A build stage is there to leave things behind: the sources, the compiler's intermediate files, the dependencies
    /// of the build. `COPY --from` of its whole folder, or of all of it, takes them along, and every region downloads
    /// them at every start of a new host.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci && npm run build
    /// FROM node:22-slim
    /// COPY --from=build /app /app
    /// CMD ["node", "/app/dist/server.js"]
    /// ```
    /// ```dockerfile,bad
    /// FROM maven:3.9 AS build
    /// COPY . /src
    /// RUN cd /src && mvn -B package
    /// FROM eclipse-temurin:21-jre
    /// COPY --from=build /src /srv
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie AS build
    /// RUN make install
    /// FROM debian:trixie-slim
    /// COPY --from=build / /
    /// ```
    /// ```dockerfile,good
    /// FROM node:22 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci && npm run build && npm prune --omit=dev
    /// FROM node:22-slim
    /// COPY --from=build /app /app
    /// CMD ["node", "/app/dist/server.js"]
    /// ```
    /// A stage on `scratch` holds nothing but what was put there, and an image on `scratch` may want all of a stage: a
    /// copy from `/` to `/` is then shown on request only.
    /// ```dockerfile,on-request
    /// FROM debian:trixie AS rootfs
    /// RUN make install
    /// FROM scratch
    /// COPY --from=rootfs / /
    /// ```
    name: "whole-stage-copied",
    aliases: ["DL3067"],
    category: Size,
    severity: Info,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile) {
        let shipped = found.len();
        if input.facts.is_shipped(&fact) {
            of_shipped(input, fact, found);
        }
        let Some(root) = root_to_root(&fact) else { continue };
        let own = found.get_mut(shipped..).unwrap_or_default();
        if let Some(own) = own.iter_mut().find(|own| own.range == root) {
            own.aliases = RULE.aliases;
            continue;
        }
        found.push(
            Diagnostic::new(&RULE, root, "all of another stage or image is copied")
                .help("copy the files that the program needs, or build on that stage with FROM")
                .on_request(),
        );
    }
}

/// Where `COPY --from=… / /` says its source.
fn root_to_root(fact: &Fact<'_>) -> Option<TextRange> {
    let Body::Copy(transfer) = &fact.instruction.body else { return None };
    let is_root = |text: &str| text.trim_matches(['"', '\'']) == "/";
    let root = transfer.sources.iter().find_map(|source| match source {
        Source::Path(word) if is_root(&word.text) => Some(word.range),
        _ => None,
    })?;
    (fact.instruction.flag("from").is_some() && is_root(&transfer.destination.text)).then_some(root)
}

/// What an instruction of a shipped stage brings that the image could do without. Hadolint's rule is another: see
/// [`root_to_root`].
fn of_shipped(input: &Input<'_>, fact: Fact<'_>, found: &mut Vec<Diagnostic>) {
    let Some(landing) = Landing::of(input, fact) else { return };
    let Some(stage) = landing.from_stage.filter(|stage| !is_on_scratch(input, *stage)) else { return };
    // A stage that is a `FROM` and nothing else is another name for an image, which may be made to be copied.
    if !makes_something(input, stage) {
        return;
    }
    let name = input.graph.stages.get(stage).and_then(|stage| stage.name.clone());
    let name = name.unwrap_or_else(|| stage.to_string());
    for source in &landing.transfer.sources {
        let Source::Path(word) = source else { continue };
        let Some(path) = path(input, &fact, &word.text) else { continue };
        if path.is_empty() {
            if !fact.facts.stage.is_some_and(|own| is_on_scratch(input, own)) {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        word.range,
                        format!("all of the stage `{name}` is copied, its base image included"),
                    )
                    .known_as(&[])
                    .help("copy the files that the program needs")
                    .wastes(input, &fact, &Waste::PartOfLayer),
                );
            }
            continue;
        }
        let Some((reason, range)) = leftovers(input, stage, &path) else { continue };
        found.push(
            Diagnostic::new(&RULE, word.range, format!("`{path}` of the stage `{name}` holds {reason}"))
                .known_as(&[])
                .label(range, "they come from here")
                .help("copy what the build makes, not the folder it is made in")
                .wastes(input, &fact, &Waste::PartOfLayer),
        );
    }
}

/// The absolute path that a source names in its stage, without a slash at its end; empty for all of the stage.
fn path(input: &Input<'_>, fact: &Fact<'_>, text: &str) -> Option<String> {
    let state = &fact.facts.before;
    let expansion =
        words::expand(text, input.dockerfile.escape, &|name| state.value(name).map(str::to_owned)).ok()?;
    let known = expansion.unset.is_empty();
    // What `/app/.` and `/app/*` name is all of the folder.
    let text = expansion.text.as_str();
    let folder =
        text.strip_suffix("/*").or_else(|| text.strip_suffix("/.")).unwrap_or(text).trim_matches('/');
    let is_all = matches!(folder, "" | "." | "*");
    (known && !folder.contains(['*', '?', '[']))
        .then(|| if is_all { String::new() } else { format!("/{folder}") })
}

fn is_on_scratch(input: &Input<'_>, stage: usize) -> bool {
    let lowest = input.graph.chain(stage).first().and_then(|lowest| input.graph.stages.get(*lowest));
    lowest.is_some_and(|stage| stage.base == Base::Scratch)
}

fn makes_something(input: &Input<'_>, stage: usize) -> bool {
    let facts =
        input.graph.chain(stage).into_iter().flat_map(|stage| input.facts.of_stage(input.dockerfile, stage));
    facts.into_iter().any(|fact| matches!(fact.instruction.body, Body::Run(_) | Body::Copy(_) | Body::Add(_)))
}

/// What is in the folder that no program needs, and where it comes from: nothing unless the sources were copied there.
fn leftovers(input: &Input<'_>, stage: usize, folder: &str) -> Option<(&'static str, TextRange)> {
    let facts: Vec<Fact<'_>> = input
        .graph
        .chain(stage)
        .into_iter()
        .flat_map(|stage| input.facts.of_stage(input.dockerfile, stage))
        .collect();
    let has_sources = facts.iter().filter_map(|fact| Landing::of(input, *fact)).any(|landing| {
        let lands_in =
            landing.destination.as_deref().is_some_and(|destination| is_within(destination, folder));
        landing.from_context && lands_in && landing.sources(input).iter().any(|source| is_everything(source))
    });
    let mut left = None;
    for fact in facts.iter().filter(|_| has_sources) {
        let Some(script) = fact.facts.script() else { continue };
        let production = fact.facts.before.value("NODE_ENV").is_some_and(|value| value == "production");
        for occurrence in script.commands() {
            let command = occurrence.command;
            match reading(command) {
                Step::Install { dev: true } if !production => {
                    left = Some(("the sources and the dependencies of the build", command.range));
                }
                Step::Install { .. } | Step::Prune => left = None,
                Step::Compile => left = Some(("the sources and what the compiler left", command.range)),
                Step::Other => {}
            }
        }
    }
    left
}

/// What a command does to the folder of a project.
enum Step {
    /// It installs what a package.json asks for; `dev`: also what only the build needs.
    Install {
        dev: bool,
    },
    /// It takes away again what only the build needs.
    Prune,
    /// It compiles in place.
    Compile,
    Other,
}

fn reading(command: &Command) -> Step {
    if removals(command).iter().any(|removal| removal.path.shown().contains("node_modules")) {
        return Step::Prune;
    }
    if let Some(install) = project_install(command).filter(|install| is_javascript(install.manager)) {
        return Step::Install { dev: !omits_dev(&install) };
    }
    let Some(action) = packages::read(command) else { return Step::Other };
    let words: Vec<&str> = action.call.args().iter().map(Word::shown).collect();
    let asks = |goals: &[&str]| words.iter().any(|word| goals.contains(word));
    match action.manager {
        manager if is_javascript(manager) && action.verb == Verb::Remove && asks(&["prune"]) => Step::Prune,
        PackageManager::Cargo if asks(&["build"]) => Step::Compile,
        PackageManager::Maven if asks(&["package", "install", "verify"]) => Step::Compile,
        PackageManager::Gradle if asks(&["build", "assemble", "bootJar", "shadowJar", "installDist"]) => {
            Step::Compile
        }
        _ => Step::Other,
    }
}

fn is_javascript(manager: PackageManager) -> bool {
    matches!(manager, PackageManager::Npm | PackageManager::Yarn | PackageManager::Pnpm | PackageManager::Bun)
}

/// Whether the install leaves out what only the build needs.
fn omits_dev(install: &Action<'_>) -> bool {
    let values = install.call.flag_values(&["--omit", "--only"]);
    install.has_flag(&["--production", "--prod", "-P"])
        || values.iter().any(|value| matches!(*value, "dev" | "prod" | "production"))
}
