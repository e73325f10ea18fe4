//! `plimsoll.toml`: found, read and checked; where there is none, hadolint's configuration.
//!
//! In goes a folder; out comes a [`Config`] whose every value can be used as it is, or an error that points at the line.

pub mod builds;
mod check;
mod error;
mod fail_on;
mod hadolint;
mod lint;
mod ordered;
mod schema;
mod yaml;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bench::Objective;
use crate::engine::{BuildArgs, Readiness};
use crate::lint::Settings;
use crate::region::Region;

pub use error::ConfigError;
pub use fail_on::FailOn;
pub use hadolint::{Migration, migrate};

/// The name of the file.
pub const FILE: &str = "plimsoll.toml";

/// A configuration that was checked.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The file it is from; none where there is no file.
    pub path: Option<PathBuf>,
    /// Which rules run.
    pub lint: Settings,
    /// The least severity that fails a run of the linter.
    pub fail_on: Option<FailOn>,
    /// Whether the ShellCheck program is asked about scripts.
    pub shellcheck: bool,
    /// What shows that a container serves.
    pub readiness: Option<Readiness>,
    /// How long a container may take to get ready.
    pub start_limit: Option<Duration>,
    /// The user's own variants, as they are listed.
    pub variants: Vec<VariantConfig>,
    /// The regions, as they are listed; none where none is.
    pub regions: Vec<Region>,
    /// How often each variant is measured in each region.
    pub blocks: Option<u32>,
    /// What to rank by.
    pub objective: Option<Objective>,
    /// The folder of the build context; the Dockerfile's own where none is named.
    pub context: Option<PathBuf>,
    /// The stage to build.
    pub target: Option<String>,
    /// Build arguments of every variant.
    pub build_args: BuildArgs,
}

/// A variant that the user brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantConfig {
    /// Its name.
    pub name: String,
    /// Its Dockerfile; the original where none is named.
    pub dockerfile: Option<PathBuf>,
    /// Its target.
    pub target: Option<String>,
    /// Its build arguments.
    pub build_args: BuildArgs,
}

impl Config {
    /// The configuration for `folder`: the nearest `plimsoll.toml` in it or above it, up to the repository's root. Where
    /// there is none, the nearest `.hadolint.yaml` on the same way, or the user's own; and else all defaults.
    pub fn find(folder: &Path) -> Result<Self, ConfigError> {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let project = project(&folder);
        if let Some(path) = project.iter().map(|above| above.join(FILE)).find(|path| path.is_file()) {
            return Self::read(&path);
        }
        hadolint::find(&project).map_or_else(|| Ok(Self::default()), |path| hadolint::read(&path))
    }

    /// Reads and checks the file at `path`. Paths in it are relative to its folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map(|config| Self { path: Some(path.to_owned()), ..config }).map_err(
            |mistake| ConfigError::Invalid {
                path: path.to_owned(),
                text,
                range: mistake.range,
                message: mistake.message,
                help: mistake.help,
            },
        )
    }

    fn parse(text: &str, folder: &Path) -> Result<Self, error::Mistake> {
        let file: schema::File = toml::from_str(text)?;
        check::check(file, folder)
    }
}

/// `folder` and the folders above it, as far as the repository's root.
fn project(folder: &Path) -> Vec<&Path> {
    let mut found = Vec::new();
    for above in folder.ancestors() {
        found.push(above);
        if above.join(".git").exists() {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;
