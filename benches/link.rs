//! The fidelity of the emulated link: single transfers beside the closed form, and real pulls beside the model.
//!
//! `cargo bench --bench link` takes the engine at hand (`DOCKER_HOST`, or the local one), pulls images of known
//! layers through eight links, and prints the pull, the prediction and its error, medians over blocks. A block calibrates the
//! engine on loopback and then pulls each image once, in shuffled order, and compares within itself: what else the machine does slows
//! all of a block. Every pull is cold by salt, and what was pulled is removed. `-- 2ms` takes only the links
//! whose line starts so.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints, and what surprises it ends it"
)]

use std::io::Write as _;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use bollard::Docker;
use bollard::query_parameters::{CreateImageOptionsBuilder, RemoveImageOptionsBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt as _;
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use plimsoll::bytes::Bytes;
use plimsoll::region::{EngineConstants, Link, Listener, parse_delay, predict_pull, transfer_time};
use plimsoll::registry::{
    Digest, LayerSize, Platform, Reference, Repository, Salt, Scope, Server, Store, StoredImage, salt,
};
use rand::seq::SliceRandom as _;
use serde_json::json;

/// Blocks for each link: at least so many, and more until the time for a link is over, since the pulls that take
/// least vary most.
const BLOCKS: std::ops::RangeInclusive<usize> = 3..=11;
const TIME_FOR_A_LINK: Duration = Duration::from_secs(30);

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

/// Numbers of layers; an image's bytes are spread evenly over them.
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
    let server = Server::new(bench.store.clone());
    let loopback = Listener::bind(server.router(), None).unwrap();
    let calibration = Calibration::new(&bench);
    let keep_alive = bench.keeps_alive(&server, &loopback, &calibration.many).await;
    transfers(&bench, &server).await;
    let version = bench.docker.version().await.unwrap().version.unwrap_or_default();
    println!(
        "engine {version}, {}",
        if keep_alive { "connections kept" } else { "a connection for each request" }
    );
    println!(
        "{:>6} {:>8}  {:<12} {:>8} {:>8} {:>7} {:>3}  {:<17} {:>10} {:>8}",
        "rtt", "link", "image", "pull", "model", "error", "n", "from - to", "a layer", "extract"
    );
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let mut worst = 0.0_f64;
    for (rtt, bandwidth) in LINKS.into_iter().filter(|(rtt, _)| rtt.starts_with(&filter)) {
        let link = Link::new(parse_delay(rtt).unwrap(), bandwidth.parse().unwrap());
        // Two seconds' worth, so that a slow link does not take the morning.
        let bytes = (link.bandwidth.payload_per_second() * 2.0).min(30e6);
        let images: Vec<Image> = SHAPES.iter().map(|layers| bench.image(*layers, bytes)).collect();
        let shaped = Listener::bind(server.router(), Some(link)).unwrap();
        let mut rows: Vec<Row> = images.iter().map(|_| Row::default()).collect();
        let (mut layer_costs, mut rates) = (Vec::new(), Vec::new());
        let start = Instant::now();
        for block in 1..=*BLOCKS.end() {
            let engine = calibration.run(&mut bench, &loopback, keep_alive).await;
            layer_costs.push(engine.per_layer.as_secs_f64() * 1e3);
            rates.push(engine.extract_rate / 1e6);
            let mut order: Vec<usize> = (0..images.len()).collect();
            order.shuffle(&mut rand::rng());
            for index in order {
                let pull = bench.pull(&shaped, &images[index]).await.as_secs_f64();
                let model = predict_pull(&images[index].sizes, &link, &engine).as_secs_f64();
                rows[index].pulls.push(pull);
                rows[index].models.push(model);
                rows[index].errors.push((pull / model - 1.0) * 100.0);
            }
            if block >= *BLOCKS.start() && start.elapsed() > TIME_FOR_A_LINK {
                break;
            }
        }
        let (layer_cost, rate) = (median(&mut layer_costs), median(&mut rates));
        for (image, row) in images.iter().zip(&mut rows) {
            let (pull, model, error) =
                (median(&mut row.pulls), median(&mut row.models), median(&mut row.errors));
            worst = worst.max(error.abs());
            println!(
                "{rtt:>6} {bandwidth:>8}  {:<12} {pull:>7.3}s {model:>7.3}s {error:>6.1}% {:>3}  {:>7.3} - {:<7.3} {layer_cost:>7.1} ms {rate:>4.0} MB/s",
                image.label,
                row.pulls.len(),
                row.pulls[0],
                row.pulls[row.pulls.len() - 1],
            );
        }
    }
    println!("largest error: {worst:.1}%");
}

