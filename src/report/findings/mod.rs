//! What the linter found, one file a format.

mod checkstyle;
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

use crate::lint::{Diagnostic, Severity};
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
    /// What costs most bytes first, then what costs most seconds; what is not known to cost anything last.
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
            findings.sort_by(|a, b| {
                cost(finding(b)).partial_cmp(&cost(finding(a))).unwrap_or(std::cmp::Ordering::Equal)
            });
        }
    }

    /// How many findings of `severity` there are.
    fn count(self, severity: Severity) -> usize {
        let all = self.files.iter().flat_map(|file| &file.diagnostics);
        all.filter(|found| found.severity == severity).count()
    }
}

/// Bytes, then seconds.
fn cost(found: &Diagnostic) -> (u64, f64) {
    let impact = found.impact.as_ref();
    let bytes = impact.and_then(|impact| impact.bytes).map_or(0, |bytes| bytes.0);
    (bytes, impact.and_then(|impact| impact.seconds).unwrap_or(0.0))
}

/// The message with what to do behind it, for formats that have one text.
fn message(found: &Diagnostic) -> String {
    let help = found.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    format!("{}{help}", found.message)
}

/// A path as other programs know it: without `./` before it, and with `/` between its parts.
fn plain_path(path: &str) -> String {
    path.strip_prefix("./").unwrap_or(path).replace('\\', "/")
}
