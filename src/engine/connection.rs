//! Connections to an engine: how bytes get there, HTTP on top of them, and connections taken over for gRPC.
//!
//! bollard's own transports are not used: a build needs two connections that are taken over (`/session` and
//! `/grpc`), which bollard 0.21 keeps to itself and leaves open after the build.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bollard::BollardRequest;
use bollard::errors::Error as ApiError;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONNECTION, HOST, HeaderName, HeaderValue, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::address::{Address, Certificates};

/// How long a connection may take to come up.
const DIAL: Duration = Duration::from_secs(3);

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Opens connections to one engine and keeps those that are free for the next request.
pub(super) struct Connector {
    address: Address,
    /// `/v1.41`, once it has been negotiated. bollard 0.21 writes no version into its paths.
    prefix: OnceLock<String>,
    idle: Arc<Mutex<Vec<SendRequest<Body>>>>,
}

impl Connector {
    pub(super) fn new(address: Address) -> Self {
        Self { address, prefix: OnceLock::new(), idle: Arc::default() }
    }

    /// From now on requests name this version of the API.
    pub(super) fn speak(&self, version: &str) {
        // Whoever connects negotiates once; a second time would bring the same.
        let _ = self.prefix.set(format!("/v{version}"));
    }

    /// Sends a request of bollard's.
    pub(super) async fn request(&self, request: BollardRequest) -> Result<Response<Incoming>, ApiError> {
        let (mut parts, body) = request.into_parts();
        parts.uri = self.path(&parts.uri)?;
        parts.headers.insert(HOST, HeaderValue::from_static("docker"));
        let request = Request::from_parts(parts, body.map_err(io::Error::other).boxed_unsync());
        let mut sender = self.free_connection().await?;
        let response = sender.send_request(request).await?;
        let idle = Arc::clone(&self.idle);
        tokio::spawn(async move {
            // Ready again when the answer was read to its end; an error when it was dropped before.
            if sender.ready().await.is_ok() {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
            }
        });
        Ok(response)
    }

    /// A connection of its own, taken over for gRPC (HTTP/2 without TLS), as `/session` and `/grpc` give it. An engine
    /// that does not know the path is `Unsupported`.
    pub(super) async fn take_over(
        &self,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
    ) -> io::Result<Upgraded> {
        let uri = path
            .parse()
            .map_err(io::Error::other)
            .and_then(|uri| self.path(&uri).map_err(io::Error::other))?;
        let mut request = Request::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        let fields = request.headers_mut();
        fields.insert(HOST, HeaderValue::from_static("docker"));
        fields.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        fields.insert(UPGRADE, HeaderValue::from_static("h2c"));
        for (name, value) in headers {
            fields.append(name, value.clone());
        }
        let mut sender = self.open().await?;
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let words = format!("the engine answers {} to {path}", response.status());
            return Err(io::Error::new(io::ErrorKind::Unsupported, words));
        }
        hyper::upgrade::on(response).await.map_err(io::Error::other)
    }

    /// A connection that is free, or else a new one.
    async fn free_connection(&self) -> io::Result<SendRequest<Body>> {
        // The connection of an answer that was just read comes back when its task has had its turn; another one over
        // ssh would take a second.
        for _ in 0..4 {
            if let Some(sender) = self.take_idle() {
                return Ok(sender);
            }
            tokio::task::yield_now().await;
        }
        self.open().await
    }

    fn take_idle(&self) -> Option<SendRequest<Body>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(SendRequest::is_ready);
        idle.pop()
    }

    fn path(&self, uri: &Uri) -> Result<Uri, hyper::http::uri::InvalidUri> {
        let path = uri.path_and_query().map_or("/", hyper::http::uri::PathAndQuery::as_str);
        format!("{}{path}", self.prefix.get().map_or("", String::as_str)).parse()
    }

    async fn open(&self) -> io::Result<SendRequest<Body>> {
        let wire = tokio::time::timeout(DIAL, dial(&self.address)).await.map_err(|_| {
            io::Error::new(io::ErrorKind::TimedOut, format!("no connection within {} s", DIAL.as_secs()))
        })??;
        let (sender, connection) = handshake(TokioIo::new(wire)).await.map_err(io::Error::other)?;
        // A connection that breaks shows itself in the request that was using it.
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }
}

/// A two-way stream of bytes to the engine.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

async fn dial(address: &Address) -> io::Result<Box<dyn Wire>> {
    match address {
        Address::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
        Address::Tcp { authority, tls: None } => Ok(Box::new(tcp(authority).await?)),
        Address::Tcp { authority, tls: Some(certificates) } => {
            let host = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host);
            let name =
                ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(io::Error::other)?;
            let connector = TlsConnector::from(Arc::new(tls_settings(certificates)?));
            Ok(Box::new(connector.connect(name, tcp(authority).await?).await?))
        }
        Address::Ssh { user, host, port, socket } => {
            Ok(Box::new(ssh(user.as_deref(), host, *port, socket.as_deref())?))
        }
        Address::Npipe(_) => {
            Err(io::Error::new(io::ErrorKind::Unsupported, "named pipes are for Windows only"))
        }
    }
}

async fn tcp(authority: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn tls_settings(certificates: &Certificates) -> io::Result<ClientConfig> {
    let fault = |path: &std::path::Path, error: &dyn std::fmt::Display| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    };
    let read = |path: &std::path::Path| -> io::Result<Vec<CertificateDer<'static>>> {
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| fault(path, &error))
    };
    let mut roots = RootCertStore::empty();
    for certificate in read(&certificates.ca)? {
        roots.add(certificate).map_err(|error| fault(&certificates.ca, &error))?;
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let settings = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    match &certificates.client {
        None => Ok(settings.with_no_client_auth()),
        Some((certificate, key)) => {
            // Only the path: nothing of a key's file is ever shown.
            let secret =
                PrivateKeyDer::from_pem_file(key).map_err(|_| fault(key, &"no private key in PEM form"))?;
            settings
                .with_client_auth_cert(read(certificate)?, secret)
                .map_err(|error| fault(certificate, &error))
        }
    }
}

/// Starts what docker's own client starts: docker/cli, cli/connhelper/connhelper.go.
fn ssh(user: Option<&str>, host: &str, port: Option<u16>, socket: Option<&str>) -> io::Result<SshStream> {
    let mut command = Command::new("ssh");
    // Nobody is there to answer a question.
    command.args(["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=3"]);
    if let Some(user) = user {
        command.args(["-l", user]);
    }
    if let Some(port) = port {
        command.args(["-p", &port.to_string()]);
    }
    command.args(["--", host, "docker"]);
    if let Some(socket) = socket {
        command.args(["--host", &format!("unix://{socket}")]);
    }
    command.args(["system", "dial-stdio"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| io::Error::new(error.kind(), format!("ssh: {error}")))?;
    match (child.stdout.take(), child.stdin.take()) {
        (Some(output), Some(input)) => Ok(SshStream { pipes: tokio::io::join(output, input), _child: child }),
        _ => Err(io::Error::other("ssh: no pipes")),
    }
}

/// The pipes of an `ssh` process, which ends with them.
struct SshStream {
    pipes: tokio::io::Join<ChildStdout, ChildStdin>,
    _child: Child,
}

impl AsyncRead for SshStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipes).poll_read(cx, buffer)
    }
}

impl AsyncWrite for SshStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipes).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipes).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipes).poll_shutdown(cx)
    }
}
