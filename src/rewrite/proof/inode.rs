//! What a path of an image holds: as little as tells it from another.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::tar::Xattrs;
use crate::bytes::Bytes;

/// A file, directory or whatever else a name stands for. Several names of one inode are hard links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inode {
    pub(super) kind: Kind,
    /// The bits of `chmod`.
    pub(super) mode: u16,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Seconds since 1970.
    pub(super) mtime: i64,
    /// Most have none.
    pub(super) xattrs: Option<Box<Xattrs>>,
}

/// What an inode is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    File(Content),
    Directory,
    Symlink(Box<[u8]>),
    CharacterDevice(u32, u32),
    BlockDevice(u32, u32),
    Fifo,
}

/// A file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) size: Bytes,
    pub(super) hash: Hash,
    /// Of Python's byte code: the hash without the time of the source that stands in its head.
    pub(super) unstamped: Option<Box<Hash>>,
}

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// The type of a file, as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::Symlink => "symbolic link",
            Self::CharacterDevice => "character device",
            Self::BlockDevice => "block device",
            Self::Fifo => "named pipe",
        })
    }
}

impl Kind {
    pub(super) fn file_type(&self) -> FileType {
        match self {
            Self::File(_) => FileType::File,
            Self::Directory => FileType::Directory,
            Self::Symlink(_) => FileType::Symlink,
            Self::CharacterDevice(..) => FileType::CharacterDevice,
            Self::BlockDevice(..) => FileType::BlockDevice,
            Self::Fifo => FileType::Fifo,
        }
    }
}

impl Inode {
    pub(super) fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }
}

/// Hashes a content as it streams past.
pub(super) struct ContentHash {
    whole: Sha256,
    unstamped: Option<Sha256>,
    size: u64,
}

impl ContentHash {
    /// `head` is the beginning of the content at `path`: sixteen bytes, or all there is.
    pub(super) fn new(path: &[u8], head: &[u8]) -> Self {
        let unstamped = path.ends_with(b".pyc").then(|| {
            let mut head = head.to_vec();
            if let Some(stamp) = stamp(&head).and_then(|stamp| head.get_mut(stamp)) {
                stamp.fill(0);
            }
            Sha256::new_with_prefix(head)
        });
        Self { whole: Sha256::new_with_prefix(head), unstamped, size: head.len() as u64 }
    }

    /// Takes in what follows the head.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.whole.update(bytes);
        if let Some(unstamped) = &mut self.unstamped {
            unstamped.update(bytes);
        }
        self.size += bytes.len() as u64;
    }

    pub(super) fn finish(self) -> Content {
        Content {
            size: Bytes(self.size),
            hash: self.whole.finalize().into(),
            unstamped: self.unstamped.map(|hash| Box::new(hash.finalize().into())),
        }
    }
}

/// Where in the head of Python's byte code the time of its source stands.
/// Source: PEP 552. Before Python 3.7 it followed the magic number.
fn stamp(head: &[u8]) -> Option<std::ops::Range<usize>> {
    match head.get(4..8)? {
        [0, 0, 0, 0] => Some(8..12),
        // A hash of the source instead.
        [1 | 3, 0, 0, 0] => None,
        _ => Some(4..8),
    }
}

#[cfg(test)]
mod tests {
    use super::ContentHash;

    fn content(path: &[u8], bytes: &[u8]) -> super::Content {
        let (head, rest) = bytes.split_at(bytes.len().min(16));
        let mut hash = ContentHash::new(path, head);
        hash.update(rest);
        hash.finish()
    }

    #[test]
    fn byte_code_that_differs_in_its_stamp_alone_is_known_by_its_second_hash() {
        let code = |flags: u8, stamp: u8, body: u8| {
            [3, 13, 13, 10, flags, 0, 0, 0, stamp, 0, 0, 0, 7, 0, 0, 0, body].to_vec()
        };
        let of = |flags, stamp, body| content(b"a/__pycache__/b.pyc", &code(flags, stamp, body));
        let (one, other) = (of(0, 1, 1), of(0, 2, 1));
        assert_ne!(one.hash, other.hash);
        assert_eq!(one.unstamped, other.unstamped);
        assert_ne!(of(0, 1, 1).unstamped, of(0, 1, 2).unstamped);
        // Behind this flag the head holds a hash of the source, which is no stamp.
        assert_ne!(of(1, 1, 1).unstamped, of(1, 2, 1).unstamped);
        assert_eq!(content(b"a.py", b"x").unstamped, None);
        assert!(content(b"a.pyc", b"").unstamped.is_some());
    }
}
