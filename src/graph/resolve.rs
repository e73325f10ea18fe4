//! From the tree to the graph.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `buildDispatchStates`, `toCommand`.

use std::collections::BTreeMap;

use crate::dockerfile::{Body, Dockerfile, Flag, From, Instruction, Keyword, Source, Transfer, nearest};
use crate::text::TextRange;

use super::scope::Scope;
use super::{
    Base, Edge, EdgeKind, GraphIssue, GraphIssueKind, MountKind, Origin, Platform, Stage, StageGraph, source,
};

/// Resolves what the stages of `dockerfile` are built on and take, with these build arguments.
///
/// Build arguments named like the platform arguments (`TARGETPLATFORM` …) say what the build is for; without them it
/// is this machine's own platform.
pub fn resolve(dockerfile: &Dockerfile, build_args: &BTreeMap<String, String>) -> StageGraph {
    let instructions: Vec<&Instruction> = dockerfile.instructions().collect();
    let starts: Vec<usize> = positions(&instructions, |one| one.keyword == Some(Keyword::From));
    let names: Vec<Option<String>> =
        starts.iter().map(|start| instructions.get(*start).and_then(|from| name(from))).collect();
    let mut global = Scope::global(dockerfile.escape, build_args, names.last().cloned().flatten());
    for instruction in instructions.iter().take(starts.first().copied().unwrap_or(instructions.len())) {
        global.apply(instruction);
    }
    let graph = StageGraph { stages: Vec::new(), edges: Vec::new(), issues: Vec::new() };
    let mut resolver = Resolver { instructions, names, global, scopes: Vec::new(), graph };
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(resolver.instructions.len());
        resolver.stage(index, *start, end);
    }
    resolver.graph
}

struct Resolver<'a> {
    instructions: Vec<&'a Instruction<'a>>,
    /// The names of all stages, those yet to come included.
    names: Vec<Option<String>>,
    global: Scope<'a>,
    /// What holds at the end of each stage so far.
    scopes: Vec<Scope<'a>>,
    graph: StageGraph,
}

