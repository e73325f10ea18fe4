//! What can go wrong in the registry.

use std::io;
use std::path::{Path, PathBuf};

use super::{Digest, Platform};

/// An error of the registry, with the data that a message or an HTTP answer needs.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The disk below the store has no room left. What was half written is removed.
    #[error("no space left on the disk that holds {}: free some, or set another run directory", path.display())]
    DiskFull {
        /// The file or folder that was being written.
        path: PathBuf,
    },
    /// Any other failure of the file system.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder concerned.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Text that is no digest, repository name, tag or platform.
    #[error("`{text}` is not a {what}: {why}")]
    Malformed {
        /// What was expected.
        what: &'static str,
        /// What came.
        text: String,
        /// The rule it breaks.
        why: &'static str,
    },
    /// Uploaded bytes whose hash is not the one announced.
    #[error("the bytes have the digest {found}, not {expected} as announced")]
    DigestMismatch {
        /// The digest that the client named.
        expected: Digest,
        /// The digest of what it sent.
        found: Digest,
    },
    /// A blob that is not in the store.
    #[error("no blob {0} in this registry")]
    UnknownBlob(Digest),
    /// A repository that holds nothing.
    #[error("no repository `{0}` in this registry")]
    UnknownRepository(String),
    /// A tag or manifest digest that its repository does not hold.
    #[error("no manifest `{reference}` in the repository `{repository}`")]
    UnknownManifest {
        /// The repository asked.
        repository: String,
        /// The tag or digest asked for.
        reference: String,
    },
    /// A manifest or image configuration that does not read as one.
    #[error("{what} is not valid: {why}")]
    Invalid {
        /// The document, with its digest where it has one.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// An index without an image for the platform asked for.
    #[error("the index {index} has no image for {wanted}; it has {}", list(present))]
    NoSuchPlatform {
        /// The index.
        index: Digest,
        /// The platform asked for.
        wanted: Box<Platform>,
        /// The platforms that it has.
        present: Vec<Platform>,
    },
    /// A layer that can't be read as what its first bytes announce.
    #[error("the layer {layer} can't be decompressed: {source}")]
    Layer {
        /// The layer's blob.
        layer: Digest,
        /// What the decoder said.
        source: io::Error,
    },
    /// A scope of salting that leaves no layer to salt.
    #[error("can't salt above {above} layers: the image has {layers}")]
    NothingToSalt {
        /// The number of layers to leave alone.
        above: usize,
        /// The number of layers there are.
        layers: usize,
    },
}

impl RegistryError {
    /// An error of the file system at `path`; a full disk is told apart.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::Io { path, source },
        }
    }
}

fn list(platforms: &[Platform]) -> String {
    if platforms.is_empty() {
        return "none".to_owned();
    }
    platforms.iter().map(Platform::to_string).collect::<Vec<_>>().join(", ")
}
