//! The graph for Graphviz.

use std::fmt::Write;

use super::super::{EdgeKind, Origin, Stage};
use super::{Role, View, node};

pub(super) fn render(view: &View<'_>) -> String {
    let mut dot = String::from(
        "digraph stages {\n    rankdir=LR;\n    node [fontname=\"sans-serif\", shape=box, style=rounded];\n    edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    let outer = view.outer_nodes();
    // Writing to a string can't fail.
    for stage in &view.graph.stages {
        let style = match view.role(stage.index) {
            Role::Target => ", penwidth=3",
            Role::Reached => "",
            Role::Unreached => ", style=\"rounded,dashed\", color=gray, fontcolor=gray",
        };
        let label = quoted(&view.title(stage.index));
        let tooltip = quoted(&tooltip(view, stage));
        let _ = writeln!(dot, "    s{} [label={label}, tooltip={tooltip}{style}];", stage.index);
    }
    for (index, (origin, _)) in outer.iter().enumerate() {
        let shape = match origin {
            Origin::Image(_) | Origin::Scratch => "cylinder",
            Origin::Context | Origin::NamedContext(_) => "folder",
            Origin::Cache(_) | Origin::Secret(_) | Origin::Ssh(_) | Origin::Tmpfs => "component",
            Origin::Unresolved(_) => "diamond",
            _ => "note",
        };
        let label = quoted(&view.origin(origin));
        let _ = writeln!(dot, "    o{index} [label={label}, tooltip={label}, shape={shape}, style=solid];");
    }
    for (edge, count) in view.counted() {
        let from = match edge.origin {
            Origin::Stage(stage) => format!("s{stage}"),
            _ => node(&outer, edge).map(|index| format!("o{index}")).unwrap_or_default(),
        };
        let style = if edge.kind == EdgeKind::From { ", penwidth=2" } else { "" };
        let label = quoted(&view.label(edge, count));
        let _ = writeln!(dot, "    {from} -> s{} [label={label}{style}];", edge.stage);
    }
    dot.push_str("}\n");
    dot
}

fn tooltip(view: &View<'_>, stage: &Stage) -> String {
    let issues = view.graph.issues.iter().filter(|issue| issue.stage == stage.index).map(ToString::to_string);
    let title = format!("{}: {}", view.title(stage.index), view.role(stage.index).as_str());
    std::iter::once(title).chain(issues).collect::<Vec<_>>().join("\n")
}

/// A string of the DOT language, in which a backslash begins an escape and a `&` an entity.
fn quoted(text: &str) -> String {
    let mut string = String::from("\"");
    for ch in text.chars() {
        match ch {
            '"' => string.push_str("\\\""),
            '\\' => string.push_str("\\\\"),
            '\n' => string.push_str("\\n"),
            '&' => string.push_str("&amp;"),
            ch if ch.is_control() => string.push(char::REPLACEMENT_CHARACTER),
            ch => string.push(ch),
        }
    }
    string.push('"');
    string
}
