//! What a run came to, as its result.

use std::time::Instant;

use super::images::Image;
use super::{RunRequest, State};
use crate::bench::{
    EngineRecord, ImageRecord, Kind, LayerRecord, LinkRecord, ORIGINAL, Quantity, RESULT_VERSION,
    RankingInput, RankingRegion, RankingVariant, RegionRecord, RegionRole, RunResult, Sample, VariantRecord,
    VariantStatus, rank, summarise,
};
use crate::engine::Engine;
use crate::region::{Region, Role};
use crate::rewrite::Candidate;

/// The result of what the run has measured so far.
pub(super) fn result(engine: &Engine, request: &RunRequest, state: &State, interrupted: bool) -> RunResult {
    let samples = &state.samples;
    let regions: Vec<RankingRegion> = request
        .regions
        .iter()
        .map(|region| RankingRegion { name: region.name.clone(), failover: region.role == Role::Failover })
        .collect();
    let variants: Vec<RankingVariant> = state
        .images
        .iter()
        .filter(|image| !state.has_failed(image.variant))
        .filter_map(|image| Some((image, request.candidates.get(image.variant)?)))
        .map(|(image, candidate)| RankingVariant {
            name: candidate.variant.name.clone(),
            transfer: image.compressed(),
            changed_lines: changed_lines(&candidate.variant.diff),
        })
        .collect();
    let input = RankingInput {
        samples,
        variants: &variants,
        regions: &regions,
        objective: &request.objective,
        baseline: Some(ORIGINAL),
        noise_floor: None,
        seed: request.seed,
    };
    RunResult {
        version: RESULT_VERSION,
        id: request.id.to_string(),
        started: state.started,
        took: Instant::now().duration_since(state.began),
        interrupted,
        dockerfile: request.dockerfile.clone(),
        seed: request.seed,
        blocks: request.blocks,
        objective: request.objective.clone(),
        kind: Kind::Emulated,
        engine: engine_record(engine),
        regions: request.regions.iter().map(region_record).collect(),
        variants: request
            .candidates
            .iter()
            .enumerate()
            .map(|(index, candidate)| variant_record(candidate, index, state))
            .collect(),
        summaries: summarise(samples, request.seed),
        // Every sample of a run is of one kind, so there is always a ranking; an empty one where nothing was measured.
        ranking: rank(&input).unwrap_or_default(),
        assumptions: state.assumptions.clone(),
    }
}

fn engine_record(engine: &Engine) -> EngineRecord {
    let info = engine.info();
    EngineRecord {
        version: info.version.clone(),
        api: info.api_version.clone(),
        store: info.store.to_string(),
        os: info.os.clone(),
        arch: info.architecture.clone(),
        cpus: u32::try_from(info.cpus).unwrap_or(u32::MAX),
        memory: info.memory,
    }
}

fn region_record(region: &Region) -> RegionRecord {
    RegionRecord {
        name: region.name.clone(),
        role: match region.role {
            Role::Primary => RegionRole::Primary,
            Role::Failover => RegionRole::Failover,
        },
        kind: Kind::Emulated,
        link: Some(LinkRecord {
            rtt: region.link.rtt,
            bandwidth: region.link.bandwidth.bits_per_second(),
            jitter: region.link.jitter,
            loss: region.link.loss.share(),
        }),
    }
}

fn variant_record(candidate: &Candidate, index: usize, state: &State) -> VariantRecord {
    let variant = &candidate.variant;
    let failure = state.failures.iter().find(|failure| failure.variant == index);
    let image = state.images.iter().find(|image| image.variant == index);
    VariantRecord {
        name: variant.name.clone(),
        status: if failure.is_some() { VariantStatus::Failed } else { VariantStatus::Ok },
        reason: failure.map(|failure| failure.reason.clone()),
        log: failure.map(|failure| failure.log.clone()).unwrap_or_default(),
        dockerfile: variant.source.path().to_owned(),
        target: variant.target.clone(),
        diff: variant.diff.clone(),
        image: image.map(image_record),
    }
}

fn image_record(image: &Image) -> ImageRecord {
    let origins = image.origins.iter().cloned().chain(std::iter::repeat(None));
    ImageRecord {
        digest: image.stored.digest.to_string(),
        compressed: image.compressed(),
        uncompressed: image.layers.iter().map(|layer| layer.uncompressed).sum(),
        layers: image
            .layers
            .iter()
            .zip(origins)
            .map(|(layer, origin)| LayerRecord {
                digest: layer.digest.to_string(),
                compressed: layer.compressed,
                uncompressed: layer.uncompressed,
                line: origin.as_ref().map(|origin| origin.line),
                instruction: origin.map(|origin| origin.instruction),
            })
            .collect(),
    }
}

/// The sizes of an image: exact, so one sample each.
pub(super) fn size_samples(request: &RunRequest, image: &Image) -> Vec<Sample> {
    let Some(candidate) = request.candidates.get(image.variant) else { return Vec::new() };
    let sample = |quantity, value| Sample {
        variant: candidate.variant.name.clone(),
        region: None,
        quantity,
        block: 0,
        value,
        kind: Kind::Measured,
    };
    let uncompressed: crate::bytes::Bytes = image.layers.iter().map(|layer| layer.uncompressed).sum();
    let layers = u32::try_from(image.layers.len()).unwrap_or(u32::MAX);
    vec![
        sample(Quantity::SizeCompressed, image.compressed().as_f64()),
        sample(Quantity::SizeUncompressed, uncompressed.as_f64()),
        sample(Quantity::Layers, f64::from(layers)),
    ]
}

/// The lines that a unified diff takes away and adds.
fn changed_lines(diff: &str) -> usize {
    let is_header = |line: &str| line.starts_with("+++ ") || line.starts_with("--- ");
    diff.lines().filter(|line| line.starts_with(['+', '-']) && !is_header(line)).count()
}
