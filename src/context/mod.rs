//! The build context: which files there are, which `.dockerignore` leaves out, and which a `COPY` takes.
//!
//! In goes a directory, or only the text of an ignore file; out come plain lists. Reading the directory and the
//! ignore file is the room's only I/O; rules see the finished [`Listing`].

mod glob;
mod ignore_file;
mod listing;
mod pattern;
mod patterns;
mod select;

pub use ignore_file::IgnoreFile;
pub use listing::{Entry, Kind, Listing};
pub use patterns::{IgnoreRule, ParentMatches, PatternError, Patterns};
pub use select::{Take, select, take};

use std::path::{Path, PathBuf};

use thiserror::Error;

/// A build context as a build would be sent it.
#[derive(Debug, Clone, Default)]
pub struct BuildContext {
    /// The ignore file that counts, where there is one.
    pub ignore: Option<IgnoreFile>,
    /// What is left.
    pub listing: Listing,
}

impl BuildContext {
    /// Reads the context at `root` for a build of `dockerfile`, a path on this machine. Looks at `limit` entries at
    /// the most.
    pub fn read(root: &Path, dockerfile: &Path, limit: usize) -> Result<Self, ContextError> {
        let ignore = IgnoreFile::find(root, dockerfile)?;
        let none = Patterns::default();
        let patterns = ignore.as_ref().map_or(&none, |ignore| &ignore.patterns);
        let listing = Listing::read(root, patterns, limit)?;
        Ok(Self { ignore, listing })
    }

    /// The rule of the ignore file that keeps the file or directory at `path`, which need not be there, out of the
    /// build. None for a directory in which something is taken back.
    pub fn rule_against(&self, path: &str) -> Option<IgnoreRule<'_>> {
        let path = glob::clean(&format!("/{path}"));
        let path = path.trim_start_matches('/');
        let ignore = self.ignore.as_ref().filter(|_| self.listing.get(path).is_none())?;
        ignore.patterns.rule_against(path)
    }
}

/// Why a context can't be read.
#[derive(Debug, Error)]
pub enum ContextError {
    /// The file system refused.
    #[error("can't read {path} of the build context: {source}")]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The ignore file has a pattern that no build accepts.
    #[error("{path}: {source}")]
    Pattern {
        /// The ignore file.
        path: PathBuf,
        /// The pattern.
        source: PatternError,
    },
}
