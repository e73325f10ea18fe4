//! The files to lint: named, found, on standard input, or named by a Compose or Bake file.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::config::builds::{self, ProjectBuild, Recipe};
use crate::lint::Build;
use crate::text::SourceFile;

use super::{Failure, discover, folder_of};

/// A file to lint.
pub(super) struct Input {
    pub(super) source: SourceFile,
    pub(super) place: Place,
    /// The path of the Dockerfile that says which ignore file counts, and the folder of its build context where
    /// somebody says which that is.
    pub(super) context: Option<(PathBuf, Option<PathBuf>)>,
    /// The builds that it is for, where a Compose or Bake file says which.
    pub(super) builds: Vec<Build>,
}

/// Where a file came from, and so where its fix goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A file of its own.
    File(PathBuf),
    /// Standard input, and the path that it is said to have.
    StandardInput(Option<PathBuf>),
    /// Written inside a Compose or Bake file; its context's folder.
    Inline(PathBuf),
}

impl Place {
    /// The folder whose configuration speaks of it.
    pub(super) fn folder(&self) -> PathBuf {
        match self {
            Self::File(path) | Self::StandardInput(Some(path)) => folder_of(path),
            Self::StandardInput(None) => PathBuf::from("."),
            Self::Inline(context) => context.clone(),
        }
    }

    /// The file, where it is one.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::StandardInput(Some(path)) => Some(path),
            Self::StandardInput(None) | Self::Inline(_) => None,
        }
    }
}

/// What was read, what can't be, and what there is to say about it.
#[derive(Default)]
pub(super) struct Read {
    pub(super) files: Vec<Input>,
    pub(super) failures: Vec<Failure>,
    pub(super) notes: Vec<String>,
}

/// Reads all files that `paths` mean.
pub(super) fn read(paths: &[PathBuf], stdin_filename: Option<&Path>) -> Result<Read, Failure> {
    let dash = Path::new("-");
    if paths.iter().any(|path| path == dash) {
        if paths.len() > 1 {
            return Err(Failure::Usage("`-` is standard input and stands alone".to_owned()));
        }
        return Ok(Read { files: vec![standard_input(stdin_filename)?], ..Read::default() });
    }
    if stdin_filename.is_some() {
        return Err(Failure::Usage("`--stdin-filename` names what `-` reads".to_owned()));
    }
    let (projects, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.iter().cloned().partition(|path| builds::is_build_file(path) && !path.is_dir());
    let mut read = Read::default();
    if projects.is_empty() || !paths.is_empty() {
        let outcomes: Vec<Result<Input, Failure>> =
            discover::dockerfiles(&paths).into_par_iter().map(|path| file(&path?)).collect();
        read.sort_out(outcomes);
    }
    for project in &projects {
        read.project(project);
    }
    Ok(read)
}

fn standard_input(name: Option<&Path>) -> Result<Input, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|source| Failure::Read { path: "standard input".into(), source })?;
    let shown = name.map_or_else(|| "<stdin>".to_owned(), |name| name.display().to_string());
    Ok(Input {
        source: SourceFile::new(shown, bytes),
        place: Place::StandardInput(name.map(Path::to_owned)),
        context: name.map(|name| (name.to_owned(), None)),
        builds: Vec::new(),
    })
}

fn file(path: &Path) -> Result<Input, Failure> {
    let bytes = std::fs::read(path).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    Ok(Input {
        source: SourceFile::new(path.display().to_string(), bytes),
        place: Place::File(path.to_owned()),
        context: Some((path.to_owned(), None)),
        builds: Vec::new(),
    })
}

impl Read {
    fn sort_out(&mut self, outcomes: Vec<Result<Input, Failure>>) {
        for outcome in outcomes {
            match outcome {
                Ok(file) => self.files.push(file),
                Err(failure) => self.failures.push(failure),
            }
        }
    }

    /// The Dockerfiles of a Compose or Bake file. Builds of one Dockerfile are looked at together, since it is one file
    /// that is mended; where their contexts differ, none is the context.
    fn project(&mut self, path: &Path) {
        let project = match builds::read(path) {
            Ok(project) => project,
            Err(error) => return self.failures.push(error.into()),
        };
        let unread = project.skipped.iter();
        let notes = unread.map(|(name, why)| format!("{}: {name} is not linted: {why}", path.display()));
        self.notes.extend(notes);
        let mut files: BTreeMap<PathBuf, Vec<ProjectBuild>> = BTreeMap::new();
        for build in project.builds {
            match &build.recipe {
                Recipe::File(dockerfile) => files.entry(dockerfile.clone()).or_default().push(build),
                Recipe::Inline(text) => {
                    let name = format!("{}#{}", path.display(), build.name);
                    self.files.push(Input {
                        source: SourceFile::new(name, text.as_bytes()),
                        place: Place::Inline(build.context.clone()),
                        context: Some((build.context.join("Dockerfile"), Some(build.context.clone()))),
                        builds: vec![build.build],
                    });
                }
            }
        }
        for (dockerfile, builds) in files {
            match file(&dockerfile) {
                Ok(input) => self.files.push(for_builds(input, &dockerfile, builds)),
                Err(failure) => self.failures.push(failure),
            }
        }
    }
}

fn for_builds(input: Input, dockerfile: &Path, builds: Vec<ProjectBuild>) -> Input {
    let mut contexts: Vec<&PathBuf> = builds.iter().map(|build| &build.context).collect();
    contexts.dedup();
    let context = match contexts.as_slice() {
        [one] => Some((dockerfile.to_owned(), Some((*one).clone()))),
        _ => None,
    };
    let mut builds: Vec<Build> = builds.into_iter().map(|build| build.build).collect();
    builds.sort();
    builds.dedup();
    Input { context, builds, ..input }
}
