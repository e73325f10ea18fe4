//! What makes a run of the linter fail.

use crate::lint::Severity;

/// The least severity that fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// This one and all graver ones.
    Severity(Severity),
    /// No finding does.
    Never,
}

impl FailOn {
    /// All of them with their names.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("error", Self::Severity(Severity::Error)),
        ("warning", Self::Severity(Severity::Warning)),
        ("info", Self::Severity(Severity::Info)),
        ("style", Self::Severity(Severity::Style)),
        ("none", Self::Never),
    ];

    /// Whether a finding of that severity fails the run.
    pub fn is_reached_by(self, severity: Severity) -> bool {
        match self {
            Self::Severity(least) => severity >= least,
            Self::Never => false,
        }
    }
}
