//! What the lines and shapes mean: those that are in the picture, and no others.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::super::Role;
use super::draw::{number, text};
use super::hanging::HangingKind;
use super::layout::Rect;
use super::scene::{ArrowKind, Kind, LABEL, Scene};
use super::shapes;

pub(super) struct Legend {
    pub(super) svg: String,
    pub(super) height: f64,
}

/// The height of a row.
const ROW: f64 = 22.0;
/// The room for a sample.
const SAMPLE: f64 = 34.0;

enum Entry {
    Wire(ArrowKind),
    Node(Kind, Role, &'static str),
}

/// The entries in as many rows as `width` asks for.
pub(super) fn legend(scene: &Scene, width: f64) -> Legend {
    let mut svg = String::new();
    let (mut x, mut y) = (0.0, 14.0);
    for entry in entries(scene) {
        let word = match entry {
            Entry::Wire(kind) => wire_word(kind),
            Entry::Node(.., word) => word,
        };
        let wide = SAMPLE + LABEL.width(word) + 24.0;
        if x > 0.0 && x + wide - 24.0 > width {
            (x, y) = (0.0, y + ROW);
        }
        match entry {
            Entry::Wire(kind) => {
                let middle = y + 6.0;
                let [from, to, at] = [x, x + SAMPLE - 16.0, middle].map(number);
                let _ = write!(svg, "<path class=\"wire {}\" d=\"M{from} {at}H{to}\"/>", shapes::class(kind));
                svg.push_str(&shapes::arrow_head(kind, x + SAMPLE - 8.0, middle));
            }
            Entry::Node(kind, role, _) => {
                let sample = Rect { x: x + 2.0, y, width: SAMPLE - 12.0, height: 12.0, below: 0.0 };
                svg.push_str(&shapes::node(kind, role, sample));
            }
        }
        text(&mut svg, "small soft", x + SAMPLE, y + 10.0, word);
        svg.push('\n');
        x += wide;
    }
    Legend { svg, height: y + ROW }
}

fn entries(scene: &Scene) -> Vec<Entry> {
    let wires: BTreeSet<ArrowKind> = scene.arrows.iter().map(|arrow| arrow.kind).collect();
    let mut entries: Vec<Entry> = wires.into_iter().map(Entry::Wire).collect();
    let has = |kind: Kind| scene.nodes.iter().any(|node| node.kind == kind);
    let is = |role: Role| scene.nodes.iter().any(|node| node.kind == Kind::Stage && node.role == role);
    if is(Role::Reached) {
        entries.push(Entry::Node(Kind::Stage, Role::Reached, "stage"));
    }
    entries.push(Entry::Node(Kind::Stage, Role::Target, "target"));
    if is(Role::Unreached) {
        entries.push(Entry::Node(Kind::Stage, Role::Unreached, "stage not reached"));
    }
    let hangs = scene
        .nodes
        .iter()
        .any(|node| node.hanging.iter().any(|hanging| hanging.kind == HangingKind::Context));
    for (kind, word) in [
        (Kind::Image, "image"),
        (Kind::Git, "Git or web source"),
        (Kind::Unresolved, "not known from the file"),
    ] {
        let shown = has(kind) || (kind == Kind::Git && has(Kind::Http));
        if shown {
            entries.push(Entry::Node(kind, Role::Reached, word));
        }
    }
    if hangs || has(Kind::Context) {
        entries.push(Entry::Node(Kind::Context, Role::Reached, "build context"));
    }
    entries
}

fn wire_word(kind: ArrowKind) -> &'static str {
    match kind {
        ArrowKind::From => "FROM: built on",
        ArrowKind::Copy => "COPY --from",
        ArrowKind::Add => "ADD",
        ArrowKind::Bind => "mount=bind",
        ArrowKind::Cache => "mount=cache, filled from",
    }
}
