//! The images that a Compose or Bake file builds: of which Dockerfile, with which target and arguments.
//!
//! No value comes from the environment: a variable without a default leaves what depends on it unsaid.

mod bake;
mod compose;
mod interpolation;

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::ConfigError;
use crate::lint::Build;

/// What a Compose or Bake file builds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// The builds.
    pub builds: Vec<ProjectBuild>,
    /// The names of those that can't be told, or whose sources are elsewhere, each with the reason.
    pub skipped: Vec<(String, String)>,
}

/// One image that is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectBuild {
    /// The service's or target's name.
    pub name: String,
    /// The folder of the build context.
    pub context: PathBuf,
    /// The Dockerfile.
    pub recipe: Recipe,
    /// Target, arguments and contexts by name.
    pub build: Build,
}

/// A Dockerfile of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    /// A file.
    File(PathBuf),
    /// The text itself.
    Inline(String),
}

/// Whether a file of that name is a Compose or Bake file: by its extension, unless it is called a Dockerfile.
pub fn is_build_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !name.starts_with("Dockerfile") && !name.starts_with("Containerfile") && form(path).is_some()
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Compose,
    BakeHcl,
    BakeJson,
}

fn form(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()? {
        "yaml" | "yml" => Some(Form::Compose),
        "hcl" => Some(Form::BakeHcl),
        "json" => Some(Form::BakeJson),
        _ => None,
    }
}

/// Reads a Compose or Bake file.
pub fn read(path: &Path) -> Result<Project, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let project = match form(path) {
        Some(Form::BakeHcl) => bake::hcl(&text, folder),
        Some(Form::BakeJson) => bake::json(&text, folder),
        Some(Form::Compose) | None => compose::read(&text, folder),
    };
    project.map_err(|mistake| ConfigError::Invalid {
        path: path.to_owned(),
        text,
        range: mistake.range,
        message: mistake.message,
        help: mistake.help,
    })
}

/// Why a build's sources can't be looked at here, where the context is no folder.
fn remote(context: &str) -> Option<String> {
    let is_remote = context.contains("://")
        || context.starts_with("git@")
        || context.starts_with("github.com/")
        || Path::new(context).extension().is_some_and(|extension| extension == "git");
    is_remote.then(|| "its context is elsewhere".to_owned())
}

/// A number, a switch or a text as a build argument's value.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(switch) => Some(switch.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `path` as seen from `folder`, without the steps that lead nowhere: `a/../b` is `b`, so that a file has one name.
fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut result = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(result.components().next_back(), Some(Component::Normal(_))) => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    if result.as_os_str().is_empty() { PathBuf::from(".") } else { result }
}
