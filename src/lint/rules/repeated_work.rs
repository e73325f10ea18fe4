use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::lint::cost::Waste;
use crate::lint::package_calls::shown;
use crate::lint::stage_images::lowest_image;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, Verb};
use crate::text::TextRange;

declare_rule! {
    /// Two stages do the same work on the same base.
    ///
    /// ## Why it matters
    /// A builder runs an instruction once for all stages only where everything above it is the same, too. Below another
    /// `ENV`, `ARG` or `RUN` it installs the same packages a second time, into a layer of its own, which a region that
    /// pulls both images downloads twice. A stage that both are built on does it once.
    ///
    /// Reported is a `RUN` that installs packages, with the same text, user and working directory, in two stages on the
    /// same image or stage, where no file is copied before it in either, and the `RUN`s above it, if any, are the same.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim AS api
    /// ENV ROLE=api
    /// RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    /// COPY api /usr/local/bin/
    /// FROM debian:trixie-slim
    /// ENV ROLE=worker
    /// RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    /// COPY --from=api /usr/local/bin/api /usr/local/bin/
    /// COPY worker /usr/local/bin/
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim AS base
    /// RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    /// FROM base AS api
    /// ENV ROLE=api
    /// COPY api /usr/local/bin/
    /// FROM base
    /// ENV ROLE=worker
    /// COPY --from=api /usr/local/bin/api /usr/local/bin/
    /// COPY worker /usr/local/bin/
    /// ```
    /// Right below the `FROM`, the builder runs it once:
    /// ```dockerfile,good
    /// FROM alpine:3.22 AS api
    /// RUN apk add --no-cache libpq
    /// COPY api /usr/local/bin/
    /// FROM alpine:3.22
    /// RUN apk add --no-cache libpq
    /// COPY --from=api /usr/local/bin/api /usr/local/bin/
    /// ```
    name: "repeated-work",
    aliases: [],
    category: Cache,
    severity: Info,
    profile: Default,
    fix: None,
}

/// What a stage is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground<'a> {
    Image(&'a str),
    Stage(usize),
}

/// A costly `RUN` that waits for no file.
struct Work<'a> {
    fact: Fact<'a>,
    ground: Ground<'a>,
    platform: Option<&'a str>,
    /// Its command with its flags.
    text: &'a str,
    /// All above it in its stage, less what makes no difference to the builder.
    above: Vec<&'a str>,
    command: TextRange,
    shown: String,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: Vec<Work<'_>> = Vec::new();
    for (stage, facts) in input.facts.stages.iter().enumerate() {
        for work in of_stage(input, stage).into_iter().filter(|_| facts.reached) {
            let same =
                seen.iter().find(|other| other.fact.facts.stage != Some(stage) && is_same(other, &work));
            if let Some(other) = same.filter(|other| other.above != work.above && runs(other) == runs(&work))
            {
                let first = other.fact.facts.stage.and_then(|stage| input.graph.stages.get(stage));
                let label = first.map(crate::graph::Stage::label).unwrap_or_default();
                found.push(
                    Diagnostic::new(
                        &RULE,
                        work.command,
                        format!("the stage `{label}` has run this very `{}` on the same base", work.shown),
                    )
                    .label(other.command, "here")
                    .help("run it once, in a stage that both are built on")
                    .wastes(input, &work.fact, &Waste::Repeated),
                );
            }
            seen.push(work);
        }
    }
}

fn of_stage<'a>(input: &Input<'a>, stage: usize) -> Vec<Work<'a>> {
    let mut works = Vec::new();
    let mut above = Vec::new();
    let parent = input.facts.stages.get(stage).and_then(|facts| facts.parent);
    let ground = parent.map(Ground::Stage).or_else(|| lowest_image(input, stage).map(Ground::Image));
    let Some(ground) = ground else { return works };
    let platform = input.graph.stages.get(stage).and_then(|stage| stage.platform.as_ref());
    for fact in input.facts.of_stage(input.dockerfile, stage) {
        match &fact.instruction.body {
            Body::Copy(_) | Body::Add(_) | Body::Onbuild(_) => break,
            Body::Run(_) => {
                let commands = fact.facts.commands();
                let costly = commands.iter().find_map(|one| {
                    let action = packages::read(one.command).filter(|action| action.verb == Verb::Install)?;
                    Some((one.command.range, shown(&action)))
                });
                let text = input.source.slice(fact.instruction.range);
                if let Some((command, shown)) = costly {
                    let platform = platform.map(|platform| platform.written.as_str());
                    works.push(Work { fact, ground, platform, text, above: above.clone(), command, shown });
                }
                above.push(text);
            }
            Body::Env(_) | Body::Arg(_) | Body::User(_) | Body::Workdir(_) | Body::Shell(_) => {
                above.push(input.source.slice(fact.instruction.range));
            }
            _ => {}
        }
    }
    works
}

/// The `RUN`s above it, which it may stand on.
fn runs<'a>(work: &Work<'a>) -> Vec<&'a str> {
    let is_run = |text: &&&str| text.get(..3).is_some_and(|keyword| keyword.eq_ignore_ascii_case("RUN"));
    work.above.iter().filter(is_run).copied().collect()
}

/// Whether a builder could do both at once, and what they read is the same.
fn is_same(one: &Work<'_>, other: &Work<'_>) -> bool {
    let (mine, theirs) = (&one.fact.facts.before, &other.fact.facts.before);
    let reads_alike = one.fact.facts.script().is_some_and(|script| {
        let mut names = script.variables.iter().map(|variable| variable.name.as_str());
        names.all(|name| {
            mine.variables.get(name).map(|one| &one.value) == theirs.variables.get(name).map(|one| &one.value)
        })
    });
    one.text == other.text
        && one.ground == other.ground
        && one.platform == other.platform
        && mine.user == theirs.user
        && mine.workdir == theirs.workdir
        && mine.shell.words() == theirs.shell.words()
        && reads_alike
}
