//! The texts of a project's manifests: what its dependencies are and how it is built and started.

use std::collections::BTreeMap;

use crate::bytes::Bytes;
use crate::context::{Entry, Kind, Listing};

/// A manifest larger than this is not read: a lock file of thousands of packages has some megabytes.
const LARGEST: Bytes = Bytes(8 << 20);
/// So many are read at the most; a monorepo has one for each of its packages.
const MOST: usize = 200;

/// The manifests of a build context, by their paths in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifests(BTreeMap<String, String>);

impl Manifests {
    /// The files of a context that are worth reading. Reading them is the caller's: this room does no I/O.
    pub fn wanted(listing: &Listing) -> impl Iterator<Item = &Entry> {
        listing.entries.iter().filter(|entry| entry.kind == Kind::File && is_manifest(entry)).take(MOST)
    }

    /// The text of the manifest at `path`.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// All of them, with their paths.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The manifest of that name with the fewest folders above it, and its path.
    pub fn nearest(&self, name: &str) -> Option<(&str, &str)> {
        let named = self.0.iter().filter(|(path, _)| path.rsplit('/').next() == Some(name));
        let nearest = named.min_by_key(|(path, _)| path.matches('/').count());
        nearest.map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

impl FromIterator<(String, String)> for Manifests {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(files: T) -> Self {
        Self(files.into_iter().collect())
    }
}

fn is_manifest(entry: &Entry) -> bool {
    let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
    let is_known = matches!(
        name,
        "package.json"
            | "package-lock.json"
            | "tsconfig.json"
            | "Cargo.toml"
            | "Cargo.lock"
            | "go.mod"
            | "CMakeLists.txt"
            | "pom.xml"
            | "pyproject.toml"
    );
    let is_requirements =
        name.starts_with("requirements") && name.rsplit_once('.').is_some_and(|(_, end)| end == "txt");
    let is_own = !entry.path.split('/').any(|part| part == "node_modules");
    is_own && (is_known || is_requirements) && entry.size <= LARGEST
}
