//! What is drawn, in words and sizes: a box for each stage and for each thing outside, a wire for each way that a stage
//! takes from one of them. The build context and what only mounts bring hang below their stage, each stage its own:
//! as boxes, nearly every stage would have a wire to the same place.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::super::{Base, Edge, EdgeKind, MountKind, Origin, Stage};
use super::super::{Role, View, plural};
use super::hanging::{HANG, HANG_GAP, HANG_INDENT, Hanging, HangingKind, hanging};
use super::layout::{Shape, Size, Wire, count};
use super::measure::Face;

pub(super) const NAME: Face = Face::bold(14.0);
pub(super) const TEXT: Face = Face::plain(11.5);
pub(super) const KIND: Face = Face::plain(10.0);
pub(super) const LABEL: Face = Face::plain(11.0);

/// Between a box's border and its text.
pub(super) const PAD: f64 = 14.0;
/// Between the lines of a box's text.
pub(super) const LINE: f64 = 16.0;
/// Between the lines of a label.
pub(super) const LABEL_LINE: f64 = 13.0;

const NARROWEST: f64 = 140.0;
/// For the text in a box, and what hangs below it.
pub(super) const ROOM: f64 = 226.0;
const LABEL_ROOM: f64 = 165.0;
const MOST_LABEL_LINES: usize = 3;

pub(super) struct Scene {
    /// The file's name.
    pub(super) title: String,
    /// What there is to know at a glance, a line each.
    pub(super) summary: Vec<String>,
    /// The stages by their index, then the things outside.
    pub(super) nodes: Vec<Node>,
    pub(super) arrows: Vec<Arrow>,
}

pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) lines: Vec<String>,
    pub(super) tooltip: String,
    pub(super) role: Role,
    /// How many issues the stage has.
    pub(super) issues: usize,
    pub(super) hanging: Vec<Hanging>,
    width: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Stage,
    Image,
    Scratch,
    Context,
    Git,
    Http,
    Unresolved,
}

pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: ArrowKind,
    pub(super) label: Vec<String>,
    pub(super) tooltip: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ArrowKind {
    From,
    Copy,
    Add,
    Bind,
    Cache,
}

impl Kind {
    /// What it is called; nothing for a stage.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Stage => "",
            Self::Image => "image",
            Self::Scratch => "empty",
            Self::Context => "named context",
            Self::Git => "git",
            Self::Http => "web",
            Self::Unresolved => "not known",
        }
    }
}

impl ArrowKind {
    fn of(kind: EdgeKind) -> Self {
        match kind {
            EdgeKind::From => Self::From,
            EdgeKind::Copy { .. } => Self::Copy,
            EdgeKind::Add { .. } => Self::Add,
            EdgeKind::Mount { kind: MountKind::Cache, .. } => Self::Cache,
            EdgeKind::Mount { .. } => Self::Bind,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::From => "FROM",
            Self::Copy => "COPY",
            Self::Add => "ADD",
            Self::Bind => "mount=bind",
            Self::Cache => "mount=cache",
        }
    }
}

pub(super) fn scene(view: &View<'_>) -> Scene {
    let stages = &view.graph.stages;
    let mut nodes: Vec<Node> = stages.iter().map(|stage| stage_node(view, stage)).collect();
    let depths = depths(view);
    let mut outer: BTreeMap<(&Origin, usize), usize> = BTreeMap::new();
    let mut arrows: Vec<Arrow> = Vec::new();
    let mut known: BTreeMap<(usize, usize, ArrowKind), usize> = BTreeMap::new();
    for edge in view.graph.edges.iter().filter(|edge| HangingKind::of(&edge.origin).is_none()) {
        let from = match &edge.origin {
            Origin::Stage(stage) => *stage,
            // Each column has an image of its own: wires from one for all would lie across the whole picture.
            origin => {
                *outer.entry((origin, depths.get(edge.stage).copied().unwrap_or(0))).or_insert_with(|| {
                    nodes.push(outer_node(view, origin));
                    nodes.len() - 1
                })
            }
        };
        if view.role(edge.stage) != Role::Unreached
            && let Some(node) = nodes.get_mut(from).filter(|node| node.kind != Kind::Stage)
        {
            node.role = Role::Reached;
        }
        let kind = ArrowKind::of(edge.kind);
        let place = *known.entry((edge.stage, from, kind)).or_insert(arrows.len());
        if place == arrows.len() {
            arrows.push(Arrow { from, to: edge.stage, kind, label: Vec::new(), tooltip: String::new() });
        }
        if let Some(arrow) = arrows.get_mut(place) {
            arrow.take(view, edge);
        }
    }
    for arrow in &mut arrows {
        arrow.shorten();
    }
    Scene { title: title(view), summary: summary(view), nodes, arrows }
}

