//! Salted images, pulled by a real engine.

use plimsoll::registry::{Digest, Platform, Reference, Repository, Salt, Salted, Scope, StoredImage, salt};

use super::image::{self, Format};
use super::support::{Engine, Registry, with_engine};

/// An image of four layers in a registry, and its salted forms.
struct Subject {
    registry: Registry,
    name: Repository,
    image: StoredImage,
}

impl Subject {
    async fn new(format: Format) -> Self {
        let registry = Registry::start().await;
        let name: Repository = "shop/api".parse().unwrap();
        let contents = [400_000, 30, 900_000, 5].map(image::noise);
        let layers: Vec<Vec<u8>> = contents
            .iter()
            .enumerate()
            .map(|(index, content)| {
                let own = format!("file-{index}");
                image::tar(&[(own.as_str(), content), ("rewritten", &content[..4])])
            })
            .collect();
        image::put(&registry.store, &name, "v1", format, &layers);
        let platform: Platform = "linux/amd64".parse().unwrap();
        let image = registry.store.image(&name, &"v1".parse::<Reference>().unwrap(), &platform).unwrap();
        Self { registry, name, image }
    }

    fn salted(&self, run: &str, counter: u64, scope: Scope) -> Salted {
        let chosen = Salt::new(run, counter).unwrap();
        salt(&self.registry.store, &self.name, &self.image, &chosen, scope).unwrap()
    }

    fn reference(&self, tag: &str) -> String {
        format!("{}/{}:{tag}", self.registry.address, self.name)
    }

    /// Pulls, and says how often each layer of `salted` was fetched.
    async fn pull(&self, engine: &Engine, salted: &Salted) -> Vec<u64> {
        self.registry.server.take_traffic();
        engine.pull(&self.reference(salted.tag.as_str())).await;
        let traffic = self.registry.server.take_traffic();
        salted.layers.iter().map(|layer| traffic.blobs.get(layer).copied().unwrap_or(0)).collect()
    }
}

#[test]
fn each_salt_makes_a_pull_cold_and_the_image_stays_the_same() {
    with_engine(async |engine| {
        for format in [Format::Gzip, Format::Zstd, Format::Plain] {
            let subject = Subject::new(format).await;
            let original = subject.reference("v1");
            // Engines before 23.0 know no zstd at all.
            if matches!(format, Format::Zstd)
                && engine.docker.version().await.unwrap().version.unwrap().starts_with("20.")
            {
                println!("skipped: zstd on Engine 20.10, which can't read it");
                continue;
            }
            engine.pull(&original).await;
            let (files, config, diff_ids) = (
                engine.files(&original).await,
                engine.config(&original).await,
                engine.diff_ids(&original).await,
            );
            assert!(files.iter().any(|line| line.starts_with("file-3 Regular 640 7")), "{files:?}");

            for counter in [1, 2] {
                let salted = subject.salted("run", counter, Scope::Image);
                assert_eq!(subject.pull(&engine, &salted).await, [1, 1, 1, 1], "{format:?}, salt {counter}");
                let pulled = subject.reference(salted.tag.as_str());
                assert_eq!(engine.files(&pulled).await, files, "{format:?}");
                assert_eq!(engine.config(&pulled).await, config);
                assert_ne!(engine.diff_ids(&pulled).await[0], diff_ids[0]);
                if !matches!(format, Format::Plain) {
                    assert_eq!(engine.diff_ids(&pulled).await[1..], diff_ids[1..]);
                }
                // The same salt again is warm: nothing but the name is new.
                let again = subject.salted("run", counter, Scope::Image);
                assert_eq!(again, salted);
                assert_eq!(subject.pull(&engine, &again).await, [0, 0, 0, 0]);
                engine.remove(&pulled).await;
            }
            assert_eq!(engine.files(&original).await, files, "what was there before still is");
            assert_eq!(engine.diff_ids(&original).await, diff_ids);
        }
    });
}

#[test]
fn salting_above_the_base_leaves_the_base_present() {
    with_engine(async |engine| {
        let subject = Subject::new(Format::Gzip).await;
        engine.pull(&subject.reference("v1")).await;
        let salted = subject.salted("run", 1, Scope::Above(2));
        assert_eq!(subject.pull(&engine, &salted).await, [0, 0, 1, 1]);
        let pulled = subject.reference(salted.tag.as_str());
        assert_eq!(engine.files(&pulled).await, engine.files(&subject.reference("v1")).await);
    });
}