/// Blobs of 10 kB to 10 MB through each link, each on a connection of its own, beside [`transfer_time`]: the emulation without
/// an engine.
async fn transfers(bench: &Bench, server: &Server) {
    println!("{:>6} {:>8}  one transfer: error beside the closed form", "rtt", "link");
    for (rtt, bandwidth) in LINKS {
        let link = Link::new(parse_delay(rtt).unwrap(), bandwidth.parse().unwrap());
        let shaped = Listener::bind(server.router(), Some(link)).unwrap();
        print!("{rtt:>6} {bandwidth:>8} ");
        for size in [10_000, 100_000, 1_000_000, 10_000_000] {
            let digest = bench.store.put_blob(&vec![7; size]).unwrap();
            let mut errors = Vec::new();
            for _ in 0..3 {
                let start = Instant::now();
                let stream = tokio::net::TcpStream::connect(shaped.address()).await.unwrap();
                let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
                let (mut sender, connection) = handshake.unwrap();
                tokio::spawn(connection);
                let request =
                    Request::get(format!("/v2/a/blobs/{digest}")).header("host", "x").body(Body::empty());
                let answer = sender.send_request(request.unwrap()).await.unwrap();
                assert_eq!(answer.into_body().collect().await.unwrap().to_bytes().len(), size);
                let expected = transfer_time(Bytes(size as u64), &link).as_secs_f64();
                errors.push((start.elapsed().as_secs_f64() / expected - 1.0) * 100.0);
            }
            print!("  {:>9} {:>6.1}%", Bytes(size as u64).to_string(), median(&mut errors));
        }
        println!();
    }
}

/// One image through one link, a value per block.
#[derive(Default)]
struct Row {
    pulls: Vec<f64>,
    models: Vec<f64>,
    errors: Vec<f64>,
}

/// Images whose pulls on loopback tell the engine's constants apart: few layers and many, few bytes and many.
struct Calibration {
    small: Image,
    many: Image,
    large: Image,
}

impl Calibration {
    /// No layer is tiny: the engine syncs each to the disk, and to sync nothing costs less than to sync something.
    fn new(bench: &Bench) -> Self {
        Self { small: bench.image(1, 0.5e6), many: bench.image(21, 10.5e6), large: bench.image(1, 20.5e6) }
    }

    /// The engine's constants by one pull of each.
    async fn run(&self, bench: &mut Bench, loopback: &Listener, keep_alive: bool) -> EngineConstants {
        let small = bench.pull(loopback, &self.small).await.as_secs_f64();
        let many = bench.pull(loopback, &self.many).await.as_secs_f64();
        let large = bench.pull(loopback, &self.large).await.as_secs_f64();
        let bytes = |image: &Image| image.sizes.iter().map(|size| size.uncompressed.as_f64()).sum::<f64>();
        let (small_bytes, many_bytes) = (bytes(&self.small), bytes(&self.many));
        // Noise can make the large one the faster; no engine extracts 10 GB/s.
        let per_byte = ((large - small) / (bytes(&self.large) - small_bytes)).max(1e-10);
        let per_layer = (many - small - (many_bytes - small_bytes) * per_byte) / 20.0;
        let fixed = small - per_layer - small_bytes * per_byte;
        EngineConstants {
            lanes: 3,
            keep_alive,
            round_trips_before_layers: EngineConstants::round_trips(keep_alive),
            fixed: Duration::from_secs_f64(fixed.max(0.0)),
            per_layer: Duration::from_secs_f64(per_layer.max(0.0)),
            extract_rate: 1.0 / per_byte,
        }
    }
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
        while lines.try_next().await.unwrap().is_some() {}
        let taken = start.elapsed();
        let options = RemoveImageOptionsBuilder::default().force(true).build();
        self.docker.remove_image(&reference, Some(options), None).await.unwrap();
        taken
    }

    /// Whether the engine's requests share connections.
    async fn keeps_alive(&mut self, server: &Server, loopback: &Listener, image: &Image) -> bool {
        let before = loopback.connections();
        server.take_traffic();
        self.pull(loopback, image).await;
        loopback.connections() - before < server.take_traffic().requests
    }
}

/// Sorts, and takes the middle.
fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
