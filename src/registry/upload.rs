//! A blob on its way into the store.

use std::io::Write as _;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::{Digest, RegistryError};

/// Bytes that become a blob once their digest is known to be right. Hashed as they come; the temporary file is
/// gone when this is dropped, so that no half blob is left whatever fails.
#[derive(Debug)]
pub struct Upload {
    file: NamedTempFile,
    hash: Sha256,
    written: u64,
    blobs: PathBuf,
}

impl Upload {
    /// An upload that will land in the folder `blobs`; `uploads` is on the same file system.
    pub(super) fn new(uploads: &std::path::Path, blobs: PathBuf) -> Result<Self, RegistryError> {
        let file = NamedTempFile::new_in(uploads).map_err(|e| RegistryError::io(uploads, e))?;
        Ok(Self { file, hash: Sha256::new(), written: 0, blobs })
    }

    /// Adds bytes at the end.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), RegistryError> {
        self.file.write_all(bytes).map_err(|e| RegistryError::io(self.file.path(), e))?;
        self.hash.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// How many bytes have come.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Makes the bytes the blob `expected`, or drops them where that is not their digest.
    pub fn finish(self, expected: Digest) -> Result<(), RegistryError> {
        let found = Digest::of_state(self.hash);
        if found != expected {
            return Err(RegistryError::DigestMismatch { expected, found });
        }
        let path = self.blobs.join(found.hex());
        self.file.persist(&path).map(drop).map_err(|e| RegistryError::io(&path, e.error))
    }
}
