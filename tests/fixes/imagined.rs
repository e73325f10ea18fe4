//! The build context that a Dockerfile speaks of, for rules that look into one.

use plimsoll::bytes::Bytes;
use plimsoll::context::{BuildContext, Entry, Kind, Listing};
use plimsoll::dockerfile::{self, Body, Source};
use plimsoll::text::SourceFile;

/// What lies in many a project.
const COMMON: [&str; 14] = [
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "requirements.txt",
    "pyproject.toml",
    "go.mod",
    "go.sum",
    "Gemfile",
    "Gemfile.lock",
    "composer.json",
    "composer.lock",
    "src/main.js",
    "node_modules/a/index.js",
    ".git/HEAD",
];

/// A context with every file and folder that `source` copies by its name, beside what lies in many a project.
pub(crate) fn context(source: &SourceFile) -> BuildContext {
    let parsed = dockerfile::parse(source);
    let mut paths: Vec<String> = COMMON.map(str::to_owned).to_vec();
    for instruction in parsed.dockerfile.instructions() {
        let (Body::Copy(transfer) | Body::Add(transfer)) = &instruction.body else { continue };
        let is_named = |path: &str| !path.is_empty() && !path.contains(['*', '?', '[', '$', ':', '\\', '"']);
        for source in transfer.sources.iter().filter(|_| instruction.flag("from").is_none()) {
            let Source::Path(word) = source else { continue };
            let path = word.text.trim_start_matches("./").trim_matches('/');
            if is_named(path) && path.split('/').all(|part| !matches!(part, "" | "." | "..")) {
                let name = path.rsplit('/').next().unwrap_or_default();
                paths.push(if name.contains('.') { path.to_owned() } else { format!("{path}/a.txt") });
            }
        }
    }
    let mut entries: Vec<Entry> = paths.iter().flat_map(|path| with_parents(path)).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    // A folder wins over a file of its name.
    entries.dedup_by(|next, first| next.path == first.path);
    let total = entries.iter().map(|entry| entry.size).sum();
    BuildContext { ignore: None, listing: Listing { entries, ignored: Vec::new(), total, cut_off: false } }
}

fn with_parents(path: &str) -> impl Iterator<Item = Entry> {
    let folders = path.match_indices('/').map(|(at, _)| path.split_at(at).0);
    let folders =
        folders.map(|folder| Entry { path: folder.to_owned(), size: Bytes(0), kind: Kind::Directory });
    folders.chain([Entry { path: path.to_owned(), size: Bytes(100_000), kind: Kind::File }])
}
