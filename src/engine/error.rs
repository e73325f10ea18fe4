//! What can go wrong between Plimsoll and an engine.

use bollard::errors::Error as ApiError;
use thiserror::Error;

use super::endpoint::{Endpoint, EndpointError};

/// A call to an engine that did not come back with what was asked for.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The address is not usable.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Nobody answered at the address.
    #[error("no Docker Engine answers at {endpoint}: {reason}; {}", .endpoint.advice())]
    Unreachable {
        /// What was tried.
        endpoint: Box<Endpoint>,
        /// What happened.
        reason: String,
    },
    /// The engine answered before and then went away, or its answer broke off.
    #[error(
        "lost the engine at {endpoint} while it was to {task}: {reason}; see whether it still runs \
         (`docker info`, its log), then start again"
    )]
    Lost {
        /// Which engine.
        endpoint: Box<Endpoint>,
        /// What it was asked to do.
        task: String,
        /// What happened to the connection.
        reason: String,
    },
    /// The engine has no such container or image.
    #[error("the engine could not {task}: {message}")]
    NotFound {
        /// What it was asked to do.
        task: String,
        /// The engine's own words.
        message: String,
    },
    /// The engine understood and said no.
    #[error("the engine could not {task}: {message}")]
    Refused {
        /// What it was asked to do.
        task: String,
        /// The engine's own words.
        message: String,
    },
    /// The engine said something that is not of its API.
    #[error(
        "the engine's answer is not understood, asked to {task}: {reason}; its version may be too new or too old"
    )]
    Protocol {
        /// What it was asked to do.
        task: String,
        /// What was not understood.
        reason: String,
    },
}

impl EngineError {
    /// The error of an API call that was to do `task`.
    pub(super) fn of_call(endpoint: &Endpoint, task: &str, error: ApiError) -> Self {
        let task = task.to_owned();
        let lost =
            |reason: String| Self::Lost { endpoint: Box::new(endpoint.clone()), task: task.clone(), reason };
        match error {
            ApiError::DockerResponseServerError { status_code: 404, message } => {
                Self::NotFound { task, message }
            }
            ApiError::DockerResponseServerError { message, .. }
            | ApiError::DockerStreamError { error: message } => Self::Refused { task, message },
            ApiError::RequestTimeoutError => lost("it did not begin to answer in time".into()),
            ApiError::IOError { err } => lost(err.to_string()),
            ApiError::HyperResponseError { err } => lost(chain(&err)),
            // An answer that ends in the middle of its JSON was cut off.
            ApiError::JsonSerdeError { err } if err.is_eof() => lost("its answer broke off".into()),
            other => Self::Protocol { task, reason: other.to_string() },
        }
    }
}

/// An error and its causes in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

/// The lines of a log as they stand below a message.
pub(super) fn quoted(log: &[String]) -> String {
    log.iter().flat_map(|line| ["\n  | ", line]).collect()
}
