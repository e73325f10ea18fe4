//! Containers: created, started, read, stopped, removed.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use bollard::container::LogOutput;
use bollard::models::{ContainerCreateBody, HealthConfig, HostConfig, PortBinding};
use bollard::query_parameters::{
    CreateContainerOptions, InspectContainerOptions, InspectNetworkOptions, LogsOptions,
    RemoveContainerOptions, StopContainerOptions, WaitContainerOptions,
};
use tokio_stream::StreamExt;

use super::client::Engine;
use super::error::EngineError;

/// A container to make.
#[derive(Clone, Default)]
pub struct ContainerRequest {
    /// The image's name or ID.
    pub image: String,
    /// Labels for the container.
    pub labels: BTreeMap<String, String>,
    /// TCP ports on which it will be asked whether it is ready.
    pub ports: Vec<u16>,
    /// Environment variables beside the image's own. `Debug` shows their names only.
    pub env: BTreeMap<String, String>,
    /// In place of the image's `CMD`.
    pub command: Option<Vec<String>>,
    /// How often a starting container's `HEALTHCHECK` runs, where the engine lets that be set (API 1.44): its own
    /// five seconds would be all that is measured.
    pub health_interval: Option<Duration>,
}

impl fmt::Debug for ContainerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainerRequest")
            .field("image", &self.image)
            .field("labels", &self.labels)
            .field("ports", &self.ports)
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("command", &self.command)
            .field("health_interval", &self.health_interval)
            .finish()
    }
}

/// A container on an engine. Dropping this leaves it there.
#[derive(Debug, Clone)]
pub struct Container {
    pub(super) engine: Engine,
    /// The engine's ID of it.
    pub id: String,
    /// From the request that it be made to the engine's answer.
    pub created: Duration,
    route: Route,
}

/// How a container's ports are reached from here.
///
/// A published port is held by a proxy of the engine's, which accepts connections before anything listens behind it:
/// a connection to it says nothing. So the container's own address is taken wherever it can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// By its address on the engine's bridge, which is this machine's too.
    Bridge,
    /// By ports published on loopback: the engine is rootless, or runs in a virtual machine of this one.
    Published,
    /// Not at all: the engine is elsewhere.
    None,
}

/// How a container ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// From the request that it be stopped to the engine's answer.
    pub took: Duration,
    /// Its exit code; 137 where it had to be killed when the time was up.
    pub exit_code: i64,
}

impl Engine {
    /// Makes a container and does not start it.
    pub async fn create_container(&self, request: &ContainerRequest) -> Result<Container, EngineError> {
        let route = if request.ports.is_empty() { Route::None } else { self.route().await };
        let ports: Vec<String> = request.ports.iter().map(|port| format!("{port}/tcp")).collect();
        let loopback = || PortBinding { host_ip: Some("127.0.0.1".into()), host_port: Some(String::new()) };
        // Publishing starts a proxy for each port, which is no part of the container's own start.
        let port_bindings = (route == Route::Published)
            .then(|| ports.iter().map(|port| (port.clone(), Some(vec![loopback()]))).collect());
        let start_interval = request
            .health_interval
            .filter(|_| self.speaks(1, 44))
            .map(|interval| i64::try_from(interval.as_nanos()).unwrap_or(i64::MAX));
        let body = ContainerCreateBody {
            image: Some(request.image.clone()),
            labels: Some(request.labels.clone().into_iter().collect::<HashMap<_, _>>()),
            env: Some(request.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            cmd: request.command.clone(),
            exposed_ports: Some(ports),
            healthcheck: start_interval
                .map(|interval| HealthConfig { start_interval: Some(interval), ..HealthConfig::default() }),
            host_config: Some(HostConfig { port_bindings, ..HostConfig::default() }),
            ..ContainerCreateBody::default()
        };
        let began = Instant::now();
        let response = self
            .docker
            .create_container(None::<CreateContainerOptions>, body)
            .await
            .map_err(|error| self.fault(&format!("create a container of {}", request.image), error))?;
        Ok(Container { engine: self.clone(), id: response.id, created: began.elapsed(), route })
    }

    async fn route(&self) -> Route {
        if !self.is_local() {
            return Route::None;
        }
        if self.is_isolated() {
            return Route::Published;
        }
        let bridge = self.docker.inspect_network("bridge", None::<InspectNetworkOptions>).await.ok();
        let subnets = bridge.and_then(|network| network.ipam?.config).unwrap_or_default();
        // Only an address of this machine can be bound: the bridge is not inside a virtual machine then.
        let is_ours = subnets
            .into_iter()
            .filter_map(|subnet| gateway(subnet.gateway.as_deref(), subnet.subnet.as_deref()))
            .any(|gateway| UdpSocket::bind((gateway, 0)).is_ok());
        if is_ours { Route::Bridge } else { Route::Published }
    }

    /// Whether the API version agreed on is at least this.
    fn speaks(&self, major: u32, minor: u32) -> bool {
        let (ours, theirs) = self.info().api_version.split_once('.').unwrap_or_default();
        ours.parse()
            .ok()
            .zip(theirs.parse().ok())
            .is_some_and(|version: (u32, u32)| version >= (major, minor))
    }
}

impl Container {
    /// Asks the engine to start it; gives the time to its answer.
    pub async fn start(&self) -> Result<Duration, EngineError> {
        let began = Instant::now();
        let options = None::<bollard::query_parameters::StartContainerOptions>;
        let answer = self.engine.docker.start_container(&self.id, options).await;
        answer.map_err(|error| self.fault("start", error))?;
        Ok(began.elapsed())
    }

