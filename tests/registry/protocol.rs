//! The distribution API, request by request.

use axum::http::{Method, StatusCode};
use plimsoll::registry::Digest;

use super::image::{self, Format};
use super::support::{Registry, ask};

const UPLOADS: &str = "/v2/shop/api/blobs/uploads/";

async fn open_upload(registry: &Registry) -> String {
    let answer = ask(registry.address, Method::POST, UPLOADS, &[], "").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    answer.header("location").to_owned()
}

#[tokio::test]
async fn a_blob_comes_in_by_one_request_by_two_and_by_chunks() {
    let registry = Registry::start().await;
    let digest = Digest::of(b"0123456789");
    let blob = format!("/v2/shop/api/blobs/{digest}");

    let one =
        ask(registry.address, Method::POST, &format!("{UPLOADS}?digest={digest}"), &[], "0123456789").await;
    assert_eq!((one.status, one.header("location")), (StatusCode::CREATED, blob.as_str()));
    let deleted = ask(registry.address, Method::DELETE, &blob, &[], "").await;
    assert_eq!(deleted.status, StatusCode::ACCEPTED);
    assert_eq!(ask(registry.address, Method::HEAD, &blob, &[], "").await.status, StatusCode::NOT_FOUND);

    let upload = open_upload(&registry).await;
    let two =
        ask(registry.address, Method::PUT, &format!("{upload}?digest={digest}"), &[], "0123456789").await;
    assert_eq!(two.status, StatusCode::CREATED);
    ask(registry.address, Method::DELETE, &blob, &[], "").await;

    let upload = open_upload(&registry).await;
    let chunk = ask(registry.address, Method::PATCH, &upload, &[("content-range", "0-3")], "0123").await;
    assert_eq!((chunk.status, chunk.header("range")), (StatusCode::ACCEPTED, "0-3"));
    let progress = ask(registry.address, Method::GET, &upload, &[], "").await;
    assert_eq!((progress.status, progress.header("range")), (StatusCode::NO_CONTENT, "0-3"));
    let chunk = ask(registry.address, Method::PATCH, &upload, &[("content-range", "4-8")], "45678").await;
    assert_eq!(chunk.header("range"), "0-8");
    let done = ask(registry.address, Method::PUT, &format!("{upload}?digest={digest}"), &[], "9").await;
    assert_eq!(
        (done.status, done.header("docker-content-digest")),
        (StatusCode::CREATED, digest.to_string().as_str())
    );

    let fetched = ask(registry.address, Method::GET, &blob, &[], "").await;
    assert_eq!(&fetched.body[..], b"0123456789");
    assert_eq!(fetched.header("docker-content-digest"), digest.to_string());
    let over = ask(registry.address, Method::GET, &upload, &[], "").await;
    assert_eq!((over.status, over.error_code().as_str()), (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"));
}

#[tokio::test]
async fn a_chunk_out_of_order_is_refused_and_the_upload_goes_on() {
    let registry = Registry::start().await;
    let upload = open_upload(&registry).await;
    ask(registry.address, Method::PATCH, &upload, &[("content-range", "0-3")], "0123").await;
    for range in ["0-3", "8-11", "4-100", "x-y", "4"] {
        let refused =
            ask(registry.address, Method::PATCH, &upload, &[("content-range", range)], "4567").await;
        assert_eq!(refused.status, StatusCode::RANGE_NOT_SATISFIABLE, "{range}");
        assert_eq!((refused.header("range"), refused.header("location")), ("0-3", upload.as_str()));
    }
    let right = ask(registry.address, Method::PATCH, &upload, &[("content-range", "4-7")], "4567").await;
    assert_eq!(right.status, StatusCode::ACCEPTED);
    let cancelled = ask(registry.address, Method::DELETE, &upload, &[], "").await;
    assert_eq!(cancelled.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn bytes_under_a_wrong_digest_are_refused_and_leave_nothing() {
    let registry = Registry::start().await;
    let wrong = Digest::of(b"something else");
    let upload = open_upload(&registry).await;
    let refused = ask(registry.address, Method::PUT, &format!("{upload}?digest={wrong}"), &[], "bytes").await;
    assert_eq!((refused.status, refused.error_code().as_str()), (StatusCode::BAD_REQUEST, "DIGEST_INVALID"));
    assert_eq!(registry.store.total_bytes().unwrap().0, 0);
    assert!(!registry.store.has_blob(wrong).unwrap());
}

#[tokio::test]
async fn a_blob_is_mounted_where_it_is_known_and_uploaded_where_not() {
    let registry = Registry::start().await;
    let known = registry.store.put_blob(b"known").unwrap();
    let mount = |digest| format!("{UPLOADS}?mount={digest}&from=shop/base");
    let mounted = ask(registry.address, Method::POST, &mount(known), &[], "").await;
    assert_eq!(mounted.status, StatusCode::CREATED);
    let other = ask(registry.address, Method::POST, &mount(Digest::of(b"other")), &[], "").await;
    assert_eq!(other.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn ranges_of_a_blob_are_served_and_counted() {
    let registry = Registry::start().await;
    let digest = registry.store.put_blob(b"0123456789").unwrap();
    let path = format!("/v2/shop/api/blobs/{digest}");
    for (range, bytes, content_range) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
    ] {
        let part = ask(registry.address, Method::GET, &path, &[("range", range)], "").await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!((part.header("content-range"), &part.body[..]), (content_range, bytes.as_bytes()));
    }
    let beyond = ask(registry.address, Method::GET, &path, &[("range", "bytes=10-")], "").await;
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */10")
    );

    let traffic = registry.server.take_traffic();
    assert_eq!((traffic.requests, traffic.blob_bytes.0, traffic.blobs[&digest]), (4, 8, 3));
    assert_eq!(registry.server.traffic(), plimsoll::registry::Traffic::default());
}

#[tokio::test]
async fn a_manifest_is_found_by_tag_and_digest_until_it_is_deleted() {
    let registry = Registry::start().await;
    let name = "shop/api".parse().unwrap();
    let digest = image::put(&registry.store, &name, "v1", Format::Gzip, &[image::tar(&[("a", b"1")])]);
    let by_tag = ask(registry.address, Method::GET, "/v2/shop/api/manifests/v1", &[], "").await;
    assert_eq!(by_tag.header("content-type"), "application/vnd.oci.image.manifest.v1+json");
    assert_eq!(by_tag.header("docker-content-digest"), digest.to_string());
    let path = format!("/v2/shop/api/manifests/{digest}");
    let by_digest = ask(registry.address, Method::HEAD, &path, &[], "").await;
    assert_eq!(by_digest.header("content-length"), by_tag.body.len().to_string());

    // The same bytes again under another tag; then other bytes under a digest, which can't be.
    let content_type = [("content-type", "application/vnd.oci.image.manifest.v1+json")];
    let again =
        ask(registry.address, Method::PUT, "/v2/shop/api/manifests/v2", &content_type, by_tag.body).await;
    assert_eq!(again.status, StatusCode::CREATED);
    let wrong = ask(registry.address, Method::PUT, &path, &content_type, "{}").await;
    assert_eq!((wrong.status, wrong.error_code().as_str()), (StatusCode::BAD_REQUEST, "DIGEST_INVALID"));

    let list = ask(registry.address, Method::GET, "/v2/shop/api/tags/list", &[], "").await;
    assert_eq!(&list.body[..], br#"{"name":"shop/api","tags":["v1","v2"]}"#);
    let page = ask(registry.address, Method::GET, "/v2/shop/api/tags/list?n=1", &[], "").await;
    assert_eq!(&page.body[..], br#"{"name":"shop/api","tags":["v1"]}"#);
    assert_eq!(page.header("link"), "</v2/shop/api/tags/list?n=1&last=v1>; rel=\"next\"");
    let catalog = ask(registry.address, Method::GET, "/v2/_catalog", &[], "").await;
    assert_eq!(&catalog.body[..], br#"{"repositories":["shop/api"]}"#);

    ask(registry.address, Method::DELETE, "/v2/shop/api/manifests/v2", &[], "").await;
    assert_eq!(registry.store.tags(&name).unwrap().len(), 1);
    let deleted = ask(registry.address, Method::DELETE, &path, &[], "").await;
    assert_eq!(deleted.status, StatusCode::ACCEPTED);
    let gone = ask(registry.address, Method::GET, "/v2/shop/api/manifests/v1", &[], "").await;
    assert_eq!((gone.status, gone.error_code().as_str()), (StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"));
}

#[tokio::test]
async fn a_manifest_whose_blobs_are_missing_is_refused() {
    let registry = Registry::start().await;
    let missing = Digest::of(b"missing");
    let body = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{missing}","size":1}},"layers":[]}}"#
    );
    let content_type = [("content-type", "application/vnd.oci.image.manifest.v1+json")];
    let refused = ask(registry.address, Method::PUT, "/v2/a/manifests/v1", &content_type, body).await;
    assert_eq!((refused.status, refused.error_code().as_str()), (StatusCode::NOT_FOUND, "BLOB_UNKNOWN"));
}

#[tokio::test]
async fn what_is_no_name_no_digest_and_no_endpoint_gets_the_spec_s_error() {
    let registry = Registry::start().await;
    for (path, status, code) in [
        ("/v2/A/manifests/v1", 400, "NAME_INVALID"),
        ("/v2/%2e%2e/manifests/v1", 400, "NAME_INVALID"),
        ("/v2/a/manifests/%2e%2e", 400, "TAG_INVALID"),
        ("/v2/a/blobs/sha256:..%2f..%2fpasswd", 404, "UNSUPPORTED"),
        ("/v2/a/blobs/md5:1", 400, "DIGEST_INVALID"),
        ("/v2/a/manifests/v1", 404, "MANIFEST_UNKNOWN"),
        ("/v2/a/tags/list", 404, "NAME_UNKNOWN"),
        ("/v1/search", 404, "UNSUPPORTED"),
    ] {
        let answer = ask(registry.address, Method::GET, path, &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.error_code().as_str()), (status, code), "{path}");
    }
    let base = ask(registry.address, Method::GET, "/v2/", &[], "").await;
    assert_eq!(
        (base.status, base.header("docker-distribution-api-version")),
        (StatusCode::OK, "registry/2.0")
    );
}

#[tokio::test]
async fn a_deleted_repository_s_blobs_are_swept_and_shared_ones_stay() {
    let registry = Registry::start().await;
    let (shared, own) = (image::tar(&[("shared", b"1")]), image::tar(&[("own", &image::noise(5000))]));
    let (api, web) = ("shop".parse().unwrap(), "shop/web".parse().unwrap());
    image::put(&registry.store, &api, "v1", Format::Gzip, &[shared.clone(), own]);
    let kept = image::put(&registry.store, &web, "v1", Format::Gzip, &[shared]);
    assert_eq!(registry.store.sweep().unwrap().0, 0);
    registry.store.delete_repository(&api).unwrap();
    assert!(registry.store.sweep().unwrap().0 > 5000);
    assert_eq!(registry.store.repositories().unwrap(), std::slice::from_ref(&web));
    let platform = "linux/amd64".parse().unwrap();
    let image = registry.store.image(&web, &"v1".parse().unwrap(), &platform).unwrap();
    assert_eq!(image.digest, kept);
    assert_eq!(registry.store.layer_sizes(&image.manifest).unwrap().len(), 1);
}

#[tokio::test]
async fn a_full_disk_is_a_clean_error_that_leaves_no_half_blob() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(folder.path())
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        println!("skipped: a small file system can't be mounted here (it takes root)");
        return;
    }
    let unmount = Unmount(folder);
    let store = plimsoll::registry::Store::open(unmount.0.path()).unwrap();
    let (_, address) = super::support::listen(&store).await;
    let bytes = image::noise(3 << 20);
    let digest = Digest::of(&bytes);
    let refused = ask(address, Method::POST, &format!("{UPLOADS}?digest={digest}"), &[], bytes).await;
    assert_eq!(refused.status, StatusCode::INSUFFICIENT_STORAGE);
    assert!(String::from_utf8_lossy(&refused.body).contains("no space left"));
    assert_eq!(store.total_bytes().unwrap().0, 0);
    assert_eq!(std::fs::read_dir(unmount.0.path().join("uploads")).unwrap().count(), 0);
    // There is room again for what fits.
    let small = ask(address, Method::POST, &format!("{UPLOADS}?digest={}", Digest::of(b"x")), &[], "x").await;
    assert_eq!(small.status, StatusCode::CREATED);
}

struct Unmount(tempfile::TempDir);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0.path()).status();
    }
}
