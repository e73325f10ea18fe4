//! The embedded registry through its public face: the HTTP protocol, real clients, salted pulls.
//!
//! What needs an engine uses the one that `DOCKER_HOST` names, or the local one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what surprises a test fails it"
)]

mod clients;
mod image;
mod protocol;
mod salted;
mod support;
