//! One measurement: from nothing on the host to the first right answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio_util::task::TaskTracker;

use super::images::{Depot, Image};
use super::{RunError, RunRequest};
use crate::bench::{Kind, Quantity, Sample};
use crate::engine::{Container, ContainerRequest, Engine, EngineError, RunId, StartFailure, Started};
use crate::registry::{Salt, Scope, salt};

/// What a measurement takes beside the pull, for the first guess of how long a run will be: start, removal, salting.
pub(super) const OVERHEAD: Duration = Duration::from_millis(1200);
/// How often a pull that the engine had to retry is measured again.
const MOST_TRIES: u32 = 3;

/// Where a measurement belongs.
pub(super) struct Cell<'a> {
    pub(super) variant: &'a str,
    pub(super) region: &'a str,
    pub(super) block: usize,
}

/// The times of one measurement.
pub(super) struct Taken {
    pull: Duration,
    started: Started,
    serve: Duration,
}

impl Taken {
    /// As samples.
    pub(super) fn samples(&self, cell: &Cell<'_>) -> [Sample; 5] {
        let sample = |quantity, value: Duration| Sample {
            variant: cell.variant.to_owned(),
            region: Some(cell.region.to_owned()),
            quantity,
            block: u32::try_from(cell.block).unwrap_or(u32::MAX),
            value: value.as_secs_f64(),
            kind: Kind::Emulated,
        };
        [
            sample(Quantity::PullCold, self.pull),
            sample(Quantity::StartCreate, self.started.create),
            sample(Quantity::StartRun, self.started.run),
            sample(Quantity::StartReady, self.started.ready),
            sample(Quantity::ServeCold, self.serve),
        ]
    }
}

/// Why a variant can't be measured.
pub(super) struct NotReady {
    pub(super) reason: String,
    pub(super) log: Vec<String>,
}

/// Pulls the image under a new salt through the region's link, creates a container, starts it and waits until it
/// serves; then removes both. The headline is one interval over all of it.
pub(super) async fn serve_cold(
    engine: &Engine,
    request: &RunRequest,
    depot: &Depot,
    image: &Image,
    gate: SocketAddr,
    making: &TaskTracker,
) -> Result<Result<Taken, NotReady>, RunError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let reference = publish(depot, image, gate, &request.id)?;
        let began = Instant::now();
        let pull = engine.pull(&reference, |_| {}).await?;
        if pull.retries > 0 && tries < MOST_TRIES {
            // A retry waits for seconds of the engine's own: the figure would be the wait's, not the image's.
            engine.remove_image(&reference).await?;
            continue;
        }
        let container = create(engine, container_request(image, &reference, &request.id), making).await?;
        let started = container.start_until_ready(&image.readiness, request.start_limit).await;
        let serve = began.elapsed();
        container.remove().await?;
        engine.remove_image(&reference).await?;
        return match started {
            Ok(started) => Ok(Ok(Taken { pull: pull.total, started, serve })),
            Err(StartFailure::NeverReady { waited, last_answer, log, exit_code }) => {
                let ended =
                    exit_code.map(|code| format!(", it ended with exit code {code}")).unwrap_or_default();
                let reason = format!("not ready after {:.1} s{ended}: {last_answer}", waited.as_secs_f64());
                Ok(Err(NotReady { reason, log }))
            }
            // The image's own fault, such as a command that isn't there; another variant may do better.
            Err(StartFailure::Engine(EngineError::Refused { message, .. })) => Ok(Err(NotReady {
                reason: format!("the container can't be started: {message}"),
                log: Vec::new(),
            })),
            Err(StartFailure::Engine(error)) => Err(error.into()),
        };
    }
}

/// Publishes the image under a salt that no engine has seen, and says where the region pulls it.
fn publish(depot: &Depot, image: &Image, gate: SocketAddr, run: &RunId) -> Result<String, RunError> {
    let salted = salt(
        &depot.store,
        &image.repository,
        &image.stored,
        &Salt::new(run.as_str(), depot.next())?,
        Scope::Image,
    )?;
    Ok(format!("{}/{}:{}", gate, image.repository.as_str(), salted.tag.as_str()))
}

/// Creates a container in a task of its own. An engine makes a container even if nobody waits for the answer any more, so
/// the request outlives an interrupt and the clean-up waits for it.
async fn create(
    engine: &Engine,
    request: ContainerRequest,
    making: &TaskTracker,
) -> Result<Container, RunError> {
    let engine = engine.clone();
    let task = making.spawn(async move { engine.create_container(&request).await });
    Ok(task.await??)
}

fn container_request(image: &Image, reference: &str, run: &RunId) -> ContainerRequest {
    ContainerRequest {
        image: reference.to_owned(),
        labels: BTreeMap::from([run.label()]),
        ports: image.readiness.port().into_iter().collect(),
        ..ContainerRequest::default()
    }
}
