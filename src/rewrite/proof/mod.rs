//! The proof: two images, held against each other as containers see them.
//!
//! In go the names of two images on an engine; out comes a [`Comparison`] of their final filesystems, path by path, and
//! of their settings. The engine exports both as one stream, so that a layer which both have is read once; what is kept
//! of a path is a compact record with the hash of its content. Times are counted and known noise is classed apart, never
//! hidden.

mod chunks;
mod difference;
mod export;
mod filesystem;
mod inode;
mod layer;
mod noise;
mod prove;
mod tar;
#[cfg(test)]
mod tests;
mod verdict;

use std::io::{self, Read};

use thiserror::Error;
use tokio::task::JoinError;

use crate::engine::{BuildFailure, Engine, EngineError, ImageSettings};
use crate::lint::Effect;

pub use difference::{Difference, What};
pub use inode::FileType;
pub use noise::Noise;
pub use prove::{Outcome, Proof, ProofEvent, prove};
pub use verdict::{Class, Comparison, SettingDifference, Verdict};

use chunks::Chunks;
use difference::Differences;
use export::Export;

/// Why two images could not be compared.
#[derive(Debug, Error)]
pub enum ProofError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The original does not build, so there is nothing to hold a variant against.
    #[error("the Dockerfile as it is doesn't build: {0}")]
    Original(BuildFailure),
    /// What the engine exports is not understood.
    #[error(
        "can't read what the engine exports of {images}: {reason}; `docker save` shows whether it is whole"
    )]
    Export {
        /// The images.
        images: String,
        /// What was not understood.
        reason: io::Error,
    },
    /// A thread that read broke.
    #[error("reading an image ended early: {0}")]
    Thread(#[from] JoinError),
}

/// Compares the image `variant` with the image `original`. Both names say their tags. `effects` are what the rewrites
/// between the two are there for.
pub async fn compare(
    engine: &Engine,
    original: &str,
    variant: &str,
    effects: &[Effect],
) -> Result<Comparison, ProofError> {
    let settings = (engine.settings(original).await?, engine.settings(variant).await?);
    let layers = (engine.inspect(original).await?.diff_ids, engine.inspect(variant).await?.diff_ids);
    let differences = if layers.0 == layers.1 {
        // The very same layers make the very same files.
        Differences::default()
    } else {
        exported(engine, original, variant).await?
    };
    Ok(Comparison::of(differences, (&settings.0, &settings.1), effects))
}

/// The differences between two images of one exported tar, such as `docker save` writes it.
pub fn compare_exported(tar: impl Read, original: &str, variant: &str) -> io::Result<Comparison> {
    let differences = differences(tar, original, variant)?;
    let none = ImageSettings::default();
    Ok(Comparison::of(differences, (&none, &none), &[]))
}

async fn exported(engine: &Engine, original: &str, variant: &str) -> Result<Differences, ProofError> {
    let (chunks, sink) = Chunks::new();
    let names = (original.to_owned(), variant.to_owned());
    let reading = tokio::task::spawn_blocking(move || differences(chunks, &names.0, &names.1));
    // Where the engine breaks off, its own words say more than the reader's.
    sink.fill(engine.export(&[original, variant])).await?;
    reading
        .await?
        .map_err(|reason| ProofError::Export { images: format!("{original} and {variant}"), reason })
}

fn differences(tar: impl Read, original: &str, variant: &str) -> io::Result<Differences> {
    let export = Export::read(tar)?;
    Ok(difference::compare(&export.filesystem(original)?, &export.filesystem(variant)?))
}
