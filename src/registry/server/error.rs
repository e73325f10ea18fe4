//! How an error reads over HTTP (OCI distribution spec, "Error Codes").

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::registry::RegistryError;

/// An error on its way to a client.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// A request that the API does not have.
    pub(super) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", message)
    }

    /// An upload that is not there, any more or at all.
    pub(super) fn no_upload() -> Self {
        Self::new(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN", "no such upload: start again with a POST")
    }

    /// A body that broke off.
    pub(super) fn body(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "BLOB_UPLOAD_INVALID",
            format!("the request's body broke off: {error}"),
        )
    }
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        let (status, code) = match &error {
            RegistryError::DiskFull { .. } => (StatusCode::INSUFFICIENT_STORAGE, "UNKNOWN"),
            RegistryError::UnknownBlob(_) => (StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
            RegistryError::UnknownRepository(_) => (StatusCode::NOT_FOUND, "NAME_UNKNOWN"),
            RegistryError::UnknownManifest { .. } => (StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
            RegistryError::Invalid { .. } => (StatusCode::BAD_REQUEST, "MANIFEST_INVALID"),
            RegistryError::DigestMismatch { .. } | RegistryError::Malformed { what: "digest", .. } => {
                (StatusCode::BAD_REQUEST, "DIGEST_INVALID")
            }
            RegistryError::Malformed { what: "tag", .. } => (StatusCode::BAD_REQUEST, "TAG_INVALID"),
            RegistryError::Malformed { .. } => (StatusCode::BAD_REQUEST, "NAME_INVALID"),
            RegistryError::Io { .. }
            | RegistryError::NoSuchPlatform { .. }
            | RegistryError::Layer { .. }
            | RegistryError::NothingToSalt { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "errors": [{ "code": self.code, "message": self.message, "detail": null }] });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
