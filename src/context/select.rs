//! Which of a context's entries a source of `COPY` takes.

use super::glob::{clean, has_wildcards, matches};
use super::listing::{Entry, Listing};

/// The entries that `COPY source …` takes from the context, directories with all that is in them. `source` is the
/// path or pattern after variables and quotes are gone. Links are taken as they stand: BuildKit follows one that is
/// named itself, and where it leads a listing does not say. Nothing where nothing matches.
/// Source: tonistiigi/fsutil, copy/copy.go, `ResolveWildcards`; moby/buildkit, solver/llbsolver/file/backend.go.
pub fn select<'l>(listing: &'l Listing, source: &str) -> Vec<&'l Entry> {
    let source = clean(&format!("/{source}"));
    let parts: Vec<&str> = source.split('/').filter(|part| !part.is_empty()).collect();
    let plain = parts.iter().take_while(|part| !has_wildcards(part)).count();
    let (base, pattern) = parts.split_at_checked(plain).unwrap_or((&parts, &[]));
    let (base, pattern) = (base.join("/"), pattern.join("/"));
    let mut taken: Option<&str> = None;
    let mut found = Vec::new();
    for entry in &listing.entries {
        if taken.is_some_and(|root| is_at_or_below(&entry.path, root)) {
            found.push(entry);
            continue;
        }
        let hit = if pattern.is_empty() {
            is_at_or_below(&entry.path, &base)
        } else {
            below(&entry.path, &base).is_some_and(|rest| matches(&pattern, rest) == Ok(true))
        };
        if hit {
            taken = Some(&entry.path);
            found.push(entry);
        }
    }
    found
}

/// What stands behind `base/` in `path`.
fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    if base.is_empty() { Some(path) } else { path.strip_prefix(base)?.strip_prefix('/') }
}

fn is_at_or_below(path: &str, base: &str) -> bool {
    path == base || below(path, base).is_some()
}
