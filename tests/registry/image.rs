//! Images made from nothing, put straight into a store.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use plimsoll::registry::{Digest, Reference, Repository, Store};
use serde_json::json;

/// How a test image's layers are stored.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Format {
    Plain,
    Gzip,
    Zstd,
}

/// Bytes that no compressor shortens and no other test has.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rand::fill(bytes.as_mut_slice());
    bytes
}

/// A tar of the files, and one directory and one link so that not all entries are files.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o640);
        header.set_uid(7);
        header.set_mtime(1_700_000_000);
        builder.append_data(&mut header, name, *content).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, format!("{name}.link"), name).unwrap();
    }
    builder.into_inner().unwrap()
}

/// What is in a tar, a line an entry.
pub(crate) fn listing(tar: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(tar);
    let mut lines: Vec<String> = archive
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            let header = entry.header().clone();
            format!(
                "{} {:?} {:o} {} {:?} {}",
                entry.path().unwrap().display(),
                header.entry_type(),
                header.mode().unwrap() & 0o7777,
                header.uid().unwrap(),
                entry.link_name().unwrap(),
                Digest::of(&content)
            )
        })
        .collect();
    lines.sort();
    lines
}

/// Puts an image of the given layers into the store, as a builder would push it, and gives its manifest's digest.
pub(crate) fn put(store: &Store, name: &Repository, tag: &str, format: Format, layers: &[Vec<u8>]) -> Digest {
    let mut descriptors = Vec::new();
    let mut history = Vec::new();
    for tar in layers {
        let (media_type, blob) = match format {
            Format::Plain => ("application/vnd.oci.image.layer.v1.tar", tar.clone()),
            Format::Zstd => {
                ("application/vnd.oci.image.layer.v1.tar+zstd", zstd::encode_all(tar.as_slice(), 1).unwrap())
            }
            Format::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(tar).unwrap();
                ("application/vnd.oci.image.layer.v1.tar+gzip", encoder.finish().unwrap())
            }
        };
        let digest = store.put_blob(&blob).unwrap();
        descriptors.push(json!({ "mediaType": media_type, "digest": digest, "size": blob.len() }));
        history.push(json!({ "created": "2024-01-02T03:04:05Z", "created_by": "COPY . ." }));
    }
    let diff_ids: Vec<Digest> = layers.iter().map(|tar| Digest::of(tar)).collect();
    let config = json!({
        "created": "2024-01-02T03:04:05Z",
        "author": "the test",
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Env": ["PATH=/bin", "A=b"],
            "Cmd": ["/none"],
            "Labels": { "io.plimsoll.test": "registry" },
        },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    })
    .to_string();
    let config_digest = store.put_blob(config.as_bytes()).unwrap();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "digest": config_digest, "size": config.len(),
        },
        "layers": descriptors,
        "annotations": { "org.example.kept": "yes" },
    });
    let reference: Reference = tag.parse().unwrap();
    store.put_manifest(name, &reference, None, manifest.to_string().as_bytes()).unwrap()
}