    /// Asks it to end, and has it killed when `grace` is over, in whole seconds.
    pub async fn stop(&self, grace: Duration) -> Result<Stopped, EngineError> {
        let began = Instant::now();
        let options = StopContainerOptions { t: i32::try_from(grace.as_secs()).ok(), signal: None };
        let answer = self.engine.docker.stop_container(&self.id, Some(options)).await;
        answer.map_err(|error| self.fault("stop", error))?;
        let took = began.elapsed();
        Ok(Stopped { took, exit_code: self.exited().await? })
    }

    /// Removes it with its anonymous volumes, running or not. That it is gone already is no error.
    pub async fn remove(&self) -> Result<(), EngineError> {
        self.engine.remove_container(&self.id).await
    }

    /// The last lines that it wrote to its standard output and error.
    pub async fn log_tail(&self, lines: usize) -> Result<Vec<String>, EngineError> {
        let options =
            LogsOptions { stdout: true, stderr: true, tail: lines.to_string(), ..LogsOptions::default() };
        let mut stream = self.engine.docker.logs(&self.id, Some(options));
        let mut written = Vec::new();
        while let Some(output) = stream.next().await {
            written
                .extend_from_slice(&bytes_of(output.map_err(|error| self.fault("read the log of", error))?));
        }
        Ok(String::from_utf8_lossy(&written).lines().map(ToOwned::to_owned).collect())
    }

    /// Waits until it has ended; gives its exit code. One that was never started counts as ended.
    pub(super) async fn exited(&self) -> Result<i64, EngineError> {
        let options = WaitContainerOptions { condition: "not-running".into() };
        let mut answers = self.engine.docker.wait_container(&self.id, Some(options));
        match answers.next().await {
            Some(Ok(answer)) => Ok(answer.status_code),
            Some(Err(bollard::errors::Error::DockerContainerWaitError { code, .. })) => Ok(code),
            Some(Err(error)) => Err(self.fault("wait for", error)),
            None => Err(self.engine.lost(&format!("wait for {}", self.name()), "its answer broke off")),
        }
    }

    /// Where `port` of the running container is reached from here.
    pub(super) async fn address_of(&self, port: u16) -> Result<Option<SocketAddr>, EngineError> {
        let options = None::<InspectContainerOptions>;
        let inspect = self.engine.docker.inspect_container(&self.id, options).await;
        let network =
            inspect.map_err(|error| self.fault("inspect", error))?.network_settings.unwrap_or_default();
        Ok(match self.route {
            Route::None => None,
            Route::Bridge => network
                .networks
                .unwrap_or_default()
                .into_values()
                .find_map(|endpoint| endpoint.ip_address?.parse::<IpAddr>().ok())
                .map(|address| SocketAddr::new(address, port)),
            Route::Published => network
                .ports
                .unwrap_or_default()
                .remove(&format!("{port}/tcp"))
                .flatten()
                .unwrap_or_default()
                .into_iter()
                .find_map(|binding| binding.host_port?.parse().ok())
                .map(|port| SocketAddr::new(IpAddr::from([127, 0, 0, 1]), port)),
        })
    }

    pub(super) fn route(&self) -> Route {
        self.route
    }

    pub(super) fn fault(&self, action: &str, error: bollard::errors::Error) -> EngineError {
        self.engine.fault(&format!("{action} {}", self.name()), error)
    }

    /// How messages name it.
    fn name(&self) -> String {
        format!("the container {}", self.id.get(..12).unwrap_or(&self.id))
    }
}

impl Engine {
    /// Removes a container by its ID with its anonymous volumes, running or not. That it is gone already is no error.
    pub(super) async fn remove_container(&self, id: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptions { force: true, v: true, link: false };
        let answer = self.docker.remove_container(id, Some(options)).await;
        match answer.map_err(|error| self.fault(&format!("remove the container {id}"), error)) {
            Ok(()) | Err(EngineError::NotFound { .. }) => Ok(()),
            // Somebody else is at it: `--rm`, or another clean-up.
            Err(EngineError::Refused { message, .. }) if message.contains("already in progress") => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The address of an engine's bridge. Engine 20.10 tells only the subnet of its own one; it takes the first address.
fn gateway(told: Option<&str>, subnet: Option<&str>) -> Option<IpAddr> {
    if let Some(address) = told.and_then(|text| text.parse().ok()) {
        return Some(address);
    }
    let (network, _) = subnet?.split_once('/')?;
    let first = u32::from(network.parse::<Ipv4Addr>().ok()?).checked_add(1)?;
    Some(Ipv4Addr::from(first).into())
}

/// The bytes that a container wrote.
pub(super) fn bytes_of(output: LogOutput) -> bytes::Bytes {
    output.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::gateway;

    #[test]
    fn a_bridge_that_tells_only_its_subnet_has_the_first_address() {
        assert_eq!(gateway(Some("172.30.26.1"), None), "172.30.26.1".parse().ok());
        assert_eq!(gateway(None, Some("172.17.0.0/16")), "172.17.0.1".parse().ok());
        assert_eq!(gateway(Some(""), Some("fd00::/64")), None);
        assert_eq!(gateway(None, None), None);
    }
}
