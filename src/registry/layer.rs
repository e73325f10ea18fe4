//! What a layer's blob is inside: its compression, its uncompressed size, and the hashes that salting goes on from.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use super::{Digest, RegistryError};
use crate::bytes::Bytes;

/// A layer's two sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerSize {
    /// The layer's blob.
    pub digest: Digest,
    /// What a pull downloads.
    pub compressed: Bytes,
    /// What the engine extracts: the size of the tar.
    pub uncompressed: Bytes,
}

/// How a layer's tar is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// A layer read to its end. The hashes are kept open, so that the digests of the layer with bytes after it cost
/// nothing but those bytes.
#[derive(Debug, Clone)]
pub(super) struct LayerHash {
    pub(super) compression: Compression,
    /// Over the blob.
    pub(super) blob: Sha256,
    /// Over the tar.
    pub(super) tar: Sha256,
    tar_size: u64,
}

impl LayerHash {
    pub(super) fn uncompressed_size(&self) -> Bytes {
        Bytes(self.tar_size)
    }
}

impl Compression {
    /// By the first bytes, as engines do (moby `pkg/archive.DetectCompression`), whatever the media type says.
    fn detect(start: &[u8]) -> Self {
        if start.starts_with(&[0x1f, 0x8b, 0x08]) {
            Self::Gzip
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Self::Zstd
        } else {
            Self::None
        }
    }

    fn open<'a>(self, blob: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::None => Box::new(blob),
            Self::Gzip => Box::new(MultiGzDecoder::new(blob)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(blob)?),
        })
    }
}

/// The tar in a layer's blob, however it is compressed.
pub fn uncompressed<'a>(mut blob: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
    Compression::detect(blob.fill_buf()?).open(blob)
}

/// Reads the layer `digest` to its end.
pub(super) fn hash(digest: Digest, blob: impl Read) -> Result<LayerHash, RegistryError> {
    let failed = |source| RegistryError::Layer { layer: digest, source };
    let mut blob = BufReader::with_capacity(1 << 16, Hashing { inner: blob, hash: Sha256::new(), size: 0 });
    let compression = Compression::detect(blob.fill_buf().map_err(failed)?);
    let read_to_end = |reader: &mut dyn Read| {
        let mut tar = Hashing { inner: reader, hash: Sha256::new(), size: 0 };
        io::copy(&mut tar, &mut io::sink()).map(|_| (tar.hash, tar.size))
    };
    let (tar, tar_size) =
        compression.open(&mut blob).and_then(|mut tar| read_to_end(&mut tar)).map_err(failed)?;
    // What a decoder leaves unread still belongs to the blob's digest.
    io::copy(&mut blob, &mut io::sink()).map_err(failed)?;
    Ok(LayerHash { compression, blob: blob.into_inner().hash, tar, tar_size })
}

/// A reader that hashes and counts what passes.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
    size: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        self.size += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Compression, Digest, hash};
    use crate::bytes::Bytes;

    #[test]
    fn a_layer_has_the_same_tar_however_it_is_compressed() {
        let tar = vec![7; 300_000];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(tar.as_slice(), 1).unwrap();
        for (blob, compression) in
            [(tar.clone(), Compression::None), (gzip, Compression::Gzip), (zstd, Compression::Zstd)]
        {
            let layer = hash(Digest::of(&blob), blob.as_slice()).unwrap();
            assert_eq!(layer.compression, compression);
            assert_eq!(layer.uncompressed_size(), Bytes(300_000));
            assert_eq!(Digest::of_state(layer.tar.clone()), Digest::of(&tar));
            assert_eq!(Digest::of_state(layer.blob.clone()), Digest::of(&blob));
        }
    }

    #[test]
    fn a_layer_that_is_cut_short_is_an_error_that_names_it() {
        let gzip = [0x1f, 0x8b, 0x08, 0, 0];
        let error = hash(Digest::of(&gzip), gzip.as_slice()).unwrap_err().to_string();
        assert!(error.contains(&Digest::of(&gzip).to_string()), "{error}");
    }
}
