//! The ShellCheck program: asked about many scripts at once, several processes side by side, its answers kept.
//!
//! Scripts go in, what the program says of them comes out. This is the only room that runs it.

mod answer;
mod cache;
mod error;
mod process;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rayon::prelude::*;

use crate::lint::{Remark, ShellScript, Verdicts};

use cache::Cache;
pub use error::ShellCheckError;

/// Scripts that one process is given: enough that starting it costs little, few enough that all cores have work.
const BATCH: usize = 48;

/// How long a process may take. It reads a batch in a second or two.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is asked of the program. Files that a script reads with `.` are not there, and that it doesn't know BusyBox's
/// shell by the name of `ash` is nothing to be told. What a folder's or a user's own configuration says would change what
/// is kept.
const ARGUMENTS: [&str; 4] =
    ["--norc", "--format=json1", "--severity=style", "--exclude=SC1090,SC1091,SC2187"];

/// The program.
#[derive(Debug)]
pub struct ShellCheck {
    program: PathBuf,
    /// What it says of itself.
    version: String,
    cache: Option<Cache>,
    patience: Duration,
}

impl ShellCheck {
    /// The `shellcheck` of the search path, with the user's cache.
    pub fn find() -> Result<Self, ShellCheckError> {
        Self::at(PathBuf::from("shellcheck"), cache::folder(), PATIENCE)
    }

    fn at(program: PathBuf, cache: Option<PathBuf>, patience: Duration) -> Result<Self, ShellCheckError> {
        let mut command = Command::new(&program);
        command.arg("--version");
        let version = process::run(&mut command, patience)?;
        if version.trim().is_empty() {
            return Err(ShellCheckError::NoVersion);
        }
        Ok(Self { program, cache: cache.map(|folder| Cache::new(folder, &version)), version, patience })
    }

    /// What it says of itself.
    pub fn version(&self) -> &str {
        self.version.trim()
    }

    /// What it says of `scripts`, added to what `verdicts` know. Where some can't be had the others come all the same,
    /// with the reasons.
    pub fn ask(&self, scripts: Vec<ShellScript>, verdicts: &mut Verdicts) -> Vec<ShellCheckError> {
        let unknown = scripts.into_iter().filter(|script| !verdicts.know(script)).map(|script| script.text);
        let mut unknown: Vec<String> = unknown.collect();
        unknown.sort_unstable();
        unknown.dedup();
        let kept: Vec<Option<Vec<Remark>>> =
            unknown.par_iter().map(|text| self.cache.as_ref()?.get(text)).collect();
        let mut asked = Vec::new();
        for (text, remarks) in unknown.into_iter().zip(kept) {
            match remarks {
                Some(remarks) => verdicts.insert(text, remarks),
                None => asked.push(text),
            }
        }
        let answers: Vec<Result<_, ShellCheckError>> =
            asked.par_chunks(BATCH).map(|batch| self.batch(batch)).collect();
        let mut errors: Vec<ShellCheckError> = Vec::new();
        for answer in answers {
            match answer {
                Ok(remarks) => remarks.into_iter().for_each(|(text, remarks)| verdicts.insert(text, remarks)),
                // What is wrong with the program is wrong each time.
                Err(error) if errors.iter().any(|other| other.to_string() == error.to_string()) => {}
                Err(error) => errors.push(error),
            }
        }
        errors
    }

    /// Asks one process about all of a batch.
    fn batch(&self, texts: &[String]) -> Result<Vec<(String, Vec<Remark>)>, ShellCheckError> {
        let folder = tempfile::tempdir().map_err(ShellCheckError::Scratch)?;
        let mut command = Command::new(&self.program);
        command.args(ARGUMENTS).current_dir(folder.path());
        for (index, text) in texts.iter().enumerate() {
            let name = index.to_string();
            std::fs::write(folder.path().join(&name), text).map_err(ShellCheckError::Scratch)?;
            command.arg(name);
        }
        let answer = process::run(&mut command, self.patience)?;
        let mut by_name: HashMap<usize, Vec<Remark>> = answer::read(&answer, texts.len())?;
        let remarks = texts.iter().enumerate().map(|(index, text)| {
            let remarks = by_name.remove(&index).unwrap_or_default();
            if let Some(cache) = &self.cache {
                cache.put(text, &remarks);
            }
            (text.clone(), remarks)
        });
        Ok(remarks.collect())
    }
}
