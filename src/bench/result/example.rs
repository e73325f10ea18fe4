//! A run to test and to show with: its samples are made up, the rest follows from them.

use std::sync::LazyLock;
use std::time::Duration;

use time::macros::datetime;

use super::{
    EngineRecord, ImageRecord, LayerRecord, LinkRecord, ORIGINAL, RESULT_VERSION, RegionRecord, RegionRole,
    RunResult, VariantRecord, VariantStatus,
};
use crate::bench::{
    Kind, Objective, Quantity, RankingInput, RankingRegion, RankingVariant, Sample, rank, summarise,
};
use crate::bytes::Bytes;

const SEED: u64 = 42;

const DIFF: &str = "\
--- a/Dockerfile
+++ b/Dockerfile
@@ -1,7 +1,7 @@
 FROM node:22
 WORKDIR /app
-COPY . .
-RUN npm install
+COPY package.json package-lock.json ./
+RUN npm ci --omit=dev
+COPY . .
 RUN npm run build
-CMD npm start
+CMD [\"node\", \"server.js\"]
";

/// A variant's megabytes by layer, the seconds its pull takes in each region, and the rest of `serve.cold`.
struct Made {
    name: &'static str,
    layers: &'static [u64],
    pulls: [f64; 3],
    ready: f64,
}

const MADE: [Made; 4] = [
    Made { name: ORIGINAL, layers: &[48, 2, 118, 9, 31], pulls: [3.1, 7.4, 18.9], ready: 0.61 },
    Made { name: "safe", layers: &[48, 1, 22, 6], pulls: [1.4, 3.0, 7.6], ready: 0.42 },
    Made { name: "unsafe", layers: &[48, 1, 21], pulls: [1.36, 2.95, 7.55], ready: 0.41 },
    Made { name: "single-stage", layers: &[48, 1, 190], pulls: [3.6, 8.8, 20.6], ready: 0.6 },
];

/// A run of five variants, of which one failed to build and two tie, in three regions.
pub(crate) fn example() -> RunResult {
    // Many tests show it, and its intervals take a second.
    static EXAMPLE: LazyLock<RunResult> = LazyLock::new(|| example_with(7));
    EXAMPLE.clone()
}

/// The same with so many blocks.
pub(crate) fn example_with(blocks: u32) -> RunResult {
    run(blocks, Objective::default(), Kind::Emulated)
}

/// The same ranked by the size.
pub(crate) fn example_by_size() -> RunResult {
    run(7, "size.compressed".parse().unwrap(), Kind::Measured)
}

fn run(blocks: u32, objective: Objective, kind: Kind) -> RunResult {
    let regions = regions();
    let samples = samples(blocks, &regions);
    let mut variants: Vec<VariantRecord> = MADE.iter().map(variant).collect();
    let contenders: Vec<RankingVariant> = variants
        .iter()
        .map(|variant| RankingVariant {
            name: variant.name.clone(),
            transfer: variant.image.as_ref().map(|image| image.compressed).unwrap_or_default(),
            changed_lines: variant.diff.lines().count(),
        })
        .collect();
    variants.push(failed());
    let arenas: Vec<RankingRegion> = regions
        .iter()
        .map(|region| RankingRegion {
            name: region.name.clone(),
            failover: region.role == RegionRole::Failover,
        })
        .collect();
    let ranking = rank(&RankingInput {
        samples: &samples,
        variants: &contenders,
        regions: &arenas,
        objective: &objective,
        baseline: Some(ORIGINAL),
        noise_floor: None,
        seed: SEED,
    });
    RunResult {
        version: RESULT_VERSION,
        id: "20261103-142233".to_owned(),
        started: datetime!(2026-11-03 14:22:33 UTC),
        took: Duration::from_secs(331),
        interrupted: false,
        dockerfile: "Dockerfile".to_owned(),
        seed: SEED,
        blocks,
        objective,
        kind,
        engine: EngineRecord {
            version: "20.10.24".to_owned(),
            api: "1.41".to_owned(),
            store: "overlay2".to_owned(),
            os: "linux".to_owned(),
            arch: "amd64".to_owned(),
            cpus: 2,
            memory: Bytes(8_325_000_000),
        },
        regions,
        variants,
        summaries: summarise(&samples, SEED),
        ranking: ranking.unwrap(),
        assumptions: vec![
            "no region is configured: three emulated ones stand in".to_owned(),
            "EXPOSE 8080 is taken for an HTTP server that is ready when GET / answers 2xx".to_owned(),
        ],
    }
}

fn regions() -> Vec<RegionRecord> {
    let link = |rtt, megabits: u64| {
        Some(LinkRecord {
            rtt: Duration::from_millis(rtt),
            bandwidth: megabits * 1_000_000,
            jitter: Duration::ZERO,
            loss: 0.0,
        })
    };
    let region =
        |name: &str, role, link| RegionRecord { name: name.to_owned(), role, kind: Kind::Emulated, link };
    vec![
        region("near", RegionRole::Primary, link(2, 1000)),
        region("continental", RegionRole::Failover, link(25, 300)),
        region("far", RegionRole::Failover, link(120, 100)),
    ]
}

fn samples(blocks: u32, regions: &[RegionRecord]) -> Vec<Sample> {
    let mut samples = Vec::new();
    for made in &MADE {
        let sample = |region: Option<&RegionRecord>, quantity, block, value| Sample {
            variant: made.name.to_owned(),
            region: region.map(|region| region.name.clone()),
            quantity,
            block,
            value,
            kind: if region.is_some() { Kind::Emulated } else { Kind::Measured },
        };
        let compressed = made.layers.iter().sum::<u64>() * 1_000_000;
        samples.push(sample(None, Quantity::SizeCompressed, 0, Bytes(compressed).as_f64()));
        for block in 0..blocks {
            for (region, pull) in regions.iter().zip(made.pulls) {
                let noise =
                    1.0 + 0.004 * f64::from((block * 5 + u32::try_from(made.name.len()).unwrap()) % 7);
                let steps = [
                    (Quantity::PullCold, pull * noise),
                    (Quantity::StartCreate, 0.012 * noise),
                    (Quantity::StartRun, 0.181 * noise),
                    (Quantity::StartReady, made.ready * noise),
                ];
                let serve = steps.iter().map(|(_, value)| value).sum();
                samples.extend(
                    steps.into_iter().map(|(quantity, value)| sample(Some(region), quantity, block, value)),
                );
                samples.push(sample(Some(region), Quantity::ServeCold, block, serve));
            }
        }
    }
    samples
}

fn variant(made: &Made) -> VariantRecord {
    let layers: Vec<LayerRecord> = (0..)
        .zip(made.layers)
        .map(|(index, megabytes)| LayerRecord {
            digest: format!("sha256:{:064x}", index * 1000 + megabytes),
            compressed: Bytes(megabytes * 1_000_000),
            uncompressed: Bytes(megabytes * 2_600_000),
            line: (index > 0).then(|| usize::try_from(index).unwrap() + 1),
            instruction: (index > 0).then(|| format!("RUN step {index}")),
        })
        .collect();
    let total = |size: fn(&LayerRecord) -> Bytes| layers.iter().map(size).sum();
    VariantRecord {
        name: made.name.to_owned(),
        status: VariantStatus::Ok,
        reason: None,
        log: Vec::new(),
        dockerfile: "Dockerfile".to_owned(),
        target: None,
        diff: if made.name == ORIGINAL { String::new() } else { DIFF.to_owned() },
        image: Some(ImageRecord {
            digest: format!("sha256:{:064x}", made.name.len()),
            compressed: total(|layer| layer.compressed),
            uncompressed: total(|layer| layer.uncompressed),
            layers,
        }),
    }
}

fn failed() -> VariantRecord {
    VariantRecord {
        name: "distroless".to_owned(),
        status: VariantStatus::Failed,
        reason: Some("the build failed at line 9: RUN npm ci --omit=dev: exit code 127".to_owned()),
        log: vec!["/bin/sh: npm: not found".to_owned()],
        dockerfile: "distroless.Dockerfile".to_owned(),
        target: None,
        diff: String::new(),
        image: None,
    }
}
