//! One walk over the stages that collects the steps and what makes each of them run again.

use std::collections::BTreeSet;

use crate::context::{Kind, Patterns, Take, take};
use crate::dockerfile::{Body, Instruction, Source, Transfer, words};
use crate::graph::{Base, Edge, EdgeKind, Origin, Stage};

use super::difference::{Destination, Difference, Place};
use super::reach::{Carried, Reach};
use super::{Build, Cause, CauseKind, Changes, Step};
use crate::facts::{Mount, MountKind, State};

/// How many differences of a stage are followed one by one.
const MOST_DIFFERENCES: usize = 256;

/// The steps of all stages, the target's or not.
pub(super) fn steps(build: &Build<'_>, changes: &Changes) -> Vec<Step> {
    let instructions: Vec<&Instruction> = build.dockerfile.instructions().collect();
    let escape = build.dockerfile.escape;
    let mut global = Reach::global(&changes.arguments);
    let first = build.graph.stages.first().map_or(instructions.len(), |stage| stage.from);
    for (index, instruction) in instructions.iter().take(first).enumerate() {
        global.apply(index, instruction, escape, None, &changes.arguments);
    }
    let mut walk = Walk { build, changes, instructions, global, ends: Vec::new(), steps: Vec::new() };
    for stage in &build.graph.stages {
        let end = walk.stage(stage);
        walk.ends.push(end);
    }
    walk.steps
}

struct Walk<'a> {
    build: &'a Build<'a>,
    changes: &'a Changes,
    instructions: Vec<&'a Instruction<'a>>,
    global: Reach,
    /// How the stages so far end.
    ends: Vec<Progress>,
    steps: Vec<Step>,
}

/// How things stand at some point of a stage.
#[derive(Debug, Clone, Default)]
struct Progress {
    reach: Reach,
    /// The last step that runs again, and whether it does for sure.
    rerun: Option<(usize, bool)>,
    differences: Vec<Difference>,
}

/// One instruction at work for a stage.
struct Work<'a> {
    stage: usize,
    index: usize,
    instruction: &'a Instruction<'a>,
    state: &'a State,
    /// Whether BuildKit executes it.
    is_step: bool,
}

impl<'a> Walk<'a> {
    fn stage(&mut self, stage: &Stage) -> Progress {
        let parent = match stage.base {
            Base::Stage(parent) => self.ends.get(parent),
            _ => None,
        };
        let mut progress = parent.map(Progress::inherit).unwrap_or_default();
        self.from(stage, &mut progress);
        let mut layers = stage.layers.iter().copied().peekable();
        // What a stage inherits as triggers it does before its own.
        if let Base::Stage(parent) = stage.base {
            let facts = &self.build.facts.stages;
            let inherited = self.build.graph.stages.get(parent).map(|parent| parent.instructions.clone());
            for index in inherited.into_iter().flatten() {
                let onbuild = self.instructions.get(index).map(|onbuild| &onbuild.body);
                if let (Some(Body::Onbuild(trigger)), Some(parent)) = (onbuild, facts.get(parent)) {
                    let is_step = layers.next_if_eq(&index).is_some();
                    let state = &parent.end;
                    let work = Work { stage: stage.index, index, instruction: trigger, state, is_step };
                    self.work(&work, &mut progress);
                }
            }
        }
        for index in stage.instructions.clone() {
            let facts = self.build.facts.instructions.get(index);
            if let (Some(&instruction), Some(facts)) = (self.instructions.get(index), facts) {
                let is_step = layers.next_if_eq(&index).is_some();
                let work = Work { stage: stage.index, index, instruction, state: &facts.before, is_step };
                self.work(&work, &mut progress);
            }
        }
        progress
    }

