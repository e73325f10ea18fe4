//! The report on a terminal: the ranked table, where the time goes, what was assumed, the winner's diff.

use std::fmt::Write as _;
use std::time::Duration;

use time::UtcOffset;
use time::macros::format_description;

use crate::bench::{
    Kind, ORIGINAL, Quantity, Ranked, RegionRecord, RegionRole, RunResult, VariantRecord, VariantStatus,
};
use crate::report::diff::painted;
use crate::report::figures;
use crate::report::ranking_table::ranking_tables;
use crate::report::style::{Ink, Style};
use crate::report::table::{Cell, Table};

/// The parts of a cold start, in the order that they come.
pub(in crate::report) const PHASES: [(Quantity, &str); 4] = [
    (Quantity::PullCold, "pull"),
    (Quantity::StartCreate, "create"),
    (Quantity::StartRun, "run"),
    (Quantity::StartReady, "ready"),
];

/// What the terminal is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Columns. Three regions fit into 100; with fewer columns or more regions the table goes on below.
    pub width: usize,
    /// Emphasis.
    pub style: Style,
}

/// The whole report. `folder` is the run's folder as the reader would type it.
pub fn render(result: &RunResult, folder: &str, terminal: Terminal) -> String {
    let style = terminal.style;
    let mut text = String::new();
    text.push_str(&title(result, style));
    text.push_str(&facts(result, style));
    if !result.ranking.is_empty() {
        text.push('\n');
        text.push_str(&ranking_tables(result, terminal));
        text.push_str(&notes(result, style));
    }
    text.push_str(&unranked(result, style));
    text.push_str(&phases(result, style));
    text.push_str(&assumptions(result, style));
    text.push_str(&winner(result, style));
    let label =
        style.paint(Ink::Faint, &format!("run of {}, {}:", started(result), figures::span(result.took)));
    let _ = writeln!(text, "\n{label} {folder}");
    text
}

/// When the run started, as `2026-11-03 14:22 UTC`.
pub(in crate::report) fn started(result: &RunResult) -> String {
    let utc = result.started.to_offset(UtcOffset::UTC);
    utc.format(format_description!("[year]-[month]-[day] [hour]:[minute] UTC"))
        .unwrap_or_else(|_| utc.to_string())
}

/// What the report is of, in a few words.
pub(in crate::report) fn heading(result: &RunResult) -> String {
    format!(
        "{} of {} in {}, ranked by {}",
        figures::count(result.variants.len(), "variant"),
        result.dockerfile,
        figures::count(result.regions.len(), "region"),
        result.objective
    )
}

fn title(result: &RunResult, style: Style) -> String {
    let mut text = style.paint(Ink::Strong, &heading(result)) + "\n";
    if result.interrupted {
        text += &(style.paint(Ink::Warn, &interruption(result)) + "\n");
    }
    text
}

/// What it means that the run was interrupted.
pub(in crate::report) fn interruption(result: &RunResult) -> String {
    format!("interrupted: the figures are of the blocks measured until then, of {} planned", result.blocks)
}

/// What was ranked, how, on what and where, one below the other.
fn facts(result: &RunResult, style: Style) -> String {
    let mut facts = Vec::new();
    if let Some(quantity) = result.objective.single() {
        facts.push((quantity.name(), quantity.meaning().to_owned()));
    }
    let kind = style.paint(Ink::Warn, &result.kind.to_string());
    facts.push(("figures", format!("{kind}: {}", meaning(result))));
    facts.push(("engine", engine(result)));
    let width = result.regions.iter().map(|region| region.name.chars().count()).max().unwrap_or(0);
    for (index, region) in result.regions.iter().enumerate() {
        let label = if index == 0 { "regions" } else { "" };
        facts.push((label, format!("{:width$}  {:8}  {}", region.name, role(region), link(region))));
    }
    let width = facts.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    facts.into_iter().fold(String::from("\n"), |mut text, (label, fact)| {
        let _ =
            writeln!(text, "  {}  {}", style.paint(Ink::Faint, &format!("{label:width$}")), fact.trim_end());
        text
    })
}

pub(in crate::report) fn engine(result: &RunResult) -> String {
    let engine = &result.engine;
    format!(
        "Docker Engine {} (API {}, {}) on {}/{}, {} CPUs, {}",
        engine.version, engine.api, engine.store, engine.os, engine.arch, engine.cpus, engine.memory
    )
}

/// What lies behind the figures, in a few words.
pub(in crate::report) fn meaning(result: &RunResult) -> &'static str {
    if result.objective.unit().exact() {
        return "counted, not timed";
    }
    match result.kind {
        Kind::Measured if result.objective.per_region() => "each region's own engine and registry",
        Kind::Measured => "timed on the engine",
        Kind::Emulated => "a real engine on this machine, behind modelled links",
        Kind::Predicted => "by the model alone, with no pull and no start",
    }
}

pub(in crate::report) fn role(region: &RegionRecord) -> &'static str {
    match region.role {
        RegionRole::Primary => "primary",
        RegionRole::Failover => "failover",
    }
}

/// The link in a few words: `120 ms, 150 Mbit/s, 8 ms jitter, 0.1 % loss`.
pub(in crate::report) fn link(region: &RegionRecord) -> String {
    let Some(link) = &region.link else { return "its own engine and registry".to_owned() };
    let milliseconds = |span: Duration| format!("{} ms", (span.as_secs_f64() * 1e6).round() / 1e3);
    let mut parts = vec![milliseconds(link.rtt), figures::bandwidth(link.bandwidth)];
    if !link.jitter.is_zero() {
        parts.push(milliseconds(link.jitter) + " jitter");
    }
    if link.loss > 0.0 {
        parts.push(format!("{} % loss", (link.loss * 1e6).round() / 1e4));
    }
    parts.join(", ")
}

