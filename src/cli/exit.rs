//! What the process says to the shell.

use std::process::ExitCode;

/// The exit codes, the same for every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Nothing to report.
    Clean = 0,
    /// Findings at or over the threshold, or a gate that fails.
    Findings = 1,
    /// Wrong usage, bad configuration, or a Dockerfile that does not parse.
    Usage = 2,
    /// An engine, registry or region that can't be reached, or a build that failed.
    Unreachable = 3,
    /// Interrupted, after cleaning up.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
