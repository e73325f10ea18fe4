//! An engine that answers, and what it is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bollard::errors::Error as ApiError;
use bollard::models::SystemVersion;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};

use super::address::Address;
use super::connection::Connector;
use super::endpoint::{Endpoint, Origin};
use super::error::EngineError;
use crate::bytes::Bytes;

/// How long an engine may take to say that it is there.
const PING: Duration = Duration::from_secs(3);
/// How long it may take to describe itself; a busy one needs a moment for `/info`.
const DESCRIBE: Duration = Duration::from_secs(15);
/// How long it may take to begin any other answer. Deleting a large image takes minutes on a slow disk.
const ANSWER: Duration = Duration::from_mins(10);

/// Where an engine keeps its images. It decides what a pull has to fetch and what `Size` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageStore {
    /// The engine's own store, with this storage driver (`overlay2`).
    Graphdriver(String),
    /// containerd's image store, with this snapshotter (`overlayfs`).
    Containerd(String),
}

impl fmt::Display for ImageStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Graphdriver(driver) => f.write_str(driver),
            Self::Containerd(snapshotter) => write!(f, "containerd, {snapshotter}"),
        }
    }
}

/// What an engine says of itself: part of every result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// The engine's version, such as `20.10.24`.
    pub version: String,
    /// The API version spoken: the highest that both sides know.
    pub api_version: String,
    /// Where it keeps its images.
    pub store: ImageStore,
    /// `linux`, as images name it.
    pub os: String,
    /// `amd64`, as images name it.
    pub architecture: String,
    /// The operating system's own name.
    pub operating_system: String,
    /// The kernel's version.
    pub kernel: String,
    /// Processors that the engine sees.
    pub cpus: u64,
    /// Memory that the engine sees.
    pub memory: Bytes,
    /// The engine's own identifier, by which two endpoints show to be one engine.
    pub id: String,
}

/// A Docker Engine that has answered. Clones share their connections.
#[derive(Clone)]
pub struct Engine {
    pub(super) docker: Docker,
    pub(super) connector: Arc<Connector>,
    endpoint: Endpoint,
    info: Arc<EngineInfo>,
    /// Whether its bridges are in a network of their own, though its socket is here.
    is_isolated: bool,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("endpoint", &self.endpoint)
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Connects to the engine at `endpoint`, agrees on an API version and asks what it is.
    ///
    /// An engine that is not there is [`EngineError::Unreachable`], after three seconds at most.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self, EngineError> {
        let unreachable =
            |reason: String| EngineError::Unreachable { endpoint: Box::new(endpoint.clone()), reason };
        let connector = Arc::new(Connector::new(endpoint.address.clone()));
        let docker = client(&connector).map_err(|error| unreachable(error.to_string()))?;

        match tokio::time::timeout(PING, docker.ping()).await {
            Err(_) => return Err(unreachable(format!("no answer within {} s", PING.as_secs()))),
            Ok(Err(error)) => return Err(unreachable(dial_failure(&endpoint.address, &error))),
            Ok(Ok(_)) => {}
        }
        let describe = async {
            let version = docker.version().await?;
            let api_version = negotiate(&version)?;
            connector.speak(&api_version);
            Ok::<_, ApiError>((version, api_version, docker.info().await?))
        };
        let task = "describe itself";
        let (version, api_version, info) = tokio::time::timeout(DESCRIBE, describe)
            .await
            .unwrap_or(Err(ApiError::RequestTimeoutError))
            .map_err(|error| EngineError::of_call(endpoint, task, error))?;

