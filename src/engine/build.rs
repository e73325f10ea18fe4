//! Building an image with the engine's BuildKit.
//!
//! The engine's own BuildKit is spoken to as `docker buildx` does it: a session that offers the context's files and
//! the Dockerfile, and the control API's `Solve` and `Status` over `/grpc`. Engine 20.10 is the oldest that has both.
//! The older way, a tar in the body of `/build`, has no place for a Dockerfile outside the context: a variant's text
//! would be copied into the image by every `COPY . .`.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bollard::moby::buildkit::v1::control_client::ControlClient;
use bollard::moby::buildkit::v1::{CacheOptions, SolveRequest, StatusRequest, StatusResponse};
use hyper::Uri;
use hyper::upgrade::Upgraded;
use tokio_stream::StreamExt;
use tonic::codegen::Service;
use tonic::transport::Endpoint as GrpcEndpoint;
use tonic::{Status, Streaming};

use super::build_failure::BuildFailure;
use super::client::Engine;
use super::context_files::{ContextFile, FileTree};
use super::endpoint::sha256_hex;
use super::error::{EngineError, chain};
use super::progress::{BuildEvent, Progress, StepTiming};
use super::redact::{BuildArgs, Redactor};
use super::session::{Session, SessionFiles};

/// Messages of a log can be long; gRPC's usual bound is 4 MB.
const LARGEST_MESSAGE: usize = 16 << 20;
/// How long to wait for the last words of a build that is over.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What to build.
#[derive(Debug, Clone, Default)]
pub struct BuildRequest {
    /// The Dockerfile's text. It need not be on disk.
    pub dockerfile: Vec<u8>,
    /// The files of the context that the build may see: `.dockerignore` has been applied already.
    pub files: Vec<ContextFile>,
    /// The folder of the context, where there is one. Only a name: builds of one folder send what changed since the
    /// last one, as `docker build` does.
    pub context: Option<PathBuf>,
    /// The stage to build; the last one where none is named.
    pub target: Option<String>,
    /// Values for `ARG`.
    pub build_args: BuildArgs,
    /// The name that the image gets, such as `shop:safe`.
    pub tag: Option<String>,
    /// Labels for the image's config. They change its ID but none of its layers, and spoil no cache.
    pub labels: BTreeMap<String, String>,
    /// Run every step again.
    pub no_cache: bool,
    /// `linux/arm64`; the engine's own where none is named.
    pub platform: Option<String>,
}

/// An image that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The image's ID: the digest of its config, or of its manifest where the engine keeps images in containerd.
    pub image: String,
    /// What took how long.
    pub steps: Vec<StepTiming>,
    /// From the build's request to the engine's answer, by this process's clock.
    pub duration: Duration,
}

impl Engine {
    /// Builds an image and reports what happens meanwhile.
    ///
    /// Dropping the future ends the build: its session and its connection close. The engine keeps the steps that
    /// were done in its build cache, and makes no image.
    pub async fn build(
        &self,
        request: &BuildRequest,
        mut report: impl FnMut(BuildEvent),
    ) -> Result<Built, BuildFailure> {
        let redactor = Redactor::of(&request.build_args);
        let files = request.files.clone();
        let context = tokio::task::spawn_blocking(move || FileTree::of_files(&files))
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| BuildFailure::Context { reason: error.to_string() })?;
        let files = SessionFiles {
            context,
            dockerfile: FileTree::of_text("Dockerfile", &request.dockerfile),
            shared_key: shared_key(request),
        };
        let task = "build an image";
        let lost = |error: io::Error| match error.kind() {
            io::ErrorKind::Unsupported => EngineError::Refused {
                task: task.into(),
                message: format!("{error}: it has no BuildKit, which Docker Engine 20.10 and later have"),
            },
            _ => self.lost(task, chain(&error)),
        };
        let session = Session::open(&self.connector, files).await.map_err(lost)?;
        let stream = self.connector.take_over("/grpc", &[]).await.map_err(lost)?;
        let channel = GrpcEndpoint::from_static("http://docker")
            .connect_with_connector(Once(Some(stream)))
            .await
            .map_err(|error| lost(io::Error::other(error)))?;
        let mut control = ControlClient::new(channel).max_decoding_message_size(LARGEST_MESSAGE);

