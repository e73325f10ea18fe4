//! The tar that an engine exports images as: layers in any order, then the index that says whose they are.
//!
//! Engines lay it out in two ways: a folder for each layer (before 25) or blobs named by their digests; layers are
//! plain, or compressed as they were pulled. All have `manifest.json`.

use std::collections::HashMap;
use std::io::{self, BufReader, Cursor, Read};

use serde::Deserialize;
use tar::EntryType;

use super::filesystem::Filesystem;
use super::layer::Layer;
use super::tar::{TarReader, begins_tar, read_up_to};
use crate::registry::uncompressed;

/// The largest `manifest.json` that is read: some thousand images.
const LARGEST_INDEX: u64 = 16 << 20;
/// Where the index stands.
const INDEX: &str = "manifest.json";
/// How gzip and zstd begin.
const COMPRESSED: [&[u8]; 2] = [&[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd]];

/// Exported images, each layer read once whoever has it.
#[derive(Debug, Default)]
pub(super) struct Export {
    layers: HashMap<String, Layer>,
    /// Layers that stand for another one.
    links: HashMap<String, String>,
    index: Vec<IndexEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexEntry {
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

impl Export {
    /// Reads the tar to its end.
    pub(super) fn read(tar: impl Read) -> io::Result<Self> {
        let mut tar = TarReader::new(BufReader::with_capacity(1 << 16, tar));
        let mut export = Self::default();
        let mut has_index = false;
        while let Some(member) = tar.next_member()? {
            let path = String::from_utf8_lossy(&member.path).into_owned();
            match member.kind {
                EntryType::Regular if path == INDEX => {
                    let mut text = Vec::new();
                    tar.by_ref().take(LARGEST_INDEX).read_to_end(&mut text)?;
                    export.index = serde_json::from_slice(&text)?;
                    has_index = true;
                }
                EntryType::Regular => {
                    if let Some(layer) = layer(&mut tar).map_err(|error| within(&path, &error))? {
                        export.layers.insert(path, layer);
                    }
                }
                // A layer that an image has twice, or that another image brought.
                EntryType::Symlink => {
                    let target = String::from_utf8_lossy(&member.link).into_owned();
                    let target = target.strip_prefix("../").unwrap_or(&target).to_owned();
                    export.links.insert(path, target);
                }
                _ => {}
            }
        }
        if has_index { Ok(export) } else { Err(invalid(&format!("it ends without {INDEX}"))) }
    }

    /// The filesystem of the image of that name, which says its tag.
    pub(super) fn filesystem(&self, image: &str) -> io::Result<Filesystem<'_>> {
        let has_name =
            |entry: &&IndexEntry| entry.repo_tags.iter().flatten().any(|tag| is_same_name(tag, image));
        let entry = self.index.iter().find(has_name);
        let entry = entry.ok_or_else(|| invalid(&format!("{INDEX} doesn't name {image}")))?;
        let layers = entry.layers.iter().map(|path| {
            let path = self.links.get(path).unwrap_or(path);
            self.layers.get(path).ok_or_else(|| invalid(&format!("it has no layer {path}")))
        });
        Filesystem::of(layers.collect::<io::Result<Vec<_>>>()?)
            .map_err(|path| invalid(&format!("{image}: {path} is a link to a file that isn't there")))
    }
}

/// The layer that the current member holds; none where it holds something else.
fn layer(tar: &mut TarReader<impl Read>) -> io::Result<Option<Layer>> {
    let mut start = vec![0; 512];
    let length = read_up_to(tar, &mut start)?;
    start.truncate(length);
    if !begins_tar(&start) && !COMPRESSED.iter().any(|magic| start.starts_with(magic)) {
        return Ok(None);
    }
    let blob = BufReader::with_capacity(1 << 16, Cursor::new(start).chain(tar));
    Layer::read(uncompressed(blob)?).map(Some)
}

/// Engines write a name of Docker Hub's in full, or leave out what goes without saying.
fn is_same_name(one: &str, other: &str) -> bool {
    fn familiar(name: &str) -> &str {
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        name.strip_prefix("library/").unwrap_or(name)
    }
    familiar(one) == familiar(other)
}

fn within(path: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{path}: {error}"))
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
