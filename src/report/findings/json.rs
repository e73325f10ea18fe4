//! Findings as one JSON object, version 1.

use std::time::Duration;

use serde::Serialize;

use crate::lint::{self, Diagnostic};
use crate::text::SourceFile;

use super::Findings;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    files: Vec<File<'a>>,
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    parsed: bool,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    aliases: &'a [&'a str],
    category: &'a str,
    severity: &'a str,
    path: &'a str,
    start: Place,
    end: Place,
    message: &'a str,
    help: Option<&'a str>,
    impact: Option<Impact<'a>>,
    fix: Option<Fix<'a>>,
}

/// Line and column from 1, the column in characters; the offset in bytes from 0.
#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
pub(super) struct Impact<'a> {
    /// In the image, unpacked.
    bytes: Option<u64>,
    /// Those of the rebuild, the pull and the start together.
    seconds: Option<f64>,
    basis: &'a str,
    precision: &'a str,
    rebuild: Option<f64>,
    pull: Option<f64>,
    start: Option<f64>,
}

impl<'a> From<&'a lint::Impact> for Impact<'a> {
    fn from(impact: &'a lint::Impact) -> Self {
        // An estimate has no microseconds.
        let seconds = |time: Option<Duration>| time.map(|time| (time.as_secs_f64() * 1e3).round() / 1e3);
        Self {
            bytes: impact.bytes.map(|bytes| bytes.0),
            seconds: seconds(impact.time()),
            basis: &impact.basis,
            precision: impact.precision.as_str(),
            rebuild: seconds(impact.rebuild),
            pull: seconds(impact.pull),
            start: seconds(impact.start),
        }
    }
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    safety: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    start: Place,
    end: Place,
    text: &'a str,
}

/// All files and their findings as JSON with a final newline.
pub fn json(findings: Findings<'_>) -> String {
    let files = findings.files.iter();
    let report = Report {
        version: 1,
        files: files.map(|file| File { path: file.source.path(), parsed: file.parsed }).collect(),
        diagnostics: findings.all().into_iter().map(|(source, found)| finding(source, found)).collect(),
    };
    // Serialising plain structs of strings and numbers has no way to fail.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn finding<'a>(source: &'a SourceFile, found: &'a Diagnostic) -> Finding<'a> {
    Finding {
        rule: found.rule.name(),
        aliases: found.aliases,
        category: found.rule.category().as_str(),
        severity: found.severity.as_str(),
        path: source.path(),
        start: place(source, found.range.start()),
        end: place(source, found.range.end()),
        message: &found.message,
        help: found.help.as_deref(),
        impact: found.impact.as_ref().map(Impact::from),
        fix: found.fix.as_ref().map(|fix| Fix {
            title: &fix.title,
            safety: fix.safety.as_str(),
            edits: fix
                .edits
                .edits()
                .iter()
                .map(|edit| Edit {
                    start: place(source, edit.range.start()),
                    end: place(source, edit.range.end()),
                    text: &edit.text,
                })
                .collect(),
        }),
    }
}

fn place(source: &SourceFile, offset: usize) -> Place {
    let at = source.line_column(offset);
    Place { line: at.line, column: at.column, offset }
}
