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
    /// The context of a build of the Dockerfile at `path`, in the folder that it seems to be written for. None where it
    /// takes nothing from the context or the folder can't be read, since then a rule that needs it has nothing to say.
    pub(super) fn of(&self, path: &Path, source: &SourceFile) -> Option<Arc<BuildContext>> {
        let taken = taken(source)?;
        self.read(&written_for(path, &taken), path)
    }

    /// The context in `folder` for a build of the Dockerfile at `path`; none as in [`Self::of`].
    pub(super) fn in_folder(
        &self,
        folder: &Path,
        path: &Path,
        source: &SourceFile,
    ) -> Option<Arc<BuildContext>> {
        taken(source)?;
        self.read(folder, path)
    }

    fn read(&self, folder: &Path, path: &Path) -> Option<Arc<BuildContext>> {
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

/// What the `COPY`s and `ADD`s take from the context and name in full; none where they take nothing from it.
fn taken(source: &SourceFile) -> Option<Vec<String>> {
    let parsed = dockerfile::parse(source);
    let mut named = Vec::new();
    let mut takes = false;
    for instruction in parsed.dockerfile.instructions() {
        let (Body::Copy(transfer) | Body::Add(transfer)) = &instruction.body else { continue };
        if instruction.flag("from").is_some() {
            continue;
        }
        for source in &transfer.sources {
            let Source::Path(word) = source else { continue };
            takes = true;
            let path = word.text.trim_start_matches("./").trim_matches('/');
            if !path.is_empty() && path != "." && !path.contains(['$', '*', '?', '[', ':', '\\']) {
                named.push(path.to_owned());
            }
        }
    }
    takes.then_some(named)
}

/// The folder of the build that the Dockerfile at `path` seems to be written for: of its own and those above it in the
/// repository, the one that has the most of what it takes. `docker build -f app/Dockerfile .` is as common as
/// `docker build app`.
fn written_for(path: &Path, taken: &[String]) -> PathBuf {
    let own = folder_of(path);
    let count = |folder: &Path| taken.iter().filter(|path| folder.join(path).exists()).count();
    let mut best = (count(&own), own.clone());
    let Ok(absolute) = std::path::absolute(&own) else { return own };
    let above = || absolute.ancestors().take_while(|folder| !folder.join(".git").exists());
    // Outside of a repository nobody says how far up to look.
    let Some(root) = absolute.ancestors().nth(above().count()) else { return own };
    for folder in above().skip(1).chain([root]) {
        if best.0 == taken.len() {
            break;
        }
        let there = count(folder);
        if there > best.0 {
            best = (there, folder.to_owned());
        }
    }
    best.1
}
