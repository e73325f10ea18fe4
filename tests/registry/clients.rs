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
