//! Which ignore file counts.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{ContextError, Patterns};

/// An ignore file and its patterns.
#[derive(Debug, Clone)]
pub struct IgnoreFile {
    /// Where it was found.
    pub path: PathBuf,
    /// What is in it.
    pub patterns: Patterns,
}

impl IgnoreFile {
    /// The ignore file of a build: the one beside the Dockerfile with its name and `.dockerignore` behind it, else
    /// `.dockerignore` at the context's root.
    /// Source: moby/buildkit, frontend/dockerui/config.go.
    pub fn find(root: &Path, dockerfile: &Path) -> Result<Option<Self>, ContextError> {
        let mut own = dockerfile.as_os_str().to_owned();
        own.push(".dockerignore");
        for path in [PathBuf::from(own), root.join(".dockerignore")] {
            match std::fs::read(&path) {
                Ok(bytes) => {
                    return match Patterns::parse(&bytes) {
                        Ok(patterns) => Ok(Some(Self { path, patterns })),
                        Err(source) => Err(ContextError::Pattern { path, source }),
                    };
                }
                Err(source) if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(source) => return Err(ContextError::Unreadable { path, source }),
            }
        }
        Ok(None)
    }
}
