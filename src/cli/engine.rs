//! The engine that a command talks to, and the runtime that it talks on.

use tokio::runtime::Runtime;

use crate::engine::{Endpoint, Engine, Environment};

use super::Failure;

/// A runtime for a command that talks to an engine.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(Failure::Runtime)
}

/// Connects to the engine that the environment names, as `docker` would.
pub(super) async fn connect() -> Result<Engine, Failure> {
    let endpoint =
        Endpoint::discover(&Environment::of_process()).map_err(crate::engine::EngineError::from)?;
    Ok(Engine::connect(&endpoint).await?)
}