/// How many stages, one taking from the other, stand before each.
fn depths(view: &View<'_>) -> Vec<usize> {
    let mut depths: Vec<usize> = Vec::with_capacity(view.graph.stages.len());
    for stage in &view.graph.stages {
        let before = view.graph.taken_by(stage.index).filter_map(|edge| match edge.origin {
            Origin::Stage(origin) => depths.get(origin),
            _ => None,
        });
        depths.push(before.max().map_or(0, |depth| depth + 1));
    }
    depths
}

fn title(view: &View<'_>) -> String {
    let path = view.source.path();
    TITLE.fit(path.rsplit('/').next().unwrap_or(path), 480.0)
}

pub(super) const TITLE: Face = Face::bold(17.0);

fn summary(view: &View<'_>) -> Vec<String> {
    let stages = &view.graph.stages;
    let mut head = plural(stages.len(), "stage");
    let _ = write!(head, ", {} needed for {}", view.reached.len(), view.name(view.target));
    let mut lines = vec![head];
    if view.reached.len() > 1 {
        lines.push(format!("longest chain: {}", view.longest_chain()));
    }
    lines
}

fn stage_node(view: &View<'_>, stage: &Stage) -> Node {
    let name = view.name(stage.index);
    let (first, last) = view.lines(stage.extent);
    let base = match &stage.base {
        Base::Image { reference, .. } => reference.clone(),
        Base::NamedContext { name, .. } => format!("context {name}"),
        Base::Stage(base) => view.name(*base),
        Base::Scratch => "scratch".to_owned(),
        Base::Unresolved { written, .. } => format!("{written} ?"),
    };
    let steps = format!(
        "{} · {}",
        plural(stage.instructions.len(), "instruction"),
        plural(stage.layers.len(), "layer")
    );
    let lines = if first == last { format!("line {first}") } else { format!("lines {first}–{last}") };
    let mut rows = vec![format!("FROM {base}")];
    if let Some(platform) = &stage.platform {
        rows.push(format!("for {}", platform.written));
    }
    rows.extend([steps, lines]);
    let mut tooltip =
        format!("stage {}: {name}\n{}\n{}", stage.index, rows.join("\n"), view.role(stage.index).as_str());
    let issues: Vec<_> = view.graph.issues.iter().filter(|issue| issue.stage == stage.index).collect();
    for issue in &issues {
        let _ = write!(tooltip, "\nline {}: {issue}", view.line(issue.range));
    }
    let rows: Vec<String> = rows.iter().map(|row| TEXT.fit(row, ROOM)).collect();
    let name = NAME.fit(&name, ROOM - if issues.is_empty() { 0.0 } else { 26.0 });
    let hanging = hanging(view, stage.index);
    let badge = role_word(view.role(stage.index)).map_or(0.0, |word| KIND.width(word) + 30.0);
    let widest = rows.iter().map(|row| TEXT.width(row)).fold(NAME.width(&name) + 26.0, f64::max);
    let last_row = rows.last().map_or(0.0, |row| TEXT.width(row)) + badge;
    let below = hanging.iter().map(|one| one.width + HANG_INDENT - 2.0 * PAD).fold(0.0, f64::max);
    let width = (widest.max(last_row).max(below) + 2.0 * PAD).max(NARROWEST).ceil();
    let (kind, role, issues) = (Kind::Stage, view.role(stage.index), issues.len());
    Node { kind, name, lines: rows, tooltip, role, issues, hanging, width }
}

