//! The files of a build as the engine sees them: sorted, with the directories between them.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use bollard::fsutil::types::Stat;
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// A file, directory or symbolic link of the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextFile {
    /// Where the build sees it: relative, with `/` between the parts.
    pub path: String,
    /// Where it is on disk.
    pub source: PathBuf,
}

/// What is sent to the engine, in the order it demands: every directory before what it holds, names sorted by bytes.
#[derive(Debug, Default)]
pub(super) struct FileTree {
    pub(super) entries: Vec<FileEntry>,
}

#[derive(Debug)]
pub(super) struct FileEntry {
    pub(super) stat: Stat,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A directory or a symbolic link.
    Nothing,
    /// Bytes held in memory.
    Bytes(Bytes),
    /// A file that is read when the engine asks for it.
    File(PathBuf),
}

/// Go's bits of a file mode (`io/fs.FileMode`), which are not those of Unix.
mod go_mode {
    pub(super) const DIRECTORY: u32 = 1 << 31;
    pub(super) const SYMLINK: u32 = 1 << 27;
    pub(super) const SETUID: u32 = 1 << 23;
    pub(super) const SETGID: u32 = 1 << 22;
    pub(super) const STICKY: u32 = 1 << 20;
}

impl FileTree {
    /// The tree of `files`, read from disk but for the files' contents. Sockets, pipes and devices are left out, as a
    /// tar of them would be of no use. Blocks on the disk.
    ///
    /// The error says which path is no path inside a context, or can't be read.
    pub(super) fn of_files(files: &[ContextFile]) -> io::Result<Self> {
        let mut tree: BTreeMap<Vec<&str>, FileEntry> = BTreeMap::new();
        for file in files {
            let parts: Vec<&str> = file.path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
            if parts.is_empty() {
                continue;
            }
            if file.path.starts_with('/') || parts.contains(&"..") {
                return Err(at(&file.path, &io::Error::other("leads out of the build context")));
            }
            for depth in 1..parts.len() {
                let Some(directory) = parts.get(..depth) else { break };
                if !tree.contains_key(directory) {
                    // The source may lie elsewhere than its path says; then the directory is nobody's on disk.
                    let source = file
                        .source
                        .ancestors()
                        .nth(parts.len() - depth)
                        .filter(|_| file.source.ends_with(&file.path));
                    let metadata = source.and_then(|source| source.metadata().ok()).filter(Metadata::is_dir);
                    tree.insert(directory.to_vec(), directory_entry(&directory.join("/"), metadata.as_ref()));
                }
            }
            if let Some(entry) =
                disk_entry(&parts.join("/"), &file.source).map_err(|error| at(&file.path, &error))?
            {
                tree.insert(parts, entry);
            }
        }
        Ok(Self { entries: tree.into_values().collect() })
    }

    /// One file named `name`.
    pub(super) fn of_text(name: &str, text: &[u8]) -> Self {
        // An engine takes a file of the same size and time for the one it has already, so that the time has to
        // follow from the text: fsutil, diff_containerd_linux.go, sameFile.
        let digest = Sha256::digest(text);
        let time = digest.iter().take(7).fold(0_i64, |time, byte| (time << 8) | i64::from(*byte));
        let stat = Stat {
            path: name.into(),
            mode: 0o644,
            size: i64::try_from(text.len()).unwrap_or(i64::MAX),
            mod_time: time,
            ..Stat::default()
        };
        let content = Content::Bytes(Bytes::copy_from_slice(text));
        Self { entries: vec![FileEntry { stat, content }] }
    }

    /// The entries that an engine needs which asks for `paths` only; all of them where it names none. What can't be
    /// decided without following links or matching patterns is sent: an engine looks at nothing it has no need of.
    pub(super) fn selected<'a>(&'a self, paths: &'a [String]) -> impl Iterator<Item = (u32, &'a FileEntry)> {
        let paths: Vec<&str> = paths.iter().map(|path| fixed_part(path)).collect();
        let all = paths.is_empty()
            || paths.iter().any(|path| path.is_empty())
            || paths.iter().any(|path| self.passes_a_link(path));
        let wanted = self.entries.iter().filter(move |entry| {
            all || paths.iter().any(|path| within(&entry.stat.path, path) || within(path, &entry.stat.path))
        });
        (0..).zip(wanted)
    }

    fn passes_a_link(&self, path: &str) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.stat.mode & go_mode::SYMLINK != 0 && within(path, &entry.stat.path))
    }
}

/// Whether `path` is `folder` or lies in it.
fn within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The part of a pattern before its first wildcard, up to a directory.
fn fixed_part(pattern: &str) -> &str {
    let path = pattern.trim_matches('/').trim_end_matches("/.");
    if path == "." {
        return "";
    }
    match path.find(['*', '?', '[', '\\']) {
        None => path,
        Some(at) => path.get(..at).and_then(|head| head.rsplit_once('/')).map_or("", |(folder, _)| folder),
    }
}

