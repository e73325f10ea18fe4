//! The Docker Engine API.
//!
//! In goes an [`Endpoint`]; out comes an [`Engine`].

mod client;
mod connection;
mod endpoint;
mod error;

pub use client::{Engine, EngineInfo, ImageStore};
pub use endpoint::{Address, Certificates, Endpoint, EndpointError, Environment, Origin};
pub use error::EngineError;
