//! Images on an engine: what they are, their names, their removal.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::errors::Error as ApiError;
use bollard::models;
use bollard::query_parameters::{RemoveImageOptions, TagImageOptions};

use super::client::Engine;
use super::error::EngineError;
use super::history::{HistoryEntry, history_of_engine};
use crate::bytes::Bytes;

/// What an engine knows of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageInspect {
    /// Its ID: the digest of its config, or of its manifest where the engine keeps images in containerd.
    pub id: String,
    /// The names it has on the engine, sorted.
    pub tags: Vec<String>,
    /// The digests under which registries know it, sorted.
    pub repo_digests: Vec<String>,
    /// The digests of its layers' uncompressed tars, lowest first.
    pub diff_ids: Vec<String>,
    /// `linux`.
    pub os: String,
    /// `amd64`.
    pub architecture: String,
    /// How its containers run.
    pub config: ImageConfig,
    /// How it came to be, oldest first.
    pub history: Vec<HistoryEntry>,
}

/// How an image's containers run. Of the environment only the names are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageConfig {
    /// `ENTRYPOINT`.
    pub entrypoint: Vec<String>,
    /// `CMD`.
    pub cmd: Vec<String>,
    /// The names of the environment's variables, in their order.
    pub env_names: Vec<String>,
    /// `EXPOSE`, sorted by number.
    pub exposed_ports: Vec<ExposedPort>,
    /// `USER`; empty for root.
    pub user: String,
    /// `WORKDIR`; empty for `/`.
    pub working_dir: String,
    /// `HEALTHCHECK`, unless there is none or it is `NONE`.
    pub healthcheck: Option<Healthcheck>,
    /// `LABEL`, and the labels of the build.
    pub labels: BTreeMap<String, String>,
    /// `VOLUME`, sorted.
    pub volumes: Vec<String>,
    /// `STOPSIGNAL`.
    pub stop_signal: Option<String>,
    /// `SHELL`.
    pub shell: Vec<String>,
}

/// A port that an image says it listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExposedPort {
    /// Its number.
    pub port: u16,
    /// Of which protocol.
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// How an engine finds out whether a container is well. A time that is not set is the engine's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Healthcheck {
    /// The command, as the API has it: `CMD`, `CMD-SHELL` and what follows.
    pub test: Vec<String>,
    /// The time between two checks.
    pub interval: Option<Duration>,
    /// How long a check may take.
    pub timeout: Option<Duration>,
    /// While it lasts, failures don't count.
    pub start_period: Option<Duration>,
    /// The time between two checks while the start period lasts (Engine 25 and later).
    pub start_interval: Option<Duration>,
    /// How many failures in a row make a container unhealthy.
    pub retries: Option<u64>,
}

impl Engine {
    /// What the engine knows of `image`, a name or an ID.
    pub async fn inspect(&self, image: &str) -> Result<ImageInspect, EngineError> {
        let fault = |error| self.fault(&format!("inspect the image {image}"), error);
        let inspect = self.docker.inspect_image(image).await.map_err(fault)?;
        let told = match self.docker.image_history(image).await {
            // Engine 28.5 answers `null` for an image whose config has no history.
            Err(ApiError::JsonDataError { message, .. }) if message.contains("invalid type: null") => {
                Vec::new()
            }
            answer => answer.map_err(fault)?,
        };
        let told = told
            .into_iter()
            .rev()
            .map(|entry| (entry.created_by, Bytes(u64::try_from(entry.size).unwrap_or_default())))
            .collect();
        let diff_ids = inspect.root_fs.and_then(|root| root.layers).unwrap_or_default();
        Ok(ImageInspect {
            id: inspect.id.unwrap_or_default(),
            tags: sorted(inspect.repo_tags.unwrap_or_default()),
            repo_digests: sorted(inspect.repo_digests.unwrap_or_default()),
            os: inspect.os.unwrap_or_default(),
            architecture: inspect.architecture.unwrap_or_default(),
            config: inspect.config.map(ImageConfig::from).unwrap_or_default(),
            history: history_of_engine(told, diff_ids.len()),
            diff_ids,
        })
    }

