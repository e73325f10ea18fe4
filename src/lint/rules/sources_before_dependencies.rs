use crate::context::{Listing, select};
use crate::dockerfile::Body;
use crate::facts::{Fact, MountKind};
use crate::lint::comments::{to_delete, with_comments};
use crate::lint::cost::Waste;
use crate::lint::dependencies::{manifests, project_install};
use crate::lint::landings::{Landing, is_everything};
use crate::lint::layers::below;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::{Action, PackageManager};
use crate::shell::{Command, EffectKind};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// Sources are copied before the dependencies are installed.
    ///
    /// ## Why it matters
    /// A build takes an instruction from the cache only where nothing it copies has changed, and none before it. Behind
    /// `COPY . .` every edit of any file installs all dependencies anew, and the regions pull them anew: the layer of
    /// the dependencies, mostly the largest, is never the one they have. With the manifests first, both happen only
    /// when a dependency changes.
    ///
    /// ## Examples
    /// Where the build context is known, the fix copies the manifests that are in it.
    /// ```context
    /// package.json 612
    /// package-lock.json 204800
    /// src/index.js 2048
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci
    /// RUN npm run build
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// COPY . .
    /// RUN npm run build
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim AS build
    /// WORKDIR /app
    /// COPY --chown=node:node . .
    /// RUN npm ci \
    ///     && npm run build
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim AS build
    /// WORKDIR /app
    /// COPY --chown=node:node package.json package-lock.json ./
    /// RUN npm ci
    /// COPY --chown=node:node . .
    /// RUN npm run build
    /// ```
    /// An install that builds the project itself needs the sources: splitting it is yours to do.
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// WORKDIR /app
    /// COPY . .
    /// RUN poetry install --only main
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25
    /// WORKDIR /src
    /// COPY go.mod go.sum ./
    /// RUN go mod download
    /// COPY . .
    /// RUN go build -o /app ./cmd/app
    /// ```
    /// With a cache mount, what was downloaded once is there.
    /// ```dockerfile,good
    /// FROM golang:1.25
    /// COPY . /src
    /// WORKDIR /src
    /// RUN --mount=type=cache,target=/go/pkg/mod go mod download
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the install then sees the manifests and nothing else. One that runs scripts of the project (npm's
    /// `prepare`, say), or that installs from a folder of it, may need more. No fix is offered where something stands
    /// between the copy and the install, where the context has several manifests of a workspace, or is not known.
    name: "sources-before-dependencies",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

/// What lies below an instruction.
#[derive(Debug, Clone, Default)]
struct Below<'a> {
    /// The copy that first brought the sources.
    sources: Option<Landing<'a>>,
    /// What was installed before they came, and what was reported already.
    settled: Vec<PackageManager>,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    below(input, &Below::default(), |below, fact| {
        if let Some(landing) = Landing::of(input, fact).filter(|landing| landing.brings_sources(input)) {
            below.sources.get_or_insert(landing);
        }
        let (Body::Run(_), Some(script)) = (&fact.instruction.body, fact.facts.script()) else { return };
        for occurrence in script.commands() {
            let Some(install) = project_install(occurrence.command) else { continue };
            let is_cached = fact.facts.mounts.iter().any(|mount| mount.kind == MountKind::Cache);
            let is_settled = below.settled.contains(&install.manager);
            if !is_settled {
                below.settled.push(install.manager);
            }
            let Some(copy) = below.sources.as_ref().filter(|_| !is_settled && !is_cached) else { continue };
            if input.facts.is_reached(&fact) {
                found.push(report(input, copy, &fact, occurrence.command, &install));
            }
        }
    });
}

fn report(
    input: &Input<'_>,
    copy: &Landing<'_>,
    run: &Fact<'_>,
    command: &Command,
    install: &Action<'_>,
) -> Diagnostic {
    Diagnostic::new(
        &RULE,
        command.range,
        format!("each change of a source file makes `{}` install everything again", install.program),
    )
    .label(copy.fact.instruction.range, "the sources come before it")
    .help("copy the manifests and lock files alone, install, then copy the rest")
    .wastes(input, run, &Waste::RunsAgain)
    .fix(
        Safety::Unsafe,
        "install from the manifests before the sources are copied",
        fix(input, copy, run, command, install),
    )
}

