//! The graph for people and for other programs to read.

mod dot;
mod json;
mod mermaid;
mod svg;
mod text;

use std::collections::BTreeMap;

use crate::dockerfile::{Dockerfile, Instruction};
use crate::text::{SourceFile, TextRange};

use super::{Edge, EdgeKind, MountKind, Origin, Stage, StageGraph};

/// The forms a graph is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Stages with what they take, for the terminal.
    Text,
    /// A Mermaid flow chart, as Markdown pages show it.
    Mermaid,
    /// A Graphviz graph.
    Dot,
    /// A picture that needs nothing beside it.
    Svg,
    /// One JSON object with a version.
    Json,
}

/// Writes the graph of `dockerfile`, which `source` holds, as a build of the stage `target` sees it; ends with a newline.
pub fn render(
    graph: &StageGraph,
    dockerfile: &Dockerfile,
    source: &SourceFile,
    target: usize,
    format: Format,
) -> String {
    let view = View {
        graph,
        source,
        instructions: dockerfile.instructions().collect(),
        escape: dockerfile.escape,
        target,
        reached: graph.reachable(target),
    };
    match format {
        Format::Text => text::render(&view),
        Format::Mermaid => mermaid::render(&view),
        Format::Dot => dot::render(&view),
        Format::Svg => svg::render(&view),
        Format::Json => json::render(&view),
    }
}

/// The graph with what all forms say of it.
struct View<'a> {
    graph: &'a StageGraph,
    source: &'a SourceFile,
    instructions: Vec<&'a Instruction<'a>>,
    escape: char,
    target: usize,
    reached: Vec<usize>,
}

/// An instruction that BuildKit executes.
struct Step<'a> {
    /// The stage it works for.
    stage: usize,
    instruction: &'a Instruction<'a>,
}