#[test]
fn under_one_salt_the_next_release_fetches_only_what_changed() {
    with_engine(async |engine| {
        let mut subject = Subject::new(Format::Gzip).await;
        let previous = subject.salted("run", 1, Scope::Image);
        assert_eq!(subject.pull(&engine, &previous).await, [1, 1, 1, 1]);

        // The next release: the two lowest layers stay, one changes, one comes on top.
        let store = &subject.registry.store;
        let other =
            store.image(&subject.name, &"v1".parse().unwrap(), &"linux/amd64".parse().unwrap()).unwrap();
        let mut body: serde_json::Value = serde_json::from_slice(&other.body).unwrap();
        let mut diff_ids = other.config.diff_ids().to_vec();
        let tar = image::tar(&[("changed", &image::noise(50_000))]);
        let blob = store.put_blob(&tar).unwrap();
        body["layers"][2]["digest"] = blob.to_string().into();
        body["layers"][2]["size"] = tar.len().into();
        body["layers"][2]["mediaType"] = "application/vnd.oci.image.layer.v1.tar".into();
        diff_ids[2] = Digest::of(&tar);
        let config = other.config.with_diff_ids(diff_ids).to_json();
        body["config"]["digest"] = store.put_blob(&config).unwrap().to_string().into();
        body["config"]["size"] = config.len().into();
        store.put_manifest(&subject.name, &"v2".parse().unwrap(), None, body.to_string().as_bytes()).unwrap();
        subject.image =
            store.image(&subject.name, &"v2".parse().unwrap(), &"linux/amd64".parse().unwrap()).unwrap();

        let next = subject.salted("run", 1, Scope::Image);
        assert_eq!(next.layers[..2], previous.layers[..2]);
        let fetched = subject.pull(&engine, &next).await;
        assert_eq!(fetched[..3], [0, 0, 1]);
        // The top layer's bytes are known, its place in the chain is not: a graph driver fetches it again, the
        // containerd store does not.
        assert!(fetched[3] <= 1);
    });
}

#[tokio::test]
async fn a_salted_layer_takes_a_few_bytes_and_reads_as_the_layer_did() {
    for format in [Format::Gzip, Format::Zstd, Format::Plain] {
        let subject = Subject::new(format).await;
        let store = &subject.registry.store;
        let before = store.total_bytes().unwrap();
        let salted = subject.salted("run", 7, Scope::Image);
        assert!(store.total_bytes().unwrap().saturating_sub(before).0 < 10_000);
        assert_eq!(salted.tag.as_str(), format!("salt-run-7-{}", &subject.image.digest.hex()[..12]));

        let read = |digest: Digest| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut store.blob(digest).unwrap().open().unwrap(), &mut bytes).unwrap();
            bytes
        };
        let image =
            store.image(&subject.name, &Reference::Tag(salted.tag.clone()), &"linux/amd64".parse().unwrap());
        let image = image.unwrap();
        for (index, layer) in image.manifest.layers.iter().enumerate() {
            let blob = read(layer.digest);
            assert_eq!((Digest::of(&blob), blob.len() as u64), (layer.digest, layer.size.0));
            let tar = match format {
                Format::Plain => blob,
                Format::Zstd => zstd::decode_all(blob.as_slice()).unwrap(),
                Format::Gzip => {
                    let mut tar = Vec::new();
                    let mut decoder = flate2::read::MultiGzDecoder::new(blob.as_slice());
                    std::io::Read::read_to_end(&mut decoder, &mut tar).unwrap();
                    tar
                }
            };
            assert_eq!(Digest::of(&tar), image.config.diff_ids()[index]);
        }
        // Everything but the digests and sizes is the original's, unknown fields too.
        let document: serde_json::Value = serde_json::from_slice(&image.body).unwrap();
        assert_eq!(document["annotations"]["org.example.kept"], "yes");
        assert_eq!(image.config.history(), subject.image.config.history());

        // Salt on salt is a salt.
        let twice = salt(store, &subject.name, &image, &Salt::new("run", 8).unwrap(), Scope::Image).unwrap();
        assert_eq!(Digest::of(&read(twice.layers[0])), twice.layers[0]);
    }
}

#[tokio::test]
async fn salting_above_more_layers_than_there_are_is_refused() {
    let subject = Subject::new(Format::Gzip).await;
    let chosen = Salt::new("run", 1).unwrap();
    let refused = salt(&subject.registry.store, &subject.name, &subject.image, &chosen, Scope::Above(4));
    assert_eq!(refused.unwrap_err().to_string(), "can't salt above 4 layers: the image has 4");
    assert!(Salt::new("a run/with: odd signs", 1).is_err());
}