fn at(path: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{path}: {error}"))
}

fn disk_entry(path: &str, source: &Path) -> io::Result<Option<FileEntry>> {
    let metadata = source.symlink_metadata()?;
    let kind = metadata.file_type();
    if kind.is_dir() {
        return Ok(Some(directory_entry(path, Some(&metadata))));
    }
    if kind.is_socket() || kind.is_fifo() || kind.is_block_device() || kind.is_char_device() {
        return Ok(None);
    }
    let mut stat = stat(path, &metadata);
    if kind.is_symlink() {
        stat.mode |= go_mode::SYMLINK;
        stat.size = 0;
        stat.linkname = std::fs::read_link(source)?
            .into_os_string()
            .into_string()
            .map_err(|_| io::Error::other("a symbolic link's target is not UTF-8"))?;
        return Ok(Some(FileEntry { stat, content: Content::Nothing }));
    }
    Ok(Some(FileEntry { stat, content: Content::File(source.into()) }))
}

fn directory_entry(path: &str, metadata: Option<&Metadata>) -> FileEntry {
    let mut stat = match metadata {
        Some(metadata) => stat(path, metadata),
        None => Stat { path: path.into(), mode: 0o755, ..Stat::default() },
    };
    stat.mode |= go_mode::DIRECTORY;
    stat.size = 0;
    FileEntry { stat, content: Content::Nothing }
}

/// Everything belongs to root in the context, as `docker build` has it: docker/buildx, build/opt.go.
fn stat(path: &str, metadata: &Metadata) -> Stat {
    let unix = metadata.mode();
    let mut mode = unix & 0o777;
    for (unix_bit, go_bit) in
        [(0o4000, go_mode::SETUID), (0o2000, go_mode::SETGID), (0o1000, go_mode::STICKY)]
    {
        if unix & unix_bit != 0 {
            mode |= go_bit;
        }
    }
    Stat {
        path: path.into(),
        mode,
        size: i64::try_from(metadata.len()).unwrap_or(i64::MAX),
        mod_time: metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec()),
        ..Stat::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{ContextFile, FileTree};
    use std::fs;
    use std::path::Path;

    fn tree(folder: &Path, paths: &[&str]) -> FileTree {
        for path in paths {
            let file = folder.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, *path).unwrap();
        }
        let files: Vec<_> = paths
            .iter()
            .map(|path| ContextFile { path: (*path).into(), source: folder.join(path) })
            .collect();
        FileTree::of_files(&files).unwrap()
    }

    fn chosen(tree: &FileTree, paths: &[&str]) -> Vec<String> {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        tree.selected(&paths).map(|(_, entry)| entry.stat.path.clone()).collect()
    }

    #[test]
    fn directories_come_before_their_files_and_before_names_that_begin_like_them() {
        let folder = tempfile::tempdir().unwrap();
        let tree = tree(folder.path(), &["a-b", "a/z", "a/b/c", "A"]);
        assert_eq!(chosen(&tree, &[]), ["A", "a", "a/b", "a/b/c", "a/z", "a-b"]);
    }

    #[test]
    fn an_engine_that_asks_for_paths_gets_them_and_the_directories_above() {
        let folder = tempfile::tempdir().unwrap();
        let tree = tree(folder.path(), &["src/a/x", "src/b", "srcs", "package.json"]);
        assert_eq!(chosen(&tree, &["src/a"]), ["src", "src/a", "src/a/x"]);
        assert_eq!(chosen(&tree, &["/package.json"]), ["package.json"]);
        assert_eq!(chosen(&tree, &["src/*"]), ["src", "src/a", "src/a/x", "src/b"]);
        assert_eq!(chosen(&tree, &["package*.json"]).len(), tree.entries.len());
        assert_eq!(chosen(&tree, &[".dockerignore"]), Vec::<String>::new());
    }

    #[test]
    fn a_path_behind_a_link_is_left_to_the_engine() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("real")).unwrap();
        fs::write(folder.path().join("real/x"), "").unwrap();
        std::os::unix::fs::symlink("real", folder.path().join("link")).unwrap();
        let files = ["real/x", "link"]
            .map(|path| ContextFile { path: path.into(), source: folder.path().join(path) });
        let tree = FileTree::of_files(&files).unwrap();
        assert_eq!(chosen(&tree, &["link/x"]), ["link", "real", "real/x"]);
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        for path in ["/etc/passwd", "a/../../x"] {
            let file = ContextFile { path: path.into(), source: "/etc/passwd".into() };
            assert!(FileTree::of_files(&[file]).unwrap_err().to_string().starts_with(path));
        }
    }

    #[test]
    fn two_texts_of_one_length_differ_in_time() {
        let time = |text: &[u8]| FileTree::of_text("Dockerfile", text).entries[0].stat.mod_time;
        assert_ne!(time(b"FROM a\n"), time(b"FROM b\n"));
        assert_eq!(time(b"FROM a\n"), time(b"FROM a\n"));
    }
}
