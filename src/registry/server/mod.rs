//! The OCI distribution API over HTTP.

mod blobs;
mod error;
mod manifests;
mod route;
mod uploads;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use self::error::ApiError;
use self::route::Route;
use self::uploads::Uploads;
use super::traffic::Meter;
use super::{RegistryError, Store, Traffic};

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");

/// A registry to listen with. One store can have many servers, one per region; each counts its own traffic.
#[derive(Debug, Clone)]
pub struct Server {
    store: Store,
    uploads: Uploads,
    meter: Meter,
}

impl Server {
    /// A server of what `store` holds.
    pub fn new(store: Store) -> Self {
        Self { store, uploads: Uploads::default(), meter: Meter::default() }
    }

    /// The distribution API: full pull and push.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// What was served since the start, or since [`Server::take_traffic`].
    pub fn traffic(&self) -> Traffic {
        self.meter.snapshot()
    }

    /// What was served, and counts from nothing again.
    pub fn take_traffic(&self) -> Traffic {
        self.meter.take()
    }
}

async fn answer(State(server): State<Server>, request: Request) -> Response {
    server.meter.count(|traffic| traffic.requests += 1);
    let mut response = match dispatch(&server, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    response.headers_mut().insert(API_VERSION, HeaderValue::from_static("registry/2.0"));
    response
}

async fn dispatch(server: &Server, request: Request) -> Result<Response, ApiError> {
    let Some(route) = Route::parse(request.uri().path())? else {
        return Err(ApiError::new(StatusCode::NOT_FOUND, "UNSUPPORTED", "no such endpoint"));
    };
    let method = request.method().clone();
    let is_read = method == Method::GET || method == Method::HEAD;
    match route {
        Route::Base if is_read => Ok(json(&serde_json::json!({}))),
        Route::Catalog if is_read => manifests::catalog(server, request.uri()),
        Route::Tags(repository) if is_read => manifests::tags(server, &repository, request.uri()),
        Route::Manifest(repository, reference) => match method {
            Method::GET | Method::HEAD => manifests::get(server, &repository, &reference, &method),
            Method::PUT => manifests::put(server, &repository, &reference, request).await,
            Method::DELETE => {
                server.store.delete_manifest(&repository, &reference)?;
                Ok(empty(StatusCode::ACCEPTED))
            }
            _ => Err(ApiError::unsupported("a manifest takes GET, HEAD, PUT and DELETE")),
        },
        Route::Blob(digest) => match method {
            Method::GET | Method::HEAD => blobs::get(server, digest, &method, request.headers()).await,
            Method::DELETE => {
                server.store.delete_blob(digest)?;
                Ok(empty(StatusCode::ACCEPTED))
            }
            _ => Err(ApiError::unsupported("a blob takes GET, HEAD and DELETE; it is made by an upload")),
        },
        Route::Uploads(repository) if method == Method::POST => {
            uploads::start(server, &repository, request).await
        }
        Route::Upload(repository, id) => match method {
            Method::GET => uploads::progress(server, &repository, &id),
            Method::PATCH => uploads::append(server, &repository, &id, request).await,
            Method::PUT => uploads::finish(server, &repository, &id, request).await,
            Method::DELETE => uploads::cancel(server, &id),
            _ => Err(ApiError::unsupported("an upload takes GET, PATCH, PUT and DELETE")),
        },
        _ => Err(ApiError::unsupported(format!("this endpoint does not take {method}"))),
    }
}

/// Runs what touches the disk at length off the threads that serve the connections.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RegistryError> + Send + 'static,
) -> Result<T, ApiError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(error) => Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", error.to_string())),
    }
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn json(document: &serde_json::Value) -> Response {
    let mut response = Response::new(Body::from(document.to_string()));
    set(&mut response, header::CONTENT_TYPE, "application/json");
    response
}

/// Sets a header. All values are made of checked names, digests and numbers; one that is no header value is left out.
fn set(response: &mut Response, name: HeaderName, value: impl std::fmt::Display) {
    if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
        response.headers_mut().insert(name, value);
    }
}
