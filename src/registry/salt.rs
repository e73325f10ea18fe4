//! Salted images: the same files and the same configuration, under digests that no engine has seen.
//!
//! An engine skips the download of a layer that it knows, by the layer's digest or by the chain of diff IDs up
//! to it. A few bytes after a layer's blob change its digest, and after its tar its diff ID too:
//!
//! - The lowest layer salted gets a tar entry, a PAX global header whose comment is the salt, as one more member of a
//!   gzip stream or one more frame of a zstd stream. Its diff ID is new, so the engine knows neither this
//!   layer nor any above it. Overlay2 needs no more.
//! - Every layer above gets an empty gzip member that carries the salt as its comment, or a zstd skippable frame.
//!   The diff ID stays; the blob's digest is new. The containerd image store needs this: it goes by the digest of the blob.
//!
//! The salt comes **after** the layer, because SHA-256 can go on from where a layer ended, once that is known:
//! salting an image costs the hash of a few bytes, and the store keeps just those. Before the layer, each salt would
//! decompress and hash the image again, on the very machine that measures. Readers stop at a tar's end but engines drain and
//! hash the whole stream (moby `layer/layer_store.go` "Discard trailing data but ensure metadata is picked up",
//! containerd `core/diff/apply` "Read any trailing data").

use std::io::Write as _;

use flate2::GzBuilder;
use serde_json::Value;
use sha2::Digest as _;

use super::layer::Compression;
use super::{Digest, Reference, RegistryError, Repository, Store, StoredImage, Tag};

/// What makes one salted image differ from another. The same salt on the same layer gives the same layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salt(Tag);

/// The layers to salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them: nothing of the image is present.
    Image,
    /// All but the lowest so many: the base is present, what is built on it is not.
    Above(usize),
}

/// A salted image, published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salted {
    /// The tag to pull.
    pub tag: Tag,
    /// The digest of its manifest.
    pub digest: Digest,
    /// Its configuration, which is the image's identity on a graph driver.
    pub config: Digest,
    /// Its layers' blobs, the lowest first, the unsalted ones among them.
    pub layers: Vec<Digest>,
}

impl Salt {
    /// The salt number `counter` of a run. The run's id has to fit a tag: letters, digits, `_`, `.`, `-`.
    pub fn new(run: &str, counter: u64) -> Result<Self, RegistryError> {
        format!("salt-{run}-{counter}").parse().map(Self)
    }

    fn text(&self) -> &str {
        self.0.as_str()
    }
}

/// Salts `image` and publishes it in `repository`, under a tag made of the salt and of the image's digest.
pub fn salt(
    store: &Store,
    repository: &Repository,
    image: &StoredImage,
    salt: &Salt,
    scope: Scope,
) -> Result<Salted, RegistryError> {
    let count = image.manifest.layers.len();
    let above = match scope {
        Scope::Image => 0,
        Scope::Above(layers) => layers,
    };
    if above >= count {
        return Err(RegistryError::NothingToSalt { above, layers: count });
    }
    let mut diff_ids = image.config.diff_ids().to_vec();
    if diff_ids.len() != count {
        let why = format!("it has {} diff IDs for {count} layers", diff_ids.len());
        return Err(RegistryError::Invalid { what: format!("image configuration of {}", image.digest), why });
    }
    let invalid = |why: &str| RegistryError::Invalid {
        what: format!("manifest {}", image.digest),
        why: why.to_owned(),
    };
    let mut document: Value = serde_json::from_slice(&image.body).map_err(|e| invalid(&e.to_string()))?;

    let mut layers = Vec::with_capacity(count);
    for (index, (layer, diff_id)) in image.manifest.layers.iter().zip(&mut diff_ids).enumerate() {
        if index < above {
            layers.push(layer.digest);
            continue;
        }
        let salted = salt_layer(store, layer.digest, salt, index == above)?;
        if let Some(new) = salted.diff_id {
            *diff_id = new;
        }
        let entry = document.get_mut("layers").and_then(|all| all.get_mut(index));
        describe(
            entry.ok_or_else(|| invalid("it has fewer layers than it had"))?,
            salted.digest,
            salted.size,
        );
        layers.push(salted.digest);
    }
    let config_json = image.config.clone().with_diff_ids(diff_ids).to_json();
    let config = store.put_blob(&config_json)?;
    let entry = document.get_mut("config").ok_or_else(|| invalid("it has no config"))?;
    describe(entry, config, config_json.len() as u64);

    let short: String = image.digest.hex().chars().take(12).collect();
    let tag: Tag = format!("{}-{short}", salt.text()).parse()?;
    let body = document.to_string().into_bytes();
    let digest =
        store.put_manifest(repository, &Reference::Tag(tag.clone()), Some(&image.media_type), &body)?;
    Ok(Salted { tag, digest, config, layers })
}

