use crate::dockerfile::{Body, From, Item};
use crate::facts::Fact;
use crate::lint::comments::with_comments;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// A stage that nothing uses.
    ///
    /// ## Why it matters
    /// BuildKit skips what the target doesn't need, so such a stage does nothing: it misleads its readers, and often it
    /// is the trace of a `COPY --from` that names another stage than it was meant to. The classic builder even builds
    /// it.
    ///
    /// A stage can also be there to be built by itself, with `--target`. In real files most stages that nothing uses
    /// are: a name such as `test`, `dev`, `release` or `cli` says what for, and so does a `CMD` or `ENTRYPOINT` of its
    /// own. This rule speaks only of stages that nobody would ask for: those without a name and, in a file where no other
    /// stage is a target, those whose name says that they are one step of a build (`build`, `deps`, `base`).
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS build
    /// RUN go build -o /app .
    ///
    /// FROM node:22-slim AS frontend-build
    /// RUN npm run build
    ///
    /// FROM alpine:3.22
    /// COPY --from=build /app /app
    /// ```
    /// ```dockerfile,fixed
    /// FROM golang:1.25 AS build
    /// RUN go build -o /app .
    ///
    /// FROM alpine:3.22
    /// COPY --from=build /app /app
    /// ```
    /// A comment is not for a fix to delete: a stage with one, in it or right above it, is reported without a fix.
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS build
    /// RUN go build -o /app .
    ///
    /// # The assets, until the new site is out.
    /// FROM node:22-slim AS frontend-build
    /// RUN npm run build
    ///
    /// FROM alpine:3.22
    /// COPY --from=build /app /app
    /// ```
    /// A number means another stage once one is gone, so a file that uses numbers gets no fix.
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN npm run build
    /// FROM golang:1.25
    /// RUN go build -o /app .
    /// FROM alpine:3.22
    /// COPY --from=1 /app /app
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// RUN go build -o /app .
    /// FROM build AS test
    /// RUN go test ./...
    /// FROM alpine:3.22
    /// COPY --from=build /app /app
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a script somewhere may build the stage with `--target`.
    name: "unreachable-stage",
    aliases: ["tally/no-unreachable-stages"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // Where a line could not be read, it may be the one that uses the stage.
    if !input.errors.is_empty() {
        return;
    }
    let unused = |stage: usize| input.facts.stages.get(stage).is_some_and(|facts| !facts.reached);
    let targets: Vec<usize> =
        (0..input.graph.stages.len()).filter(|stage| unused(*stage) && is_target(input, *stage)).collect();
    let kept: Vec<usize> = targets.iter().flat_map(|stage| input.graph.reachable(*stage)).collect();
    let variable = variable_references(input);
    for stage in (0..input.graph.stages.len()).filter(|stage| unused(*stage) && !kept.contains(stage)) {
        let instructions = input.facts.of_stage(input.dockerfile, stage);
        let Some(Fact { instruction, .. }) = instructions.first() else { continue };
        let Body::From(from) = &instruction.body else { continue };
        let name = from.alias.as_ref().map(|alias| alias.text.to_lowercase());
        let is_meant = |name: &String| {
            // Where one stage is built by name, another may be.
            !targets.is_empty() || variable.iter().any(|prefix| name.starts_with(prefix))
        };
        if name.as_ref().is_some_and(is_meant) {
            continue;
        }
        let message = match &from.alias {
            Some(alias) => format!("nothing that the image needs uses the stage `{}`", alias.text),
            None => {
                "nothing that the image needs uses this stage, and it has no name to be built by".to_owned()
            }
        };
        found.push(
            Diagnostic::new(&RULE, words(from), message)
                .help("delete it, or copy from it what it was meant for")
                .fix(Safety::Unsafe, "delete the stage", delete(input, stage, &instructions)),
        );
    }
}

fn words(from: &From) -> TextRange {
    from.alias.as_ref().map_or(from.image.range, |alias| from.image.range.cover(alias.range))
}

/// Whether the stage is there to be built by itself.
fn is_target(input: &Input<'_>, stage: usize) -> bool {
    const STEPS: [&str; 16] = [
        "base",
        "build",
        "builder",
        "building",
        "compile",
        "compiler",
        "dependencies",
        "deps",
        "download",
        "downloader",
        "fetch",
        "install",
        "installer",
        "prepare",
        "prune",
        "setup",
    ];
    const PURPOSES: [&str; 14] = [
        "bench",
        "check",
        "ci",
        "debug",
        "dev",
        "devel",
        "development",
        "e2e",
        "env",
        "lint",
        "release",
        "test",
        "tests",
        "validate",
    ];
    let starts = input
        .facts
        .of_stage(input.dockerfile, stage)
        .iter()
        .any(|fact| matches!(fact.instruction.body, Body::Cmd(_) | Body::Entrypoint(_)));
    let Some(name) = input.graph.stages.get(stage).and_then(|stage| stage.name.as_deref()) else {
        return starts;
    };
    let lower = name.to_lowercase();
    let has = |list: &[&str]| lower.split(['-', '_', '.']).any(|part| list.contains(&part));
    starts || !has(&STEPS) || has(&PURPOSES)
}

/// What stands before the variable in each reference to a stage that has one, in lower case: the stages whose names
/// start with it may be meant.
fn variable_references(input: &Input<'_>) -> Vec<String> {
    references(input)
        .filter_map(|reference| reference.split_once('$').map(|(prefix, _)| prefix.to_lowercase()))
        .collect()
}

/// All words that can name a stage, as they are written.
fn references<'a>(input: &Input<'a>) -> impl Iterator<Item = &'a str> {
    input.facts.all(input.dockerfile).flat_map(|fact| {
        let base = match &fact.instruction.body {
            Body::From(from) => Some(&*from.image.text),
            _ => None,
        };
        let flag = fact.instruction.flag_value("from").map(|value| &*value.text);
        let mounts = fact.facts.mounts.iter().filter_map(|mount| mount.from.as_deref());
        base.into_iter().chain(flag).chain(mounts).collect::<Vec<&str>>()
    })
}

fn delete(input: &Input<'_>, stage: usize, instructions: &[Fact<'_>]) -> Option<EditSet> {
    let is_number =
        |reference: &str| !reference.is_empty() && reference.bytes().all(|byte| byte.is_ascii_digit());
    let is_used = input.graph.taken_from(stage).next().is_some();
    if is_used || references(input).any(is_number) {
        return None;
    }
    let (first, last) = (instructions.first()?.instruction, instructions.last()?.instruction);
    let whole = first.lines.cover(last.lines);
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    // What stands above the first stage may speak of the whole file, and stays.
    let is_described = stage > 0 && with_comments(input.dockerfile, first) != first.lines;
    if is_described || input.source.slice(whole).lines().any(is_comment) {
        return None;
    }
    let behind = input.dockerfile.items.iter().skip_while(|item| item.lines().start() < last.lines.end());
    let blank = behind.take_while(|item| matches!(item, Item::Blank(_))).last();
    let end = blank.map_or(last.lines.end(), |blank| blank.lines().end());
    EditSet::try_from(vec![Edit::delete(TextRange::new(whole.start(), end))]).ok()
}
