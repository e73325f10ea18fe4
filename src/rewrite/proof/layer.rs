//! A layer: what it brings and what it takes away.

use std::collections::BTreeMap;
use std::io::{self, Read};

use tar::EntryType;

use super::inode::{ContentHash, Inode, Kind};
use super::tar::{Member, TarReader, read_up_to};

/// Content is read in pieces of this size.
const PIECE: usize = 1 << 16;

/// A layer that was read. Paths have no slash at either end; the root's is empty.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) inodes: Vec<Inode>,
    /// What it has at each path.
    pub(super) names: BTreeMap<Box<[u8]>, Name>,
    /// Paths of the layers below that are gone.
    pub(super) whiteouts: Vec<Box<[u8]>>,
    /// Directories in which all that the layers below have is gone.
    pub(super) opaque: Vec<Box<[u8]>>,
}

/// What a path of a layer stands for.
#[derive(Debug)]
pub(super) enum Name {
    /// The layer's own inode of that index.
    Inode(u32),
    /// A hard link to a path of the layers below.
    Below(Box<[u8]>),
}

impl Layer {
    /// Reads the tar of a layer to its end.
    pub(super) fn read(tar: impl Read) -> io::Result<Self> {
        let mut tar = TarReader::new(tar);
        let mut layer = Self::default();
        let mut buffer = vec![0; PIECE];
        while let Some(member) = tar.next_member()? {
            let path = clean(&member.path)?;
            let (folder, name) = split(&path);
            match name.strip_prefix(b".wh.") {
                Some(b".wh..opq") => layer.opaque.push(folder.into()),
                // What aufs kept for itself.
                Some(other) if other.starts_with(b".wh.") => {}
                Some(gone) => layer.whiteouts.push(join(folder, gone)),
                None => layer.take(path, member, &mut tar, &mut buffer)?,
            }
        }
        Ok(layer)
    }

    fn take(
        &mut self,
        path: Box<[u8]>,
        member: Member,
        tar: &mut TarReader<impl Read>,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        let kind = match member.kind {
            EntryType::Link => {
                let target = clean(&member.link)?;
                let name = match self.names.get(&target) {
                    Some(Name::Inode(index)) => Name::Inode(*index),
                    Some(Name::Below(below)) => Name::Below(below.clone()),
                    None => Name::Below(target),
                };
                self.names.insert(path, name);
                return Ok(());
            }
            EntryType::Regular => {
                let mut head = [0; 16];
                let length = read_up_to(tar, &mut head)?;
                let mut hash = ContentHash::new(&path, head.get(..length).unwrap_or_default());
                loop {
                    match tar.read(buffer)? {
                        0 => break,
                        count => hash.update(buffer.get(..count).unwrap_or_default()),
                    }
                }
                Kind::File(hash.finish())
            }
            EntryType::Directory => Kind::Directory,
            EntryType::Symlink => Kind::Symlink(member.link.into()),
            EntryType::Char => Kind::CharacterDevice(member.device.0, member.device.1),
            EntryType::Block => Kind::BlockDevice(member.device.0, member.device.1),
            EntryType::Fifo => Kind::Fifo,
            other => return Err(broken(&path, &format!("is of the unknown type {:?}", other.as_byte()))),
        };
        let index = u32::try_from(self.inodes.len()).map_err(|_| broken(&path, "is one file too many"))?;
        self.inodes.push(Inode {
            kind,
            mode: member.mode,
            uid: member.uid,
            gid: member.gid,
            mtime: member.mtime,
            xattrs: (!member.xattrs.is_empty()).then(|| Box::new(member.xattrs)),
        });
        self.names.insert(path, Name::Inode(index));
        Ok(())
    }
}

/// The path without what means nothing in it: `./a//b/` is `a/b`.
fn clean(path: &[u8]) -> io::Result<Box<[u8]>> {
    let mut cleaned = Vec::with_capacity(path.len());
    for part in path.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b".")) {
        if part == b".." {
            return Err(broken(path, "leads out of the image"));
        }
        if !cleaned.is_empty() {
            cleaned.push(b'/');
        }
        cleaned.extend_from_slice(part);
    }
    Ok(cleaned.into())
}

/// The folder of a path, and the name in it.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (path.get(..slash).unwrap_or_default(), path.get(slash + 1..).unwrap_or_default()),
        None => (b"", path),
    }
}

fn join(folder: &[u8], name: &[u8]) -> Box<[u8]> {
    if folder.is_empty() { name.into() } else { [folder, name].join(&b'/').into() }
}

fn broken(path: &[u8], what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} {what}", String::from_utf8_lossy(path)))
}
