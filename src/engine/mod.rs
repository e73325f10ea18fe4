//! The Docker Engine API: build, inspect, export, push, pull, start, clean up.
//!
//! In goes an [`Endpoint`], found as `docker` finds it; out comes an [`Engine`], whose methods are the calls. Times
//! are this process's own; errors say what was asked, of whom, and what to do.
//!
//! Every call is a future that may be dropped at any time, as Ctrl-C does. A dropped build or pull ends on the engine
//! too, since its connections close. A dropped call that only sends a short request (create, start, stop, tag, remove)
//! may still be carried out: [`Engine::clean`] then finds what it made by its label.
//!
//! An engine's connections belong to the tokio runtime in which it was connected to.

mod address;
mod build;
mod build_failure;
mod client;
mod connection;
mod container;
mod context_files;
mod endpoint;
mod error;
mod export;
mod history;
mod image;
mod layers;
mod progress;
mod readiness;
mod redact;
mod run;
mod session;
mod settings;
mod transfer;

pub use address::{Address, Certificates};
pub use build::{BuildRequest, Built};
pub use build_failure::BuildFailure;
pub use client::{Engine, EngineInfo, ImageStore};
pub use container::{Container, ContainerRequest, Stopped};
pub use context_files::ContextFile;
pub use endpoint::{Endpoint, EndpointError, Environment, Origin};
pub use error::EngineError;
pub use history::{HistoryEntry, history_of_config};
pub use image::{ExposedPort, Healthcheck, ImageConfig, ImageInspect, Protocol};
pub use layers::layers_to_instructions;
pub use progress::{BuildEvent, StepTiming};
pub use readiness::{Readiness, StartFailure, Started};
pub use redact::BuildArgs;
pub use run::{Cleaned, RUN_LABEL, RunId};
pub use settings::ImageSettings;
pub use transfer::{LayerTiming, PullTiming, Pushed, TransferProgress};
