//! Which engine to talk to, found the way the `docker` command finds it.

use std::fmt::{self, Write};
use std::path::PathBuf;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::address::{Address, Certificates};

const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// What of the process's environment decides on the engine. A variable that is set but empty counts as not set, as
/// it does for `docker`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// `DOCKER_TLS_VERIFY`: set to anything, it turns TLS on.
    pub docker_tls_verify: Option<String>,
    /// `DOCKER_CERT_PATH`: the folder of `ca.pem`, `cert.pem` and `key.pem`.
    pub docker_cert_path: Option<PathBuf>,
    /// `DOCKER_CONFIG`: the folder of `config.json` and of the contexts.
    pub docker_config: Option<PathBuf>,
    /// The home directory, for `~/.docker`.
    pub home: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let text = |name| std::env::var(name).ok();
        Self {
            docker_host: text("DOCKER_HOST"),
            docker_context: text("DOCKER_CONTEXT"),
            docker_tls_verify: text("DOCKER_TLS_VERIFY"),
            docker_cert_path: std::env::var_os("DOCKER_CERT_PATH").map(PathBuf::from),
            docker_config: std::env::var_os("DOCKER_CONFIG").map(PathBuf::from),
            home: std::env::home_dir(),
        }
    }

    fn config_dir(&self) -> Option<PathBuf> {
        let named = self.docker_config.clone().filter(|path| !path.as_os_str().is_empty());
        named.or_else(|| self.home.as_ref().map(|home| home.join(".docker")))
    }
}

/// What named the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `DOCKER_HOST`.
    DockerHost,
    /// The docker context of this name, chosen by what the second string says.
    Context(String, &'static str),
    /// Plimsoll's own configuration or arguments.
    Settings,
    /// Nobody: it is where an engine listens by default.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DockerHost => f.write_str("from DOCKER_HOST"),
            Self::Context(name, chosen_by) => {
                write!(f, "from the docker context `{name}`, chosen by {chosen_by}")
            }
            Self::Settings => f.write_str("from the settings"),
            Self::Default => f.write_str("the default socket"),
        }
    }
}

/// An engine's address and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// How to reach it.
    pub address: Address,
    /// Who says so.
    pub origin: Origin,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address, self.origin)
    }
}

/// An address that can't be found or read.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// Not one of the forms that name an engine. The text is not repeated where it may hold a password.
    #[error(
        "the engine's address {origin} is not understood: {reason}; write unix:///path, tcp://host:port or ssh://user@host"
    )]
    Address {
        /// Where the address stands.
        origin: Origin,
        /// What is wrong with it.
        reason: String,
    },
    /// A docker context that nobody created.
    #[error("no docker context `{name}` at {}; `docker context ls` lists those there are", .path.display())]
    NoSuchContext {
        /// The context's name.
        name: String,
        /// Where its file was looked for.
        path: PathBuf,
    },
    /// A file of docker's configuration that can't be used.
    #[error("{}: {reason}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl Endpoint {
    /// The engine that `docker` would use in this environment: `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context
    /// of `config.json`, the default socket, in this order. Reads docker's configuration files and nothing else.
    pub fn discover(environment: &Environment) -> Result<Self, EndpointError> {
        if let Some(host) = set(environment.docker_host.as_ref()) {
            return Self::parse(host, Origin::DockerHost, environment);
        }
        if let Some(name) = set(environment.docker_context.as_ref()) {
            return Self::of_context(name, "DOCKER_CONTEXT", environment);
        }
        match current_context(environment)? {
            Some(name) => Self::of_context(&name, "config.json", environment),
            None => Ok(Self::local()),
        }
    }

    /// The engine at `address`, as settings write it. TLS is as the environment says.
    pub fn at(address: &str, environment: &Environment) -> Result<Self, EndpointError> {
        Self::parse(address, Origin::Settings, environment)
    }

    /// The engine of the docker context `name`, as settings name it.
    pub fn context(name: &str, environment: &Environment) -> Result<Self, EndpointError> {
        Self::of_context(name, "the settings", environment)
    }

    fn local() -> Self {
        Self { address: Address::Unix(DEFAULT_SOCKET.into()), origin: Origin::Default }
    }

    fn parse(text: &str, origin: Origin, environment: &Environment) -> Result<Self, EndpointError> {
        let wants_tls = set(environment.docker_tls_verify.as_ref()).is_some() || text.starts_with("https://");
        let folder = environment.docker_cert_path.clone().or_else(|| environment.config_dir());
        let tls = folder.filter(|_| wants_tls).map(|folder| Certificates::in_folder(&folder));
        let address = Address::parse(text, tls)
            .map_err(|reason| EndpointError::Address { origin: origin.clone(), reason })?;
        Ok(Self { address, origin })
    }

    fn of_context(
        name: &str,
        chosen_by: &'static str,
        environment: &Environment,
    ) -> Result<Self, EndpointError> {
        if name == "default" {
            return Ok(Self::local());
        }
        let contexts = environment.config_dir().unwrap_or_default().join("contexts");
        // A context's folder is the hash of its name: docker/cli, cli/context/store/metadatastore.go.
        let id = sha256_hex(name.as_bytes());
        let path = contexts.join("meta").join(&id).join("meta.json");
        let bytes = std::fs::read(&path)
            .map_err(|_| EndpointError::NoSuchContext { name: name.into(), path: path.clone() })?;
        let fault = |reason: String| EndpointError::File { path: path.clone(), reason };
        let meta: ContextMeta = serde_json::from_slice(&bytes).map_err(|error| fault(error.to_string()))?;
        let docker =
            meta.endpoints.docker.ok_or_else(|| fault("the context has no docker endpoint".into()))?;
        if docker.skip_tls_verify {
            return Err(fault("it turns off the check of certificates, which is not done here".into()));
        }
        let folder = contexts.join("tls").join(&id).join("docker");
        let tls = folder.join("ca.pem").exists().then(|| Certificates::in_folder(&folder));
        let origin = Origin::Context(name.into(), chosen_by);
        let address = Address::parse(&docker.host, tls)
            .map_err(|reason| EndpointError::Address { origin: origin.clone(), reason })?;
        Ok(Self { address, origin })
    }
}

