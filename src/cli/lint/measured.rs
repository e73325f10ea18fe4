//! What the last run measured of the file that it was about.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bench::{ORIGINAL, RUNS, RunFolder, RunFolderError, RunResult};
use crate::lint::{MeasuredLayer, MeasuredRun};

/// The last run, and the Dockerfile that it was about.
#[derive(Debug)]
pub(super) struct LastRun {
    dockerfile: PathBuf,
    measured: Arc<MeasuredRun>,
}

impl LastRun {
    /// Finds it where `plimsoll bench` keeps its runs. No run is no error.
    pub(super) fn find() -> Result<Option<Self>, RunFolderError> {
        let folder = match RunFolder::latest(Path::new(RUNS)) {
            Ok(folder) => folder,
            Err(RunFolderError::NoRuns { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Self::of_result(folder.read_result()?))
    }

    fn of_result(result: RunResult) -> Option<Self> {
        let dockerfile = Path::new(&result.dockerfile).canonicalize().ok()?;
        let original = result.variants.into_iter().find(|variant| variant.name == ORIGINAL)?;
        let layers = original.image?.layers.into_iter().filter_map(|layer| {
            Some(MeasuredLayer {
                instruction: layer.instruction?,
                line: layer.line?,
                compressed: layer.compressed,
                uncompressed: layer.uncompressed,
            })
        });
        Some(Self { dockerfile, measured: Arc::new(MeasuredRun { id: result.id, layers: layers.collect() }) })
    }

    /// What it measured of the file at `path`; nothing where it was about another one.
    pub(super) fn of(&self, path: &Path) -> Option<Arc<MeasuredRun>> {
        let is_its = path.canonicalize().is_ok_and(|path| path == self.dockerfile);
        is_its.then(|| Arc::clone(&self.measured))
    }
}