impl Resolver<'_> {
    fn stage(&mut self, index: usize, from: usize, end: usize) {
        let Some(&instruction) = self.instructions.get(from) else { return };
        self.check_name(index, instruction);
        let base = match &instruction.body {
            Body::From(from) => self.base(index, from),
            _ => Base::Unresolved { written: String::new(), range: instruction.range },
        };
        let platform = instruction.flag_value("platform").map(|value| {
            let expansion = self.global.expand(&value.text).ok();
            let known = expansion.filter(|expansion| expansion.missing.is_empty());
            Platform { written: value.text.to_string(), resolved: known.map(|expansion| expansion.text) }
        });
        let written = match &instruction.body {
            Body::From(from) => from.image.range,
            _ => instruction.range,
        };
        self.edge(index, EdgeKind::From, origin_of(&base), written);
        let parent = match base {
            Base::Stage(parent) => Some(parent),
            _ => None,
        };
        let scope = self.global.stage(parent.and_then(|parent| self.scopes.get(parent)));
        self.scopes.push(scope);
        let name = self.names.get(index).cloned().flatten();
        let instructions = from + 1..end;
        let range = instruction.range;
        self.graph.stages.push(Stage { index, name, base, platform, from, instructions, range });
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
                self.instruction(index, at, trigger);
            }
        }
    }

    fn instruction(&mut self, index: usize, at: usize, instruction: &Instruction) {
        match &instruction.body {
            Body::Copy(transfer) => self.copy(index, at, instruction, transfer),
            Body::Add(transfer) => self.add(index, at, transfer),
            Body::Run(_) => {
                for flag in instruction.flags.iter().filter(|flag| flag.name.text == "mount") {
                    self.mount(index, at, flag);
                }
            }
            _ => {
                if let Some(scope) = self.scopes.get_mut(index) {
                    scope.apply(instruction);
                }
            }
        }
    }

    fn base(&mut self, index: usize, from: &From) -> Base {
        let (written, range) = (from.image.text.to_string(), from.image.range);
        let expansion = match self.global.expand(&written) {
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
        if reference.is_empty() {
            return Base::Unresolved { written, range };
        }
        let earlier = self.names.iter().take(index);
        if let Some(stage) = earlier.clone().rposition(|name| name.as_ref() == Some(&reference)) {
            return Base::Stage(stage);
        }
        if reference == "scratch" {
            return Base::Scratch;
        }
        let lower = reference.to_lowercase();
        if let Some(stage) = earlier.flatten().find(|name| **name == lower).cloned() {
            self.issue(index, range, GraphIssueKind::BaseCase { name: reference.clone(), stage });
        } else {
            self.suggest_stage(index, range, &reference);
        }
        Base::Image { reference, range }
    }

    fn copy(&mut self, index: usize, at: usize, instruction: &Instruction, transfer: &Transfer) {
        let kind = EdgeKind::Copy { instruction: at };
        let from = instruction.flag("from").and_then(|flag| Some((flag.range, &flag.value.as_ref()?.text)));
        let Some((range, written)) = from.filter(|(_, written)| !written.is_empty()) else {
            if let Some(range) = paths(transfer).map(|path| path.range).reduce(TextRange::cover) {
                self.edge(index, kind, Origin::Context, range);
            }
            return;
        };
        let without_variables = self.global.stage(None).expand(written);
        let origin = if without_variables.is_ok_and(|expansion| expansion.text == *written) {
            match written.parse::<i64>() {
                Ok(number) => self.by_index(index, range, number, written),
                Err(_) => self.by_name(index, range, written),
            }
        } else {
            self.issue(index, range, GraphIssueKind::VariableInFrom { written: written.to_string() });
            Origin::Unresolved(written.to_string())
        };
        self.edge(index, kind, origin, range);
    }

    fn add(&mut self, index: usize, at: usize, transfer: &Transfer) {
        let Some(scope) = self.scopes.get(index) else { return };
        let mut origins: Vec<(Origin, TextRange)> = Vec::new();
        for path in paths(transfer) {
            let origin = match scope.expand(&path.text) {
                // A path of unknown variables may turn out to be an address.
                Ok(expansion) if !expansion.missing.is_empty() && path.text.starts_with('$') => {
                    Origin::Unresolved(path.text.to_string())
                }
                Ok(expansion) => source::origin(&expansion.text, &path.text),
                Err(_) => Origin::Unresolved(path.text.to_string()),
            };
            // All paths of the context are one thing taken from it.
            match origins.iter_mut().find(|(known, _)| *known == origin) {
                Some((_, range)) => *range = range.cover(path.range),
                None => origins.push((origin, path.range)),
            }
        }
        for (origin, range) in origins {
            self.edge(index, EdgeKind::Add { instruction: at }, origin, range);
        }
    }

    fn mount(&mut self, index: usize, at: usize, flag: &Flag) {
        let Some(value) = &flag.value else { return };
        let field = |key: &str| {
            let mut pairs = value.text.split(',').rev().filter_map(|field| field.split_once('='));
            pairs.find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.to_owned())
        };
        let kind = match field("type").unwrap_or_else(|| "bind".to_owned()).to_ascii_lowercase().as_str() {
            "bind" => MountKind::Bind,
            "cache" => MountKind::Cache,
            _ => return,
        };
        let origin = match field("from").filter(|from| !from.is_empty()) {
            Some(from) => {
                let origin = self.by_name(index, flag.range, &from);
                if from.parse::<usize>().is_ok() && !matches!(origin, Origin::Stage(_)) {
                    self.issue(index, flag.range, GraphIssueKind::IndexInMount { index: from });
                }
                origin
            }
            None if kind == MountKind::Bind => Origin::Context,
            // A cache without an origin starts empty.
            None => return,
        };
        self.edge(index, EdgeKind::Mount { instruction: at, kind }, origin, flag.range);
    }

    /// Finds what `COPY --from` or a mount names: the last stage of that name in the whole file, or else an image.
    fn by_name(&mut self, index: usize, range: TextRange, written: &str) -> Origin {
        let lower = written.to_lowercase();
        match self.names.iter().rposition(|name| name.as_ref() == Some(&lower)) {
            Some(stage) => self.earlier(index, range, stage, written),
            None if written == "scratch" => Origin::Scratch,
            None => {
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
        self.issue(index, range, kind);
        Origin::Unresolved(written.to_owned())
    }

    /// Says so where a plain name is no stage's and nearly one.
    fn suggest_stage(&mut self, index: usize, range: TextRange, written: &str) {
        if written.contains(['/', ':', '@', '.']) {
            return;
        }
        // What another stage is built on is an image, however near a stage's name it is.
        if self.graph.edges.iter().any(|edge| edge.origin == Origin::Image(written.to_owned())) {
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
        if matches!(name.as_str(), "context" | "scratch") {
            self.issue(index, alias.range, GraphIssueKind::ReservedName { name: name.clone() });
        }
        if let Some(first) = self.names.iter().take(index).position(|known| known.as_ref() == Some(&name)) {
            self.issue(index, alias.range, GraphIssueKind::DuplicateName { name: name.clone(), first });
        }
        let on_image =
            |stage: &&Stage| matches!(&stage.base, Base::Image { reference, .. } if *reference == name);
        if let Some(stage) = self.graph.stages.iter().find(on_image).map(|stage| stage.index) {
            self.issue(index, alias.range, GraphIssueKind::ShadowedImage { name, stage });
        }
    }

    fn edge(&mut self, stage: usize, kind: EdgeKind, origin: Origin, range: TextRange) {
        self.graph.edges.push(Edge { stage, kind, origin, range });
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

fn origin_of(base: &Base) -> Origin {
    match base {
        Base::Image { reference, .. } => Origin::Image(reference.clone()),
        Base::Stage(stage) => Origin::Stage(*stage),
        Base::Scratch => Origin::Scratch,
        Base::Unresolved { written, .. } => Origin::Unresolved(written.clone()),
    }
}

fn paths<'i, 'a>(transfer: &'i Transfer<'a>) -> impl Iterator<Item = &'i crate::dockerfile::Word<'a>> {
    transfer.sources.iter().filter_map(|source| match source {
        Source::Path(word) => Some(word),
        Source::Heredoc(..) => None,
    })
}
