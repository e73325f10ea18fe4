//! A run: builds the variants, measures each in every region, and ranks them.
//!
//! The one place in this room that talks to an engine. Whatever ends it, all that it made is taken away again and all
//! that it measured is kept.

mod images;
mod measure;
mod record;

use std::time::{Duration, Instant};

use rand::Rng as _;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{
    Objective, Pace, Plan, RunFolder, RunFolderError, RunResult, Sample, SampleLog, SampleLogError, Step,
};
use crate::bytes::Bytes;
use crate::engine::{Cleaned, Engine, EngineError, Readiness, RunId};
use crate::region::{EngineConstants, Region, predict_pull};
use crate::registry::{Digest, LayerSize, RegistryError};
use crate::rewrite::Candidate;

use images::Image;

/// An engine before it was timed, for the first guess of how long a run will be. Figures of Docker Engine 20.10 and
/// 28.5 on two cores; the measured steps take over as they come.
const TYPICAL: EngineConstants = EngineConstants {
    lanes: 3,
    keep_alive: false,
    round_trips_before_layers: 8,
    fixed: Duration::from_millis(100),
    per_layer: Duration::from_millis(75),
    extract_rate: 150e6,
};

/// What to measure, and how.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// The run's name: what it makes on the engine carries it.
    pub id: RunId,
    /// The Dockerfile that the variants come from, as a path.
    pub dockerfile: String,
    /// The variants, the original first.
    pub candidates: Vec<Candidate>,
    /// Where.
    pub regions: Vec<Region>,
    /// What shows that a container serves; by each image's `EXPOSE`, or else its exit, where nothing is said.
    pub readiness: Option<Readiness>,
    /// How long a container may take to get ready.
    pub start_limit: Duration,
    /// How often each variant is measured in each region.
    pub blocks: u32,
    /// The seed of the order and of the bootstrap.
    pub seed: u64,
    /// What to rank by.
    pub objective: Objective,
    /// What was taken for granted, each a sentence.
    pub assumptions: Vec<String>,
}

/// What happens in a run, for those who watch.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// A variant's build began.
    Building {
        /// The variant.
        variant: String,
    },
    /// A step of a build began.
    BuildStep {
        /// Its name, such as `[builder 2/5] RUN npm ci`.
        step: String,
    },
    /// A variant was built and is in the run's registry.
    Built {
        /// The variant.
        variant: String,
        /// How long the build took.
        took: Duration,
        /// What a region downloads.
        compressed: Bytes,
    },
    /// A variant can't take part.
    Failed {
        /// The variant.
        variant: String,
        /// Why, in a sentence.
        reason: String,
    },
    /// An image goes to the run's registry.
    Pushing {
        /// The variant.
        variant: String,
    },
    /// A measurement began.
    Measuring {
        /// How many are done.
        done: usize,
        /// Of how many.
        total: usize,
        /// The variant.
        variant: String,
        /// The region.
        region: String,
        /// How long the rest takes, this one included.
        left: Duration,
    },
    /// What the run made is being removed.
    CleaningUp,
}

/// The time between two looks at an engine that may still be busy with a request that nobody waits for.
const SETTLE: Duration = Duration::from_millis(500);

