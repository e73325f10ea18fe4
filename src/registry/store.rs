//! Blobs, manifests and tags in a folder.
//!
//! ```text
//! blobs/<hex>                            a blob's bytes
//! suffixed/<hex>                         a blob that is another one with bytes after it: its digest, a line end, the bytes
//! uploads/                               what is on its way in
//! repositories/<name>/_manifests/<hex>   a manifest: its media type, a line end, its bytes
//! repositories/<name>/_tags/<tag>        the digest of the tagged manifest
//! ```
//!
//! Blobs belong to no repository: whoever knows a digest may have it. A file appears by a rename when it is
//! complete; nothing is synced, since a run that lost its machine starts again.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::layer::{self, LayerHash, LayerSize};
use super::{
    Digest, ImageConfig, ImageManifest, Manifest, Platform, Reference, RegistryError, Repository, Tag, Upload,
};
use crate::bytes::Bytes;

/// A registry's contents. Clones share the folder and what is remembered of its blobs.
#[derive(Debug, Clone)]
pub struct Store {
    root: Arc<PathBuf>,
    /// Reading a layer to its end is the dear part of its size and of salting it: once per blob.
    layers: Arc<Mutex<HashMap<Digest, Arc<LayerHash>>>>,
}

/// A blob's bytes: a file, and for a salted one the few bytes after it.
#[derive(Debug, Clone)]
pub struct Blob {
    pub(super) file: PathBuf,
    pub(super) file_size: u64,
    /// The blob that the file is, where that is not the whole.
    pub(super) of: Option<Digest>,
    pub(super) suffix: bytes::Bytes,
}

/// A manifest as stored: the exact bytes that were pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// The digest of `body`.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// One platform's image.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredImage {
    /// The digest of its image manifest, which is not the index's.
    pub digest: Digest,
    /// The media type of its manifest.
    pub media_type: String,
    /// Its manifest's bytes.
    pub body: Vec<u8>,
    /// Its manifest, read.
    pub manifest: ImageManifest,
    /// Its configuration.
    pub config: ImageConfig,
}

impl Blob {
    /// The blob's size as stored.
    pub fn size(&self) -> Bytes {
        Bytes(self.file_size + self.suffix.len() as u64)
    }

    /// The blob's bytes from the start.
    pub fn open(&self) -> Result<impl Read + use<>, RegistryError> {
        let file = fs::File::open(&self.file).map_err(|e| RegistryError::io(&self.file, e))?;
        Ok(file.chain(io::Cursor::new(self.suffix.clone())))
    }
}

impl Store {
    /// Opens the store in `root`, or makes an empty one there.
    pub fn open(root: &Path) -> Result<Self, RegistryError> {
        for folder in ["blobs", "suffixed", "uploads", "repositories"] {
            create_dir(&root.join(folder))?;
        }
        Ok(Self { root: Arc::new(root.to_owned()), layers: Arc::default() })
    }

    /// Starts a blob whose bytes come piece by piece.
    pub fn upload(&self) -> Result<Upload, RegistryError> {
        Upload::new(&self.root.join("uploads"), self.root.join("blobs"))
    }

