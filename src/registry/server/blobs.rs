//! Blobs, whole and by range.

use std::io::SeekFrom;
use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::error::ApiError;
use super::{CONTENT_DIGEST, Server, set};
use crate::bytes::Bytes;
use crate::registry::{Blob, Digest, RegistryError};

/// Large enough that reading costs little beside a gigabit link, small enough for many connections.
const CHUNK: usize = 128 << 10;

pub(super) async fn get(
    server: &Server,
    digest: Digest,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let blob = server.store.blob(digest)?;
    let size = blob.size().0;
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let (status, range) = match asked.map(|asked| parse_range(asked, size)) {
        None | Some(Asked::Whole) => (StatusCode::OK, 0..size),
        Some(Asked::Part(range)) => (StatusCode::PARTIAL_CONTENT, range),
        Some(Asked::Nothing) => {
            let mut response = super::empty(StatusCode::RANGE_NOT_SATISFIABLE);
            set(&mut response, header::CONTENT_RANGE, format!("bytes */{size}"));
            return Ok(response);
        }
    };
    let body = if method == Method::GET {
        server.meter.count(|traffic| *traffic.blobs.entry(digest).or_default() += 1);
        body(server, blob, range.clone()).await?
    } else {
        Body::empty()
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end.saturating_sub(1);
        set(&mut response, header::CONTENT_RANGE, format!("bytes {}-{last}/{size}", range.start));
    }
    set(&mut response, header::CONTENT_LENGTH, range.end - range.start);
    set(&mut response, header::CONTENT_TYPE, "application/octet-stream");
    set(&mut response, header::ACCEPT_RANGES, "bytes");
    set(&mut response, header::ETAG, format!("\"{digest}\""));
    set(&mut response, CONTENT_DIGEST, digest);
    Ok(response)
}

/// The bytes of `range`, read as the connection takes them, and counted.
async fn body(server: &Server, blob: Blob, range: Range<u64>) -> Result<Body, ApiError> {
    let failed = |error| RegistryError::io(&blob.file, error);
    let mut file = tokio::fs::File::open(&blob.file).await.map_err(failed)?;
    let in_file = range.start.min(blob.file_size)..range.end.min(blob.file_size);
    file.seek(SeekFrom::Start(in_file.start)).await.map_err(failed)?;
    let file = ReaderStream::with_capacity(file.take(in_file.end - in_file.start), CHUNK);

    let in_suffix = [range.start, range.end].map(|at| usize::try_from(at.saturating_sub(blob.file_size)));
    let suffix = match in_suffix {
        [Ok(start), Ok(end)] if end <= blob.suffix.len() => blob.suffix.slice(start..end),
        _ => bytes::Bytes::new(),
    };
    let meter = server.meter.clone();
    let counted =
        file.chain(stream::iter((!suffix.is_empty()).then_some(Ok(suffix)))).inspect(move |chunk| {
            if let Ok(chunk) = chunk {
                meter.count(|traffic| traffic.blob_bytes += Bytes(chunk.len() as u64));
            }
        });
    Ok(Body::from_stream(counted))
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    Nothing,
}

/// One range of bytes of a blob of `size`. What is no such range asks for the whole (RFC 9110, 14.2).
fn parse_range(text: &str, size: u64) -> Asked {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Asked::Whole;
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first > last => return Asked::Whole,
        (Ok(first), Ok(last)) => first..size.min(last.saturating_add(1)),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(length)) if first.is_empty() => size.saturating_sub(length)..size,
        _ => return Asked::Whole,
    };
    if range.start < range.end { Asked::Part(range) } else { Asked::Nothing }
}

#[cfg(test)]
mod tests {
    use super::{Asked, parse_range};

    #[test]
    fn ranges_are_those_of_rfc_9110() {
        assert_eq!(parse_range("bytes=0-3", 10), Asked::Part(0..4));
        assert_eq!(parse_range("bytes=4-", 10), Asked::Part(4..10));
        assert_eq!(parse_range("bytes=-4", 10), Asked::Part(6..10));
        assert_eq!(parse_range("bytes=-40", 10), Asked::Part(0..10));
        assert_eq!(parse_range("bytes=8-18446744073709551615", 10), Asked::Part(8..10));
        assert_eq!(parse_range("bytes=10-", 10), Asked::Nothing);
        assert_eq!(parse_range("bytes=-0", 10), Asked::Nothing);
        for other in ["", "bytes", "bytes=", "bytes=-", "bytes=5-3", "lines=1-2", "bytes=0-1,4-5"] {
            assert_eq!(parse_range(other, 10), Asked::Whole, "{other}");
        }
    }
}
