//! The OCI distribution API without a daemon: blobs and manifests in a folder, the server that engines push to
//! and pull from, salted images, and the true sizes of layers.
//!
//! In: pushes by any client of the distribution API. Out: [`Server::router`] to listen with, [`salt`] for a pull
//! that is cold, [`Store::layer_sizes`] for what a pull costs. Knows nothing of the Docker Engine's own API.

mod digest;
mod error;
mod image_config;
mod layer;
mod manifest;
mod name;
mod salt;
mod server;
mod store;
mod traffic;
mod upload;

pub use digest::Digest;
pub use error::RegistryError;
pub use image_config::{HistoryEntry, ImageConfig};
pub use layer::{LayerSize, uncompressed};
pub use manifest::{Descriptor, ImageManifest, Index, Manifest, Platform};
pub use name::{Reference, Repository, Tag};
pub use salt::{Salt, Salted, Scope, salt};
pub use server::Server;
pub use store::{Blob, Store, StoredImage, StoredManifest};
pub use traffic::Traffic;
pub use upload::Upload;