    /// Stores `bytes` as a blob.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest, RegistryError> {
        let mut upload = self.upload()?;
        upload.write(bytes)?;
        let digest = Digest::of(bytes);
        upload.finish(digest)?;
        Ok(digest)
    }

    /// Stores the blob `digest` as the blob `of` with `suffix` after it. The caller has hashed both.
    pub(super) fn put_suffixed(
        &self,
        digest: Digest,
        of: Digest,
        suffix: &[u8],
    ) -> Result<(), RegistryError> {
        let record = [of.to_string().as_bytes(), b"\n", suffix].concat();
        self.write(&self.root.join("suffixed").join(digest.hex()), &record)
    }

    /// The blob `digest`.
    pub fn blob(&self, digest: Digest) -> Result<Blob, RegistryError> {
        let file = self.blob_path(digest);
        if let Some(file_size) = size_of(&file)? {
            return Ok(Blob { file, file_size, of: None, suffix: bytes::Bytes::new() });
        }
        let (of, suffix) = self.read_suffixed(digest)?.ok_or(RegistryError::UnknownBlob(digest))?;
        let file = self.blob_path(of);
        let file_size = size_of(&file)?.ok_or(RegistryError::UnknownBlob(of))?;
        Ok(Blob { file, file_size, of: Some(of), suffix: suffix.into() })
    }

    fn blob_path(&self, digest: Digest) -> PathBuf {
        self.root.join("blobs").join(digest.hex())
    }

    fn read_suffixed(&self, digest: Digest) -> Result<Option<(Digest, Vec<u8>)>, RegistryError> {
        let path = self.root.join("suffixed").join(digest.hex());
        let Some(record) = read(&path)? else { return Ok(None) };
        let (of, suffix) = split_line(&path, &record)?;
        Ok(Some((of.parse()?, suffix.to_vec())))
    }

    /// Whether the blob `digest` is here.
    pub fn has_blob(&self, digest: Digest) -> Result<bool, RegistryError> {
        match self.blob(digest) {
            Ok(_) => Ok(true),
            Err(RegistryError::UnknownBlob(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes the blob `digest`. Salted blobs made of it go with it.
    pub fn delete_blob(&self, digest: Digest) -> Result<(), RegistryError> {
        self.blob(digest)?;
        remove(&self.blob_path(digest))?;
        remove(&self.root.join("suffixed").join(digest.hex()))
    }

    /// Stores a manifest under its digest, and under the tag where `reference` is one. Every blob of an image has
    /// to be here already.
    pub fn put_manifest(
        &self,
        repository: &Repository,
        reference: &Reference,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<Digest, RegistryError> {
        let digest = Digest::of(body);
        if let Reference::Digest(expected) = *reference
            && expected != digest
        {
            return Err(RegistryError::DigestMismatch { expected, found: digest });
        }
        let (manifest, media_type) = Manifest::parse(content_type, body)?;
        if let Manifest::Image(image) = manifest {
            for blob in image.layers.iter().chain([&image.config]) {
                self.blob(blob.digest)?;
            }
        }
        let folder = self.repository(repository);
        create_dir(&folder.join("_manifests"))?;
        create_dir(&folder.join("_tags"))?;
        let record = [media_type.as_bytes(), b"\n", body].concat();
        self.write(&folder.join("_manifests").join(digest.hex()), &record)?;
        if let Reference::Tag(tag) = reference {
            self.write(&folder.join("_tags").join(tag.as_str()), digest.to_string().as_bytes())?;
        }
        Ok(digest)
    }

    /// The manifest that `reference` names.
    pub fn manifest(
        &self,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<StoredManifest, RegistryError> {
        let unknown = || RegistryError::UnknownManifest {
            repository: repository.to_string(),
            reference: reference.to_string(),
        };
        let folder = self.repository(repository);
        let digest = match reference {
            Reference::Digest(digest) => *digest,
            Reference::Tag(tag) => {
                let record = read(&folder.join("_tags").join(tag.as_str()))?.ok_or_else(unknown)?;
                String::from_utf8_lossy(&record).parse()?
            }
        };
        let path = folder.join("_manifests").join(digest.hex());
        let record = read(&path)?.ok_or_else(unknown)?;
        let (media_type, body) = split_line(&path, &record)?;
        Ok(StoredManifest { digest, media_type: media_type.to_owned(), body: body.to_vec() })
    }

    /// Deletes a tag, or a manifest with every tag on it. The blobs stay until [`Store::sweep`].
    pub fn delete_manifest(
        &self,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<(), RegistryError> {
        let stored = self.manifest(repository, reference)?;
        let tags = self.repository(repository).join("_tags");
        match reference {
            Reference::Tag(tag) => remove(&tags.join(tag.as_str())),
            Reference::Digest(digest) => {
                for tag in self.tags(repository)? {
                    let named = self.manifest(repository, &Reference::Tag(tag.clone()))?;
                    if named.digest == stored.digest {
                        remove(&tags.join(tag.as_str()))?;
                    }
                }
                remove(&self.repository(repository).join("_manifests").join(digest.hex()))
            }
        }
    }

    /// The tags of a repository, sorted.
    pub fn tags(&self, repository: &Repository) -> Result<Vec<Tag>, RegistryError> {
        let folder = self.repository(repository);
        if size_of(&folder.join("_manifests"))?.is_none() {
            return Err(RegistryError::UnknownRepository(repository.to_string()));
        }
        let names: BTreeSet<String> =
            entries(&folder.join("_tags"))?.into_iter().map(|(name, _)| name).collect();
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// The repositories that hold a manifest or did, sorted.
    pub fn repositories(&self) -> Result<Vec<Repository>, RegistryError> {
        let mut found = Vec::new();
        let mut folders = vec![(String::new(), self.root.join("repositories"))];
        while let Some((name, folder)) = folders.pop() {
            for (entry, path) in entries(&folder)? {
                match entry.as_str() {
                    "_manifests" => found.extend(name.parse::<Repository>().ok()),
                    "_tags" => {}
                    _ if name.is_empty() => folders.push((entry, path)),
                    _ => folders.push((format!("{name}/{entry}"), path)),
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Deletes a repository's manifests and tags. The blobs stay until [`Store::sweep`].
    pub fn delete_repository(&self, repository: &Repository) -> Result<(), RegistryError> {
        let folder = self.repository(repository);
        if size_of(&folder.join("_manifests"))?.is_none() {
            return Err(RegistryError::UnknownRepository(repository.to_string()));
        }
        // Not the folder itself: `shop/api` lives inside `shop`.
        for part in ["_tags", "_manifests"].map(|part| folder.join(part)) {
            fs::remove_dir_all(&part).map_err(|e| RegistryError::io(&part, e))?;
        }
        Ok(())
    }

    /// Deletes every blob that no manifest names, and gives the bytes that this freed. Not while a push is under
    /// way: its blobs come before its manifest.
    pub fn sweep(&self) -> Result<Bytes, RegistryError> {
        let mut named = BTreeSet::new();
        for repository in self.repositories()? {
            for (_, path) in entries(&self.repository(&repository).join("_manifests"))? {
                let Some(record) = read(&path)? else { continue };
                let (media_type, body) = split_line(&path, &record)?;
                if let (Manifest::Image(image), _) = Manifest::parse(Some(media_type), body)? {
                    named.extend(image.layers.iter().chain([&image.config]).map(|blob| blob.digest));
                }
            }
        }
        let mut freed = Bytes(0);
        let mut sweep = |folder: &str, named: &BTreeSet<Digest>| -> Result<(), RegistryError> {
            for (name, path) in entries(&self.root.join(folder))? {
                if !format!("sha256:{name}").parse().is_ok_and(|digest| named.contains(&digest)) {
                    freed += Bytes(size_of(&path)?.unwrap_or_default());
                    remove(&path)?;
                }
            }
            Ok(())
        };
        sweep("suffixed", &named)?;
        let mut originals = Vec::new();
        for digest in &named {
            originals.extend(self.read_suffixed(*digest)?.map(|(of, _)| of));
        }
        named.extend(originals);
        sweep("blobs", &named)?;
        Ok(freed)
    }

    /// What the blobs take on the disk.
    pub fn total_bytes(&self) -> Result<Bytes, RegistryError> {
        let mut total = Bytes(0);
        for folder in ["blobs", "suffixed"] {
            for (_, path) in entries(&self.root.join(folder))? {
                total += Bytes(size_of(&path)?.unwrap_or_default());
            }
        }
        Ok(total)
    }

    /// The image that `reference` names, and where that is an index, its image for `platform`.
    pub fn image(
        &self,
        repository: &Repository,
        reference: &Reference,
        platform: &Platform,
    ) -> Result<StoredImage, RegistryError> {
        let StoredManifest { digest, media_type, body } = self.manifest(repository, reference)?;
        match Manifest::parse(Some(&media_type), &body)? {
            (Manifest::Image(manifest), _) => {
                let mut config = Vec::new();
                let blob = self.blob(manifest.config.digest)?;
                blob.open()?.read_to_end(&mut config).map_err(|e| RegistryError::io(&blob.file, e))?;
                let config = ImageConfig::parse(&config)?;
                Ok(StoredImage { digest, media_type, body, manifest, config })
            }
            (Manifest::Index(index), _) => {
                let chosen = index.select(platform).ok_or_else(|| RegistryError::NoSuchPlatform {
                    index: digest,
                    wanted: Box::new(platform.clone()),
                    present: index.images().filter_map(|entry| entry.platform.clone()).collect(),
                })?;
                // An index that named itself would need its own digest in its bytes, so this ends.
                self.image(repository, &Reference::Digest(chosen.digest), platform)
            }
        }
    }

    /// The sizes of an image's layers, the lowest first. Reads each blob once, however often it is asked for.
    pub fn layer_sizes(&self, manifest: &ImageManifest) -> Result<Vec<LayerSize>, RegistryError> {
        let size = |layer: &super::Descriptor| {
            let hash = self.layer_hash(layer.digest)?;
            let compressed = self.blob(layer.digest)?.size();
            Ok(LayerSize { digest: layer.digest, compressed, uncompressed: hash.uncompressed_size() })
        };
        manifest.layers.iter().map(size).collect()
    }

    /// What reading the layer `digest` to its end tells, remembered.
    pub(super) fn layer_hash(&self, digest: Digest) -> Result<Arc<LayerHash>, RegistryError> {
        let known = self.layers.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let hash = Arc::new(layer::hash(digest, self.blob(digest)?.open()?)?);
        let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(layers.entry(digest).or_insert(hash).clone())
    }

    fn repository(&self, repository: &Repository) -> PathBuf {
        self.root.join("repositories").join(repository.as_str())
    }

    /// Writes a small file so that it is there whole or not at all.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
        let uploads = self.root.join("uploads");
        let file = tempfile::NamedTempFile::new_in(&uploads).map_err(|e| RegistryError::io(&uploads, e))?;
        fs::write(file.path(), bytes).map_err(|e| RegistryError::io(path, e))?;
        file.persist(path).map(drop).map_err(|e| RegistryError::io(path, e.error))
    }
}

fn create_dir(path: &Path) -> Result<(), RegistryError> {
    fs::create_dir_all(path).map_err(|e| RegistryError::io(path, e))
}

/// The result, or nothing where there is no such file.
fn absent<T>(path: &Path, result: io::Result<T>) -> Result<Option<T>, RegistryError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RegistryError::io(path, error)),
    }
}

fn size_of(path: &Path) -> Result<Option<u64>, RegistryError> {
    Ok(absent(path, fs::metadata(path))?.map(|metadata| metadata.len()))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, RegistryError> {
    absent(path, fs::read(path))
}

fn remove(path: &Path) -> Result<(), RegistryError> {
    absent(path, fs::remove_file(path)).map(drop)
}

fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, RegistryError> {
    let mut found = Vec::new();
    let Some(listing) = absent(folder, fs::read_dir(folder))? else { return Ok(found) };
    for entry in listing {
        let entry = entry.map_err(|e| RegistryError::io(folder, e))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    Ok(found)
}

/// The first line of a record, and the bytes after it.
fn split_line<'a>(path: &Path, record: &'a [u8]) -> Result<(&'a str, &'a [u8]), RegistryError> {
    let end = record.iter().position(|byte| *byte == b'\n');
    let split = end.and_then(|end| Some((record.get(..end)?, record.get(end + 1..)?)));
    split.and_then(|(line, rest)| Some((std::str::from_utf8(line).ok()?, rest))).ok_or_else(|| {
        RegistryError::Invalid { what: path.display().to_string(), why: "it has no first line".to_owned() }
    })
}
