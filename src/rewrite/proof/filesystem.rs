//! The filesystem that a container of an image sees: the union of its layers.
//!
//! Source: the OCI image specification, layer.md: whiteouts and opaque directories hide what the layers below have, and
//! nothing of their own layer.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::inode::{Inode, Kind};
use super::layer::{Layer, Name, split};

/// A directory that a layer needs and doesn't describe.
static PLAIN_DIRECTORY: Inode =
    Inode { kind: Kind::Directory, mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: None };

/// The union of layers.
#[derive(Debug, Default)]
pub(super) struct Filesystem<'l> {
    nodes: BTreeMap<&'l [u8], Node<'l>>,
}

/// What a path holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'l> {
    pub(super) inode: &'l Inode,
    /// The same for all hard links to one inode: its layer, and its index there.
    pub(super) identity: (u32, u32),
}

impl<'l> Filesystem<'l> {
    /// The union of `layers`, the lowest first. Fails with the path of a hard link that leads nowhere.
    pub(super) fn of(layers: impl IntoIterator<Item = &'l Layer>) -> Result<Self, String> {
        let mut filesystem = Self::default();
        for (number, layer) in (0..).zip(layers) {
            filesystem.apply(number, layer)?;
        }
        Ok(filesystem)
    }

    /// All paths in order, each with what it holds.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (&'l [u8], Node<'l>)> {
        self.nodes.iter().map(|(path, node)| (*path, *node))
    }

    fn apply(&mut self, number: u32, layer: &'l Layer) -> Result<(), String> {
        for folder in &layer.opaque {
            self.remove_below(folder);
        }
        for gone in &layer.whiteouts {
            self.nodes.remove(&**gone);
            self.remove_below(gone);
        }
        // In the order of the paths, so a directory comes before what is in it.
        for (path, name) in &layer.names {
            let node = match name {
                Name::Inode(index) => {
                    layer.inodes.get(*index as usize).map(|inode| Node { inode, identity: (number, *index) })
                }
                Name::Below(target) => self.nodes.get(&**target).copied(),
            };
            let node = node.ok_or_else(|| String::from_utf8_lossy(path).into_owned())?;
            self.make_folders(path);
            if !node.inode.is_directory() {
                self.remove_below(path);
            }
            self.nodes.insert(path, node);
        }
        Ok(())
    }

    /// Makes the directories on the way to `path` where the layers have none.
    fn make_folders(&mut self, path: &'l [u8]) {
        let (mut folder, _) = split(path);
        while !folder.is_empty() && !self.nodes.get(folder).is_some_and(|node| node.inode.is_directory()) {
            self.nodes.insert(folder, Node { inode: &PLAIN_DIRECTORY, identity: (u32::MAX, 0) });
            (folder, _) = split(folder);
        }
    }

    fn remove_below(&mut self, folder: &[u8]) {
        if folder.is_empty() {
            self.nodes.retain(|path, _| path.is_empty());
            return;
        }
        // All paths that begin with `folder/`; a zero follows the slash in ASCII.
        let (first, last) = ([folder, b"/"].concat(), [folder, b"0"].concat());
        let range = (Bound::Excluded(first.as_slice()), Bound::Excluded(last.as_slice()));
        let gone: Vec<&[u8]> = self.nodes.range::<[u8], _>(range).map(|(path, _)| *path).collect();
        for path in gone {
            self.nodes.remove(path);
        }
    }
}
