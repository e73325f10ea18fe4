//! The Docker Engine API.
//!
//! In goes an [`Endpoint`]; out comes an [`Engine`].

mod build;
mod client;
mod connection;
mod container;
mod context_files;
mod endpoint;
mod error;
mod history;
mod image;
mod layers;
mod progress;
mod readiness;
mod redact;
mod run;
mod session;
mod transfer;

pub use build::{BuildFailure, BuildRequest, Built};
pub use client::{Engine, EngineInfo, ImageStore};
pub use container::{Container, ContainerRequest, Stopped};
pub use context_files::ContextFile;
pub use endpoint::{Address, Certificates, Endpoint, EndpointError, Environment, Origin};
pub use error::EngineError;
pub use history::{HistoryEntry, history_of_config};
pub use image::{ExposedPort, Healthcheck, ImageConfig, ImageInspect, Protocol};
pub use layers::layers_to_instructions;
pub use progress::{BuildEvent, StepTiming};
pub use readiness::{Readiness, StartFailure, Started};
pub use redact::BuildArgs;
pub use run::{Cleaned, RUN_LABEL, RunId};
pub use transfer::{LayerTiming, PullTiming, Pushed, TransferProgress};
