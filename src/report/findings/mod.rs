//! What the linter found, one file a format.

mod github;
mod human;
mod json;
mod sarif;

pub use github::github;
pub use human::human;
pub use json::json;
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

/// How many findings of `severity` there are in all files.
fn count(files: &[FileFindings], severity: Severity) -> usize {
    files.iter().flat_map(|file| &file.diagnostics).filter(|found| found.severity == severity).count()
}
