//! The memory that a proof takes: that of what it notes of each path, whatever the files' sizes.

#![expect(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::io::{self, Read};

use peak_alloc::PeakAlloc;
use plimsoll::rewrite::proof::{Verdict, compare_exported};
use tar::{EntryType, Header};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Two images of so many bytes each, in as many files, are compared in a hundredth of that and a little more. Scaled up,
/// two of 1 GB take 40 MB; what a run of the binary takes is in docs/decisions.md.
const FILES: u64 = 2_000;
const FILE_SIZE: u64 = 50_000;
const LITTLE: usize = 2_000_000;

/// A tar that is made while it is read, so that the test itself takes no memory.
struct Generated<I: Iterator<Item = Piece>> {
    pieces: I,
    current: Piece,
}

/// Some bytes, then a number of the same byte.
struct Piece {
    head: io::Cursor<Vec<u8>>,
    fill: io::Take<io::Repeat>,
}

impl Piece {
    fn new(head: Vec<u8>, byte: u8, count: u64) -> Self {
        Self { head: io::Cursor::new(head), fill: io::repeat(byte).take(count) }
    }
}

impl<I: Iterator<Item = Piece>> Read for Generated<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = match self.current.head.read(buffer)? {
                0 => self.current.fill.read(buffer)?,
                count => count,
            };
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            match self.pieces.next() {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
    }
}

fn header(path: &str, size: u64) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.set_path(path).unwrap();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn member(path: &str, size: u64, byte: u8) -> [Piece; 2] {
    let padding = size.next_multiple_of(512) - size;
    [Piece::new(header(path, size), byte, size), Piece::new(Vec::new(), 0, padding)]
}

/// A layer in an export, with files filled with the byte.
fn layer(path: &str, byte: u8) -> impl Iterator<Item = Piece> {
    let files = (0..FILES).flat_map(move |number| {
        let folder = number / 100;
        member(&format!("usr/lib/node_modules/some-package-{folder}/dist/file-{number}.js"), FILE_SIZE, byte)
    });
    let size = FILES * (512 + FILE_SIZE.next_multiple_of(512)) + 1024;
    [Piece::new(header(path, size), 0, 0)].into_iter().chain(files).chain([Piece::new(Vec::new(), 0, 1024)])
}

#[test]
fn large_images_are_compared_in_little_memory() {
    let index =
        r#"[{"RepoTags":["x:a"],"Layers":["1/layer.tar"]},{"RepoTags":["x:b"],"Layers":["2/layer.tar"]}]"#;
    let size = index.len() as u64;
    let index = [
        Piece::new(header("manifest.json", size), 0, 0),
        Piece::new(index.as_bytes().to_vec(), 0, size.next_multiple_of(512) - size + 1024),
    ];
    let pieces = layer("1/layer.tar", b'a').chain(layer("2/layer.tar", b'b')).chain(index);
    let tar = Generated { pieces, current: Piece::new(Vec::new(), 0, 0) };

    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let comparison = compare_exported(tar, "x:a", "x:b").unwrap();
    let taken = MEMORY.peak_usage() - before;

    assert_eq!(comparison.verdict(), Verdict::Different);
    assert_eq!(comparison.files.len() as u64, FILES);
    let allowed = usize::try_from(2 * FILES * FILE_SIZE / 100).unwrap() + LITTLE;
    assert!(taken < allowed, "{taken} bytes were taken, {allowed} are allowed");
}
