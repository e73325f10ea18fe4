//! What a source of `COPY` takes from a context.
//! Source: tonistiigi/fsutil, copy/copy.go, `ResolveWildcards` and `Copy`; moby/buildkit,
//! solver/llbsolver/file/backend.go; containerd/continuity, fs/path.go, `RootPath`.

use std::collections::{BTreeMap, VecDeque};

use super::glob::{clean, has_wildcards, matches};
use super::listing::{Entry, Kind, Listing};

/// How many links in a row are followed before it counts as a loop.
const MOST_LINKS: usize = 255;

/// How a source takes a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// The source names it or its pattern matches it.
    Itself,
    /// It lies in a directory that the source takes; this is its path from there.
    Within(String),
    /// The source leads to it, or through it, over a symbolic link.
    Link,
    /// It is a directory on the way to what the source takes.
    Above,
}

/// The entries that `COPY source …` takes from the context, directories with all that is in them. `source` is the
/// path or pattern after variables and quotes are gone. A link that the source names or leads through, or that its
/// pattern matches, is followed; one inside a directory that is taken is taken as it stands. Nothing where nothing
/// matches.
pub fn select<'l>(listing: &'l Listing, source: &str) -> Vec<&'l Entry> {
    let links = links(listing);
    let roots = Source::read(source).roots(listing, &links);
    let mut found = Vec::new();
    for entry in &listing.entries {
        if roots.iter().any(|root| is_at_or_below(&entry.path, &root.real)) {
            found.push(entry);
        }
    }
    found
}

/// How `COPY source …` takes the file or directory at `path`, which need not be in the listing: it may be gone, or
/// not be there yet. Nothing where the source doesn't take it.
pub fn take(listing: &Listing, source: &str, path: &str) -> Option<Take> {
    let path = clean(&format!("/{path}"));
    let path = path.trim_start_matches('/');
    let links = links(listing);
    let source = Source::read(source);
    let base = follow(&links, &source.base);
    if base.passed.iter().any(|link| is_at_or_below(link, path)) {
        return Some(Take::Link);
    }
    let rest = if path == base.real { Some("") } else { below(path, &base.real) };
    let itself_or_within = match rest {
        Some(rest) if source.pattern.is_empty() => Some(within(rest)),
        Some(rest) => source.matched_part(rest).map(|end| within(rest.get(end..).unwrap_or_default())),
        None => None,
    };
    if itself_or_within.is_some() {
        return itself_or_within;
    }
    if is_at_or_below(&base.real, path) || rest.is_some_and(|rest| source.may_match_below(rest)) {
        return Some(Take::Above);
    }
    let leads_to = |root: &Route| {
        root.passed.iter().any(|link| is_at_or_below(link, path)) || is_at_or_below(path, &root.real)
    };
    source.roots(listing, &links).iter().any(leads_to).then_some(Take::Link)
}

/// A source, split where its wildcards begin.
struct Source {
    /// The parts without wildcards.
    base: String,
    /// The parts from the first one with a wildcard; empty where none has one.
    pattern: String,
}

/// Where a path leads once links are followed.
struct Route {
    real: String,
    /// The links on the way.
    passed: Vec<String>,
}

impl Source {
    fn read(source: &str) -> Self {
        let source = clean(&format!("/{source}"));
        let parts: Vec<&str> = source.split('/').filter(|part| !part.is_empty()).collect();
        let plain = parts.iter().take_while(|part| !has_wildcards(part)).count();
        let (base, pattern) = parts.split_at_checked(plain).unwrap_or((&parts, &[]));
        Self { base: base.join("/"), pattern: pattern.join("/") }
    }

    /// What is taken, each with all that is in it.
    fn roots(&self, listing: &Listing, links: &BTreeMap<&str, &str>) -> Vec<Route> {
        let base = follow(links, &self.base);
        let mut roots: Vec<Route> = Vec::new();
        let mut last: Option<&str> = None;
        for entry in listing.entries.iter().filter(|_| !self.pattern.is_empty()) {
            // A directory that matches is taken whole; what is in it is not matched again.
            if last.is_some_and(|last| is_at_or_below(&entry.path, last)) {
                continue;
            }
            let rest = below(&entry.path, &base.real);
            if rest.is_some_and(|rest| matches(&self.pattern, rest) == Ok(true)) {
                last = Some(&entry.path);
                roots.push(follow(links, &entry.path));
            }
        }
        if self.pattern.is_empty() {
            roots.push(base);
        }
        // Links that lead in a circle lead nowhere.
        roots.retain(|root| !links.contains_key(root.real.as_str()));
        roots
    }

    /// The end of the shortest leading part of `rest` that the pattern matches.
    fn matched_part(&self, rest: &str) -> Option<usize> {
        let ends = rest.match_indices('/').map(|(end, _)| end).chain([rest.len()]);
        ends.into_iter().find(|end| {
            let part = rest.get(..*end).unwrap_or_default();
            !part.is_empty() && matches(&self.pattern, part) == Ok(true)
        })
    }

    /// Whether the pattern may match something in the directory `rest`.
    fn may_match_below(&self, rest: &str) -> bool {
        let (mut names, mut parts) = (rest.split('/'), self.pattern.split('/'));
        names.all(|name| parts.next().is_some_and(|part| matches(part, name) == Ok(true)))
            && parts.next().is_some()
    }
}

fn within(rest: &str) -> Take {
    match rest.trim_start_matches('/') {
        "" => Take::Itself,
        rest => Take::Within(rest.to_owned()),
    }
}

/// The links of the context and where they lead.
fn links(listing: &Listing) -> BTreeMap<&str, &str> {
    let entries = listing.entries.iter();
    let links = entries.filter_map(|entry| match &entry.kind {
        Kind::Symlink { target } => Some((entry.path.as_str(), target.as_str())),
        Kind::File | Kind::Directory => None,
    });
    links.collect()
}

/// Follows the links on `path`. The context is the root of all paths: none leads out of it.
fn follow(links: &BTreeMap<&str, &str>, path: &str) -> Route {
    let mut left: VecDeque<String> = path.split('/').map(str::to_owned).collect();
    let mut real: Vec<String> = Vec::new();
    let mut passed = Vec::new();
    while let Some(part) = left.pop_front() {
        match part.as_str() {
            "" | "." => {}
            ".." => {
                real.pop();
            }
            _ => {
                real.push(part);
                let here = real.join("/");
                if let Some(target) = links.get(here.as_str()).filter(|_| passed.len() < MOST_LINKS) {
                    passed.push(here);
                    real.pop();
                    if target.starts_with('/') {
                        real.clear();
                    }
                    target.split('/').rev().for_each(|part| left.push_front(part.to_owned()));
                }
            }
        }
    }
    Route { real: real.join("/"), passed }
}

/// What stands behind `base/` in `path`.
fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    if base.is_empty() { Some(path) } else { path.strip_prefix(base)?.strip_prefix('/') }
}

fn is_at_or_below(path: &str, base: &str) -> bool {
    path == base || below(path, base).is_some()
}
