//! The build contexts of the files that are linted, each folder listed once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::context::{BuildContext, IgnoreFile};
use crate::dockerfile::{self, Body, Source};
use crate::text::SourceFile;

/// Entries that a listing for the linter stops at: it has to answer while somebody types.
const MOST_ENTRIES: usize = 100_000;

type Listed = Arc<OnceLock<Option<Arc<BuildContext>>>>;

/// The contexts read so far, by folder and ignore file.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    listed: Mutex<HashMap<(PathBuf, Option<PathBuf>), Listed>>,
}

impl Contexts {
    /// The context in `folder` for a build of the Dockerfile at `path`. None where it takes nothing from the context or
    /// the folder can't be read, since then a rule that needs it has nothing to say.
    pub(super) fn in_folder(
        &self,
        folder: &Path,
        path: &Path,
        source: &SourceFile,
    ) -> Option<Arc<BuildContext>> {
        if !takes_from_context(source) {
            return None;
        }
        let ignore = IgnoreFile::find(folder, path).ok()?.map(|ignore| ignore.path);
        let slot = {
            let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(listed.entry((folder.to_owned(), ignore)).or_default())
        };
        slot.get_or_init(|| BuildContext::read(folder, path, MOST_ENTRIES).ok().map(Arc::new)).clone()
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Whether a `COPY` or `ADD` takes a path that isn't another stage's.
fn takes_from_context(source: &SourceFile) -> bool {
    let parsed = dockerfile::parse(source);
    parsed.dockerfile.instructions().any(|instruction| match &instruction.body {
        Body::Copy(transfer) | Body::Add(transfer) => {
            instruction.flag("from").is_none()
                && transfer.sources.iter().any(|source| matches!(source, Source::Path(_)))
        }
        _ => false,
    })
}
