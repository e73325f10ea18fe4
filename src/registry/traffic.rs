//! What a server was asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Digest;
use crate::bytes::Bytes;

/// What one server served since it started or was last asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests of any kind.
    pub requests: u64,
    /// Bytes of blobs handed to the connection; headers and manifests don't count.
    pub blob_bytes: Bytes,
    /// How often each blob was fetched (`GET`, whole or in part; `HEAD` doesn't count).
    pub blobs: BTreeMap<Digest, u64>,
    /// How often each manifest was fetched.
    pub manifests: BTreeMap<Digest, u64>,
}

/// The traffic of one server, counted by many connections.
#[derive(Debug, Clone, Default)]
pub(super) struct Meter(Arc<Mutex<Traffic>>);

impl Meter {
    pub(super) fn count(&self, change: impl FnOnce(&mut Traffic)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn snapshot(&self) -> Traffic {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn take(&self) -> Traffic {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