/// A run that came to no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The run's registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The registry's port on loopback.
    #[error("can't listen on loopback: {0}")]
    Listen(std::io::Error),
    /// The run's folder.
    #[error(transparent)]
    Folder(#[from] RunFolderError),
    /// The file of samples.
    #[error(transparent)]
    Samples(#[from] SampleLogError),
    /// A part of the run that ended in a fault of the program's own.
    #[error("a part of the run broke off, which is a fault of plimsoll: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// A seed from the system's source of chance, for a run that names none. It fits a JSON number exactly.
pub fn random_seed() -> u64 {
    u64::from(rand::rng().next_u32())
}

/// How long the measurements of `request` should take once the images are built, were each image as large as
/// `compressed`; from the model of a pull alone.
pub fn expected_time(request: &RunRequest, compressed: Bytes) -> Duration {
    // A tree of files compresses to some 40 % of its size.
    let uncompressed = Bytes(compressed.0.saturating_mul(5) / 2);
    let layer = LayerSize { digest: Digest::of(b""), compressed, uncompressed };
    let per_region = |region: &Region| {
        predict_pull(std::slice::from_ref(&layer), &region.link, &TYPICAL) + measure::OVERHEAD
    };
    let round: Duration = request.regions.iter().map(per_region).sum();
    let variants = u32::try_from(request.candidates.len()).unwrap_or(u32::MAX);
    round.saturating_mul(variants).saturating_mul(request.blocks)
}

/// Runs `request` on `engine`, writes `samples.jsonl` as it goes and `result.json` at the end, and takes away what it
/// made. Cancelling `stop` ends it early: the result then says that it was interrupted.
pub async fn run(
    engine: &Engine,
    request: &RunRequest,
    folder: &RunFolder,
    report: &mut (dyn FnMut(RunEvent) + Send),
    stop: &CancellationToken,
) -> Result<RunResult, RunError> {
    let mut state = State {
        began: Instant::now(),
        started: OffsetDateTime::now_utc(),
        log: folder.sample_log()?,
        samples: Vec::new(),
        images: Vec::new(),
        failures: Vec::new(),
        assumptions: request.assumptions.clone(),
    };
    let making = TaskTracker::new();
    let outcome = tokio::select! {
        // What is under way is dropped at its next pause, and the engine ends it when the connection closes.
        outcome = work(engine, request, folder, &mut state, &making, report) => Some(outcome),
        () = stop.cancelled() => None,
    };
    report(RunEvent::CleaningUp);
    making.close();
    making.wait().await;
    let is_whole = matches!(outcome, Some(Ok(())));
    let cleaned = if is_whole {
        engine.clean(Some(&request.id)).await.map(drop)
    } else {
        clean_engine(engine, Some(&request.id)).await.map(drop)
    };
    // The blobs go even if the engine doesn't answer; they may be what filled the disk that the result goes to.
    let emptied = folder.remove_registry();
    let result = record::result(engine, request, &state, !is_whole);
    let written = folder.write_result(&result);
    // What broke the run explains what broke after it.
    outcome.unwrap_or(Ok(()))?;
    cleaned?;
    emptied?;
    written?;
    Ok(result)
}

/// Removes what `run`, or every run, left on an engine that may still be busy with its last requests: the answer to a
/// request whose sender was killed comes all the same. So it looks until two looks in a row find nothing.
pub async fn clean_engine(engine: &Engine, run: Option<&RunId>) -> Result<Cleaned, EngineError> {
    let mut cleaned = Cleaned::default();
    let mut quiet = 0;
    loop {
        let found = engine.clean(run).await?;
        cleaned.containers += found.containers;
        cleaned.images += found.images;
        quiet = if found == Cleaned::default() { quiet + 1 } else { 0 };
        if quiet == 2 {
            return Ok(cleaned);
        }
        tokio::time::sleep(SETTLE).await;
    }
}

/// What a run has so far.
struct State {
    began: Instant,
    started: OffsetDateTime,
    log: SampleLog,
    samples: Vec<Sample>,
    images: Vec<Image>,
    failures: Vec<Failure>,
    assumptions: Vec<String>,
}

/// A variant that dropped out.
#[derive(Debug, Clone)]
struct Failure {
    variant: usize,
    reason: String,
    log: Vec<String>,
}

impl Failure {
    /// The same with `***` for the values of the build's arguments. The builder's words are cleared of them already; a
    /// container's are not, and what it was built with it may well print.
    fn without_values(&self, candidate: &Candidate) -> Self {
        // Shorter ones hide nothing and occur everywhere; the longest first, as one may contain another.
        let mut values: Vec<&String> =
            candidate.variant.build_args.0.values().filter(|value| value.len() >= 4).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        let redact =
            |text: &String| values.iter().fold(text.clone(), |text, value| text.replace(*value, "***"));
        Self {
            variant: self.variant,
            reason: redact(&self.reason),
            log: self.log.iter().map(redact).collect(),
        }
    }
}

impl State {
    /// Keeps samples, on disk first.
    fn take(&mut self, samples: impl IntoIterator<Item = Sample>) -> Result<(), SampleLogError> {
        for sample in samples {
            self.log.append(&sample)?;
            self.samples.push(sample);
        }
        Ok(())
    }

    fn fail(&mut self, request: &RunRequest, failure: Failure, report: &mut (dyn FnMut(RunEvent) + Send)) {
        let candidate = request.candidates.get(failure.variant);
        let failure = match candidate {
            Some(candidate) => failure.without_values(candidate),
            None => failure,
        };
        let variant = candidate.map(|candidate| candidate.variant.name.clone()).unwrap_or_default();
        report(RunEvent::Failed { variant, reason: failure.reason.clone() });
        self.failures.push(failure);
    }

    fn has_failed(&self, variant: usize) -> bool {
        self.failures.iter().any(|failure| failure.variant == variant)
    }
}

async fn work(
    engine: &Engine,
    request: &RunRequest,
    folder: &RunFolder,
    state: &mut State,
    making: &TaskTracker,
    report: &mut (dyn FnMut(RunEvent) + Send),
) -> Result<(), RunError> {
    let depot = images::Depot::open(folder, &request.regions)?;
    for index in 0..request.candidates.len() {
        match images::make(engine, request, index, &depot, report).await? {
            Ok(image) => {
                state.take(record::size_samples(request, &image))?;
                state.images.push(image);
            }
            Err(failure) => state.fail(request, failure, report),
        }
    }
    images::note_readiness(request, state);
    let plan =
        Plan::new(request.seed, request.candidates.len(), request.regions.len(), request.blocks as usize);
    let mut pace = pace(&plan, request, &state.images);
    let steps: Vec<(usize, Step)> = plan.steps().collect();
    for (done, (block, step)) in steps.iter().enumerate() {
        let Some(image) = state.images.iter().find(|image| image.variant == step.variant).cloned() else {
            continue;
        };
        if state.has_failed(step.variant) {
            continue;
        }
        let (Some(candidate), Some(region), Some(gate)) =
            (request.candidates.get(step.variant), request.regions.get(step.region), depot.gate(step.region))
        else {
            continue;
        };
        let left = steps.iter().skip(done).filter(|(_, step)| !state.has_failed(step.variant));
        report(RunEvent::Measuring {
            done,
            total: steps.len(),
            variant: candidate.variant.name.clone(),
            region: region.name.clone(),
            left: left.map(|(_, step)| pace.expected(*step)).sum(),
        });
        let began = Instant::now();
        let cell = measure::Cell { variant: &candidate.variant.name, region: &region.name, block: *block };
        match measure::serve_cold(engine, request, &depot, &image, gate, making).await? {
            Ok(taken) => state.take(taken.samples(&cell))?,
            Err(reason) => {
                state.fail(
                    request,
                    Failure { variant: step.variant, reason: reason.reason, log: reason.log },
                    report,
                );
            }
        }
        pace.record(*step, began.elapsed());
    }
    Ok(())
}

/// What each step is predicted to take before the first one was timed.
fn pace(plan: &Plan, request: &RunRequest, images: &[Image]) -> Pace {
    plan.pace(|step| {
        let image = images.iter().find(|image| image.variant == step.variant);
        match (image, request.regions.get(step.region)) {
            (Some(image), Some(region)) => {
                predict_pull(&image.layers, &region.link, &TYPICAL) + measure::OVERHEAD
            }
            _ => Duration::ZERO,
        }
    })
}