        let driver = info.driver.unwrap_or_default();
        // Engines name the kind of driver in the status since containerd's store came to be: moby, daemon/info.go.
        let containerd = info
            .driver_status
            .unwrap_or_default()
            .iter()
            .any(|pair| matches!(pair.as_slice(), [key, kind] if key == "driver-type" && kind.contains("snapshotter")));
        let system = info.operating_system.unwrap_or_default();
        let is_rootless =
            info.security_options.unwrap_or_default().iter().any(|option| option == "name=rootless");
        let is_isolated = is_rootless || system == "Docker Desktop";
        let info = EngineInfo {
            version: version.version.unwrap_or_default(),
            api_version,
            store: if containerd { ImageStore::Containerd(driver) } else { ImageStore::Graphdriver(driver) },
            os: version.os.unwrap_or_default(),
            architecture: version.arch.unwrap_or_default(),
            operating_system: system,
            kernel: version.kernel_version.unwrap_or_default(),
            cpus: info.ncpu.and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
            memory: Bytes(info.mem_total.and_then(|size| u64::try_from(size).ok()).unwrap_or_default()),
            id: info.id.unwrap_or_default(),
        };
        Ok(Self { docker, connector, endpoint: endpoint.clone(), info: Arc::new(info), is_isolated })
    }

    /// What the engine said of itself when it was connected to.
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// Where it is, and who says so.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Whether it runs on this machine, so that its loopback ports are ours too.
    pub fn is_local(&self) -> bool {
        matches!(self.endpoint.address, Address::Unix(_))
    }

    /// Whether its bridges are in a network of their own: a rootless engine's, or those of Docker Desktop's machine.
    pub(super) fn is_isolated(&self) -> bool {
        self.is_isolated
    }

    /// The error of a call that was to do `task`.
    pub(super) fn fault(&self, task: &str, error: ApiError) -> EngineError {
        EngineError::of_call(&self.endpoint, task, error)
    }

    /// The connection broke while the engine was to do `task`.
    pub(super) fn lost(&self, task: &str, reason: impl Into<String>) -> EngineError {
        EngineError::Lost {
            endpoint: Box::new(self.endpoint.clone()),
            task: task.into(),
            reason: reason.into(),
        }
    }
}

impl Endpoint {
    /// What helps when nobody answers there.
    pub(super) fn advice(&self) -> &'static str {
        match (&self.address, &self.origin) {
            (_, Origin::Context(..)) => "start that engine, or choose another with `docker context use`",
            (Address::Ssh { .. }, _) => "try `ssh HOST docker version`, which has to work without a question",
            (_, Origin::DockerHost) => "start that engine, or unset or correct DOCKER_HOST",
            (_, Origin::Settings) => "start that engine, or correct the address in the settings",
            (_, Origin::Default) => {
                "start it (`systemctl start docker`), join the group `docker`, or set DOCKER_HOST to another"
            }
        }
    }
}

fn client(connector: &Arc<Connector>) -> Result<Docker, ApiError> {
    let connector = Arc::clone(connector);
    let transport = move |request: BollardRequest| {
        let connector = Arc::clone(&connector);
        async move { connector.request(request).await }
    };
    // The address is a placeholder: the connector sends paths only.
    Docker::connect_with_custom_transport(
        transport,
        Some("http://docker"),
        ANSWER.as_secs(),
        API_DEFAULT_VERSION,
    )
}

/// The highest API version that the engine and bollard both know.
fn negotiate(version: &SystemVersion) -> Result<String, ApiError> {
    let number = |text: &str| -> Option<(usize, usize)> {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    let theirs = version.api_version.as_deref().and_then(number).ok_or(ApiError::APIVersionParseError {})?;
    let ours = (API_DEFAULT_VERSION.major_version, API_DEFAULT_VERSION.minor_version);
    let (major, minor) = theirs.min(ours);
    Ok(format!("{major}.{minor}"))
}

fn dial_failure(address: &Address, error: &ApiError) -> String {
    match (address, error) {
        (Address::Unix(path), ApiError::IOError { err }) if err.kind() == std::io::ErrorKind::NotFound => {
            format!("there is no socket {}", path.display())
        }
        (Address::Ssh { .. }, ApiError::HyperResponseError { .. }) => {
            "ssh ended before the engine answered".into()
        }
        (_, ApiError::IOError { err }) => err.to_string(),
        (_, ApiError::HyperResponseError { err }) => super::error::chain(err),
        (_, other) => other.to_string(),
    }
}
