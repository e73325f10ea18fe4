//! What no image needs from a checkout: version control, installed dependencies, build results.

use std::collections::BTreeMap;

use crate::context::{Entry, Listing};

use super::cost::Files;

/// The roots of such files among `entries` of `listing`, each with what is in it.
pub(super) fn unwanted<'e>(
    listing: &Listing,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> BTreeMap<String, Files> {
    const NAMES: [&str; 16] = [
        ".git",
        ".gradle",
        ".hg",
        ".idea",
        ".mypy_cache",
        ".next",
        ".pytest_cache",
        ".svn",
        ".terraform",
        ".tox",
        ".venv",
        ".vscode",
        "__pycache__",
        "coverage",
        "node_modules",
        "venv",
    ];
    let mut found: BTreeMap<String, Files> = BTreeMap::new();
    for entry in entries {
        let mut root = String::new();
        for part in entry.path.split('/') {
            if !root.is_empty() {
                root.push('/');
            }
            root.push_str(part);
            let is_build_result = part == "target"
                && ["Cargo.toml", "pom.xml"]
                    .iter()
                    .any(|manifest| listing.get(&root.replace("target", manifest)).is_some());
            if NAMES.contains(&part) || is_build_result {
                *found.entry(root).or_default() += Files::from(entry);
                break;
            }
        }
    }
    found
}
