//! What the linter found, one file a format.

mod checkstyle;
mod cost;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;
mod xml;

pub use checkstyle::checkstyle;
pub use github::github;
pub use gitlab::gitlab;
pub use human::human;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;

use std::cmp::Reverse;
use std::time::Duration;

use crate::lint::{Diagnostic, Precision, Severity};
use crate::text::SourceFile;

/// The findings in one file.
#[derive(Debug, Clone)]
pub struct FileFindings {
    /// The file as it was checked.
    pub source: SourceFile,
    /// Whether it parses without an error.
    pub parsed: bool,
    /// What was found, in the order of the places.
    pub diagnostics: Vec<Diagnostic>,
}

/// The findings in all files, and the order to show them in.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// The files.
    pub files: &'a [FileFindings],
    /// The order.
    pub order: Order,
}

/// The order of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// File by file, as they stand there.
    #[default]
    Place,
    /// What costs most bytes first, then what costs most seconds, then what is bounded; what is not known to cost
    /// anything last.
    Impact,
}

impl<'a> Findings<'a> {
    /// All findings in their order, each with its file.
    fn all(self) -> Vec<(&'a SourceFile, &'a Diagnostic)> {
        let files = self.files.iter();
        let mut all: Vec<(&SourceFile, &Diagnostic)> =
            files.flat_map(|file| file.diagnostics.iter().map(|found| (&file.source, found))).collect();
        self.sort(&mut all, |(_, found)| found);
        all
    }

    /// The findings of one file in their order.
    fn of(self, file: &'a FileFindings) -> Vec<&'a Diagnostic> {
        let mut all: Vec<&Diagnostic> = file.diagnostics.iter().collect();
        self.sort(&mut all, |found| found);
        all
    }

    fn sort<T>(self, findings: &mut [T], finding: impl Fn(&T) -> &Diagnostic) {
        if self.order == Order::Impact {
            findings.sort_by_key(|one| Reverse(dearness(finding(one))));
        }
    }

    /// How many findings of `severity` there are.
    fn count(self, severity: Severity) -> usize {
        let all = self.files.iter().flat_map(|file| &file.diagnostics);
        all.filter(|found| found.severity == severity).count()
    }
}

/// Bytes, then seconds; a bound is no cost, and comes behind them.
fn dearness(found: &Diagnostic) -> (u64, Duration, u64) {
    let Some(impact) = &found.impact else { return (0, Duration::ZERO, 0) };
    let bytes = impact.bytes.map_or(0, |bytes| bytes.0);
    match impact.precision {
        Precision::AtMost => (0, Duration::ZERO, bytes),
        Precision::Exact | Precision::About => (bytes, impact.time().unwrap_or_default(), 0),
    }
}

/// The message with what to do behind it and what it costs, for formats that have one text.
fn message(found: &Diagnostic) -> String {
    let help = found.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let cost = found.impact.as_ref().map(|impact| format!("\ncosts {}", cost::words(impact)));
    format!("{}{help}{}", found.message, cost.unwrap_or_default())
}

/// A path as other programs know it: without `./` before it, and with `/` between its parts.
fn plain_path(path: &str) -> String {
    path.strip_prefix("./").unwrap_or(path).replace('\\', "/")
}
