//! Where two filesystems differ.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;

use super::filesystem::{Filesystem, Node};
use super::inode::{Content, FileType, Inode, Kind};
use super::tar::Xattrs;
use crate::bytes::Bytes;

/// One thing in which two images differ at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path, with a slash at its start.
    pub path: String,
    /// What differs.
    pub what: What,
}

/// What differs at a path. Where there is a pair, the original's comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Only the original has it.
    Gone(FileType, Bytes),
    /// Only the variant has it.
    New(FileType, Bytes),
    /// The type.
    Type(FileType, FileType),
    /// The bits of `chmod`.
    Mode(u16, u16),
    /// The owner's number.
    Owner(u32, u32),
    /// The group's number.
    Group(u32, u32),
    /// What a symbolic link leads to.
    Target(String, String),
    /// A device's numbers.
    Device((u32, u32), (u32, u32)),
    /// A file's content; the sizes tell how much of it there is.
    Content(Bytes, Bytes),
    /// Of Python's byte code nothing but the time of its source.
    Stamp,
    /// An extended attribute's value, or whether it is there.
    Attribute(String),
    /// Which other path it is a hard link to, if to any: the first of them in order.
    HardLink(Option<String>, Option<String>),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let link = |to: &Option<String>| match to {
            Some(path) => format!("a hard link to {path}"),
            None => "a file of its own".to_owned(),
        };
        match self {
            Self::Gone(FileType::File, size) => write!(f, "gone ({size})"),
            Self::Gone(kind, _) => write!(f, "gone ({kind})"),
            Self::New(FileType::File, size) => write!(f, "new ({size})"),
            Self::New(kind, _) => write!(f, "new ({kind})"),
            Self::Type(before, after) => write!(f, "{before} → {after}"),
            Self::Mode(before, after) => write!(f, "mode {before:04o} → {after:04o}"),
            Self::Owner(before, after) => write!(f, "owner {before} → {after}"),
            Self::Group(before, after) => write!(f, "group {before} → {after}"),
            Self::Target(before, after) => write!(f, "links to {before} → {after}"),
            Self::Device(before, after) => {
                write!(f, "device {}:{} → {}:{}", before.0, before.1, after.0, after.1)
            }
            Self::Content(before, after) if before == after => write!(f, "other content, {before} as before"),
            Self::Content(before, after) => write!(f, "other content, {before} → {after}"),
            Self::Stamp => f.write_str("another time of its source"),
            Self::Attribute(name) => write!(f, "another {name}"),
            Self::HardLink(before, after) => write!(f, "{} → {}", link(before), link(after)),
        }
    }
}

/// All differences in the order of the paths.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub(super) found: Vec<Difference>,
    /// Paths that both have.
    pub(super) shared: usize,
    /// Those of them that have another time.
    pub(super) times: usize,
}

/// Compares two filesystems.
pub(super) fn compare(original: &Filesystem<'_>, variant: &Filesystem<'_>) -> Differences {
    let (links_before, links_after) = (HardLinks::of(original), HardLinks::of(variant));
    let mut differences = Differences::default();
    for (path, pair) in merged(original.nodes(), variant.nodes()) {
        let mut found = |what| differences.found.push(Difference { path: shown(path), what });
        match pair {
            (Some(before), Some(after)) => {
                let inodes = (before.inode, after.inode);
                inodes_differ(inodes.0, inodes.1, &mut found);
                let links = (links_before.first(path, before), links_after.first(path, after));
                if links.0 != links.1 {
                    found(What::HardLink(links.0.map(shown), links.1.map(shown)));
                }
                differences.shared += 1;
                differences.times += usize::from(inodes.0.mtime != inodes.1.mtime);
            }
            (Some(before), None) => found(What::Gone(before.inode.kind.file_type(), size(before.inode))),
            (None, Some(after)) => found(What::New(after.inode.kind.file_type(), size(after.inode))),
            (None, None) => {}
        }
    }
    differences
}

fn inodes_differ(before: &Inode, after: &Inode, found: &mut impl FnMut(What)) {
    match (&before.kind, &after.kind) {
        (Kind::File(one), Kind::File(other)) if one.hash != other.hash => found(content(one, other)),
        (Kind::Symlink(one), Kind::Symlink(other)) if one != other => {
            found(What::Target(text(one), text(other)));
        }
        (Kind::CharacterDevice(a, b), Kind::CharacterDevice(c, d))
        | (Kind::BlockDevice(a, b), Kind::BlockDevice(c, d))
            if (a, b) != (c, d) =>
        {
            found(What::Device((*a, *b), (*c, *d)));
        }
        (one, other) if one.file_type() != other.file_type() => {
            found(What::Type(one.file_type(), other.file_type()));
        }
        _ => {}
    }
    // The system gives every symbolic link all rights, and some tools write others.
    let both_links = matches!((&before.kind, &after.kind), (Kind::Symlink(_), Kind::Symlink(_)));
    if before.mode != after.mode && !both_links {
        found(What::Mode(before.mode, after.mode));
    }
    if before.uid != after.uid {
        found(What::Owner(before.uid, after.uid));
    }
    if before.gid != after.gid {
        found(What::Group(before.gid, after.gid));
    }
    if before.xattrs != after.xattrs {
        let none = Xattrs::new();
        let of = |inode: &Inode| inode.xattrs.as_deref().unwrap_or(&none).clone();
        let (one, other) = (of(before), of(after));
        let names: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
        for name in names.into_iter().filter(|name| one.get(*name) != other.get(*name)) {
            found(What::Attribute(text(name)));
        }
    }
}

fn content(one: &Content, other: &Content) -> What {
    if one.unstamped.is_some() && one.unstamped == other.unstamped {
        What::Stamp
    } else {
        What::Content(one.size, other.size)
    }
}

fn size(inode: &Inode) -> Bytes {
    match &inode.kind {
        Kind::File(content) => content.size,
        _ => Bytes(0),
    }
}

/// The hard links of a filesystem: for each inode with several names the first of them.
struct HardLinks<'l>(HashMap<(u32, u32), &'l [u8]>);

impl<'l> HardLinks<'l> {
    fn of(filesystem: &Filesystem<'l>) -> Self {
        let mut first = HashMap::new();
        let mut linked = HashMap::new();
        for (path, node) in filesystem.nodes().filter(|(_, node)| !node.inode.is_directory()) {
            let known = *first.entry(node.identity).or_insert(path);
            if known != path {
                linked.insert(node.identity, known);
            }
        }
        Self(linked)
    }

    /// The first name of what `path` holds, where that is another one.
    fn first(&self, path: &[u8], node: Node<'_>) -> Option<&'l [u8]> {
        self.0.get(&node.identity).copied().filter(|first| *first != path)
    }
}

/// The paths of both in order, each with what the two have there.
fn merged<'l>(
    one: impl Iterator<Item = (&'l [u8], Node<'l>)>,
    other: impl Iterator<Item = (&'l [u8], Node<'l>)>,
) -> impl Iterator<Item = (&'l [u8], (Option<Node<'l>>, Option<Node<'l>>))> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || {
        let order = match (one.peek(), other.peek()) {
            (Some((path, _)), Some((other, _))) => path.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => one.next().map(|(path, node)| (path, (Some(node), None))),
            Ordering::Greater => other.next().map(|(path, node)| (path, (None, Some(node)))),
            Ordering::Equal => {
                let (path, before) = one.next()?;
                Some((path, (Some(before), other.next().map(|(_, after)| after))))
            }
        }
    })
}

fn shown(path: &[u8]) -> String {
    format!("/{}", String::from_utf8_lossy(path))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
