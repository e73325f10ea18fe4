//! The graph as JSON. The model here is what is promised to other programs; the graph itself may change.

use serde::Serialize;

use super::super::{Base, Edge, Origin, Platform, Stage};
use super::{Role, Step, View, verb};
use crate::text::TextRange;

/// Counts up when a member changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Graph {
    version: u32,
    /// The index of the stage that is built.
    target: Option<usize>,
    stages: Vec<StageModel>,
    edges: Vec<EdgeModel>,
    /// The instructions that a build of the target executes, by stage and then in the order of the work.
    steps: Vec<StepModel>,
    /// The named contexts the build is given.
    contexts: Vec<ContextModel>,
    /// The longest chain of layers that wait for one another.
    longest_chain: Vec<LinkModel>,
    /// The reached stages, those together that can begin together.
    waves: Vec<Vec<usize>>,
    issues: Vec<IssueModel>,
}

#[derive(Serialize)]
struct StepModel {
    /// The stage it works for.
    stage: usize,
    line: usize,
    /// The instruction on one line, cut where it is long. For a trigger that the stage inherits: the `ONBUILD`.
    instruction: String,
    range: RangeModel,
}

#[derive(Serialize)]
struct ContextModel {
    name: String,
    stands_for: String,
}

#[derive(Serialize)]
struct LinkModel {
    stage: usize,
    layers: usize,
}

#[derive(Serialize)]
struct StageModel {
    index: usize,
    name: Option<String>,
    platform: Option<PlatformModel>,
    base: OriginModel,
    reached: bool,
    /// The stages whose layers are in this one's image, from the lowest.
    chain: Vec<usize>,
    /// How many instructions it has behind its `FROM`, and how many of them make a layer.
    instructions: usize,
    layers: usize,
    /// Its first and its last line.
    lines: [usize; 2],
    /// The `FROM`'s place, in bytes.
    range: RangeModel,
}

#[derive(Serialize)]
struct PlatformModel {
    written: String,
    resolved: Option<String>,
}

#[derive(Serialize)]
struct EdgeModel {
    /// The stage that takes.
    stage: usize,
    /// `from`, `copy`, `add`, `mount` (a bind mount), `cache`, `secret`, `ssh` or `tmpfs`.
    kind: &'static str,
    origin: OriginModel,
    /// Which paths of the origin, as they are written.
    takes: Vec<String>,
    line: usize,
    range: RangeModel,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum OriginModel {
    Stage { index: usize },
    Image { reference: String },
    NamedContext { name: String },
    Scratch,
    Context,
    Git { url: String },
    Http { url: String },
    Cache { id: String },
    Secret { id: String },
    Ssh { id: String },
    Tmpfs,
    Unresolved { written: String },
}

#[derive(Serialize)]
struct IssueModel {
    stage: usize,
    message: String,
    line: usize,
    range: RangeModel,
}

#[derive(Serialize)]
struct RangeModel {
    start: usize,
    end: usize,
}

pub(super) fn render(view: &View<'_>) -> String {
    let graph = view.graph;
    let model = Graph {
        version: VERSION,
        target: graph.stages.get(view.target).map(|stage| stage.index),
        stages: graph.stages.iter().map(|stage| stage_model(view, stage)).collect(),
        edges: graph.edges.iter().map(|edge| edge_model(view, edge)).collect(),
        steps: view.steps().map(|step| step_model(view, &step)).collect(),
        contexts: graph
            .contexts
            .iter()
            .map(|(name, stands_for)| ContextModel { name: name.clone(), stands_for: stands_for.clone() })
            .collect(),
        longest_chain: graph
            .longest_chain(view.target)
            .iter()
            .map(|link| LinkModel { stage: link.stage, layers: link.layers })
            .collect(),
        waves: graph.waves(view.target),
        issues: graph
            .issues
            .iter()
            .map(|issue| IssueModel {
                stage: issue.stage,
                message: issue.to_string(),
                line: view.line(issue.range),
                range: range_model(issue.range),
            })
            .collect(),
    };
    // Strings, numbers and lists of them can always be written.
    serde_json::to_string_pretty(&model).map(|json| json + "\n").unwrap_or_default()
}

fn stage_model(view: &View<'_>, stage: &Stage) -> StageModel {
    StageModel {
        index: stage.index,
        name: stage.name.clone(),
        platform: stage.platform.as_ref().map(|Platform { written, resolved }| PlatformModel {
            written: written.clone(),
            resolved: resolved.clone(),
        }),
        base: match &stage.base {
            Base::Image { reference, .. } => OriginModel::Image { reference: reference.clone() },
            Base::NamedContext { name, .. } => OriginModel::NamedContext { name: name.clone() },
            Base::Stage(index) => OriginModel::Stage { index: *index },
            Base::Scratch => OriginModel::Scratch,
            Base::Unresolved { written, .. } => OriginModel::Unresolved { written: written.clone() },
        },
        reached: view.role(stage.index) != Role::Unreached,
        chain: view.graph.chain(stage.index),
        instructions: stage.instructions.len(),
        layers: stage.layers.len(),
        lines: <[usize; 2]>::from(view.lines(stage.extent)),
        range: range_model(stage.range),
    }
}

fn step_model(view: &View<'_>, step: &Step<'_>) -> StepModel {
    StepModel {
        stage: step.stage,
        line: view.line(step.instruction.range),
        instruction: view.headline(step.instruction),
        range: range_model(step.instruction.range),
    }
}

fn edge_model(view: &View<'_>, edge: &Edge) -> EdgeModel {
    EdgeModel {
        stage: edge.stage,
        kind: verb(edge.kind),
        origin: match &edge.origin {
            Origin::Stage(index) => OriginModel::Stage { index: *index },
            Origin::Image(reference) => OriginModel::Image { reference: reference.clone() },
            Origin::Scratch => OriginModel::Scratch,
            Origin::Context => OriginModel::Context,
            Origin::Git(url) => OriginModel::Git { url: url.clone() },
            Origin::Http(url) => OriginModel::Http { url: url.clone() },
            Origin::NamedContext(name) => OriginModel::NamedContext { name: name.clone() },
            Origin::Cache(id) => OriginModel::Cache { id: id.clone() },
            Origin::Secret(id) => OriginModel::Secret { id: id.clone() },
            Origin::Ssh(id) => OriginModel::Ssh { id: id.clone() },
            Origin::Tmpfs => OriginModel::Tmpfs,
            Origin::Unresolved(written) => OriginModel::Unresolved { written: written.clone() },
        },
        takes: edge.takes.clone(),
        line: view.line(edge.range),
        range: range_model(edge.range),
    }
}

fn range_model(range: TextRange) -> RangeModel {
    RangeModel { start: range.start(), end: range.end() }
}
