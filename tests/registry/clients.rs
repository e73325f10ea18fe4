//! Real clients, both ways: the engine and skopeo.

use std::process::Command;

use bollard::query_parameters::{PushImageOptionsBuilder, TagImageOptionsBuilder};
use futures_util::TryStreamExt as _;
use plimsoll::registry::{Digest, Platform, Reference, Repository};

use super::image::{self, Format};
use super::support::{Registry, with_engine};

fn amd64() -> Platform {
    "linux/amd64".parse().unwrap()
}

#[test]
fn an_engine_pulls_what_it_pushes_and_a_second_push_uploads_nothing() {
    with_engine(async |engine| {
        let (origin, target) = (Registry::start().await, Registry::start().await);
        let name: Repository = "shop/api".parse().unwrap();
        let layers = [image::noise(300_000), image::noise(20), image::noise(2_000_000)];
        let layers = layers.map(|content| image::tar(&[("file", &content)]));
        image::put(&origin.store, &name, "v1", Format::Gzip, &layers);
        let pulled = format!("{}/shop/api:v1", origin.address);
        engine.pull(&pulled).await;
        assert_eq!(engine.diff_ids(&pulled).await, layers.each_ref().map(|tar| Digest::of(tar).to_string()));

        let repository = format!("{}/other/name", target.address);
        let pushed = format!("{repository}:v2");
        engine.owns(&pushed);
        let tag = TagImageOptionsBuilder::default().repo(&repository).tag("v2").build();
        engine.docker.tag_image(&pulled, Some(tag)).await.unwrap();
        let push = || {
            let options = PushImageOptionsBuilder::default().tag("v2").build();
            engine.docker.push_image(&repository, Some(options), None).try_collect::<Vec<_>>()
        };
        push().await.unwrap();
        let name: Repository = "other/name".parse().unwrap();
        let tag: Reference = "v2".parse().unwrap();
        let image = target.store.image(&name, &tag, &amd64()).unwrap();
        assert_eq!(image.config.diff_ids(), layers.each_ref().map(|tar| Digest::of(tar)));
        let sizes = target.store.layer_sizes(&image.manifest).unwrap();
        for (size, tar) in sizes.iter().zip(&layers) {
            assert_eq!(size.uncompressed.0, tar.len() as u64);
        }

        let before = (target.store.manifest(&name, &tag).unwrap(), target.store.total_bytes().unwrap());
        push().await.unwrap();
        assert_eq!(
            (target.store.manifest(&name, &tag).unwrap(), target.store.total_bytes().unwrap()),
            before
        );

        let config = engine.config(&pulled).await;
        engine.remove(&pulled).await;
        engine.remove(&pushed).await;
        target.server.take_traffic();
        engine.pull(&pushed).await;
        assert_eq!(engine.diff_ids(&pushed).await, layers.each_ref().map(|tar| Digest::of(tar).to_string()));
        assert_eq!(engine.config(&pushed).await, config);
        for layer in &image.manifest.layers {
            assert_eq!(target.server.traffic().blobs.get(&layer.digest), Some(&1));
        }
    });
}

#[test]
fn an_index_gives_the_engine_and_the_store_the_same_image() {
    with_engine(async |engine| {
        let registry = Registry::start().await;
        let name: Repository = "shop/api".parse().unwrap();
        let tar = image::tar(&[("file", &image::noise(1000))]);
        let digest = image::put(&registry.store, &name, "plain", Format::Gzip, std::slice::from_ref(&tar));
        let other =
            image::put(&registry.store, &name, "other", Format::Gzip, &[image::tar(&[("other", b"arm")])]);
        let entry = |digest: Digest, os: &str, architecture: &str, annotations: serde_json::Value| {
            let reference = Reference::Digest(digest);
            let stored = registry.store.manifest(&name, &reference).unwrap();
            serde_json::json!({
                "mediaType": stored.media_type, "digest": digest, "size": stored.body.len(),
                "platform": { "os": os, "architecture": architecture }, "annotations": annotations,
            })
        };
        let attestation = serde_json::json!({
            "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest,
        });
        let index = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [
                entry(other, "unknown", "unknown", attestation),
                entry(other, "linux", "s390x", serde_json::json!({})),
                entry(digest, "linux", "amd64", serde_json::json!({})),
            ],
        });
        let tag: Reference = "v1".parse().unwrap();
        registry.store.put_manifest(&name, &tag, None, index.to_string().as_bytes()).unwrap();
        let image = registry.store.image(&name, &tag, &amd64()).unwrap();
        assert_eq!(image.digest, digest);
        let missing =
            registry.store.image(&name, &tag, &"linux/arm64".parse().unwrap()).unwrap_err().to_string();
        assert!(
            missing.ends_with("has no image for linux/arm64; it has linux/s390x, linux/amd64"),
            "{missing}"
        );

        let pulled = format!("{}/shop/api:v1", registry.address);
        engine.pull(&pulled).await;
        assert_eq!(engine.diff_ids(&pulled).await, [Digest::of(&tar).to_string()]);
    });
}

#[tokio::test]
async fn skopeo_inspects_and_copies_both_ways_with_equal_digests() {
    if Command::new("skopeo").arg("--version").output().is_err() {
        println!("skipped: skopeo is not installed");
        return;
    }
    let (origin, target) = (Registry::start().await, Registry::start().await);
    let name: Repository = "shop/api".parse().unwrap();
    for (tag, format) in [("gzip", Format::Gzip), ("zstd", Format::Zstd), ("plain", Format::Plain)] {
        let layers = [image::tar(&[("a", &image::noise(3_000_000))]), image::tar(&[("b", b"2")])];
        let digest = image::put(&origin.store, &name, tag, format, &layers);
        let skopeo = async |arguments: Vec<String>| {
            let output = tokio::process::Command::new("skopeo").args(&arguments).output().await.unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let from = format!("docker://{}/shop/api:{tag}", origin.address);
        let to = format!("docker://{}/shop/api:{tag}", target.address);
        let folder = tempfile::tempdir().unwrap();
        let local = format!("dir:{}", folder.path().display());
        let insecure = |way: &str| format!("--{way}-tls-verify=false");
        let copy = |from: &str, to: &str| {
            let options =
                ["copy".to_owned(), "--preserve-digests".to_owned(), insecure("src"), insecure("dest")];
            options.into_iter().chain([from.to_owned(), to.to_owned()]).collect::<Vec<_>>()
        };
        skopeo(copy(&from, &local)).await;
        skopeo(copy(&local, &to)).await;
        let inspected = skopeo(vec!["inspect".to_owned(), "--tls-verify=false".to_owned(), to]).await;
        let inspected: serde_json::Value = serde_json::from_str(&inspected).unwrap();
        assert_eq!(inspected["Digest"], digest.to_string());
        let reference: Reference = tag.parse().unwrap();
        assert_eq!(
            origin.store.manifest(&name, &reference).unwrap(),
            target.store.manifest(&name, &reference).unwrap()
        );
    }
}
