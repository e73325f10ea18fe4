//! From the tree to the graph.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `buildDispatchStates`, `toCommand`.

use std::collections::{BTreeMap, BTreeSet};

use crate::dockerfile::{Body, Dockerfile, Instruction, Keyword, words};
use crate::text::TextRange;

use super::build::Build;
use super::circle::{self, Later};
use super::variables::Variables;
use super::workdir::absolute;
use super::{Base, Edge, EdgeKind, GraphIssue, GraphIssueKind, Origin, Platform, Stage, StageGraph, mounts};

/// How many triggers are followed that stages inherit from stages, all in all. Nobody has more; a file that has would
/// take time in the square of them.
const MOST_TRIGGERS: usize = 1000;

/// The longest path, in bytes, that Linux takes.
const LONGEST_PATH: usize = 4096;

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

pub(super) struct Resolver<'a> {
    instructions: Vec<&'a Instruction<'a>>,
    pub(super) escape: char,
    build: &'a Build,
    /// The names of all stages, those yet to come included.
    pub(super) names: Vec<Option<String>>,
    /// The stages of each name, in order.
    pub(super) by_name: BTreeMap<String, Vec<usize>>,
    /// The first stage on each image so far.
    pub(super) images: BTreeMap<String, usize>,
    /// The images that anything so far takes from.
    pub(super) taken_images: BTreeSet<String>,
    triggers_left: usize,
    pub(super) global: Variables,
    /// What holds at the end of each stage so far.
    pub(super) scopes: Vec<Scope>,
    pub(super) later: Vec<Later>,
    pub(super) graph: StageGraph,
}

/// What holds at some point of a stage.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) variables: Variables,
    /// The working directory, where it is known.
    workdir: Option<String>,
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
            Some(parent) => {
                Scope { variables: parent.variables.inherited(), workdir: parent.workdir.clone() }
            }
            None if base == Base::Scratch => {
                Scope { variables: Variables::of_scratch(), workdir: Some("/".to_owned()) }
            }
            None => Scope::default(),
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
        let Some(scope) = self.scopes.get_mut(index) else { return };
        let escape = self.escape;
        let mut is_layer = true;
        match &instruction.body {
            Body::Copy(transfer) => self.copy(index, at, instruction, transfer),
            Body::Add(transfer) => self.add(index, at, transfer),
            Body::Run(_) => {
                let as_written = |target: &str| Some(target.to_owned());
                for mount in mounts(instruction, &scope.variables, escape, &as_written) {
                    self.mount(index, at, mount);
                }
            }
            Body::Workdir(path) => {
                let path = scope.variables.expand(&path.text, escape);
                let workdir = path.and_then(|path| absolute(&path, scope.workdir.as_deref()));
                scope.workdir = workdir.filter(|path| path.len() < LONGEST_PATH);
                // BuildKit makes no directory where there is one for sure.
                is_layer = scope.workdir.as_deref() != Some("/");
            }
            Body::Env(pairs) => {
                scope.variables.set_env(at, pairs, escape);
                is_layer = false;
            }
            Body::Arg(pairs) => {
                scope.variables.set_args(at, pairs, escape, &self.global, &self.build.args);
                is_layer = false;
            }
            _ => is_layer = false,
        }
        if let Some(stage) = self.graph.stages.get_mut(index).filter(|_| is_layer) {
            stage.layers.push(at);
        }
    }

    pub(super) fn expand(
        &self,
        scope: &Variables,
        word: &str,
    ) -> Result<words::Expansion, words::ExpandError> {
        words::expand(word, self.escape, &|name| scope.value(name).map(str::to_owned))
    }

    pub(super) fn edge(
        &mut self,
        stage: usize,
        kind: EdgeKind,
        origin: Origin,
        takes: Vec<String>,
        range: TextRange,
    ) {
        if let Origin::Image(reference) = &origin
            && !self.taken_images.contains(reference)
        {
            self.taken_images.insert(reference.clone());
        }
        self.graph.edges.push(Edge { stage, kind, origin, takes, range });
    }

    pub(super) fn issue(&mut self, stage: usize, range: TextRange, kind: GraphIssueKind) {
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

fn origin_of(base: &Base) -> Origin {
    match base {
        Base::Image { reference, .. } => Origin::Image(reference.clone()),
        Base::NamedContext { name, .. } => Origin::NamedContext(name.clone()),
        Base::Stage(stage) => Origin::Stage(*stage),
        Base::Scratch => Origin::Scratch,
        Base::Unresolved { written, .. } => Origin::Unresolved(written.clone()),
    }
}