    /// The base: a step where it is an image.
    fn from(&mut self, stage: &Stage, progress: &mut Progress) {
        let Some(instruction) = self.instructions.get(stage.from) else { return };
        let mut words: Vec<&str> =
            instruction.flags.iter().filter_map(|flag| Some(flag.value.as_ref()?.text.as_ref())).collect();
        if let Body::From(from) = &instruction.body {
            words.push(&from.image.text);
        }
        let mut causes: Vec<Cause> = self.words(&words, &self.global);
        if let Base::Image { reference, .. } = &stage.base {
            causes.extend(self.changed_image(reference).map(|image| certain(CauseKind::Image(image))));
        }
        if !causes.is_empty() {
            progress.rerun = Some((stage.from, true));
            progress.differences =
                vec![Difference { place: Place::Anywhere, is_certain: false, instruction: stage.from }];
        }
        if matches!(stage.base, Base::Image { .. }) {
            let step = Step { stage: stage.index, instruction: stage.from, causes, linked: false };
            self.steps.push(step);
        }
    }

    fn work(&mut self, work: &Work<'_>, progress: &mut Progress) {
        let mut linked = false;
        let causes = match &work.instruction.body {
            _ if !work.is_step => None,
            Body::Run(_) => Some(self.run(work, progress)),
            Body::Copy(transfer) | Body::Add(transfer) => {
                linked = is_linked(work.instruction);
                Some(self.transfer(work, transfer, progress))
            }
            Body::Workdir(path) => Some(self.workdir(work, &path.text, progress)),
            _ => None,
        };
        if let Some(mut causes) = causes {
            if let Some((below, is_certain)) = progress.rerun.filter(|_| !linked) {
                causes.push(Cause { kind: CauseKind::Below(below), is_certain });
            }
            let step = Step { stage: work.stage, instruction: work.index, causes, linked };
            let is_certain = step.causes.iter().any(|cause| cause.is_certain);
            if !step.causes.is_empty() && (is_certain || progress.rerun.is_none_or(|(_, known)| !known)) {
                progress.rerun = Some((work.index, is_certain));
            }
            if matches!(work.instruction.body, Body::Run(_)) && !step.causes.is_empty() {
                // A command may make anything of anything.
                let place = Place::Anywhere;
                progress.differences = vec![Difference { place, is_certain: false, instruction: work.index }];
            }
            self.steps.push(step);
        }
        let escape = self.build.dockerfile.escape;
        let global = Some(&self.global);
        progress.reach.apply(work.index, work.instruction, escape, global, &self.changes.arguments);
    }

    fn run(&self, work: &Work<'_>, progress: &Progress) -> Vec<Cause> {
        let mut causes = Vec::new();
        for carried in progress.reach.environment() {
            causes.extend(carried.arguments.iter().map(|argument| {
                let argument = argument.clone();
                certain(CauseKind::Environment { argument, instruction: carried.instruction })
            }));
        }
        causes.extend(settings(&[&progress.reach.workdir, &progress.reach.user]));
        let flags = work.instruction.flags.iter().filter_map(|flag| Some(flag.value.as_ref()?.text.as_ref()));
        causes.extend(self.words(&flags.collect::<Vec<_>>(), &progress.reach));
        let mounts = self.build.facts.instructions.get(work.index).map(|facts| facts.mounts.as_slice());
        for mount in mounts.unwrap_or_default() {
            causes.extend(self.mount(work, mount));
        }
        causes.dedup();
        causes
    }

