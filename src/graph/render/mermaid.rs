//! The graph as a Mermaid flow chart.

use std::fmt::Write;

use super::super::{EdgeKind, Origin};
use super::{Role, View, node};

pub(super) fn render(view: &View<'_>) -> String {
    let mut chart = String::from("flowchart LR\n");
    let outer = view.outer_nodes();
    // Writing to a string can't fail.
    for stage in &view.graph.stages {
        let class = match view.role(stage.index) {
            Role::Target => ":::target",
            Role::Reached => "",
            Role::Unreached => ":::unreached",
        };
        let _ = writeln!(chart, "    s{}[{}]{class}", stage.index, quoted(&view.title(stage.index)));
    }
    for (index, (origin, _)) in outer.iter().enumerate() {
        let label = quoted(&view.origin(origin));
        let shape = match origin {
            Origin::Image(_) | Origin::Scratch => format!("[({label})]"),
            Origin::Unresolved(_) => format!("{{{{{label}}}}}"),
            Origin::Context | Origin::NamedContext(_) => format!("[/{label}/]"),
            _ => format!("([{label}])"),
        };
        let _ = writeln!(chart, "    o{index}{shape}");
    }
    for (edge, count) in view.counted() {
        let from = match edge.origin {
            Origin::Stage(stage) => format!("s{stage}"),
            _ => node(&outer, edge).map(|index| format!("o{index}")).unwrap_or_default(),
        };
        let label = quoted(&view.label(edge, count));
        let arrow = if edge.kind == EdgeKind::From { "==>" } else { "-->" };
        let _ = writeln!(chart, "    {from} {arrow}|{label}| s{}", edge.stage);
    }
    chart.push_str(
        "    classDef target stroke-width:3px\n    classDef unreached stroke-dasharray:4,opacity:0.6\n",
    );
    chart
}

/// A label in quotes. What Mermaid or the page would take for markup becomes a character code.
fn quoted(text: &str) -> String {
    let mut label = String::from("\"");
    for ch in text.chars() {
        match ch {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | '|' | ';' => {
                let _ = write!(label, "#{};", u32::from(ch));
            }
            ch if ch.is_control() => label.push(char::REPLACEMENT_CHARACTER),
            ch => label.push(ch),
        }
    }
    label.push('"');
    label
}
