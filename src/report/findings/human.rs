//! Findings as source frames, for the terminal.

use std::fmt::Write;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::lint::{Diagnostic, Safety, Severity, Total};
use crate::text::{SourceFile, TextRange};

use super::{Findings, cost};

/// All findings as frames, then one line that counts them and one with what they cost together. Empty where nothing was found.
pub fn human(findings: Findings<'_>, coloured: bool) -> String {
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for (source, diagnostic) in findings.all() {
        text.push_str(&renderer.render(&frame(source, diagnostic)));
        text.push_str("\n\n");
    }
    if !text.is_empty() {
        text.push_str(&total(findings));
    }
    text
}

/// One finding: the frame, what it costs, what to do.
fn frame<'a>(source: &'a SourceFile, diagnostic: &'a Diagnostic) -> [Group<'a>; 1] {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
        Severity::Style => Level::NOTE.with_name("style"),
    };
    let lines = lines(source, diagnostic);
    let span = |range| {
        let visible = visible(source, range);
        visible.start - lines.start()..visible.end - lines.start()
    };
    let primary = AnnotationKind::Primary.span(span(diagnostic.range));
    let labels = diagnostic
        .labels
        .iter()
        .map(|label| AnnotationKind::Context.span(span(label.range)).label(label.text.as_str()));
    let snippet = Snippet::source(source.slice(lines))
        .line_start(source.lines().line(lines.start()))
        .path(source.path())
        .annotation(primary)
        .annotations(labels.collect::<Vec<_>>());
    let mut group =
        level.primary_title(diagnostic.message.as_str()).id(diagnostic.rule.name()).element(snippet);
    if let Some(impact) = &diagnostic.impact {
        let text = format!("{} ({})", cost::words(impact), impact.basis);
        group = group.element(Level::NOTE.with_name("cost").message(text));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    if let Some(fix) = &diagnostic.fix {
        let option = match fix.safety {
            Safety::Safe => "--fix",
            Safety::Unsafe => "--unsafe-fixes",
        };
        group = group.element(Level::HELP.with_name("fix").message(format!("{} ({option})", fix.title)));
    }
    [group]
}

/// The lines that a frame is about. The renderer reads all that it is given for each finding, so in a long file with
/// many findings it is given no more than these.
fn lines(source: &SourceFile, diagnostic: &Diagnostic) -> TextRange {
    let places = diagnostic.labels.iter().map(|label| label.range);
    let shown = places.fold(diagnostic.range, TextRange::cover);
    let lines = source.lines();
    TextRange::new(lines.line_start(lines.line(shown.start())), lines.line_start(lines.line(shown.end()) + 1))
}

/// What a frame underlines: the range, but no more than its first line, so that a frame stays a few lines high.
fn visible(source: &SourceFile, range: TextRange) -> Range<usize> {
    let text = source.slice(range);
    let line = text.split('\n').next().unwrap_or_default().trim_end();
    range.start()..range.start() + line.len()
}

fn total(findings: Findings<'_>) -> String {
    let all: Vec<&Diagnostic> = findings.files.iter().flat_map(|file| &file.diagnostics).collect();
    let counted = Severity::ALL.map(|severity| (severity.as_str(), findings.count(severity)));
    let counts = counted.iter().filter(|(_, n)| *n > 0);
    let parts: Vec<String> = counts
        .map(|(name, n)| match *name {
            "error" | "warning" if *n > 1 => format!("{n} {name}s"),
            name => format!("{n} {name}"),
        })
        .collect();
    let fixable = |safety| {
        all.iter().filter(|found| found.fix.as_ref().is_some_and(|fix| fix.safety == safety)).count()
    };
    let plural = if all.len() == 1 { "finding" } else { "findings" };
    let mut line = format!("{} {plural} ({})", all.len(), parts.join(", "));
    let (safe, not_safe) = (fixable(Safety::Safe), fixable(Safety::Unsafe));
    if safe > 0 {
        let _ = write!(line, "; `--fix` mends {safe}");
    }
    if not_safe > 0 {
        let more = if safe > 0 { " more" } else { "" };
        let _ = write!(line, "; `--unsafe-fixes` mends {not_safe}{more}");
    }
    line.push('\n');
    let mut costs = Total::default();
    for file in findings.files {
        costs.add(&file.diagnostics);
    }
    if let Some(costs) = cost::total(&costs, all.len()) {
        line.push_str(&costs);
        line.push('\n');
    }
    line
}
