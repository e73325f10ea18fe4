//! The forms of an engine's address.

use std::fmt;
use std::path::{Path, PathBuf};

/// How bytes reach an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// A TCP port, `host:port`; with TLS where certificates are given.
    Tcp {
        /// `host:port`; an IPv6 host is in brackets.
        authority: String,
        /// The certificates to use, or plain TCP.
        tls: Option<Certificates>,
    },
    /// `docker system dial-stdio` on another machine, run by the `ssh` command.
    Ssh {
        /// Who logs in, where the address says so.
        user: Option<String>,
        /// The machine.
        host: String,
        /// The port of the SSH server, where the address says so.
        port: Option<u16>,
        /// The engine's socket over there, where the address says so.
        socket: Option<String>,
    },
    /// A Windows named pipe, kept as written.
    Npipe(String),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { authority, tls: None } => write!(f, "tcp://{authority}"),
            Self::Tcp { authority, tls: Some(_) } => write!(f, "tcp://{authority} (TLS)"),
            Self::Ssh { user, host, port, socket } => {
                f.write_str("ssh://")?;
                if let Some(user) = user {
                    write!(f, "{user}@")?;
                }
                f.write_str(host)?;
                if let Some(port) = port {
                    write!(f, ":{port}")?;
                }
                f.write_str(socket.as_deref().unwrap_or_default())
            }
            Self::Npipe(text) => f.write_str(text),
        }
    }
}

/// The PEM files of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// The authority that signed the engine's certificate. No other is trusted.
    pub ca: PathBuf,
    /// The client's certificate and its key, for engines that ask for one.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl Certificates {
    /// The files as docker names them in `folder`.
    pub(super) fn in_folder(folder: &Path) -> Self {
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let client = (certificate.exists() || key.exists()).then_some((certificate, key));
        Self { ca: folder.join("ca.pem"), client }
    }
}

impl Address {
    /// The address that `text` names, or what is wrong with it. A bare path is a Unix socket.
    pub(super) fn parse(text: &str, tls: Option<Certificates>) -> Result<Self, String> {
        let (scheme, rest) = match text.split_once("://") {
            Some(parts) => parts,
            None if text.starts_with('/') => ("unix", text),
            None => ("tcp", text),
        };
        if rest.is_empty() {
            return Err(format!("nothing follows `{scheme}://`"));
        }
        match scheme {
            "unix" => Ok(Self::Unix(rest.into())),
            "tcp" | "http" | "https" => {
                let authority = rest.trim_end_matches('/');
                if authority.contains('@') || authority.contains('/') {
                    return Err("it takes a host and a port and nothing else".into());
                }
                let host_end = authority.rfind(']').map_or(0, |end| end + 1);
                let named_port = authority.get(host_end..).is_some_and(|tail| tail.contains(':'));
                if scheme == "https" && tls.is_none() {
                    return Err("https:// needs DOCKER_CERT_PATH to point at ca.pem".into());
                }
                let port = if tls.is_some() { 2376 } else { 2375 };
                let authority = if named_port { authority.into() } else { format!("{authority}:{port}") };
                Ok(Self::Tcp { authority, tls })
            }
            "ssh" => Self::parse_ssh(rest),
            "npipe" => Ok(Self::Npipe(text.into())),
            _ => Err(format!("`{scheme}://` is no way to an engine")),
        }
    }

    fn parse_ssh(rest: &str) -> Result<Self, String> {
        let (authority, socket) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (user, host_port) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        if user.as_ref().is_some_and(|user| user.contains(':')) {
            return Err("an ssh:// address takes no password; use a key".into());
        }
        let (host, port) = match host_port.rsplit_once(':') {
            Some((host, port)) => {
                (host, Some(port.parse().map_err(|_| "its port is not a number from 1 to 65535".to_owned())?))
            }
            None => (host_port, None),
        };
        // ssh would read such a name as an option.
        if host.is_empty() || host.starts_with('-') || user.as_ref().is_some_and(|user| user.starts_with('-'))
        {
            return Err("it names no host".into());
        }
        let socket = (socket.len() > 1).then(|| socket.to_owned());
        Ok(Self::Ssh { user, host: host.into(), port, socket })
    }
}
