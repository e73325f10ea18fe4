//! Which files a command means.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::Failure;

/// The Dockerfiles under `paths`, each once, in the order of their paths within each argument. A file named outright
/// is taken whatever its name; folders are searched, ignoring what `.gitignore` ignores. What can't be read stands
/// in its place as a failure, so that the rest is still worked on.
pub(super) fn dockerfiles(paths: &[PathBuf]) -> Vec<Result<PathBuf, Failure>> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { here.as_slice() } else { paths };
    let mut found = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => found.extend(search(path)),
            Ok(_) => found.push(Ok(path.clone())),
            Err(source) => found.push(Err(Failure::Read { path: path.clone(), source })),
        }
    }
    if found.is_empty() {
        found.extend(paths.iter().map(|path| Err(Failure::NoDockerfile(path.clone()))));
    }
    let mut seen = HashSet::new();
    found.retain(|entry| entry.as_ref().map_or(true, |path| seen.insert(path.clone())));
    found
}

fn search(folder: &Path) -> Vec<Result<PathBuf, Failure>> {
    let walk = WalkBuilder::new(folder)
        // A CI checkout's own folders, such as `.devcontainer`, hold Dockerfiles too.
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                if is_file && entry.file_name().to_str().is_some_and(is_dockerfile) {
                    let path = entry.into_path();
                    found.push(path.strip_prefix("./").map(Path::to_owned).unwrap_or(path));
                }
            }
            Err(error) => failures.push(Err(unreadable(folder, error))),
        }
    }
    found.sort();
    found.into_iter().map(Ok).chain(failures).collect()
}

/// What the walk could not enter, with the system's own words for why.
fn unreadable(walked: &Path, error: ignore::Error) -> Failure {
    match error {
        ignore::Error::WithPath { path, err } => unreadable(&path, *err),
        ignore::Error::WithDepth { err, .. } => unreadable(walked, *err),
        ignore::Error::Io(source) => {
            let path = walked.strip_prefix("./").unwrap_or(walked).to_owned();
            // The walker's error repeats the path; the system's is inside.
            let inside = source.get_ref().and_then(|error| error.source()?.downcast_ref::<io::Error>());
            let system = inside.and_then(io::Error::raw_os_error).map(io::Error::from_raw_os_error);
            let source = system.unwrap_or(source);
            Failure::Read { path, source }
        }
        other => Failure::Read { path: walked.to_owned(), source: io::Error::other(other) },
    }
}

/// Whether a file of that name is a Dockerfile by its name: `Dockerfile`, `Dockerfile.*`, `*.Dockerfile`,
/// `*.dockerfile`, and the same of `Containerfile`; never a `.dockerignore`.
fn is_dockerfile(name: &str) -> bool {
    if name.ends_with(".dockerignore") {
        return false;
    }
    ["Dockerfile", "Containerfile"].into_iter().any(|kind| {
        name == kind
            || name.strip_prefix(kind).is_some_and(|rest| rest.starts_with('.'))
            || name.strip_suffix(kind).is_some_and(|rest| rest.ends_with('.'))
            || name.strip_suffix(&kind.to_ascii_lowercase()).is_some_and(|rest| rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::is_dockerfile;

    #[test]
    fn a_dockerfile_is_known_by_its_name() {
        for name in ["Dockerfile", "Dockerfile.dev", "api.Dockerfile", "api.dockerfile", "Containerfile.ci"] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in ["Dockerfile.dockerignore", "dockerfile.rs", "MyDockerfile", "Dockerfiles", "README"] {
            assert!(!is_dockerfile(name), "{name}");
        }
    }
}