    fn mount(&self, work: &Work<'_>, mount: &Mount) -> Vec<Cause> {
        if !matches!(mount.kind, MountKind::Bind | MountKind::Cache) {
            return Vec::new();
        }
        let source = mount.source.as_deref().unwrap_or(".");
        // A cache mount is two edges: the cache, and what it begins with.
        let fills = |edge: &&Edge| edge.range == mount.range && !matches!(edge.origin, Origin::Cache(_));
        let Some(edge) = self.edges(work).find(fills) else { return Vec::new() };
        match &edge.origin {
            Origin::Context => {
                let taken = self.taken_paths(&[(source, true)], |source, path| {
                    take(&self.build.context.listing, source, path)
                });
                taken.into_iter().map(|(path, ..)| certain(CauseKind::Path(path))).collect()
            }
            Origin::Stage(stage) => {
                let differences = self.ends.get(*stage).map(|end| end.differences.as_slice());
                let taken = differences.unwrap_or_default().iter().filter_map(|difference| {
                    Some(from_stage(*stage, difference, difference.taken_by(source)?.is_certain))
                });
                taken.collect()
            }
            Origin::Image(reference) => self.taken_image(reference).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn workdir(&self, work: &Work<'_>, path: &str, progress: &mut Progress) -> Vec<Cause> {
        let mut causes = self.words(&[path], &progress.reach);
        let relative = (!path.starts_with('/')).then_some(&progress.reach.workdir);
        causes.extend(settings(&relative.into_iter().chain([&progress.reach.user]).collect::<Vec<_>>()));
        if !causes.is_empty() {
            let place = Place::Anywhere;
            progress.differ(Difference { place, is_certain: false, instruction: work.index });
        }
        causes
    }

    fn transfer(&self, work: &Work<'_>, transfer: &Transfer, progress: &mut Progress) -> Vec<Cause> {
        let escape = self.build.dockerfile.escape;
        let destination = Destination {
            path: work.state.path(&transfer.destination.text, escape),
            is_folder: transfer.destination.text.ends_with('/') || transfer.sources.len() > 1,
            is_plain: matches!(work.instruction.body, Body::Copy(_))
                && !is_switched_on(work.instruction, "parents"),
        };
        let mut causes = self.landing_words(transfer, progress);
        if !causes.is_empty() {
            let (place, instruction) = (Place::Anywhere, work.index);
            progress.differ(Difference { place, is_certain: false, instruction });
        }
        let content = self.content_words(work, transfer, progress);
        if !content.is_empty() {
            let (place, instruction) = (destination.whole(), work.index);
            progress.differ(Difference { place, is_certain: false, instruction });
        }
        causes.extend(content);
        let sources: Vec<(String, bool)> = transfer
            .sources
            .iter()
            .filter_map(|source| match source {
                Source::Path(word) => Some(&word.text),
                Source::Heredoc(..) => None,
            })
            .map(|written| {
                if let Some(source) = work.state.expand(written, escape) {
                    return (source, true);
                }
                // With what is known of it; the rest only the build can tell.
                let value = |name: &str| work.state.value(name).map(str::to_owned);
                let known = words::expand(written, escape, &value).map(|expansion| expansion.text);
                (known.unwrap_or_else(|_| written.to_string()), false)
            })
            .collect();
        let sources: Vec<(&str, bool)> =
            sources.iter().map(|(source, is_known)| (source.as_str(), *is_known)).collect();
        let filter = Filter::of(work.instruction);
        for edge in self.edges(work) {
            match &edge.origin {
                Origin::Context => {
                    let listing = &self.build.context.listing;
                    let taken = self.taken_paths(&sources, |source, path| {
                        filter.take(source, path, |source, path| take(listing, source, path))
                    });
                    for (path, take, is_certain) in taken {
                        let is_file = listing.get(&path).is_some_and(|entry| entry.kind != Kind::Directory);
                        let landing =
                            if is_file { destination.of(&take, &path) } else { destination.whole() };
                        let (place, instruction) = (landing, work.index);
                        progress.differ(Difference { place, is_certain, instruction });
                        causes.push(Cause { kind: CauseKind::Path(path), is_certain });
                    }
                }
                Origin::Stage(stage) => {
                    let differences = self.ends.get(*stage).map(|end| end.differences.clone());
                    for difference in differences.unwrap_or_default() {
                        let taken = sources.iter().filter_map(|(source, is_known)| {
                            let taken = difference.taken_by(&filter.widest(source));
                            if *is_known { taken } else { Some(super::difference::Taken::maybe()) }
                        });
                        // The surest of them counts.
                        let Some(taken) = taken.max_by_key(|taken| taken.is_certain) else { continue };
                        let is_certain = taken.is_certain && filter.is_none();
                        causes.push(from_stage(*stage, &difference, is_certain));
                        let (place, instruction) = (taken.landing(&destination), work.index);
                        progress.differ(Difference { place, is_certain, instruction });
                    }
                }
                Origin::Image(reference) => {
                    let cause = self.taken_image(reference);
                    if cause.is_some() {
                        let (place, instruction) = (destination.whole(), work.index);
                        progress.differ(Difference { place, is_certain: false, instruction });
                    }
                    causes.extend(cause);
                }
                _ => {}
            }
        }
        causes
    }

    /// What changed arguments do to where a `COPY` or `ADD` lands.
    fn landing_words(&self, transfer: &Transfer, progress: &Progress) -> Vec<Cause> {
        let destination = transfer.destination.text.as_ref();
        let mut causes = self.words(&[destination], &progress.reach);
        if !destination.starts_with(['/', '$']) {
            causes.extend(settings(&[&progress.reach.workdir]));
        }
        causes
    }

    /// What changed arguments do to what a `COPY` or `ADD` brings: to its sources, its flags and its heredocs.
    fn content_words(&self, work: &Work<'_>, transfer: &Transfer, progress: &Progress) -> Vec<Cause> {
        let expanded = work
            .instruction
            .flags
            .iter()
            .filter(|flag| matches!(flag.name.text.as_ref(), "chown" | "chmod" | "checksum"));
        let mut words: Vec<&str> =
            expanded.filter_map(|flag| Some(flag.value.as_ref()?.text.as_ref())).collect();
        words.extend(transfer.sources.iter().filter_map(|source| match source {
            Source::Path(word) => Some(word.text.as_ref()),
            Source::Heredoc(..) => None,
        }));
        let mut causes = self.words(&words, &progress.reach);
        for heredoc in work.instruction.heredocs.iter().filter(|heredoc| heredoc.expand) {
            let arguments = progress.reach.heredoc(self.build.source.slice(heredoc.body));
            causes.extend(arguments.into_iter().map(|argument| certain(CauseKind::Word(argument))));
        }
        causes.dedup();
        causes
    }

    /// The changed paths that one of the sources takes from the context, how, and whether for sure.
    fn taken_paths(
        &self,
        sources: &[(&str, bool)],
        take: impl Fn(&str, &str) -> Option<Take>,
    ) -> Vec<(String, Take, bool)> {
        let paths = self.changes.paths.iter().filter(|path| self.build.context.rule_against(path).is_none());
        let taken = paths.filter_map(|path| {
            sources.iter().find_map(|(source, is_known)| match take(source, path) {
                Some(take) => Some((path.clone(), take, true)),
                None => (!is_known).then(|| (path.clone(), Take::Above, false)),
            })
        });
        taken.collect()
    }

    /// The causes in words that have changed arguments in them.
    fn words(&self, words: &[&str], reach: &Reach) -> Vec<Cause> {
        let escape = self.build.dockerfile.escape;
        let arguments: BTreeSet<String> = words.iter().flat_map(|word| reach.word(word, escape)).collect();
        arguments.into_iter().map(|argument| certain(CauseKind::Word(argument))).collect()
    }

    /// What the instruction takes. A trigger's edges bear the index of its `ONBUILD`.
    fn edges(&self, work: &Work<'_>) -> impl Iterator<Item = &'a Edge> {
        let own = work.index;
        self.build.graph.taken_by(work.stage).filter(move |edge| match edge.kind {
            EdgeKind::From => false,
            EdgeKind::Copy { instruction }
            | EdgeKind::Add { instruction }
            | EdgeKind::Mount { instruction, .. } => instruction == own,
        })
    }

    /// The changed image that `reference` names, as it was named.
    fn changed_image(&self, reference: &str) -> Option<String> {
        let wanted = familiar(reference);
        self.changes.images.iter().find(|image| familiar(image) == wanted).cloned()
    }

    /// What is taken from a changed image may be the same as before.
    fn taken_image(&self, reference: &str) -> Option<Cause> {
        self.changed_image(reference).map(|image| Cause { kind: CauseKind::Image(image), is_certain: false })
    }
}

impl Progress {
    /// How things stand at the start of a stage on one that ends so.
    fn inherit(&self) -> Self {
        Self { reach: self.reach.inherit(), ..self.clone() }
    }

    /// Takes in a difference. Of too many to follow, which a handful of stages that copy from one another twice can
    /// make, only that there are some is kept.
    fn differ(&mut self, difference: Difference) {
        let instruction = difference.instruction;
        self.differences.push(difference);
        if self.differences.len() > MOST_DIFFERENCES {
            let place = Place::Anywhere;
            self.differences = vec![Difference { place, is_certain: false, instruction }];
        }
    }
}

/// What the flags of a `COPY` or `ADD` keep of its sources.
struct Filter {
    exclude: Option<Patterns>,
    has_parents: bool,
}

impl Filter {
    fn of(instruction: &Instruction) -> Self {
        let flags = instruction.flags.iter().filter(|flag| flag.name.text == "exclude");
        let patterns = flags.filter_map(|flag| Some(flag.value.as_ref()?.text.as_ref()));
        Self {
            exclude: Patterns::of_flags(patterns).ok().filter(|patterns| !patterns.is_empty()),
            has_parents: is_switched_on(instruction, "parents"),
        }
    }

    fn is_none(&self) -> bool {
        self.exclude.is_none() && !self.has_parents
    }

    /// How `source` takes `path` once the flags are applied.
    fn take(&self, source: &str, path: &str, plainly: impl Fn(&str, &str) -> Option<Take>) -> Option<Take> {
        let excludes =
            |rest: &str| self.exclude.as_ref().is_some_and(|patterns| patterns.rule_against(rest).is_some());
        if !self.has_parents {
            // What the source itself names is not looked at.
            return plainly(source, path)
                .filter(|take| !matches!(take, Take::Within(rest) if excludes(rest)));
        }
        // The pattern counts from the pivot on, and `**` means any depth in it.
        let (parent, pattern) = source.split_once("/./").unwrap_or(("/", source));
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
        let included = Patterns::of_flags([pattern]).ok()?;
        match plainly(parent, path)? {
            Take::Within(rest) if excludes(&rest) => None,
            Take::Within(rest) => {
                included.rule_against(&rest).is_some().then(|| Take::Within(rest.clone())).or_else(|| {
                    let is_above =
                        pattern.strip_prefix(rest.as_str()).is_some_and(|left| left.starts_with('/'));
                    is_above.then_some(Take::Above)
                })
            }
            other => Some(other),
        }
    }

    /// A source that takes at least what `source` takes.
    fn widest(&self, source: &str) -> String {
        match source.split_once("/./") {
            Some((parent, _)) if self.has_parents => parent.to_owned(),
            _ if self.has_parents => "/".to_owned(),
            _ => source.to_owned(),
        }
    }
}

fn certain(kind: CauseKind) -> Cause {
    Cause { kind, is_certain: true }
}

fn from_stage(stage: usize, difference: &Difference, is_certain: bool) -> Cause {
    Cause { kind: CauseKind::Stage { stage, instruction: difference.instruction }, is_certain }
}

fn settings(settings: &[&Carried]) -> Vec<Cause> {
    let causes = settings.iter().flat_map(|setting| {
        let instruction = setting.instruction;
        setting
            .arguments
            .iter()
            .map(move |argument| certain(CauseKind::Setting { argument: argument.clone(), instruction }))
    });
    causes.collect()
}

/// Whether a `COPY` or `ADD` makes a layer that stands on nothing.
/// Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert_copy.go, `dispatchCopy`.
fn is_linked(instruction: &Instruction) -> bool {
    is_switched_on(instruction, "link") && instruction.flag("chmod").is_none()
}

fn is_switched_on(instruction: &Instruction, flag: &str) -> bool {
    instruction
        .flag(flag)
        .is_some_and(|flag| flag.value.as_ref().is_none_or(|value| value.text.eq_ignore_ascii_case("true")))
}

/// A reference without what Docker puts in by itself.
fn familiar(reference: &str) -> &str {
    let reference = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let reference = reference.strip_prefix("library/").unwrap_or(reference);
    reference.strip_suffix(":latest").unwrap_or(reference)
}
