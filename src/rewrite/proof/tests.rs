//! Exports as engines lay them out, made by hand.

use std::io::Write as _;

use tar::{Builder, EntryType, Header};

use super::{Comparison, Verdict, compare_exported};

/// A tar being written.
struct Archive(Builder<Vec<u8>>);

impl Archive {
    fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    fn with(mut self, path: &str, kind: EntryType, link: &str, content: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(if kind == EntryType::Directory { 0o755 } else { 0o644 });
        header.set_size(content.len() as u64);
        if link.is_empty() {
            self.0.append_data(&mut header, path, content).unwrap();
        } else {
            self.0.append_link(&mut header, path, link).unwrap();
        }
        self
    }

    fn file(self, path: &str, content: &str) -> Self {
        self.with(path, EntryType::Regular, "", content.as_bytes())
    }

    fn folder(self, path: &str) -> Self {
        self.with(path, EntryType::Directory, "", b"")
    }

    fn hard_link(self, path: &str, target: &str) -> Self {
        self.with(path, EntryType::Link, target, b"")
    }

    fn extended(mut self, records: &[(&str, &[u8])]) -> Self {
        self.0.append_pax_extensions(records.iter().copied()).unwrap();
        self
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// The export of two images with these layers, the index behind them as engines write it.
fn export(one: &[Vec<u8>], other: &[Vec<u8>]) -> Vec<u8> {
    let mut archive = Archive::new();
    let mut index = Vec::new();
    for (image, layers) in [("a", one), ("b", other)] {
        let mut paths = Vec::new();
        // Not in the order of the image.
        for (number, layer) in layers.iter().enumerate().rev() {
            let path = format!("blobs/sha256/{image}{number}");
            archive = archive.with(&path, EntryType::Regular, "", layer);
            paths.insert(0, path);
        }
        index.push(serde_json::json!({"RepoTags": [format!("x:{image}")], "Layers": paths}));
    }
    archive.file("manifest.json", &serde_json::Value::from(index).to_string()).bytes()
}

fn compared(one: &[Archive], other: &[Archive]) -> Comparison {
    let bytes = |layers: &[Archive]| -> Vec<Vec<u8>> {
        layers.iter().map(|layer| layer.0.get_ref().clone()).collect()
    };
    compare_exported(export(&bytes(one), &bytes(other)).as_slice(), "x:a", "x:b").unwrap()
}

fn listed(comparison: &Comparison) -> Vec<String> {
    comparison.files.iter().map(|(found, _)| format!("{}: {}", found.path, found.what)).collect()
}

#[track_caller]
fn assert_same(one: &[Archive], other: &[Archive]) {
    assert_eq!(listed(&compared(one, other)), Vec::<String>::new());
}

#[test]
fn a_whiteout_hides_the_layers_below_and_nothing_of_its_own() {
    let below = || Archive::new().folder("d").file("d/x", "1").file("d/y", "1").folder("e").file("e/x", "1");
    let gone = Archive::new().file("d/.wh.x", "").file("d/.wh.y", "").file("d/y", "2").file(".wh.e", "");
    assert_same(&[below(), gone], &[Archive::new().folder("d").file("d/y", "2")]);
}

#[test]
fn an_opaque_directory_hides_what_is_below_whatever_comes_first() {
    let below =
        || Archive::new().folder("d").file("d/x", "1").folder("d/e").file("d/e/y", "1").file("d-", "1");
    let whole = || [Archive::new().folder("d").file("d/z", "2").file("d-", "1")];
    assert_same(&[below(), Archive::new().folder("d").file("d/.wh..wh..opq", "").file("d/z", "2")], &whole());
    assert_same(&[below(), Archive::new().folder("d").file("d/z", "2").file("d/.wh..wh..opq", "")], &whole());
    assert_same(
        &[below(), Archive::new().file("x", "1").file(".wh..wh..opq", "")],
        &[Archive::new().file("x", "1")],
    );
}

#[test]
fn what_aufs_kept_for_itself_is_no_file() {
    assert_same(
        &[Archive::new().folder(".wh..wh.plnk").file(".wh..wh.aufs", "").file("x", "")],
        &[Archive::new().file("x", "")],
    );
}

#[test]
fn a_directory_replaces_a_file_and_a_file_a_directory_with_all_in_it() {
    let below = Archive::new().folder("d").file("d/x", "1").file("f", "1").file("d0", "1").file("d-", "1");
    let above = Archive::new().file("d", "2").folder("f").file("f/y", "2");
    let whole = Archive::new().file("d", "2").folder("f").file("f/y", "2").file("d0", "1").file("d-", "1");
    assert_same(&[below, above], &[whole]);
}

#[test]
fn a_directory_that_no_layer_describes_is_a_plain_one() {
    assert_same(
        &[Archive::new().file("a/b/c", "1")],
        &[Archive::new().folder("a").folder("a/b").file("a/b/c", "1")],
    );
    let linked = || Archive::new().with("lib", EntryType::Symlink, "usr/lib", b"");
    assert_same(
        &[linked(), Archive::new().file("lib/x", "")],
        &[Archive::new().folder("lib").file("lib/x", "")],
    );
}

#[test]
fn ways_to_write_a_path_are_one() {
    let one = Archive::new().folder("./").folder("./a/").file("./a//b", "1").hard_link("./c", "./a/b");
    assert_same(&[one], &[Archive::new().folder(".").folder("a").file("a/b", "1").hard_link("c", "/a/b")]);
}

#[test]
fn hard_links_are_told_from_copies() {
    let linked = || Archive::new().file("a", "1").hard_link("b", "a").hard_link("c", "b");
    let apart = || Archive::new().file("a", "1").file("b", "1").hard_link("c", "b");
    assert_eq!(
        listed(&compared(&[linked()], &[apart()])),
        ["/b: a hard link to /a → a file of its own", "/c: a hard link to /a → a hard link to /b"]
    );
    // A layer above that takes one name away leaves the others linked.
    assert_same(
        &[linked(), Archive::new().file(".wh.a", "")],
        &[Archive::new().file("b", "1").hard_link("c", "b")],
    );
    // A link to what only the layer below has.
    assert_same(
        &[Archive::new().file("a", "1"), Archive::new().hard_link("b", "a")],
        &[Archive::new().file("a", "1").hard_link("b", "a")],
    );
    assert_same(
        &[Archive::new().file("a", "1"), Archive::new().hard_link("b", "a").hard_link("c", "b")],
        &[linked()],
    );
}

#[test]
fn an_attribute_with_a_newline_hides_nothing_behind_it() {
    let long = "d/".repeat(80) + "x";
    let of = |value: &[u8], uid: &str| {
        let records: [(&str, &[u8]); 3] =
            [("SCHILY.xattr.security.capability", value), ("path", long.as_bytes()), ("uid", uid.as_bytes())];
        Archive::new().extended(&records).file("cut", "1")
    };
    let (path, high) = (format!("/{long}"), "3000000000");
    assert_same(&[of(b"\n=\n", high)], &[of(b"\n=\n", high)]);
    assert_eq!(
        listed(&compared(&[of(b"1\n2", high)], &[of(b"1\n3", "7")])),
        [format!("{path}: owner 3000000000 → 7"), format!("{path}: another security.capability")]
    );
}

#[test]
fn long_names_of_gnu_tar_are_read() {
    let (path, target) = ("d/".repeat(70) + "link", "t/".repeat(70) + "target");
    let of = |target: &str| Archive::new().with(&path, EntryType::Symlink, target, b"");
    assert_eq!(listed(&compared(&[of(&target)], &[of("t")])), [format!("/{path}: links to {target} → t")]);
}

#[test]
fn a_layer_is_read_however_it_is_compressed() {
    let layer = Archive::new().file("x", &"1".repeat(5000)).bytes();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&layer).unwrap();
    let zstd = zstd::encode_all(layer.as_slice(), 1).unwrap();
    for compressed in [gzip.finish().unwrap(), zstd] {
        let tar = export(std::slice::from_ref(&layer), &[compressed]);
        let comparison = compare_exported(tar.as_slice(), "x:a", "docker.io/library/x:b").unwrap();
        assert_eq!((comparison.verdict(), comparison.shared), (Verdict::Identical, 1));
    }
}

#[test]
fn a_folder_for_each_layer_and_a_link_to_another_are_read() {
    let layer = Archive::new().file("x", "1").bytes();
    let index =
        r#"[{"Config": "c.json", "RepoTags": ["x:a", "x:b"], "Layers": ["1/layer.tar", "2/layer.tar"]}]"#;
    let tar = Archive::new()
        .folder("1")
        .file("1/VERSION", "1.0")
        .with("1/layer.tar", EntryType::Regular, "", &layer)
        .with("2/layer.tar", EntryType::Symlink, "../1/layer.tar", b"")
        .file("c.json", "{}")
        .file("manifest.json", index)
        .bytes();
    let comparison = compare_exported(tar.as_slice(), "x:a", "x:b").unwrap();
    assert_eq!((comparison.verdict(), comparison.shared), (Verdict::Identical, 1));
}

#[test]
fn what_is_cut_short_broken_or_not_there_is_an_error_that_says_so() {
    let layer = || Archive::new().file("x", &"1".repeat(2000)).bytes();
    let whole = export(&[layer()], &[layer()]);
    let fails = |tar: &[u8], words: &str| {
        let error = compare_exported(tar, "x:a", "x:b").unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    fails(whole.get(..1500).unwrap(), "unexpected end of file");
    fails(b"", "manifest.json");
    fails(&b"x".repeat(2048), "no header");
    fails(&export(&[layer()[..700].to_vec()], &[layer()]), "blobs/sha256/a0");
    fails(&export(&[b"{}".to_vec()], &[layer()]), "no layer blobs/sha256/a0");
    fails(&export(&[Archive::new().hard_link("y", "x").bytes()], &[layer()]), "y is a link");
    fails(&export(&[Archive::new().with("x", EntryType::GNUSparse, "", b"").bytes()], &[layer()]), "sparse");
    let error = compare_exported(whole.as_slice(), "x:a", "x:c").unwrap_err().to_string();
    assert!(error.contains("x:c"), "{error}");
}
