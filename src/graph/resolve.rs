//! From the tree to the graph.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `buildDispatchStates`, `toCommand`.

use std::collections::{BTreeMap, BTreeSet};

use crate::dockerfile::{
    Body, Dockerfile, From, Instruction, Keyword, Source, Transfer, Word, nearest, words,
};
use crate::text::TextRange;

use super::build::{Build, familiar};
use super::circle::{self, Later};
use super::variables::Variables;
use super::{
    Base, Edge, EdgeKind, GraphIssue, GraphIssueKind, Mount, MountKind, Origin, Platform, Stage, StageGraph,
    mounts, source,
};

/// How many triggers are followed that stages inherit from stages, all in all. Nobody has more; a file that has would
/// take time in the square of them.
const MOST_TRIGGERS: usize = 10_000;

/// The longest reference, in bytes, that variables may come to; likewise. An image's has at most 255 and a tag and a
/// digest.
const LONGEST_REFERENCE: usize = 2048;

/// Resolves what the stages of `dockerfile` are built on and take with these build arguments, on this machine's
/// platform and with no contexts but the build's own.
pub fn resolve(dockerfile: &Dockerfile, build_args: &BTreeMap<String, String>) -> StageGraph {
    resolve_build(dockerfile, &Build { args: build_args.clone(), ..Build::default() })
}

/// Resolves what the stages of `dockerfile` are built on and take in that build.
pub fn resolve_build(dockerfile: &Dockerfile, build: &Build) -> StageGraph {
    let instructions: Vec<&Instruction> = dockerfile.instructions().collect();
    let starts: Vec<usize> = positions(&instructions, |one| one.keyword == Some(Keyword::From));
    let names: Vec<Option<String>> =
        starts.iter().map(|start| instructions.get(*start).and_then(|from| name(from))).collect();
    let escape = dockerfile.escape;
    let mut global = Variables::of_build(build.predefined(names.last().cloned().flatten()));
    let head = starts.first().copied().unwrap_or(instructions.len());
    for (index, instruction) in instructions.iter().take(head).enumerate() {
        if let Body::Arg(pairs) = &instruction.body {
            global.set_global_args(index, pairs, escape, &build.args);
        }
    }
    let graph = StageGraph {
        stages: Vec::new(),
        edges: Vec::new(),
        issues: Vec::new(),
        contexts: build.named_contexts(),
    };
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        if let Some(name) = name {
            by_name.entry(name.clone()).or_default().push(index);
        }
    }
    let mut resolver = Resolver {
        instructions,
        escape,
        build,
        names,
        by_name,
        images: BTreeMap::new(),
        taken_images: BTreeSet::new(),
        triggers_left: MOST_TRIGGERS,
        global,
        scopes: Vec::new(),
        later: Vec::new(),
        graph,
    };
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(resolver.instructions.len());
        resolver.stage(index, *start, end);
    }
    circle::find(&mut resolver.graph, &resolver.later);
    resolver.graph
}

struct Resolver<'a> {
    instructions: Vec<&'a Instruction<'a>>,
    escape: char,
    build: &'a Build,
    /// The names of all stages, those yet to come included.
    names: Vec<Option<String>>,
    /// The stages of each name, in order.
    by_name: BTreeMap<String, Vec<usize>>,
    /// The first stage on each image so far.
    images: BTreeMap<String, usize>,
    /// The images that anything so far takes from.
    taken_images: BTreeSet<String>,
    triggers_left: usize,
    global: Variables,
    /// What holds at the end of each stage so far.
    scopes: Vec<Variables>,
    later: Vec<Later>,
    graph: StageGraph,
}

