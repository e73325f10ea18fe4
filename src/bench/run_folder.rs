//! The folder of a run, with its samples and its result.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::result::{RESULT_VERSION, RunResult};
use super::sample::{Sample, SampleLog, SampleLogError};
use crate::engine::RunId;

/// Where runs are kept, from the project's folder.
pub const RUNS: &str = ".plimsoll/runs";

const RESULT: &str = "result.json";
const SAMPLES: &str = "samples.jsonl";
const REGISTRY: &str = "registry";

/// A run's folder on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

/// Why a run's folder could not be made, found, written or read.
#[derive(Debug, thiserror::Error)]
pub enum RunFolderError {
    /// A file or folder could not be made, written or read.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried: `create`, `write` or `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder that holds something already.
    #[error("`{}` is not empty; give a new folder for the run", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// No run of that name.
    #[error("there is no run `{name}`: neither it nor `{}` has a `{RESULT}`", runs.join(name).display())]
    Unknown {
        /// The path or id as given.
        name: String,
        /// The folder of runs that was looked in.
        runs: PathBuf,
    },
    /// No finished run at all.
    #[error("there is no run in `{}`; make one with `plimsoll bench`", runs.display())]
    NoRuns {
        /// The folder of runs.
        runs: PathBuf,
    },
    /// A result that a later version of the program wrote.
    #[error("`{}` has version {version}, and this program reads {RESULT_VERSION}; update plimsoll", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// A result that doesn't have its form.
    #[error("`{}` is no result of a run", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Samples that could not be read.
    #[error(transparent)]
    Samples(#[from] SampleLogError),
}

impl RunFolder {
    /// Makes the folder of the run `id` in the folder `runs`. Ids begin with a time, so that they sort by it. Runs are no
    /// part of the project's source, so `runs` tells git to leave it out.
    pub fn create(runs: &Path, id: &RunId) -> Result<Self, RunFolderError> {
        fs::create_dir_all(runs).map_err(|source| io_error("create", runs, source))?;
        let ignore = runs.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(|source| io_error("write", &ignore, source))?;
        }
        let path = runs.join(id.as_str());
        fs::create_dir(&path).map_err(|source| io_error("create", &path, source))?;
        Ok(Self { path })
    }

    /// Makes `path` itself the folder of a run. It may exist if it is empty.
    pub fn create_at(path: &Path) -> Result<Self, RunFolderError> {
        fs::create_dir_all(path).map_err(|source| io_error("create", path, source))?;
        let mut entries = fs::read_dir(path).map_err(|source| io_error("read", path, source))?;
        match entries.next() {
            None => Ok(Self { path: path.to_owned() }),
            Some(_) => Err(RunFolderError::NotEmpty { path: path.to_owned() }),
        }
    }

    /// Finds a run that has a result: `name` is a folder, or an id in the folder `runs`.
    pub fn open(runs: &Path, name: &str) -> Result<Self, RunFolderError> {
        [PathBuf::from(name), runs.join(name)]
            .into_iter()
            .find(|path| path.join(RESULT).is_file())
            .map(|path| Self { path })
            .ok_or_else(|| RunFolderError::Unknown { name: name.to_owned(), runs: runs.to_owned() })
    }

    /// Finds the latest run in the folder `runs` that has a result.
    pub fn latest(runs: &Path) -> Result<Self, RunFolderError> {
        let none = || RunFolderError::NoRuns { runs: runs.to_owned() };
        let entries = match fs::read_dir(runs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(none()),
            Err(source) => return Err(io_error("read", runs, source)),
        };
        let finished = entries.filter_map(Result::ok).map(|entry| entry.path());
        let latest = finished.filter(|path| path.join(RESULT).is_file()).max();
        latest.map(|path| Self { path }).ok_or_else(none)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run's id: the folder's name.
    pub fn id(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// Where the run's registry keeps its blobs while the run lasts.
    pub fn registry(&self) -> PathBuf {
        self.path.join(REGISTRY)
    }

    /// Removes the run's registry. One that isn't there is removed already.
    pub fn remove_registry(&self) -> Result<(), RunFolderError> {
        let path = self.registry();
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error("remove", &path, error)),
            _ => Ok(()),
        }
    }

    /// Removes the registries that runs in the folder `runs` left when they were killed; how many there were.
    pub fn remove_registries(runs: &Path) -> Result<usize, RunFolderError> {
        let Ok(entries) = fs::read_dir(runs) else { return Ok(0) };
        entries.filter_map(Result::ok).map(|entry| Self::remove_registry_at(&entry.path())).sum()
    }

    /// Removes the registry that a killed run left in its folder `path`; how many there were. A folder without samples is
    /// none of a run, and what it calls `registry` stays.
    pub fn remove_registry_at(path: &Path) -> Result<usize, RunFolderError> {
        let run = Self { path: path.to_owned() };
        if !run.registry().is_dir() || !path.join(SAMPLES).is_file() {
            return Ok(0);
        }
        run.remove_registry().map(|()| 1)
    }

