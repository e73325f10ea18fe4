//! The images of a run: built, pushed to the run's own registry, and read back from there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Failure, RunError, RunEvent, RunRequest, State};
use crate::bench::RunFolder;
use crate::bytes::Bytes;
use crate::dockerfile::{self, Instruction, Keyword};
use crate::engine::{
    BuildEvent, BuildFailure, Engine, EngineError, Protocol, Readiness, history_of_config,
    layers_to_instructions,
};
use crate::graph;
use crate::region::{Listener, Region};
use crate::registry::{
    LayerSize, Platform, Reference, RegistryError, Repository, Server, Store, StoredImage, Tag,
};
use crate::rewrite::Candidate;

/// The run's registry: one store, and a listener for each region.
pub(super) struct Depot {
    pub(super) store: Store,
    folder: PathBuf,
    /// Where images come in, at full speed.
    pub(super) dock: Listener,
    /// Where each region pulls from, in the order of the regions.
    gates: Vec<Listener>,
    /// How many salts were used.
    salts: AtomicU64,
}

impl Depot {
    pub(super) fn open(folder: &RunFolder, regions: &[Region]) -> Result<Self, RunError> {
        let store = Store::open(&folder.registry())?;
        let router = || Server::new(store.clone()).router();
        let dock = Listener::bind(router(), None).map_err(RunError::Listen)?;
        let gates = regions
            .iter()
            .map(|region| Listener::bind(router(), Some(region.link)).map_err(RunError::Listen))
            .collect::<Result<_, _>>()?;
        Ok(Self { store, folder: folder.registry(), dock, gates, salts: AtomicU64::new(0) })
    }

    /// The number of the next salt.
    pub(super) fn next(&self) -> u64 {
        self.salts.fetch_add(1, Ordering::Relaxed)
    }

    /// Where the region of that index pulls from.
    pub(super) fn gate(&self, region: usize) -> Option<SocketAddr> {
        self.gates.get(region).map(Listener::address)
    }
}

/// A variant's image.
#[derive(Debug, Clone)]
pub(super) struct Image {
    /// The variant's index.
    pub(super) variant: usize,
    /// Its repository in the run's registry.
    pub(super) repository: Repository,
    /// What the registry has of it.
    pub(super) stored: StoredImage,
    /// Its layers' sizes, the lowest first.
    pub(super) layers: Vec<LayerSize>,
    /// For each layer its instruction; none for the base image's.
    pub(super) origins: Vec<Option<Origin>>,
    /// What shows that its container serves.
    pub(super) readiness: Readiness,
    /// Whether that was guessed from the image.
    pub(super) guessed: bool,
}

/// The instruction that left a layer.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// Its line in the variant's Dockerfile.
    pub(super) line: usize,
    /// The instruction as it is written there.
    pub(super) instruction: String,
}

impl Image {
    /// What a region downloads.
    pub(super) fn compressed(&self) -> Bytes {
        self.layers.iter().map(|layer| layer.compressed).sum()
    }
}

/// Builds a variant and pushes it. A build that fails is the variant's failure, not the run's.
pub(super) async fn make(
    engine: &Engine,
    request: &RunRequest,
    index: usize,
    depot: &Depot,
    report: &mut (dyn FnMut(RunEvent) + Send),
) -> Result<Result<Image, Failure>, RunError> {
    let Some(candidate) = request.candidates.get(index) else {
        return Ok(Err(Failure {
            variant: index,
            reason: "there is no such variant".into(),
            log: Vec::new(),
        }));
    };
    let name = &candidate.variant.name;
    report(RunEvent::Building { variant: name.clone() });
    let repository: Repository = format!("plimsoll/{}/variant-{index}", request.id).parse()?;
    let reference = format!("{}/{}:built", depot.dock.address(), repository.as_str());
    let request_of_build = candidate.request(&request.id, reference.clone());
    let building = engine.build(&request_of_build, |event| {
        if let BuildEvent::Started { step } = event {
            report(RunEvent::BuildStep { step });
        }
    });
    let built = match building.await {
        Ok(built) => built,
        Err(BuildFailure::Engine(error)) => return Err(error.into()),
        Err(failure) => return Ok(Err(failed(index, &failure))),
    };
    report(RunEvent::Pushing { variant: name.clone() });
    engine.push(&reference, |_| {}).await.map_err(|error| push_error(error, depot))?;
    let tag: Tag = "built".parse()?;
    let stored = depot.store.image(&repository, &Reference::Tag(tag), &platform(engine))?;
    let (store, manifest) = (depot.store.clone(), stored.manifest.clone());
    let layers = tokio::task::spawn_blocking(move || store.layer_sizes(&manifest)).await??;
    let (readiness, guessed) = match &request.readiness {
        Some(readiness) => (readiness.clone(), false),
        None => (guess_readiness(engine, &reference).await?, true),
    };
    let origins = origins(candidate, &stored);
    let image = Image { variant: index, repository, stored, layers, origins, readiness, guessed };
    report(RunEvent::Built { variant: name.clone(), took: built.duration, compressed: image.compressed() });
    Ok(Ok(image))
}