impl Resolver<'_> {
    fn stage(&mut self, index: usize, from: usize, end: usize) {
        let Some(&instruction) = self.instructions.get(from) else { return };
        self.check_name(index, instruction);
        let base = match &instruction.body {
            Body::From(from) => {
                let base = self.base(index, from);
                self.replacement(index, from).unwrap_or(base)
            }
            _ => Base::Unresolved { written: String::new(), range: instruction.range },
        };
        let platform = instruction.flag_value("platform").map(|value| {
            let known = self.expand(&self.global, &value.text).ok().filter(|known| known.missing.is_empty());
            Platform { written: value.text.to_string(), resolved: known.map(|expansion| expansion.text) }
        });
        let written = match &instruction.body {
            Body::From(from) => from.image.range,
            _ => instruction.range,
        };
        self.edge(index, EdgeKind::From, origin_of(&base), Vec::new(), written);
        let (parent, is_replaced) = match base {
            Base::Stage(parent) => (Some(parent), false),
            Base::NamedContext { ref name, .. } => (None, self.names.get(index) == Some(&Some(name.clone()))),
            _ => (None, false),
        };
        let scope = match parent.and_then(|parent| self.scopes.get(parent)) {
            Some(parent) => parent.inherited(),
            None if base == Base::Scratch => Variables::of_scratch(),
            None => Variables::default(),
        };
        self.scopes.push(scope);
        let name = self.names.get(index).cloned().flatten();
        let instructions = from + 1..end;
        let range = instruction.range;
        let last = self.instructions.get(end.saturating_sub(1)).map_or(range, |last| last.range);
        let (layers, extent) = (Vec::new(), range.cover(last));
        let stage = Stage { index, name, base, platform, from, instructions, layers, range, extent };
        self.graph.stages.push(stage);
        if is_replaced {
            return;
        }
        if let Some(parent) = parent {
            self.triggers(index, parent);
        }
        for at in from + 1..end {
            if let Some(&instruction) = self.instructions.get(at) {
                self.instruction(index, at, instruction);
            }
        }
    }

    /// Runs the triggers that a stage inherits from the stage it is built on.
    fn triggers(&mut self, index: usize, parent: usize) {
        let Some(inherited) = self.graph.stages.get(parent).map(|parent| parent.instructions.clone()) else {
            return;
        };
        for at in inherited {
            if let Some(Body::Onbuild(trigger)) = self.instructions.get(at).map(|onbuild| &onbuild.body) {
                let Some(left) = self.triggers_left.checked_sub(1) else { return };
                self.triggers_left = left;
                self.instruction(index, at, trigger);
            }
        }
    }

    fn instruction(&mut self, index: usize, at: usize, instruction: &Instruction) {
        let is_layer =
            matches!(instruction.body, Body::Copy(_) | Body::Add(_) | Body::Run(_) | Body::Workdir(_));
        if let Some(stage) = self.graph.stages.get_mut(index).filter(|_| is_layer) {
            stage.layers.push(at);
        }
        match &instruction.body {
            Body::Copy(transfer) => self.copy(index, at, instruction, transfer),
            Body::Add(transfer) => self.add(index, at, transfer),
            Body::Run(_) => {
                let Some(scope) = self.scopes.get(index) else { return };
                let as_written = |target: &str| Some(target.to_owned());
                for mount in mounts(instruction, scope, self.escape, &as_written) {
                    self.mount(index, at, mount);
                }
            }
            Body::Env(pairs) => {
                if let Some(scope) = self.scopes.get_mut(index) {
                    scope.set_env(at, pairs, self.escape);
                }
            }
            Body::Arg(pairs) => {
                if let Some(scope) = self.scopes.get_mut(index) {
                    scope.set_args(at, pairs, self.escape, &self.global, &self.build.args);
                }
            }
            _ => {}
        }
    }

    fn expand(&self, scope: &Variables, word: &str) -> Result<words::Expansion, words::ExpandError> {
        words::expand(word, self.escape, &|name| scope.value(name).map(str::to_owned))
    }

    /// The named context that stands for a stage of its name.
    fn replacement(&self, index: usize, from: &From) -> Option<Base> {
        let name = self.names.get(index)?.clone()?;
        let is_given = !is_reserved(&name) && self.graph.contexts.contains_key(&familiar(&name));
        is_given.then_some(Base::NamedContext { name, range: from.image.range })
    }

    /// The named context that a reference is, where it is no stage's.
    fn named_context(&self, reference: &str) -> Option<String> {
        Some(familiar(reference)).filter(|name| self.graph.contexts.contains_key(name))
    }

    fn base(&mut self, index: usize, from: &From) -> Base {
        let (written, range) = (from.image.text.to_string(), from.image.range);
        let expansion = match self.expand(&self.global, &written) {
            Ok(expansion) => expansion,
            Err(error) => {
                self.issue(index, range, GraphIssueKind::Expansion { written: written.clone(), error });
                return Base::Unresolved { written, range };
            }
        };
        let reference = expansion.text;
        let names: Vec<String> = expansion.missing.into_iter().collect();
        if !names.is_empty() {
            self.issue(index, range, GraphIssueKind::Unset { names });
        } else if reference.is_empty() {
            self.issue(index, range, GraphIssueKind::BlankBase { written: written.clone() });
        }
        if reference.is_empty() || reference.len() > written.len().max(LONGEST_REFERENCE) {
            return Base::Unresolved { written, range };
        }
        if let Some(stage) = self.before(index, &reference).last() {
            return Base::Stage(*stage);
        }
        if reference == "scratch" {
            return Base::Scratch;
        }
        if let Some(name) = self.named_context(&reference) {
            return Base::NamedContext { name, range };
        }
        let lower = reference.to_lowercase();
        if self.before(index, &lower).is_empty() {
            self.suggest_stage(index, range, &reference);
        } else {
            self.issue(index, range, GraphIssueKind::BaseCase { name: reference.clone(), stage: lower });
        }
        self.images.entry(reference.clone()).or_insert(index);
        Base::Image { reference, range }
    }

    /// The stages of that name before the one at `index`.
    fn before(&self, index: usize, name: &str) -> &[usize] {
        let stages = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        stages.get(..stages.partition_point(|stage| *stage < index)).unwrap_or_default()
    }

    fn copy(&mut self, index: usize, at: usize, instruction: &Instruction, transfer: &Transfer) {
        let kind = EdgeKind::Copy { instruction: at };
        let takes = paths(transfer).map(|path| path.text.to_string()).collect();
        let from = instruction.flag("from").and_then(|flag| Some((flag.range, &flag.value.as_ref()?.text)));
        let Some((range, written)) = from.filter(|(_, written)| !written.is_empty()) else {
            if let Some(range) = paths(transfer).map(|path| path.range).reduce(TextRange::cover) {
                self.edge(index, kind, Origin::Context, takes, range);
            }
            return;
        };
        let without_variables = words::expand(written, self.escape, &|_| None);
        let origin = if without_variables.is_ok_and(|expansion| expansion.text == *written) {
            match written.parse::<i64>() {
                Ok(number) => self.by_index(index, range, number, written),
                Err(_) => self.by_name(index, range, written),
            }
        } else {
            self.issue(index, range, GraphIssueKind::VariableInFrom { written: written.to_string() });
            Origin::Unresolved(written.to_string())
        };
        self.edge(index, kind, origin, takes, range);
    }

    fn add(&mut self, index: usize, at: usize, transfer: &Transfer) {
        let Some(scope) = self.scopes.get(index) else { return };
        let mut origins: Vec<(Origin, Vec<String>, TextRange)> = Vec::new();
        let mut known: BTreeMap<Origin, usize> = BTreeMap::new();
        for path in paths(transfer) {
            let origin = match self.expand(scope, &path.text) {
                // A path of unknown variables may turn out to be an address.
                Ok(expansion) if !expansion.missing.is_empty() && path.text.starts_with('$') => {
                    Origin::Unresolved(path.text.to_string())
                }
                Ok(expansion) => source::origin(&expansion.text, &path.text),
                Err(_) => Origin::Unresolved(path.text.to_string()),
            };
            let taken = if origin == Origin::Context { vec![path.text.to_string()] } else { Vec::new() };
            // All paths of the context are one thing taken from it.
            let next = origins.len();
            let place = *known.entry(origin.clone()).or_insert(next);
            match origins.get_mut(place) {
                Some((_, takes, range)) => {
                    takes.extend(taken);
                    *range = range.cover(path.range);
                }
                None => origins.push((origin, taken, path.range)),
            }
        }
        for (origin, takes, range) in origins {
            self.edge(index, EdgeKind::Add { instruction: at }, origin, takes, range);
        }
    }

    fn mount(&mut self, index: usize, at: usize, mount: Mount) {
        let range = mount.range;
        let kind = EdgeKind::Mount { instruction: at, kind: mount.kind };
        let target: Vec<String> = mount.target.into_iter().collect();
        let source: Vec<String> = mount.source.into_iter().collect();
        let from = mount.from.filter(|from| !from.is_empty());
        match mount.kind {
            MountKind::Bind | MountKind::Cache => {}
            MountKind::Tmpfs => return self.edge(index, kind, Origin::Tmpfs, target, range),
            MountKind::Secret => {
                let name = |target: &String| target.rsplit('/').next().unwrap_or_default().to_owned();
                let id = mount.id.or_else(|| target.first().map(name)).unwrap_or_default();
                return self.edge(index, kind, Origin::Secret(id), Vec::new(), range);
            }
            MountKind::Ssh => {
                let id = mount.id.unwrap_or_else(|| "default".to_owned());
                return self.edge(index, kind, Origin::Ssh(id), Vec::new(), range);
            }
        }
        if mount.kind == MountKind::Cache {
            self.edge(index, kind, Origin::Cache(mount.id.unwrap_or_default()), target, range);
        }
        match from {
            Some(from) => {
                let origin = self.by_name(index, range, &from);
                if from.parse::<usize>().is_ok() && matches!(origin, Origin::Image(_)) {
                    self.issue(index, range, GraphIssueKind::IndexInMount { index: from });
                }
                self.edge(index, kind, origin, source, range);
            }
            None if mount.kind == MountKind::Bind => {
                self.edge(index, kind, Origin::Context, source, range);
            }
            // A cache without an origin starts empty.
            None => {}
        }
    }

    /// Finds what `COPY --from` or a mount names: the last stage of that name in the whole file, or else an image.
    fn by_name(&mut self, index: usize, range: TextRange, written: &str) -> Origin {
        let lower = written.to_lowercase();
        match self.by_name.get(&lower).and_then(|stages| stages.last()).copied() {
            Some(stage) => self.earlier(index, range, stage, written),
            None if written == "scratch" => Origin::Scratch,
            None => {
                if let Some(name) = self.named_context(written) {
                    return Origin::NamedContext(name);
                }
                self.suggest_stage(index, range, written);
                Origin::Image(written.to_owned())
            }
        }
    }

    fn by_index(&mut self, index: usize, range: TextRange, number: i64, written: &str) -> Origin {
        if let Some(stage) = usize::try_from(number).ok().filter(|stage| *stage < self.names.len()) {
            return self.earlier(index, range, stage, written);
        }
        let count = self.names.len();
        self.issue(index, range, GraphIssueKind::NoSuchIndex { index: written.to_owned(), count });
        Origin::Unresolved(written.to_owned())
    }

    /// BuildKit finds a later stage and then refuses to take from it.
    fn earlier(&mut self, index: usize, range: TextRange, stage: usize, written: &str) -> Origin {
        let kind = match stage.cmp(&index) {
            std::cmp::Ordering::Less => return Origin::Stage(stage),
            std::cmp::Ordering::Equal => GraphIssueKind::OwnStage,
            std::cmp::Ordering::Greater => GraphIssueKind::LaterStage { name: written.to_owned() },
        };
        if stage > index {
            self.later.push(Later { stage: index, to: stage, issue: self.graph.issues.len() });
        }
        self.issue(index, range, kind);
        Origin::Unresolved(written.to_owned())
    }

    /// Says so where a plain name is no stage's and nearly one.
    fn suggest_stage(&mut self, index: usize, range: TextRange, written: &str) {
        if written.contains(['/', ':', '@', '.']) {
            return;
        }
        // What another stage is built on is an image, however near a stage's name it is.
        if self.taken_images.contains(written) {
            return;
        }
        // Nobody has more stages in mind; a file that has would take time in the square of them.
        let earlier = self.names.iter().take(index).flatten().rev().take(100).map(String::as_str);
        if let Some(suggestion) = nearest(written, earlier).filter(|suggestion| suggestion != written) {
            let name = written.to_owned();
            self.issue(index, range, GraphIssueKind::LikelyStage { name, suggestion });
        }
    }

    fn check_name(&mut self, index: usize, instruction: &Instruction) {
        let Some(name) = self.names.get(index).cloned().flatten() else { return };
        let Body::From(From { alias: Some(alias), .. }) = &instruction.body else { return };
        if is_reserved(&name) {
            self.issue(index, alias.range, GraphIssueKind::ReservedName { name: name.clone() });
        }
        if let Some(first) = self.before(index, &name).first().copied() {
            self.issue(index, alias.range, GraphIssueKind::DuplicateName { name: name.clone(), first });
        }
        if let Some(stage) = self.images.get(&name).copied() {
            self.issue(index, alias.range, GraphIssueKind::ShadowedImage { name, stage });
        }
    }

    fn edge(&mut self, stage: usize, kind: EdgeKind, origin: Origin, takes: Vec<String>, range: TextRange) {
        if let Origin::Image(reference) = &origin
            && !self.taken_images.contains(reference)
        {
            self.taken_images.insert(reference.clone());
        }
        self.graph.edges.push(Edge { stage, kind, origin, takes, range });
    }

    fn issue(&mut self, stage: usize, range: TextRange, kind: GraphIssueKind) {
        self.graph.issues.push(GraphIssue { stage, range, kind });
    }
}

fn positions(instructions: &[&Instruction], is: impl Fn(&Instruction) -> bool) -> Vec<usize> {
    instructions.iter().enumerate().filter(|(_, one)| is(one)).map(|(index, _)| index).collect()
}

fn name(instruction: &Instruction) -> Option<String> {
    match &instruction.body {
        Body::From(from) => from.alias.as_ref().map(|alias| alias.text.to_lowercase()),
        _ => None,
    }
}

fn is_reserved(name: &str) -> bool {
    matches!(name, "context" | "scratch")
}

fn origin_of(base: &Base) -> Origin {
    match base {
        Base::Image { reference, .. } => Origin::Image(reference.clone()),
        Base::NamedContext { name, .. } => Origin::NamedContext(name.clone()),
        Base::Stage(stage) => Origin::Stage(*stage),
        Base::Scratch => Origin::Scratch,
        Base::Unresolved { written, .. } => Origin::Unresolved(written.clone()),
    }
}

fn paths<'i, 'a>(transfer: &'i Transfer<'a>) -> impl Iterator<Item = &'i Word<'a>> {
    transfer.sources.iter().filter_map(|source| match source {
        Source::Path(word) => Some(word),
        Source::Heredoc(..) => None,
    })
}