/// What a stage's badge says.
pub(super) fn role_word(role: Role) -> Option<&'static str> {
    match role {
        Role::Target => Some("target"),
        Role::Reached => None,
        Role::Unreached => Some("not reached"),
    }
}

fn outer_node(view: &View<'_>, origin: &Origin) -> Node {
    let kind = match origin {
        Origin::Scratch => Kind::Scratch,
        Origin::NamedContext(_) => Kind::Context,
        Origin::Git(_) => Kind::Git,
        Origin::Http(_) => Kind::Http,
        Origin::Unresolved(_) => Kind::Unresolved,
        _ => Kind::Image,
    };
    let (name, note) = match origin {
        Origin::NamedContext(name) => (name.clone(), view.graph.contexts.get(name).cloned()),
        Origin::Unresolved(written) if !written.is_empty() => (written.clone(), None),
        other => (view.origin(other), None),
    };
    let mut tooltip = format!("{}: {name}", kind.word());
    let mut lines = Vec::new();
    if let Some(note) = note {
        let _ = write!(tooltip, "\n{note}");
        lines.push(TEXT.fit(&note, ROOM));
    }
    let name = TEXT.fit(&name, ROOM);
    let widest = lines.iter().map(|line| TEXT.width(line)).fold(TEXT.width(&name), f64::max);
    let width = (widest.max(KIND.width(kind.word())) + 2.0 * PAD).ceil();
    Node { kind, name, lines, tooltip, role: Role::Unreached, issues: 0, hanging: Vec::new(), width }
}

impl Arrow {
    /// One more way in which the stage takes from the origin.
    fn take(&mut self, view: &View<'_>, edge: &Edge) {
        let taken = if edge.takes.is_empty() { vec![String::new()] } else { edge.takes.clone() };
        let word = self.kind.word();
        let room = LABEL_ROOM - LABEL.width(word);
        self.label.extend(taken.iter().map(|path| match path.as_str() {
            "" => word.to_owned(),
            path => format!("{word} {}", LABEL.fit(path, room)),
        }));
        let line = view.line(edge.range);
        let from = match edge.kind {
            EdgeKind::From | EdgeKind::Add { .. } => String::new(),
            _ => format!(" from {}", view.origin(&edge.origin)),
        };
        let all = edge.takes.join(" ");
        let said = format!("{} {all}{from} (line {line})", self.kind.word()).replace("  ", " ");
        let newline = if self.tooltip.is_empty() { "" } else { "\n" };
        let _ = write!(self.tooltip, "{newline}{said}");
    }

    fn shorten(&mut self) {
        self.label.dedup();
        if self.label.len() > MOST_LABEL_LINES {
            let more = self.label.len() - (MOST_LABEL_LINES - 1);
            self.label.truncate(MOST_LABEL_LINES - 1);
            self.label.push(format!("and {more} more"));
        }
    }
}

impl Scene {
    /// The sizes of all, for the layout.
    pub(super) fn shape(&self) -> Shape {
        let size = |node: &Node| {
            let hangs = !node.hanging.is_empty();
            let height = match node.kind {
                Kind::Stage => 18.0 + LINE * count(node.lines.len() + 1),
                Kind::Scratch => 30.0,
                _ => 40.0 + LINE * count(node.lines.len()),
            };
            let below = count(node.hanging.len()) * (HANG + HANG_GAP) + if hangs { 2.0 } else { 0.0 };
            Size { width: node.width, height, below, hugs: node.kind != Kind::Stage }
        };
        let wire = |arrow: &Arrow| Wire {
            from: arrow.from,
            to: arrow.to,
            style: arrow.kind as usize,
            label_width: arrow.label.iter().map(|line| LABEL.width(line)).fold(0.0, f64::max).ceil(),
            label_height: count(arrow.label.len()) * LABEL_LINE,
        };
        Shape { boxes: self.nodes.iter().map(size).collect(), wires: self.arrows.iter().map(wire).collect() }
    }
}
