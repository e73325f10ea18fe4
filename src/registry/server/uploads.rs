//! Blobs on their way in: in one request, in two, in chunks, or by mounting one that is here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::body::Frame;

use super::error::ApiError;
use super::route::query;
use super::{CONTENT_DIGEST, Server, blocking, empty, set};
use crate::registry::{Digest, Repository, Upload};

const UPLOAD_ID: HeaderName = HeaderName::from_static("docker-upload-uuid");

/// Frames of a body are gathered to so many bytes before they are written.
const GATHERED: usize = 1 << 20;

/// The uploads that wait for their next request. One that is being written is not here, so that no two requests
/// write at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Uploads(Arc<Mutex<HashMap<String, Upload>>>);

impl Uploads {
    fn put(&self, id: &str, upload: Upload) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), upload);
    }

    fn take(&self, id: &str) -> Result<Upload, ApiError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id).ok_or_else(ApiError::no_upload)
    }

    fn written(&self, id: &str) -> Result<u64, ApiError> {
        let uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uploads.get(id).map(Upload::written).ok_or_else(ApiError::no_upload)
    }
}

/// `POST`: mounts a blob that is here, takes one whole (`?digest=`), or opens an upload.
pub(super) async fn start(
    server: &Server,
    repository: &Repository,
    request: Request,
) -> Result<Response, ApiError> {
    if let Some(mount) = query(request.uri(), "mount") {
        let digest: Digest = mount.parse()?;
        if server.store.has_blob(digest)? {
            return Ok(created(repository, digest));
        }
    }
    let upload = server.store.upload()?;
    if let Some(digest) = query(request.uri(), "digest") {
        let digest: Digest = digest.parse()?;
        return complete(upload, repository, digest, request.into_body()).await;
    }
    let id = format!("{:032x}", rand::random::<u128>());
    let response = accepted(StatusCode::ACCEPTED, repository, &id, 0);
    server.uploads.put(&id, upload);
    Ok(response)
}

/// `GET`: how far an upload is.
pub(super) fn progress(server: &Server, repository: &Repository, id: &str) -> Result<Response, ApiError> {
    Ok(accepted(StatusCode::NO_CONTENT, repository, id, server.uploads.written(id)?))
}

/// `DELETE`: gives an upload up.
pub(super) fn cancel(server: &Server, id: &str) -> Result<Response, ApiError> {
    server.uploads.take(id)?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `PATCH`: adds a chunk.
pub(super) async fn append(
    server: &Server,
    repository: &Repository,
    id: &str,
    request: Request,
) -> Result<Response, ApiError> {
    let upload = server.uploads.take(id)?;
    if !continues(&request, upload.written()) {
        let response = accepted(StatusCode::RANGE_NOT_SATISFIABLE, repository, id, upload.written());
        server.uploads.put(id, upload);
        return Ok(response);
    }
    let upload = receive(upload, request.into_body()).await?;
    let response = accepted(StatusCode::ACCEPTED, repository, id, upload.written());
    server.uploads.put(id, upload);
    Ok(response)
}

/// `PUT`: adds the last chunk, if any, and makes the upload a blob.
pub(super) async fn finish(
    server: &Server,
    repository: &Repository,
    id: &str,
    request: Request,
) -> Result<Response, ApiError> {
    let digest = query(request.uri(), "digest").ok_or_else(|| {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "DIGEST_INVALID",
            "the request that ends an upload needs `?digest=`",
        )
    })?;
    let digest: Digest = digest.parse()?;
    let upload = server.uploads.take(id)?;
    if !continues(&request, upload.written()) {
        let response = accepted(StatusCode::RANGE_NOT_SATISFIABLE, repository, id, upload.written());
        server.uploads.put(id, upload);
        return Ok(response);
    }
    complete(upload, repository, digest, request.into_body()).await
}

/// Whether the chunk goes on where the upload stands. Without a `Content-Range` it does: engines stream a blob in
/// one `PATCH`.
fn continues(request: &Request, written: u64) -> bool {
    let Some(range) = request.headers().get(header::CONTENT_RANGE) else { return true };
    let range = range.to_str().unwrap_or_default();
    let (first, last) = range.split_once('-').unwrap_or_default();
    let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) else { return false };
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    first == written && first <= last && length.is_none_or(|length| last - first + 1 == length)
}

async fn complete(
    upload: Upload,
    repository: &Repository,
    digest: Digest,
    body: Body,
) -> Result<Response, ApiError> {
    let upload = receive(upload, body).await?;
    blocking(move || upload.finish(digest)).await?;
    Ok(created(repository, digest))
}

/// Writes a body to an upload. An upload whose body breaks off or whose disk is full is dropped with its file.
async fn receive(mut upload: Upload, mut body: Body) -> Result<Upload, ApiError> {
    let mut gathered = Vec::new();
    loop {
        let frame = body.frame().await.transpose().map_err(|e| ApiError::body(&e))?;
        let is_end = frame.is_none();
        if let Some(Ok(data)) = frame.map(Frame::into_data) {
            gathered.extend_from_slice(&data);
        }
        if gathered.len() >= GATHERED || (is_end && !gathered.is_empty()) {
            let bytes = std::mem::take(&mut gathered);
            upload = match blocking(move || upload.write(&bytes).map(|()| upload)).await {
                Ok(upload) => upload,
                Err(error) => {
                    // Whoever is still sending would find a broken connection instead of the answer.
                    while body.frame().await.is_some_and(|frame| frame.is_ok()) {}
                    return Err(error);
                }
            };
        }
        if is_end {
            return Ok(upload);
        }
    }
}

fn created(repository: &Repository, digest: Digest) -> Response {
    let mut response = empty(StatusCode::CREATED);
    set(&mut response, header::LOCATION, format!("/v2/{repository}/blobs/{digest}"));
    set(&mut response, CONTENT_DIGEST, digest);
    response
}

/// How far an upload is. Its range counts the last byte in; `0-0` stands for nothing too.
fn accepted(status: StatusCode, repository: &Repository, id: &str, written: u64) -> Response {
    let mut response = empty(status);
    set(&mut response, header::LOCATION, format!("/v2/{repository}/blobs/uploads/{id}"));
    set(&mut response, header::RANGE, format!("0-{}", written.saturating_sub(1)));
    set(&mut response, UPLOAD_ID, id);
    response
}