    /// Opens the log of the run's samples for writing, once.
    pub fn sample_log(&self) -> Result<SampleLog, RunFolderError> {
        Ok(SampleLog::create(self.path.join(SAMPLES))?)
    }

    /// The run's samples.
    pub fn samples(&self) -> Result<Vec<Sample>, RunFolderError> {
        Ok(SampleLog::read(&self.path.join(SAMPLES))?)
    }

    /// Writes `result.json` whole or not at all: what reads it meanwhile finds the former one.
    pub fn write_result(&self, result: &RunResult) -> Result<(), RunFolderError> {
        let path = self.path.join(RESULT);
        let unfinished = self.path.join("result.json.unfinished");
        let write = || {
            let mut file = fs::File::create(&unfinished)?;
            serde_json::to_writer_pretty(&mut file, result)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)
        };
        write().map_err(|source| io_error("write", &path, source))
    }

    /// Reads `result.json`.
    pub fn read_result(&self) -> Result<RunResult, RunFolderError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let path = self.path.join(RESULT);
        let text = fs::read(&path).map_err(|source| io_error("read", &path, source))?;
        let form = |source| RunFolderError::Form { path: path.clone(), source };
        let Version { version } = serde_json::from_slice(&text).map_err(form)?;
        if version > RESULT_VERSION {
            return Err(RunFolderError::Newer { path, version });
        }
        serde_json::from_slice(&text).map_err(form)
    }
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> RunFolderError {
    RunFolderError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{RunFolder, RunFolderError};
    use crate::bench::result::example;
    use crate::engine::RunId;

    fn id(text: &str) -> RunId {
        RunId::parse(text).unwrap()
    }

    #[test]
    fn a_result_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create(folder.path(), &id("20261103-122233-0a1b")).unwrap();
        assert_eq!(run.id(), "20261103-122233-0a1b");
        let mut result = example();
        run.write_result(&result).unwrap();
        result.interrupted = true;
        run.write_result(&result).unwrap();
        assert_eq!(run.read_result().unwrap(), result);
        let files: Vec<_> =
            fs::read_dir(run.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(files, ["result.json"]);
    }

    #[test]
    fn the_latest_run_with_a_result_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("runs");
        assert!(matches!(RunFolder::latest(&runs), Err(RunFolderError::NoRuns { .. })));
        let ids = ["20261103-142233-ffff", "20261103-142234-0000", "20261103-142235-0000"];
        let [first, second, third] = ids.map(|name| RunFolder::create(&runs, &id(name)).unwrap());
        first.write_result(&example()).unwrap();
        second.write_result(&example()).unwrap();
        assert_eq!(RunFolder::latest(&runs).unwrap(), second);
        assert_eq!(RunFolder::open(&runs, "20261103-142233-ffff").unwrap(), first);
        assert_eq!(
            RunFolder::open(Path::new("elsewhere"), &second.path().to_string_lossy()).unwrap(),
            second
        );
        let unfinished = RunFolder::open(&runs, &third.id()).unwrap_err();
        assert!(unfinished.to_string().starts_with("there is no run `20261103-142235-0000`"), "{unfinished}");
    }

    #[test]
    fn git_leaves_runs_out() {
        let folder = tempfile::tempdir().unwrap();
        RunFolder::create(folder.path(), &id("20261103-142233-0a1b")).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(".gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn registries_that_killed_runs_left_are_removed_and_their_samples_stay() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create(folder.path(), &id("20261103-142233-0a1b")).unwrap();
        run.sample_log().unwrap();
        fs::create_dir_all(run.registry().join("blobs")).unwrap();
        let other = folder.path().join("other/registry");
        fs::create_dir_all(&other).unwrap();
        assert_eq!(RunFolder::remove_registries(folder.path()).unwrap(), 1);
        assert!(other.exists(), "a folder that is none of a run's is left");
        assert!(!run.registry().exists());
        assert_eq!(run.samples().unwrap(), []);
        assert_eq!(RunFolder::remove_registries(&folder.path().join("none")).unwrap(), 0);
    }

    #[test]
    fn a_folder_with_something_in_it_is_not_taken_for_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create_at(folder.path()).unwrap();
        run.sample_log().unwrap();
        assert!(matches!(RunFolder::create_at(folder.path()), Err(RunFolderError::NotEmpty { .. })));
        assert_eq!(run.samples().unwrap(), []);
    }

    #[test]
    fn a_result_of_a_later_version_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create_at(folder.path()).unwrap();
        let path = folder.path().join("result.json");
        fs::write(&path, r#"{"version": 2, "anything": "else"}"#).unwrap();
        let error = run.read_result().unwrap_err().to_string();
        assert!(error.ends_with("has version 2, and this program reads 1; update plimsoll"), "{error}");
        fs::write(&path, "{}").unwrap();
        assert!(matches!(run.read_result(), Err(RunFolderError::Form { .. })));
    }
}
