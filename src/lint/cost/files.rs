//! Files of the build context, by what they are in a layer and what a pull makes of them.

use std::iter::Sum;
use std::ops::AddAssign;

use crate::bytes::Bytes;
use crate::context::Entry;

use super::figures::{FILES_PACKED, scaled};

/// The sizes of some files together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::lint) struct Files {
    /// As they are.
    pub(in crate::lint) bytes: Bytes,
    /// Of these what is compressed by itself, so that a layer's compression takes nothing off it.
    dense: Bytes,
}

impl Files {
    /// All that the entries hold.
    pub(in crate::lint) fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        entries.into_iter().map(Self::from).sum()
    }

    /// About what a pull downloads for them.
    pub(super) fn packed(self) -> Bytes {
        self.dense + scaled(self.bytes.saturating_sub(self.dense), FILES_PACKED)
    }
}

impl From<&Entry> for Files {
    fn from(entry: &Entry) -> Self {
        let dense = if is_dense(&entry.path) { entry.size } else { Bytes(0) };
        Self { bytes: entry.size, dense }
    }
}

impl AddAssign for Files {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.dense += other.dense;
    }
}

impl Sum for Files {
    fn sum<I: Iterator<Item = Self>>(files: I) -> Self {
        files.fold(Self::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

/// Whether the name says that what is in the file is compressed already.
fn is_dense(path: &str) -> bool {
    const ENDS: [&str; 31] = [
        "7z", "avif", "br", "bz2", "deb", "gif", "gz", "heic", "ico", "idx", "jar", "jpeg", "jpg", "lz4",
        "mov", "mp3", "mp4", "ogg", "pack", "pdf", "png", "rpm", "tgz", "war", "webm", "webp", "whl",
        "woff2", "xz", "zip", "zst",
    ];
    let name = path.rsplit('/').next().unwrap_or(path);
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    path.split('/').any(|part| part == "objects") && path.contains(".git/")
        || end.is_some_and(|end| ENDS.binary_search(&end.as_str()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::Files;
    use crate::bytes::Bytes;
    use crate::context::{Entry, Kind};

    #[test]
    fn what_is_compressed_already_is_pulled_as_it_is() {
        let entry = |path: &str| Entry { path: path.to_owned(), size: Bytes(1_000), kind: Kind::File };
        let packed = |path: &str| Files::of([&entry(path)]).packed();
        assert_eq!(packed("assets/photo.JPG"), Bytes(1_000));
        assert_eq!(packed(".git/objects/ab/cdef"), Bytes(1_000));
        assert!(packed("src/objects/ab") < Bytes(500));
        assert!(packed("src/main.rs") < Bytes(500));
        let both = Files::of(&[entry("a.zip"), entry("b.js")]);
        assert_eq!(both.bytes, Bytes(2_000));
        assert!(both.packed() > Bytes(1_000) && both.packed() < Bytes(1_500));
    }
}