/// Points a descriptor at another blob.
fn describe(descriptor: &mut Value, digest: Digest, size: u64) {
    if let Some(fields) = descriptor.as_object_mut() {
        fields.insert("digest".to_owned(), digest.to_string().into());
        fields.insert("size".to_owned(), size.into());
    }
}

struct SaltedLayer {
    digest: Digest,
    /// Where it changed.
    diff_id: Option<Digest>,
    size: u64,
}

/// Salts one layer; its tar too where `lowest`, or where the blob is the tar.
fn salt_layer(store: &Store, layer: Digest, salt: &Salt, lowest: bool) -> Result<SaltedLayer, RegistryError> {
    let hash = store.layer_hash(layer)?;
    let header = (lowest || hash.compression == Compression::None).then(|| pax_global_header(salt.text()));
    let tail = tail(hash.compression, salt.text(), header.as_deref())
        .map_err(|source| RegistryError::Layer { layer, source })?;

    // A salted layer can be salted again: what the store keeps is all the bytes after the file.
    let blob = store.blob(layer)?;
    let suffix = [&blob.suffix, tail.as_slice()].concat();
    let digest = Digest::of_state(hash.blob.clone().chain_update(&tail));
    store.put_suffixed(digest, blob.of.unwrap_or(layer), &suffix)?;
    Ok(SaltedLayer {
        digest,
        diff_id: header.map(|header| Digest::of_state(hash.tar.clone().chain_update(header))),
        size: blob.file_size + suffix.len() as u64,
    })
}

/// The bytes that go after a blob, and decompress to `header` or to nothing.
fn tail(compression: Compression, salt: &str, header: Option<&[u8]>) -> std::io::Result<Vec<u8>> {
    let content = header.unwrap_or_default();
    match (compression, header) {
        (Compression::None, _) => Ok(content.to_vec()),
        (Compression::Gzip, _) => {
            // No time of day in the member's header (`mtime` 0): the same salt gives the same bytes.
            let level = flate2::Compression::fast();
            let mut member = GzBuilder::new().mtime(0).comment(salt).write(Vec::new(), level);
            member.write_all(content)?;
            member.finish()
        }
        (Compression::Zstd, Some(header)) => zstd::encode_all(header, 1),
        (Compression::Zstd, None) => {
            // RFC 8878, 3.1.2: a skippable frame is a magic number, a length and bytes without meaning.
            let length = u32::try_from(salt.len()).unwrap_or(u32::MAX);
            Ok([&0x184D_2A50_u32.to_le_bytes(), &length.to_le_bytes(), salt.as_bytes()].concat())
        }
    }
}

/// A tar entry of type `g` with the salt as its comment (POSIX pax, "pax Header Block"): 1024 bytes.
fn pax_global_header(salt: &str) -> Vec<u8> {
    // `<length> comment=<salt>\n`, where the length counts its own digits.
    let rest = format!(" comment={salt}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    let record = format!("{length}{rest}").into_bytes();

    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::XGlobalHeader);
    header.set_size(record.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut entry = header.as_bytes().to_vec();
    entry.extend(&record);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}
