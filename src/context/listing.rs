//! What a build context holds once its ignore file is applied.

use std::io::ErrorKind;
use std::path::Path;

use super::ContextError;
use super::patterns::{ParentMatches, Patterns};
use crate::bytes::Bytes;

/// The entries a build would be sent, each directory before what is in it.
///
/// The Dockerfile and the ignore file are files like any other: BuildKit reads them apart from the context, so
/// patterns that match them keep them from `COPY` and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The entries.
    pub entries: Vec<Entry>,
    /// What the patterns leave out: files, and directories that were not entered because nothing in them counts.
    pub ignored: Vec<String>,
    /// The files' sizes together.
    pub total: Bytes,
    /// Whether the walk ended at its limit, so that there is more.
    pub cut_off: bool,
}

/// A file, directory or link of the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the context's root, with `/` between the parts. Bytes that are no UTF-8 are replaced.
    pub path: String,
    /// A file's size; nothing for the others.
    pub size: Bytes,
    /// What it is.
    pub kind: Kind,
}

/// What an entry is. Sockets, pipes and devices are no entries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    File,
    Directory,
    /// A symbolic link, with the path that it holds.
    Symlink {
        target: String,
    },
}

/// A directory on the way down.
struct Open {
    name: String,
    matches: ParentMatches,
    /// Whether its entry is in the listing. One that is left out comes in with the first that is taken back.
    listed: bool,
    /// What is left to visit, in reverse order.
    rest: Vec<std::fs::DirEntry>,
}

impl Listing {
    /// Walks the directory `root` in order of names without following links, and looks at `limit` entries at the
    /// most. A directory that is left out is not entered where nothing in it can be taken back.
    pub fn read(root: &Path, ignore: &Patterns, limit: usize) -> Result<Self, ContextError> {
        let mut listing = Self::default();
        let top = Open {
            name: String::new(),
            matches: ParentMatches::default(),
            listed: true,
            rest: read_sorted(root)?,
        };
        let mut open = vec![top];
        let mut seen = 0;
        while let Some(directory) = open.last_mut() {
            let Some(found) = directory.rest.pop() else {
                open.pop();
                continue;
            };
            if seen == limit {
                listing.cut_off = true;
                break;
            }
            seen += 1;
            let path = found.path();
            let unreadable = |source| ContextError::Unreadable { path: path.clone(), source };
            let name = match directory.name.as_str() {
                "" => found.file_name().to_string_lossy().into_owned(),
                parent => format!("{parent}/{}", found.file_name().to_string_lossy()),
            };
            let (is_ignored, matches) = ignore.matches_below(&name, &directory.matches);
            let metadata = match found.metadata() {
                Ok(metadata) => metadata,
                // Gone since the directory was read, or nobody's business.
                Err(source) if is_ignored || source.kind() == ErrorKind::NotFound => continue,
                Err(source) => return Err(unreadable(source)),
            };
            let kind = match metadata.file_type() {
                kind if kind.is_dir() => Kind::Directory,
                kind if kind.is_symlink() => match std::fs::read_link(&path) {
                    Ok(target) => Kind::Symlink { target: target.to_string_lossy().into_owned() },
                    Err(source) if is_ignored || source.kind() == ErrorKind::NotFound => continue,
                    Err(source) => return Err(unreadable(source)),
                },
                kind if kind.is_file() => Kind::File,
                _ => continue,
            };
            let is_directory = kind == Kind::Directory;
            let enters = is_directory && (!is_ignored || ignore.may_take_back_below(&name));
            if is_ignored {
                if !enters {
                    listing.ignored.push(name.clone());
                }
            } else {
                list_parents(&mut open, &mut listing);
                let size = Bytes(if kind == Kind::File { metadata.len() } else { 0 });
                listing.total += size;
                listing.entries.push(Entry { path: name.clone(), size, kind });
            }
            if enters {
                let rest = match read_sorted(&path) {
                    Err(ContextError::Unreadable { source, .. })
                        if is_ignored && source.kind() == ErrorKind::PermissionDenied =>
                    {
                        continue;
                    }
                    rest => rest?,
                };
                open.push(Open { name, matches, listed: !is_ignored, rest });
            }
        }
        Ok(listing)
    }

    /// The entry at `path`.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path == path)
    }
}

/// Lists the directories on the way down that were left out until now.
fn list_parents(open: &mut [Open], listing: &mut Listing) {
    for directory in open.iter_mut().filter(|directory| !directory.listed) {
        directory.listed = true;
        listing.entries.push(Entry { path: directory.name.clone(), size: Bytes(0), kind: Kind::Directory });
    }
}

/// A directory's entries, the last in order of names first.
fn read_sorted(path: &Path) -> Result<Vec<std::fs::DirEntry>, ContextError> {
    let unreadable = |source| ContextError::Unreadable { path: path.to_owned(), source };
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
    Ok(entries)
}
