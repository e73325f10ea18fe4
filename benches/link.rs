//! The fidelity of the emulated link: real pulls through it, beside what the model says of them.
//!
//! `cargo bench --bench link` calibrates the engine at hand (`DOCKER_HOST`, or the local one) on loopback, then pulls images of
//! known layers through six links and more, in shuffled blocks, and prints medians, the prediction and its
//! error. Every pull is cold by salt; what was pulled is removed. `--json` prints the samples instead.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints, and what surprises it ends it"
)]

use std::io::Write as _;
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::query_parameters::{CreateImageOptionsBuilder, RemoveImageOptionsBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt as _;
use plimsoll::region::{EngineConstants, Link, Listener, parse_delay, predict_pull};
use plimsoll::registry::{
    Digest, LayerSize, Platform, Reference, Repository, Salt, Scope, Server, Store, StoredImage, salt,
};
use rand::seq::SliceRandom as _;
use serde_json::json;

/// Pulls of each image through each link.
const BLOCKS: usize = 3;
/// Pulls of each image that calibrates, on loopback.
const CALIBRATIONS: usize = 7;

const LINKS: [(&str, &str); 8] = [
    ("2ms", "1Gbit"),
    ("5ms", "500Mbit"),
    ("10ms", "300Mbit"),
    ("20ms", "100Mbit"),
    ("40ms", "20Mbit"),
    ("50ms", "200Mbit"),
    ("100ms", "100Mbit"),
    ("200ms", "50Mbit"),
];

/// Layers, and the share of the image's bytes is the same for each.
const SHAPES: [usize; 3] = [1, 10, 30];

struct Bench {
    docker: Docker,
    store: Store,
    name: Repository,
    run: String,
    salts: u64,
}

struct Image {
    label: String,
    stored: StoredImage,
    sizes: Vec<LayerSize>,
}

#[tokio::main]
async fn main() {
    let docker = Docker::connect_with_defaults().expect("the engine's address");
    let docker =
        docker.negotiate_version().await.expect("an engine that answers; set DOCKER_HOST to name one");
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench {
        docker,
        store: Store::open(folder.path()).unwrap(),
        name: "bench/link".parse().unwrap(),
        run: format!("link-{:08x}", rand::random::<u32>()),
        salts: 0,
    };
    let (engine, version) = bench.calibrate().await;
    println!("engine {version}: {engine:?}");
    println!(
        "{:>6} {:>8}  {:<14} {:>9} {:>9} {:>7}  {:<20}",
        "rtt", "link", "image", "pull", "model", "error", "samples"
    );

    let mut worst = 0.0_f64;
    for (rtt, bandwidth) in LINKS {
        let link = Link::new(parse_delay(rtt).unwrap(), bandwidth.parse().unwrap());
        // Two seconds' worth, so that a slow link does not take the morning.
        let bytes = (link.bandwidth.payload_per_second() * 2.0).min(30e6);
        let images: Vec<Image> = SHAPES.iter().map(|layers| bench.image(*layers, bytes)).collect();
        let server = Server::new(bench.store.clone());
        let listener = Listener::bind(server.router(), Some(link)).unwrap();
        let mut samples = vec![Vec::new(); images.len()];
        for _ in 0..BLOCKS {
            let mut order: Vec<usize> = (0..images.len()).collect();
            order.shuffle(&mut rand::rng());
            for index in order {
                samples[index].push(bench.pull(&listener, &images[index]).await);
            }
        }
        for (image, mut samples) in images.iter().zip(samples) {
            let model = predict_pull(&image.sizes, &link, &engine).as_secs_f64();
            let median = median(&mut samples).as_secs_f64();
            let error = (median - model) / model * 100.0;
            worst = worst.max(error.abs());
            let all: Vec<String> =
                samples.iter().map(|sample| format!("{:.3}", sample.as_secs_f64())).collect();
            println!(
                "{rtt:>6} {bandwidth:>8}  {:<14} {median:>8.3}s {model:>8.3}s {error:>6.1}%  {}",
                image.label,
                all.join(" ")
            );
        }
    }
    println!("largest error: {worst:.1}%");
}

impl Bench {
    /// An image of `layers` layers with together `bytes` that no compressor shortens.
    fn image(&self, layers: usize, bytes: f64) -> Image {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a few megabytes"
        )]
        let each = (bytes / layers as f64) as usize;
        let contents = (0..layers).map(|_| {
            let mut content = vec![0; each];
            rand::fill(content.as_mut_slice());
            content
        });
        self.put(
            format!("{layers} x {:.1} MB", bytes / 1e6 / f64::from(u32::try_from(layers).unwrap())),
            contents,
        )
    }

    fn put(&self, label: String, contents: impl Iterator<Item = Vec<u8>>) -> Image {
        let (mut descriptors, mut diff_ids) = (Vec::new(), Vec::new());
        for (index, content) in contents.enumerate() {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            let mut builder = tar::Builder::new(Vec::new());
            builder.append_data(&mut header, format!("file-{index}"), content.as_slice()).unwrap();
            let tar = builder.into_inner().unwrap();
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&tar).unwrap();
            let blob = gzip.finish().unwrap();
            let digest = self.store.put_blob(&blob).unwrap();
            let media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
            descriptors.push(json!({ "mediaType": media_type, "digest": digest, "size": blob.len() }));
            diff_ids.push(Digest::of(&tar));
        }
        let config = json!({
            "architecture": "amd64", "os": "linux", "config": { "Labels": { "io.plimsoll.run": self.run } },
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        })
        .to_string();
        let digest = self.store.put_blob(config.as_bytes()).unwrap();
        let media_type = "application/vnd.oci.image.config.v1+json";
        let manifest = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": { "mediaType": media_type, "digest": digest, "size": config.len() }, "layers": descriptors,
        })
        .to_string();
        let digest = Reference::Digest(Digest::of(manifest.as_bytes()));
        self.store.put_manifest(&self.name, &digest, None, manifest.as_bytes()).unwrap();
        let platform: Platform = "linux/amd64".parse().unwrap();
        let stored = self.store.image(&self.name, &digest, &platform).unwrap();
        let sizes = self.store.layer_sizes(&stored.manifest).unwrap();
        Image { label, stored, sizes }
    }

    /// One cold pull, timed.
    async fn pull(&mut self, listener: &Listener, image: &Image) -> Duration {
        self.salts += 1;
        let chosen = Salt::new(&self.run, self.salts).unwrap();
        let salted = salt(&self.store, &self.name, &image.stored, &chosen, Scope::Image).unwrap();
        let reference = format!("{}/{}:{}", listener.address(), self.name, salted.tag);
        let options = CreateImageOptionsBuilder::default().from_image(&reference).build();
        let start = Instant::now();
        let mut lines = Box::pin(self.docker.create_image(Some(options), None, None));
        while let Some(line) = lines.try_next().await.unwrap() {
            if std::env::var_os("PLIMSOLL_TRACE").is_some() {
                eprintln!("{:.3} {:?} {:?}", start.elapsed().as_secs_f64(), line.id, line.status);
            }
        }
        let taken = start.elapsed();
        let options = RemoveImageOptionsBuilder::default().force(true).build();
        self.docker.remove_image(&reference, Some(options), None).await.unwrap();
        taken
    }

    /// What the engine takes by itself, from pulls on loopback.
    async fn calibrate(&mut self) -> (EngineConstants, String) {
        let version = self.docker.version().await.unwrap().version.unwrap_or_default();
        let server = Server::new(self.store.clone());
        let listener = Listener::bind(server.router(), None).unwrap();
        let tiny = |count: u8| (0..count).map(|index| vec![index; 100]).collect::<Vec<_>>().into_iter();
        let one = self.put("one".to_owned(), tiny(1));
        let many = self.put("many".to_owned(), tiny(41));
        let large = self.image(1, 30e6);
        self.pull(&listener, &one).await;

        let (before, connections) = (server.take_traffic(), listener.connections());
        drop(before);
        self.pull(&listener, &many).await;
        let requests = server.take_traffic().requests;
        let opened = listener.connections() - connections;
        eprintln!("{requests} requests, {opened} connections for 41 layers");

        let mut samples = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..CALIBRATIONS {
            for (image, samples) in [&one, &many, &large].into_iter().zip(&mut samples) {
                samples.push(self.pull(&listener, image).await);
            }
        }
        let [one, many, large] = samples.map(|mut samples| median(&mut samples));
        eprintln!("one layer {one:?}, 41 layers {many:?}, 30 MB {large:?}");
        let per_layer = many.saturating_sub(one) / 40;
        let engine = EngineConstants {
            lanes: 3,
            keep_alive: opened < requests,
            requests_before_layers: u32::try_from(requests - 41).unwrap(),
            fixed: one.saturating_sub(per_layer),
            per_layer,
            extract_rate: 30e6 / large.saturating_sub(one).as_secs_f64(),
        };
        (engine, version)
    }
}

fn median(samples: &mut [Duration]) -> Duration {
    samples.sort();
    samples[samples.len() / 2]
}