impl<'a> View<'a> {
    /// What a build of the target executes, by stage and then in the order of the work.
    fn steps(&self) -> impl Iterator<Item = Step<'a>> {
        let reached = self.reached.iter().filter_map(|stage| self.graph.stages.get(*stage));
        reached.flat_map(|stage| self.steps_of(stage))
    }

    /// The same for one of the reached stages.
    fn steps_of(&self, stage: &Stage) -> impl Iterator<Item = Step<'a>> {
        let instructions = stage.steps().filter_map(|at| self.instructions.get(at).copied());
        instructions.map(|instruction| Step { stage: stage.index, instruction })
    }

    /// An instruction on one line.
    fn headline(&self, instruction: &Instruction) -> String {
        instruction.headline(self.source, self.escape)
    }

    /// The line a place is on, from 1.
    fn line(&self, range: TextRange) -> usize {
        self.source.line_column(range.start()).line
    }

    /// The first and the last line of a place.
    fn lines(&self, range: TextRange) -> (usize, usize) {
        (self.line(range), self.source.line_column(range.end().saturating_sub(1).max(range.start())).line)
    }

    /// What a stage is called in a sentence: its name, or its index where it has none.
    fn name(&self, stage: usize) -> String {
        let name = self.graph.stages.get(stage).and_then(|stage| stage.name.clone());
        name.unwrap_or_else(|| format!("stage {stage}"))
    }

    /// The longest chain in words.
    fn longest_chain(&self) -> String {
        let chain = self.graph.longest_chain(self.target);
        let total = plural(chain.iter().map(|link| link.layers).sum(), "layer");
        let parts: Vec<String> =
            chain.iter().map(|link| format!("{} in {}", link.layers, self.name(link.stage))).collect();
        if parts.is_empty() { total } else { format!("{total} ({})", parts.join(", ")) }
    }

    fn role(&self, stage: usize) -> Role {
        if stage == self.target {
            Role::Target
        } else if self.reached.binary_search(&stage).is_ok() {
            Role::Reached
        } else {
            Role::Unreached
        }
    }

    /// The title of a stage: its index and its name.
    fn title(&self, stage: usize) -> String {
        let name = self.graph.stages.get(stage).and_then(|stage| stage.name.as_deref());
        format!("{stage} {}", name.unwrap_or("(unnamed)"))
    }

    /// What stands for an origin.
    fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::Stage(stage) => self.title(*stage),
            Origin::Image(text) | Origin::Git(text) | Origin::Http(text) => text.clone(),
            Origin::NamedContext(name) => format!("context {name}"),
            Origin::Cache(id) => named("cache", id),
            Origin::Secret(id) => named("secret", id),
            Origin::Ssh(id) => named("ssh agent", id),
            Origin::Tmpfs => "memory".to_owned(),
            Origin::Unresolved(text) if text.is_empty() => "?".to_owned(),
            Origin::Unresolved(text) => format!("{text} ?"),
            Origin::Scratch => "scratch".to_owned(),
            Origin::Context => "build context".to_owned(),
        }
    }

    /// What stands at an edge: how the stage takes it, how often, and for which platform.
    fn label(&self, edge: &Edge, count: usize) -> String {
        let times = if count > 1 { format!(" ×{count}") } else { String::new() };
        let platform = self.platform(edge).map(|platform| format!(" ({platform})")).unwrap_or_default();
        format!("{}{times}{platform}", verb(edge.kind))
    }

    /// The platform that a base is asked for, as it is written.
    fn platform(&self, edge: &Edge) -> Option<&str> {
        let platform = self.graph.stages.get(edge.stage).and_then(|stage| stage.platform.as_ref());
        platform.filter(|_| edge.kind == EdgeKind::From).map(|platform| platform.written.as_str())
    }

    /// The edges with those alike counted as one, in the order they come first.
    fn counted(&self) -> Vec<(&'a Edge, usize)> {
        let mut places: BTreeMap<(usize, &str, &Origin), usize> = BTreeMap::new();
        let mut counted: Vec<(&Edge, usize)> = Vec::new();
        for edge in &self.graph.edges {
            let place = *places.entry((edge.stage, verb(edge.kind), &edge.origin)).or_insert(counted.len());
            match counted.get_mut(place) {
                Some((_, count)) => *count += 1,
                None => counted.push((edge, 1)),
            }
        }
        counted
    }

    /// A number for every origin that is no stage, in the order they come first. Each stage has a build context and
    /// a memory of its own in the drawings, which would be all lines to one place otherwise.
    fn outer_nodes(&self) -> Vec<(&'a Origin, usize)> {
        let mut nodes: Vec<(&Origin, usize)> = Vec::new();
        for (edge, _) in self.counted() {
            if !matches!(edge.origin, Origin::Stage(_)) && node(&nodes, edge).is_none() {
                nodes.push((&edge.origin, edge.stage));
            }
        }
        nodes
    }
}

/// The place among `nodes` that stands for the edge's origin.
fn node(nodes: &[(&Origin, usize)], edge: &Edge) -> Option<usize> {
    nodes.iter().position(|(origin, stage)| {
        let is_own = matches!(edge.origin, Origin::Context | Origin::Tmpfs);
        **origin == edge.origin && (!is_own || *stage == edge.stage)
    })
}

fn named(kind: &str, id: &str) -> String {
    format!("{kind} {id}").trim_end().to_owned()
}

/// How a stage stands to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Target,
    Reached,
    Unreached,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Reached => "reached",
            Self::Unreached => "not reached",
        }
    }
}

fn verb(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::From => "from",
        EdgeKind::Copy { .. } => "copy",
        EdgeKind::Add { .. } => "add",
        EdgeKind::Mount { kind: MountKind::Bind, .. } => "mount",
        EdgeKind::Mount { kind: MountKind::Cache, .. } => "cache",
        EdgeKind::Mount { kind: MountKind::Secret, .. } => "secret",
        EdgeKind::Mount { kind: MountKind::Ssh, .. } => "ssh",
        EdgeKind::Mount { kind: MountKind::Tmpfs, .. } => "tmpfs",
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
