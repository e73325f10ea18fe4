//! The graph for the terminal.

use std::fmt::Write;

use super::super::Origin;
use super::{Role, View, plural, verb};

/// What stands between the columns.
const GAP: &str = "   ";

pub(super) fn render(view: &View<'_>) -> String {
    let stages = &view.graph.stages;
    if stages.is_empty() {
        return "no stages\n".to_owned();
    }
    let mut text = String::new();
    let steps = view.steps().count();
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "{}, {} reached from {}; {} {}",
        plural(stages.len(), "stage"),
        view.reached.len(),
        visible(&view.title(view.target)),
        plural(steps, "instruction"),
        if steps == 1 { "runs" } else { "run" }
    );
    let last = view.steps().map(|step| view.line(step.instruction.range)).max().unwrap_or(0);
    let numbers = last.to_string().len();
    let width = stages.iter().map(|stage| view.title(stage.index).chars().count()).max().unwrap_or(0);
    let counted = view.counted();
    for stage in stages {
        let role = view.role(stage.index);
        let mark = match role {
            Role::Target => '◉',
            Role::Reached => '●',
            Role::Unreached => '○',
        };
        let (first, last) = view.lines(stage.extent);
        let layers = plural(stage.layers.len(), "layer");
        let _ = writeln!(
            text,
            "\n{mark} {:width$}{GAP}{:11}{GAP}{layers}, lines {first}\u{2013}{last}",
            visible(&view.title(stage.index)),
            role.as_str()
        );
        let taken: Vec<_> = counted.iter().filter(|(edge, _)| edge.stage == stage.index).collect();
        for (place, (edge, count)) in taken.iter().enumerate() {
            let branch = if place + 1 == taken.len() { '└' } else { '├' };
            let platform = view.platform(edge).map(|platform| format!(" ({platform})")).unwrap_or_default();
            let times = if *count > 1 { format!(" ×{count}") } else { String::new() };
            let origin = match &edge.origin {
                // The verb has said already what it is.
                Origin::Cache(id) | Origin::Secret(id) | Origin::Ssh(id) => id.clone(),
                Origin::Tmpfs => edge.takes.join(" "),
                other => view.origin(other),
            };
            let origin = visible(&format!("{origin}{platform}{times}"));
            let _ = writeln!(text, "  {branch} {:<6} {origin}", verb(edge.kind));
        }
        if role != Role::Unreached {
            for step in view.steps_of(stage) {
                let (line, headline) = (view.line(step.instruction.range), view.headline(step.instruction));
                let _ = writeln!(text, "    {line:numbers$}  {}", visible(&headline));
            }
        }
    }
    order(view, &mut text);
    if !view.graph.issues.is_empty() {
        text.push('\n');
    }
    for issue in &view.graph.issues {
        let (line, stage) = (view.line(issue.range), visible(&view.name(issue.stage)));
        let _ = writeln!(text, "! line {line}, {stage}: {}", visible(&issue.to_string()));
    }
    text
}

/// What waits for what, where there is more than one stage to say it of.
fn order(view: &View<'_>, text: &mut String) {
    if view.reached.len() > 1 {
        let _ = writeln!(text, "\nlongest chain   {}", visible(&view.longest_chain()));
        for (place, wave) in view.graph.waves(view.target).iter().enumerate() {
            let head = if place == 0 { "begin at once" } else { "then" };
            let waiting = |stage: usize| {
                let line = view.graph.first_wait(stage).map(|edge| view.line(edge.range));
                let waits = line.map(|line| format!(" (waits at line {line})")).unwrap_or_default();
                format!("{}{waits}", view.name(stage))
            };
            let stages: Vec<String> = wave.iter().map(|stage| waiting(*stage)).collect();
            let _ = writeln!(text, "{head:<16}{}", visible(&stages.join(", ")));
        }
    }
    let unreached = view.graph.stages.iter().filter(|stage| view.role(stage.index) == Role::Unreached);
    let unreached: Vec<String> = unreached.map(|stage| view.name(stage.index)).collect();
    if !unreached.is_empty() {
        let _ = writeln!(
            text,
            "{}not reached     {}",
            if view.reached.len() > 1 { "" } else { "\n" },
            visible(&unreached.join(", "))
        );
    }
    let unused: Vec<&str> = view.graph.unused_contexts().collect();
    if !unused.is_empty() {
        let _ = writeln!(text, "\n! no FROM and no `from` names the context {}", visible(&unused.join(", ")));
    }
}

/// Control characters would reach the terminal's own controls.
fn visible(text: &str) -> String {
    text.chars().map(|ch| if ch.is_control() { char::REPLACEMENT_CHARACTER } else { ch }).collect()
}