fn fix(
    input: &Input<'_>,
    copy: &Landing<'_>,
    run: &Fact<'_>,
    command: &Command,
    install: &Action<'_>,
) -> Option<EditSet> {
    let listing = input.listing().filter(|listing| !listing.cut_off)?;
    if copy.fact.facts.stage != run.facts.stage || !meets(copy, run) || !is_quiet_between(input, copy, run) {
        return None;
    }
    let [source] = copy
        .sources(input)
        .try_into()
        .ok()
        .filter(|_| copy.transfer.sources.len() == 1 && !copy.transfer.json)?;
    let folder =
        if is_everything(&source) { String::new() } else { format!("{}/", source.trim_end_matches('/')) };
    let names = present(listing, &folder, install)?;
    let flags = flags(input, copy)?;
    let slash = if copy.transfer.destination.text.ends_with('/') { "" } else { "/" };
    let paths: Vec<String> = names.iter().map(|name| format!("{folder}{name}")).collect();
    let newline = if input.source.slice(run.instruction.lines).contains("\r\n") { "\r\n" } else { "\n" };
    let copying =
        format!("COPY {flags}{} {}{slash}{newline}", paths.join(" "), copy.transfer.destination.text);
    let at = with_comments(input.dockerfile, copy.fact.instruction).start();
    let edits = if is_alone(input, run, command) {
        let lines = with_comments(input.dockerfile, run.instruction);
        let text = input.source.slice(lines);
        let end = if text.ends_with('\n') { "" } else { newline };
        vec![Edit::insert(at, format!("{copying}{text}{end}")), Edit::delete(to_delete(input.source, lines))]
    } else {
        let script = RunScript::of(input, *run).filter(|script| script.script.is_chain())?;
        let first = script.script.list.first().filter(|first| first.command() == Some(command))?;
        let text = script.on_one_line(first.range).filter(|_| run.instruction.flags.is_empty())?;
        vec![Edit::insert(at, format!("{copying}RUN {text}{newline}")), script.delete_statement(0)?]
    };
    // A comment may hold bytes that are no text: what is moved is the text alone.
    let is_text = !input.source.slice(run.instruction.lines).contains('\u{1A}');
    EditSet::try_from(edits).ok().filter(|_| is_text)
}

/// Whether the copy's destination is the folder that the install runs in.
fn meets(copy: &Landing<'_>, run: &Fact<'_>) -> bool {
    let moves = run.facts.script().is_none_or(|script| {
        script
            .effects()
            .iter()
            .any(|effect| matches!(effect.kind, EffectKind::Directory | EffectKind::Unknown))
    });
    let same = match (copy.destination.as_deref(), run.facts.before.workdir.known()) {
        (Some(destination), Some(workdir)) => destination == workdir,
        (None, None) => matches!(&*copy.transfer.destination.text, "." | "./"),
        _ => false,
    };
    same && !moves
}

/// Whether nothing between the two could matter to the install.
fn is_quiet_between(input: &Input<'_>, copy: &Landing<'_>, run: &Fact<'_>) -> bool {
    let mut between =
        (copy.fact.index + 1..run.index).filter_map(|index| input.facts.get(input.dockerfile, index));
    between.all(|fact| {
        matches!(
            fact.instruction.body,
            Body::Label(_)
                | Body::Expose(_)
                | Body::Cmd(_)
                | Body::Entrypoint(_)
                | Body::Healthcheck(_)
                | Body::Stopsignal(_)
                | Body::Maintainer(_)
        )
    })
}

/// The manifests that are in `folder` of the context; nothing where a needed one is missing, or where there is more
/// that the install would read.
fn present(listing: &Listing, folder: &str, install: &Action<'_>) -> Option<Vec<String>> {
    let wanted = manifests(install)?;
    let has = |name: &str| listing.get(&format!("{folder}{name}")).is_some();
    if !wanted.required.iter().all(|name| has(name)) || wanted.spoilers.iter().any(|name| has(name)) {
        return None;
    }
    // A second manifest further down makes it a workspace, whose other manifests the install wants as well.
    let is_workspace = ["package.json", "pom.xml", "Gemfile"].iter().any(|name| {
        let is_below = |path: &str| path.ends_with(&format!("/{name}")) && !path.contains("node_modules/");
        wanted.required.iter().any(|required| required == name)
            && select(listing, folder)
                .iter()
                .any(|entry| is_below(&entry.path) && entry.path != format!("{folder}{name}"))
    });
    let optional = wanted.optional.iter().filter(|name| has(name)).map(|name| (*name).to_owned());
    (!is_workspace).then(|| wanted.required.iter().cloned().chain(optional).collect())
}

/// The copy's own flags, each with a blank behind it; nothing where one of them picks files.
fn flags(input: &Input<'_>, copy: &Landing<'_>) -> Option<String> {
    let flags = copy.fact.instruction.flags.iter().map(|flag| {
        let fits = matches!(&*flag.name.text, "chown" | "chmod" | "link");
        fits.then(|| format!("{} ", input.source.slice(flag.range)))
    });
    flags.collect()
}

/// Whether the install is the only command of its `RUN`.
fn is_alone(input: &Input<'_>, run: &Fact<'_>, command: &Command) -> bool {
    let script = RunScript::of(input, *run);
    let only = script.as_ref().map(|script| script.script.list.as_slice());
    matches!(only, Some([statement]) if statement.command() == Some(command))
        && script.is_some_and(|script| script.script.is_chain())
}
