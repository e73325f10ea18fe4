//! Manifests, and the lists of tags and repositories.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::Response;
use http_body_util::{BodyExt as _, Limited};
use serde_json::json;

use super::error::ApiError;
use super::route::query;
use super::{CONTENT_DIGEST, Server, empty, set};
use crate::registry::{Reference, Repository};

/// Registries take at least 4 MB (OCI distribution spec, "Pushing Manifests").
const LARGEST_MANIFEST: usize = 4 << 20;

pub(super) fn get(
    server: &Server,
    repository: &Repository,
    reference: &Reference,
    method: &Method,
) -> Result<Response, ApiError> {
    let stored = server.store.manifest(repository, reference)?;
    if method == Method::GET {
        server.meter.count(|traffic| *traffic.manifests.entry(stored.digest).or_default() += 1);
    }
    let size = stored.body.len();
    let mut response = Response::new(Body::from(stored.body));
    set(&mut response, header::CONTENT_TYPE, stored.media_type);
    set(&mut response, header::CONTENT_LENGTH, size);
    set(&mut response, header::ETAG, format!("\"{}\"", stored.digest));
    set(&mut response, CONTENT_DIGEST, stored.digest);
    Ok(response)
}

pub(super) async fn put(
    server: &Server,
    repository: &Repository,
    reference: &Reference,
    request: Request,
) -> Result<Response, ApiError> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let body = Limited::new(request.into_body(), LARGEST_MANIFEST).collect().await;
    let body = body.map_err(|e| ApiError::body(e.as_ref()))?.to_bytes();
    let digest = server.store.put_manifest(repository, reference, content_type.as_deref(), &body)?;
    let mut response = empty(StatusCode::CREATED);
    set(&mut response, header::LOCATION, format!("/v2/{repository}/manifests/{digest}"));
    set(&mut response, CONTENT_DIGEST, digest);
    Ok(response)
}

pub(super) fn tags(server: &Server, repository: &Repository, uri: &Uri) -> Result<Response, ApiError> {
    let tags = server.store.tags(repository)?.iter().map(ToString::to_string).collect();
    let (page, next) = page(tags, uri);
    let mut response = super::json(&json!({ "name": repository.as_str(), "tags": page }));
    link(&mut response, &format!("/v2/{repository}/tags/list"), next);
    Ok(response)
}

pub(super) fn catalog(server: &Server, uri: &Uri) -> Result<Response, ApiError> {
    let names = server.store.repositories()?.iter().map(ToString::to_string).collect();
    let (page, next) = page(names, uri);
    let mut response = super::json(&json!({ "repositories": page }));
    link(&mut response, "/v2/_catalog", next);
    Ok(response)
}

/// The part of a sorted list that `n` and `last` ask for, and the query of the next part.
fn page(names: Vec<String>, uri: &Uri) -> (Vec<String>, Option<String>) {
    let last = query(uri, "last");
    let mut names: Vec<String> =
        names.into_iter().filter(|name| last.as_ref().is_none_or(|last| name > last)).collect();
    let Some(n) = query(uri, "n").and_then(|n| n.parse::<usize>().ok()) else { return (names, None) };
    let is_cut = names.len() > n;
    names.truncate(n);
    let next = names.last().filter(|_| is_cut).map(|last| format!("n={n}&last={last}"));
    (names, next)
}

fn link(response: &mut Response, path: &str, query: Option<String>) {
    if let Some(query) = query {
        set(response, header::LINK, format!("<{path}?{query}>; rel=\"next\""));
    }
}
