//! Which endpoint a request's path names, and what its query says.

use axum::http::Uri;

use crate::registry::{Digest, Reference, RegistryError, Repository};

/// An endpoint of the distribution API. Everything in it has been checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Base,
    Catalog,
    Tags(Repository),
    Manifest(Repository, Reference),
    Blob(Digest),
    Uploads(Repository),
    Upload(Repository, String),
}

impl Route {
    /// The route of `path`; nothing where the API has none like it.
    pub(super) fn parse(path: &str) -> Result<Option<Self>, RegistryError> {
        let path = decode(path);
        let Some(rest) = path.strip_prefix("/v2") else { return Ok(None) };
        let segments: Vec<&str> = rest.trim_start_matches('/').split('/').collect();
        let name = |segments: &[&str]| segments.join("/").parse::<Repository>();
        Ok(Some(match segments.as_slice() {
            [""] => Self::Base,
            ["_catalog"] => Self::Catalog,
            [repository @ .., "tags", "list"] => Self::Tags(name(repository)?),
            [repository @ .., "manifests", reference] => {
                Self::Manifest(name(repository)?, reference.parse()?)
            }
            [repository @ .., "blobs", "uploads"] | [repository @ .., "blobs", "uploads", ""] => {
                Self::Uploads(name(repository)?)
            }
            [repository @ .., "blobs", "uploads", id] => Self::Upload(name(repository)?, (*id).to_owned()),
            [repository @ .., "blobs", digest] => {
                name(repository)?;
                Self::Blob(digest.parse()?)
            }
            _ => return Ok(None),
        }))
    }
}

/// The value of `key` in the query.
pub(super) fn query(uri: &Uri, key: &str) -> Option<String> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| *name == key).map(|(_, value)| decode(value)).next()
}

/// Percent-decoding; what does not decode stays as it is and fails the check of whatever it should be.
fn decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escape = after.split_at_checked(2).filter(|_| byte == b'%');
        let value = escape.and_then(|(hex, rest)| {
            let hex = std::str::from_utf8(hex).ok()?;
            Some((u8::from_str_radix(hex, 16).ok()?, rest))
        });
        let (value, after) = value.unwrap_or((byte, after));
        decoded.push(value);
        rest = after;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::{Digest, Route, query};

    #[test]
    fn names_with_slashes_and_the_words_of_the_api_in_them_are_told_from_endpoints() {
        let digest = Digest::of(b"x");
        let route = |path: &str| Route::parse(path).unwrap().unwrap();
        assert_eq!(route("/v2/"), Route::Base);
        assert_eq!(route("/v2"), Route::Base);
        assert_eq!(route("/v2/a/b/tags/list"), Route::Tags("a/b".parse().unwrap()));
        assert_eq!(
            route("/v2/blobs/uploads/manifests/v1"),
            Route::Manifest("blobs/uploads".parse().unwrap(), "v1".parse().unwrap())
        );
        assert_eq!(route(&format!("/v2/a/b/blobs/{digest}")), Route::Blob(digest));
        assert_eq!(route(&format!("/v2/a/blobs/{digest}").replace(':', "%3A")), Route::Blob(digest));
        assert_eq!(route("/v2/a/blobs/uploads/"), Route::Uploads("a".parse().unwrap()));
        assert_eq!(route("/v2/a/blobs/uploads/7"), Route::Upload("a".parse().unwrap(), "7".to_owned()));
    }

    #[test]
    fn no_path_leaves_the_store() {
        for path in [
            "/v2/../../etc/manifests/passwd",
            "/v2/%2e%2e/%2e%2e/manifests/latest",
            "/v2/a/manifests/..",
            "/v2/a/manifests/%2e%2e%2fx",
            "/v2/a/blobs/sha256:..%2f..%2fetc",
            "/v2//manifests/latest",
        ] {
            assert!(!matches!(Route::parse(path), Ok(Some(_))), "{path}");
        }
        assert_eq!(Route::parse("/v1/search").unwrap(), None);
        assert_eq!(Route::parse("/v2/a").unwrap(), None);
    }

    #[test]
    fn queries_are_decoded() {
        let uri: Uri = "/v2/a/blobs/uploads/1?state=x&digest=sha256%3Aab".parse().unwrap();
        assert_eq!(query(&uri, "digest").as_deref(), Some("sha256:ab"));
        assert_eq!(query(&uri, "mount"), None);
    }
}