/// What the reader has to know of the table above.
fn notes(result: &RunResult, style: Style) -> String {
    crate::report::notes::notes(result).iter().fold(String::from("\n"), |mut text, note| {
        let _ = writeln!(text, "  {}", style.paint(Ink::Faint, note));
        text
    })
}

/// The variants that have no rank, each with what became of it.
fn unranked(result: &RunResult, style: Style) -> String {
    let mut text = String::new();
    let width = result.unranked().map(|variant| variant.name.chars().count()).max().unwrap_or(0);
    for variant in result.unranked() {
        if text.is_empty() {
            let _ = writeln!(text, "\n{}", style.paint(Ink::Strong, "Not ranked"));
        }
        let ink = if variant.status == VariantStatus::Failed { Ink::Bad } else { Ink::Warn };
        let name = style.paint(ink, &format!("{:width$}", variant.name));
        let _ = writeln!(text, "  {name}  {}", printable(&why_unranked(variant)));
        for line in &variant.log {
            let line = printable(line);
            let _ = writeln!(text, "  {:width$}  {}", "", style.paint(Ink::Faint, &format!("│ {line}")));
        }
    }
    text
}

/// Why a variant has no rank.
pub(in crate::report) fn why_unranked(variant: &VariantRecord) -> String {
    match (&variant.reason, variant.status) {
        (Some(reason), _) => reason.clone(),
        (None, VariantStatus::Failed) => "failed".to_owned(),
        (None, VariantStatus::Ok | VariantStatus::Dropped) => {
            "not measured in every region that decides".to_owned()
        }
    }
}

/// A log's line without what would move a terminal's cursor.
pub(in crate::report) fn printable(line: &str) -> String {
    line.chars()
        .map(|character| if character == '\t' { ' ' } else { character })
        .filter(|c| !c.is_control())
        .collect()
}

/// The medians of the parts of a cold start, by region.
fn phases(result: &RunResult, style: Style) -> String {
    let mut columns =
        vec![(Cell::painted(Ink::Faint, "region"), false), (Cell::painted(Ink::Faint, "variant"), false)];
    columns.extend(PHASES.map(|(_, name)| (Cell::painted(Ink::Faint, name), true)));
    let mut table = Table::new(columns);
    let mut rows = 0;
    for region in &result.regions {
        let mut first = true;
        for ranked in &result.ranking {
            let summary = |quantity| result.summary(&ranked.variant, Some(&region.name), quantity);
            if PHASES.iter().all(|(quantity, _)| summary(*quantity).is_none()) {
                continue;
            }
            let mut row = vec![Cell::new(if first { &region.name } else { "" }), Cell::new(&ranked.variant)];
            row.extend(PHASES.map(|(quantity, _)| match summary(quantity) {
                Some(summary) => Cell::new(&figures::value(summary.median, summary.unit)),
                None => Cell::painted(Ink::Faint, "–"),
            }));
            table.row(row);
            first = false;
            rows += 1;
        }
    }
    if rows == 0 {
        return String::new();
    }
    format!("\n{}\n{}", style.paint(Ink::Strong, "Where the time goes (medians)"), table.render(style))
}

fn assumptions(result: &RunResult, style: Style) -> String {
    if result.assumptions.is_empty() {
        return String::new();
    }
    let heading = format!("\n{}\n", style.paint(Ink::Strong, "Assumed"));
    result.assumptions.iter().fold(heading, |mut text, assumption| {
        let _ = writeln!(text, "  {assumption}");
        text
    })
}

/// The best variant, what it gains, and its diff.
fn winner(result: &RunResult, style: Style) -> String {
    let Some(best) = result.ranking.first() else { return String::new() };
    let mut text = format!("\n{}{}\n", style.paint(Ink::Best, &verdict(result, best)), gain(best));
    let variant = result.variant(&best.variant).filter(|_| best.variant != ORIGINAL);
    let Some(variant) = variant else { return text };
    if variant.diff.is_empty() {
        let _ = writeln!(text, "It is {}.", recipe(variant));
        return text;
    }
    text.push('\n');
    text.push_str(&painted(&variant.diff, style));
    if !variant.diff.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Who is first, in a few words.
pub(in crate::report) fn verdict(result: &RunResult, best: &Ranked) -> String {
    let name = &best.variant;
    let shared: Vec<&str> = result
        .ranking
        .iter()
        .filter(|ranked| ranked.rank == best.rank && ranked.variant != *name)
        .map(|ranked| ranked.variant.as_str())
        .collect();
    match shared.as_slice() {
        [] => format!("{name} is first"),
        [other] => format!("{name} is first, level with {other}"),
        [other, another] => format!("{name} is first, level with {other} and {another}"),
        others => format!("{name} is first, level with {} others", others.len()),
    }
}

/// What the best variant reaches where it matters, and how that compares with the original.
pub(in crate::report) fn gain(best: &Ranked) -> String {
    let value = figures::value(best.median, best.unit);
    let place = best.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    let ratio = best.to_baseline.map(|ratio| format!(", {} of {ORIGINAL}", figures::ratio(ratio.median)));
    format!(": {value}{place}{}", ratio.unwrap_or_default())
}

/// Where a variant that is no rewrite of the original comes from.
pub(in crate::report) fn recipe(variant: &VariantRecord) -> String {
    match &variant.target {
        Some(target) => format!("the stage {target} of {}", variant.dockerfile),
        None => format!("what {} builds", variant.dockerfile),
    }
}

#[cfg(test)]
mod tests;
