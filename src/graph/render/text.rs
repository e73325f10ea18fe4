//! The graph for the terminal.

use std::fmt::Write;

use super::{Role, View, verb};

/// What stands between the columns.
const GAP: &str = "   ";

pub(super) fn render(view: &View<'_>) -> String {
    let stages = &view.graph.stages;
    if stages.is_empty() {
        return "no stages\n".to_owned();
    }
    let mut text = String::new();
    let plural = if stages.len() == 1 { "" } else { "s" };
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "{} stage{plural}, {} reached from {}",
        stages.len(),
        view.reached.len(),
        view.title(view.target)
    );
    let width = stages.iter().map(|stage| view.title(stage.index).chars().count()).max().unwrap_or(0);
    let counted = view.counted();
    for stage in stages {
        let role = view.role(stage.index);
        let mark = match role {
            Role::Target => '◉',
            Role::Reached => '●',
            Role::Unreached => '○',
        };
        let _ = writeln!(text, "\n{mark} {:width$}{GAP}{}", visible(&view.title(stage.index)), role.as_str());
        let taken: Vec<_> = counted.iter().filter(|(edge, _)| edge.stage == stage.index).collect();
        for (place, (edge, count)) in taken.iter().enumerate() {
            let branch = if place + 1 == taken.len() { '└' } else { '├' };
            let platform = view.platform(edge).map(|platform| format!(" ({platform})")).unwrap_or_default();
            let times = if *count > 1 { format!(" ×{count}") } else { String::new() };
            let origin = visible(&format!("{}{platform}{times}", view.origin(&edge.origin)));
            let _ = writeln!(text, "  {branch} {:<5} {origin}", verb(edge.kind));
        }
    }
    if !view.graph.issues.is_empty() {
        text.push('\n');
    }
    for issue in &view.graph.issues {
        let _ = writeln!(text, "! {}: {}", visible(&view.title(issue.stage)), visible(&issue.to_string()));
    }
    text
}

/// Control characters would reach the terminal's own controls.
fn visible(text: &str) -> String {
    text.chars().map(|ch| if ch.is_control() { char::REPLACEMENT_CHARACTER } else { ch }).collect()
}