    /// Gives `image`, a name or an ID, the further name `tag`, which must say its tag: `host:5000/shop:safe`.
    pub async fn tag(&self, image: &str, tag: &str) -> Result<(), EngineError> {
        let (repository, label) = split_tag(tag);
        let options =
            TagImageOptions { repo: Some(repository.to_owned()), tag: label.map(ToOwned::to_owned) };
        let task = format!("tag {image} as {tag}");
        self.docker.tag_image(image, Some(options)).await.map_err(|error| self.fault(&task, error))
    }

    /// Takes the name `reference` away, and the image with it if it has no other name. An ID stands for an image
    /// without names: it is refused where there are several, or a container. That there is none is no error.
    ///
    /// Layers that other images or the build cache use stay.
    pub async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        let task = format!("remove the image {reference}");
        match self.docker.remove_image(reference, None::<RemoveImageOptions>, None).await {
            Ok(_) => Ok(()),
            Err(error) => match self.fault(&task, error) {
                EngineError::NotFound { .. } => Ok(()),
                error => Err(error),
            },
        }
    }
}

/// A reference's repository and its tag. The colon of a port is none of a tag.
pub(super) fn split_tag(reference: &str) -> (&str, Option<&str>) {
    match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (reference, None),
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

impl From<models::ImageConfig> for ImageConfig {
    fn from(config: models::ImageConfig) -> Self {
        let name = |pair: String| pair.split('=').next().map(ToOwned::to_owned);
        let mut exposed_ports: Vec<ExposedPort> = config
            .exposed_ports
            .unwrap_or_default()
            .iter()
            .filter_map(|port| ExposedPort::parse(port))
            .collect();
        exposed_ports.sort();
        Self {
            entrypoint: config.entrypoint.unwrap_or_default(),
            cmd: config.cmd.unwrap_or_default(),
            env_names: config.env.unwrap_or_default().into_iter().filter_map(name).collect(),
            exposed_ports,
            user: config.user.unwrap_or_default(),
            working_dir: config.working_dir.unwrap_or_default(),
            healthcheck: config.healthcheck.and_then(Healthcheck::of_model),
            labels: config.labels.unwrap_or_default().into_iter().collect(),
            volumes: sorted(config.volumes.unwrap_or_default()),
            stop_signal: config.stop_signal,
            shell: config.shell.unwrap_or_default(),
        }
    }
}

impl ExposedPort {
    /// Reads `8080/tcp`; without a protocol it is TCP.
    fn parse(text: &str) -> Option<Self> {
        let (port, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = match protocol {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            "sctp" => Protocol::Sctp,
            _ => return None,
        };
        Some(Self { port: port.parse().ok()?, protocol })
    }
}

impl Healthcheck {
    fn of_model(model: models::HealthConfig) -> Option<Self> {
        let test = model.test.unwrap_or_default();
        if test.is_empty() || test.first().is_some_and(|kind| kind == "NONE") {
            return None;
        }
        let time = |nanoseconds: Option<i64>| {
            nanoseconds
                .and_then(|time| u64::try_from(time).ok())
                .filter(|time| *time > 0)
                .map(Duration::from_nanos)
        };
        Some(Self {
            test,
            interval: time(model.interval),
            timeout: time(model.timeout),
            start_period: time(model.start_period),
            start_interval: time(model.start_interval),
            retries: model.retries.and_then(|count| u64::try_from(count).ok()).filter(|count| *count > 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::split_tag;

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(split_tag("127.0.0.1:5000/shop:safe"), ("127.0.0.1:5000/shop", Some("safe")));
        assert_eq!(split_tag("127.0.0.1:5000/shop"), ("127.0.0.1:5000/shop", None));
        assert_eq!(split_tag("shop"), ("shop", None));
    }
}