/// The SHA-256 of `bytes` in hexadecimal digits.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn set(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|text| !text.is_empty())
}

/// The context that `config.json` makes current, or none where the file or the entry is missing.
fn current_context(environment: &Environment) -> Result<Option<String>, EndpointError> {
    let Some(path) = environment.config_dir().map(|folder| folder.join("config.json")) else {
        return Ok(None);
    };
    let Ok(bytes) = std::fs::read(&path) else { return Ok(None) };
    // serde's message would quote the text around the fault, and this file holds credentials.
    let config: ConfigFile = serde_json::from_slice(&bytes).map_err(|error| EndpointError::File {
        path,
        reason: format!(
            "is not the JSON that docker writes (line {}, column {})",
            error.line(),
            error.column()
        ),
    })?;
    Ok(config.current_context.filter(|name| !name.is_empty()))
}

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextMeta {
    endpoints: ContextEndpoints,
}

#[derive(Deserialize)]
struct ContextEndpoints {
    docker: Option<ContextEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEndpoint {
    host: String,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

#[cfg(test)]
mod tests {
    use super::{Address, Certificates, Endpoint, Environment, Origin, sha256_hex};
    use std::path::Path;

    fn host(text: &str) -> Environment {
        Environment { docker_host: Some(text.into()), ..Environment::default() }
    }

    fn address(text: &str) -> String {
        match Endpoint::discover(&host(text)) {
            Ok(endpoint) => endpoint.address.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// A docker configuration folder with one context, made current.
    fn configured(folder: &Path, name: &str, endpoint: &str) -> Environment {
        let id = sha256_hex(name.as_bytes());
        let meta = folder.join("contexts/meta").join(&id);
        std::fs::create_dir_all(&meta).unwrap();
        std::fs::write(
            meta.join("meta.json"),
            format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{endpoint}}}}}"#),
        )
        .unwrap();
        let tls = folder.join("contexts/tls").join(&id).join("docker");
        std::fs::create_dir_all(&tls).unwrap();
        std::fs::write(folder.join("config.json"), format!(r#"{{"auths":{{}},"currentContext":"{name}"}}"#))
            .unwrap();
        Environment { docker_config: Some(folder.into()), ..Environment::default() }
    }

    #[test]
    fn addresses_are_read_as_docker_reads_them() {
        assert_eq!(address("unix:///run/user/1000/docker.sock"), "unix:///run/user/1000/docker.sock");
        assert_eq!(address("tcp://10.0.0.1"), "tcp://10.0.0.1:2375");
        assert_eq!(address("10.0.0.1:4000"), "tcp://10.0.0.1:4000");
        assert_eq!(address("tcp://[::1]"), "tcp://[::1]:2375");
        assert_eq!(
            address("ssh://ops@eu1.example.net:22022/run/d.sock"),
            "ssh://ops@eu1.example.net:22022/run/d.sock"
        );
        assert_eq!(address("npipe:////./pipe/docker_engine"), "npipe:////./pipe/docker_engine");
    }

    #[test]
    fn a_bad_address_names_its_origin_and_never_a_password() {
        for bad in
            ["ftp://x", "ssh://u:hunter2@h", "tcp://u:hunter2@h:1", "ssh://-oProxyCommand=x", "unix://"]
        {
            let message = address(bad);
            assert!(message.contains("from DOCKER_HOST"), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn nothing_set_means_the_default_socket() {
        let endpoint = Endpoint::discover(&Environment::default()).unwrap();
        assert_eq!(endpoint.to_string(), "unix:///var/run/docker.sock (the default socket)");
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let environment = Environment { docker_context: Some(String::new()), ..host("") };
        assert_eq!(Endpoint::discover(&environment).unwrap().origin, Origin::Default);
    }

    #[test]
    fn tls_takes_the_certificates_of_the_cert_path() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cert.pem"), "").unwrap();
        let environment = Environment {
            docker_tls_verify: Some("1".into()),
            docker_cert_path: Some(folder.path().into()),
            ..host("tcp://far:2376")
        };
        let Address::Tcp { tls: Some(Certificates { ca, client }), .. } =
            Endpoint::discover(&environment).unwrap().address
        else {
            panic!("no TLS");
        };
        assert_eq!(ca, folder.path().join("ca.pem"));
        assert!(client.is_some());
    }

    #[test]
    fn the_current_context_of_the_configuration_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let environment =
            configured(folder.path(), "eu", r#"{"Host":"ssh://ops@eu1","SkipTLSVerify":false}"#);
        let endpoint = Endpoint::discover(&environment).unwrap();
        assert_eq!(
            endpoint.to_string(),
            "ssh://ops@eu1 (from the docker context `eu`, chosen by config.json)"
        );
    }

    #[test]
    fn docker_host_goes_before_a_context_and_the_variable_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let current = configured(folder.path(), "eu", r#"{"Host":"ssh://eu1"}"#);
        let both = Environment { docker_host: Some("unix:///a".into()), ..current.clone() };
        assert_eq!(Endpoint::discover(&both).unwrap().origin, Origin::DockerHost);
        let named = Environment { docker_context: Some("default".into()), ..current };
        assert_eq!(Endpoint::discover(&named).unwrap().origin, Origin::Default);
    }

    #[test]
    fn a_context_brings_its_own_certificates() {
        let folder = tempfile::tempdir().unwrap();
        let environment = configured(folder.path(), "eu", r#"{"Host":"tcp://eu1:2376"}"#);
        let id = sha256_hex(b"eu");
        let ca = folder.path().join("contexts/tls").join(&id).join("docker/ca.pem");
        std::fs::write(&ca, "").unwrap();
        let Address::Tcp { tls: Some(tls), .. } = Endpoint::discover(&environment).unwrap().address else {
            panic!("no TLS");
        };
        assert_eq!(tls, Certificates { ca, client: None });
    }

    #[test]
    fn a_missing_context_and_a_broken_file_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let environment = configured(folder.path(), "eu", r#"{"Host":"ssh://eu1"}"#);
        let missing = Environment { docker_context: Some("us".into()), ..environment.clone() };
        let message = Endpoint::discover(&missing).unwrap_err().to_string();
        assert!(message.contains("no docker context `us`"), "{message}");
        std::fs::write(folder.path().join("config.json"), r#"{"auths": {"r": {"auth": "c2VjcmV0"}}, oops"#)
            .unwrap();
        let message = Endpoint::discover(&environment).unwrap_err().to_string();
        assert!(message.contains("config.json") && !message.contains("c2VjcmV0"), "{message}");
    }

    #[test]
    fn a_context_that_trusts_anybody_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let environment =
            configured(folder.path(), "eu", r#"{"Host":"tcp://eu1:2376","SkipTLSVerify":true}"#);
        assert!(Endpoint::discover(&environment).is_err());
    }
}
