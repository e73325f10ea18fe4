//! Regions, the links that lead to them, and what a pull through a link should take.
//!
//! In: a [`Link`] and the [`axum::Router`] of a registry. Out: [`Listener::bind`], an address on loopback that answers as if
//! the registry were at the far end of that link; [`predict_pull`], the same without a pull. Only the network is
//! modelled: download, decompression and extraction are the engine's own.

mod clock;
mod link;
mod listener;
mod place;
mod pull;
mod shape;
mod stream;
mod transfer;
mod window;

pub use link::{Bandwidth, Link, LinkError, Loss, parse_delay};
pub use listener::Listener;
pub use place::{Region, Role};
pub use pull::{EngineConstants, predict_pull};
pub use transfer::transfer_time;
