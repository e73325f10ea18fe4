//! Which files a command means.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::Failure;

/// The Dockerfiles under `paths`, each once, in the order of their paths within each argument. A file named outright
/// is taken whatever its name; folders are searched, ignoring what `.gitignore` ignores.
pub(super) fn dockerfiles(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { here.as_slice() } else { paths };
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        let metadata =
            std::fs::metadata(path).map_err(|source| Failure::Read { path: path.clone(), source })?;
        let before = found.len();
        if metadata.is_dir() {
            found.extend(search(path));
            if found.len() == before && paths.len() == 1 {
                return Err(Failure::NoDockerfile(path.clone()));
            }
        } else {
            found.push(path.clone());
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

fn search(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = WalkBuilder::new(folder)
        // A CI checkout's own folders, such as `.devcontainer`, hold Dockerfiles too.
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter(|entry| entry.file_name().to_str().is_some_and(is_dockerfile))
        .map(|entry| {
            let path = entry.into_path();
            path.strip_prefix("./").map(Path::to_owned).unwrap_or(path)
        })
        .collect();
    found.sort();
    found
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