/// The engine passes on the status of the registry's answer and not its words, which say what to do.
fn push_error(error: EngineError, depot: &Depot) -> RunError {
    match error {
        EngineError::Refused { message, .. } if message.contains("507 Insufficient Storage") => {
            RegistryError::DiskFull { path: depot.folder.clone() }.into()
        }
        error => error.into(),
    }
}

fn platform(engine: &Engine) -> Platform {
    let info = engine.info();
    Platform { os: info.os.clone(), architecture: info.architecture.clone(), variant: None }
}

/// The instruction that left each layer, so that bytes and seconds land on source lines.
fn origins(candidate: &Candidate, stored: &StoredImage) -> Vec<Option<Origin>> {
    let source = &candidate.variant.source;
    let dockerfile = dockerfile::parse(source).dockerfile;
    let graph = graph::resolve(&dockerfile, &candidate.variant.build_args.0);
    let Ok(target) = graph.target(candidate.variant.target.as_deref()) else { return Vec::new() };
    let instructions: Vec<&Instruction> = dockerfile.instructions().collect();
    let chain: Vec<&Instruction> = graph
        .chain(target)
        .into_iter()
        .filter_map(|stage| graph.stages.get(stage))
        .flat_map(|stage| std::iter::once(stage.from).chain(stage.instructions.clone()))
        .filter_map(|index| instructions.get(index).copied())
        .collect();
    let keywords: Vec<&str> =
        chain.iter().map(|instruction| instruction.keyword.map_or("", Keyword::as_str)).collect();
    let Ok(history) = history_of_config(&stored.config.to_json()) else { return Vec::new() };
    layers_to_instructions(&history, &keywords)
        .into_iter()
        .map(|place| {
            chain.get(place?).map(|instruction| Origin {
                line: source.line_column(instruction.range.start()).line,
                instruction: source.slice(instruction.range).to_owned(),
            })
        })
        .collect()
}

/// The failure in one sentence, and the log's last lines apart from it.
fn failed(variant: usize, failure: &BuildFailure) -> Failure {
    match failure {
        BuildFailure::Step { step, exit_code, reason, log } => {
            let how = exit_code.map_or_else(|| reason.clone(), |code| format!("exit code {code}"));
            Failure { variant, reason: format!("{step} failed: {how}"), log: log.clone() }
        }
        other => Failure { variant, reason: other.to_string(), log: Vec::new() },
    }
}

/// Without a word on readiness, a container serves when its first exposed TCP port accepts a connection; one that
/// exposes none is a job, done when it exits with 0.
async fn guess_readiness(engine: &Engine, image: &str) -> Result<Readiness, RunError> {
    let inspected = engine.inspect(image).await?;
    let port = inspected.config.exposed_ports.iter().find(|exposed| exposed.protocol == Protocol::Tcp);
    Ok(match port {
        Some(exposed) => Readiness::Tcp { port: exposed.port },
        None => Readiness::Exit { code: 0 },
    })
}

/// Says of guessed readiness what was guessed, once for all variants that share it.
pub(super) fn note_readiness(request: &RunRequest, state: &mut State) {
    let mut notes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for image in state.images.iter().filter(|image| image.guessed) {
        let words = match &image.readiness {
            Readiness::Tcp { port } => {
                format!("ready when TCP port {port} (from EXPOSE) accepts a connection")
            }
            _ => "ready when the container exits with code 0 (the image exposes no port)".to_owned(),
        };
        let name =
            request.candidates.get(image.variant).map_or("", |candidate| candidate.variant.name.as_str());
        notes.entry(words).or_default().push(name);
    }
    let all_share = notes.len() == 1;
    for (words, variants) in notes {
        let who = if all_share { String::new() } else { format!("{}: ", variants.join(", ")) };
        state.assumptions.push(format!("{who}{words}"));
    }
}