        let solve = request.solve(&session);
        let status = StatusRequest { r#ref: solve.r#ref.clone() };
        let mut progress = Progress::new(redactor.clone());
        let began = Instant::now();
        let answer = {
            let mut control_of_status = control.clone();
            let mut solving = std::pin::pin!(control.solve(solve));
            let mut watching = std::pin::pin!(async {
                // Without a status the build goes on; its own answer says what is wrong.
                let Ok(messages) = control_of_status.status(status).await else { return };
                watch(messages.into_inner(), &mut progress, &mut report).await;
            });
            let mut watched = false;
            let answer = loop {
                tokio::select! {
                    answer = &mut solving => break answer,
                    () = &mut watching, if !watched => watched = true,
                }
            };
            let answered = Instant::now();
            if !watched {
                // Running out of time only loses events.
                let _ = tokio::time::timeout(LAST_WORDS, watching).await;
            }
            answer.map(|response| (response.into_inner(), answered - began))
        };
        let (response, duration) = match answer {
            Ok(answer) => answer,
            Err(status) => return Err(self.build_failure(&status, &progress, &redactor)),
        };
        match response.exporter_response.get("containerimage.digest") {
            Some(image) => Ok(Built { image: image.clone(), steps: progress.timings(), duration }),
            None => Err(BuildFailure::Builder { reason: "the builder names no image".into() }),
        }
    }

    fn build_failure(&self, status: &Status, progress: &Progress, redactor: &Redactor) -> BuildFailure {
        // A status of the other side's has no source; one with a source was made here, of a broken connection.
        if let Some(source) = std::error::Error::source(status) {
            return self.lost("build an image", chain(source)).into();
        }
        BuildFailure::of_words(&redactor.redact(status.message()), progress.failed())
    }
}

async fn watch(
    mut messages: Streaming<StatusResponse>,
    progress: &mut Progress,
    report: &mut impl FnMut(BuildEvent),
) {
    while let Some(Ok(message)) = messages.next().await {
        progress.update(&message, report);
    }
}

/// The engine keeps the last context of each key. Without a folder nothing is worth keeping.
fn shared_key(request: &BuildRequest) -> String {
    match &request.context {
        Some(folder) => sha256_hex(folder.as_os_str().as_encoded_bytes()),
        None => format!("{:032x}", rand::random::<u128>()),
    }
}

impl BuildRequest {
    fn solve(&self, session: &Session) -> SolveRequest {
        let mut options: HashMap<String, String> = HashMap::from([("filename".into(), "Dockerfile".into())]);
        options.extend(self.target.iter().map(|target| ("target".to_owned(), target.clone())));
        options.extend(self.platform.iter().map(|platform| ("platform".to_owned(), platform.clone())));
        options.extend(
            self.build_args.0.iter().map(|(name, value)| (format!("build-arg:{name}"), value.clone())),
        );
        options.extend(self.labels.iter().map(|(name, value)| (format!("label:{name}"), value.clone())));
        if self.no_cache {
            options.insert("no-cache".into(), String::new());
        }
        SolveRequest {
            r#ref: format!("{:032x}", rand::random::<u128>()),
            session: session.id.clone(),
            frontend: "dockerfile.v0".into(),
            frontend_attrs: options,
            // The engine's name for its own image store, whichever that is.
            exporter_deprecated: "moby".into(),
            exporter_attrs_deprecated: self.tag.iter().map(|tag| ("name".to_owned(), tag.clone())).collect(),
            cache: Some(CacheOptions::default()),
            // Nothing of a run stays in the list of builds.
            internal: true,
            ..SolveRequest::default()
        }
    }
}

/// Gives out one connection, once: a build does not survive the loss of it.
struct Once(Option<Upgraded>);

impl Service<Uri> for Once {
    type Response = Upgraded;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Upgraded, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let stream = self.0.take().ok_or_else(|| io::Error::other("the connection broke"));
        Box::pin(std::future::ready(stream))
    }
}
