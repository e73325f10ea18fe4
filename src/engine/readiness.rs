//! When a started container is ready to serve.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bollard::models::HealthStatusEnum;
use bollard::query_parameters::{AttachContainerOptions, InspectContainerOptions};
use http_body_util::{BodyExt, Empty};
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use regex::Regex;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_stream::StreamExt;

use super::container::{Container, Route, bytes_of};
use super::error::{EngineError, quoted};

/// The time between two questions.
const PAUSE: Duration = Duration::from_millis(5);
/// How long one question may wait for its answer before it is asked again.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a connection through the engine's proxy has to stay open to count. The proxy closes it as soon as it is
/// refused inside, which takes it well under a millisecond.
const PROXY_CLOSES: Duration = Duration::from_millis(50);
/// How many lines of a log go with a container that did not get ready.
const LOG_TAIL: usize = 20;

/// What shows that a container is ready.
#[derive(Debug, Clone)]
pub enum Readiness {
    /// A `GET` of this path is answered, to its last byte, with this status; with any of 200 to 299 where none is set.
    Http {
        /// The container's port.
        port: u16,
        /// The path, beginning with `/`.
        path: String,
        /// The status to expect.
        status: Option<u16>,
    },
    /// Something accepts connections on this port of the container.
    Tcp {
        /// The container's port.
        port: u16,
    },
    /// The image's own `HEALTHCHECK` says so.
    Healthcheck,
    /// It wrote a line that this pattern matches, to its standard output or error.
    LogLine(Regex),
    /// It ended with this exit code: for jobs and images that serve nothing.
    Exit {
        /// The code.
        code: i64,
    },
}

impl Readiness {
    /// The port that must be reachable from here.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Http { port, .. } | Self::Tcp { port } => Some(*port),
            Self::Healthcheck | Self::LogLine(_) | Self::Exit { .. } => None,
        }
    }
}

/// How long a container took, by this process's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// From the request that it be made to the engine's answer.
    pub create: Duration,
    /// From the request that it be started to the engine's answer.
    pub run: Duration,
    /// From the request that it be started to the first correct answer of the container's.
    pub ready: Duration,
}

/// A container that did not get ready.
#[derive(Debug, Error)]
pub enum StartFailure {
    /// It never answered as it should: the time was up, or it ended before.
    #[error(
        "the container was not ready after {:.1} s{}: {last_answer}{}",
        .waited.as_secs_f64(), exit_words(*.exit_code), quoted(.log)
    )]
    NeverReady {
        /// How long it was waited for.
        waited: Duration,
        /// What it answered last.
        last_answer: String,
        /// The last lines that it wrote, twenty at most.
        log: Vec<String>,
        /// Its exit code, if it ended.
        exit_code: Option<i64>,
    },
    /// The engine could not start it, or went away.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

fn exit_words(code: Option<i64>) -> String {
    code.map(|code| format!(", it ended with exit code {code}")).unwrap_or_default()
}

impl Container {
    /// Starts it and waits until it is ready, for `limit` at most. It is left running in any case.
    ///
    /// The clock starts when the request to start it goes out. The first question is asked when the engine has
    /// answered that request, since only then the container has an address; then every five milliseconds.
    pub async fn start_until_ready(
        &self,
        readiness: &Readiness,
        limit: Duration,
    ) -> Result<Started, StartFailure> {
        if readiness.port().is_some() && self.route() == Route::None {
            return Err(StartFailure::Engine(EngineError::Refused {
                task: "wait for a port of a container".into(),
                message:
                    "it can't be reached from here, or was created without this port; use the readiness \
                          healthcheck, log or exit for engines on other machines"
                        .into(),
            }));
        }
        // Attached before the start, or the first lines could be missed.
        let output = match readiness {
            Readiness::LogLine(_) => Some(self.attach().await?),
            _ => None,
        };
        let began = Instant::now();
        let run = self.start().await?;
        let mut last_answer = String::from("it gave no answer");
        let asked = async {
            match readiness {
                Readiness::Http { port, path, status } => {
                    self.http(*port, path, *status, &mut last_answer).await
                }
                Readiness::Tcp { port } => self.tcp(*port, &mut last_answer).await,
                Readiness::Healthcheck => self.healthy(&mut last_answer).await,
                Readiness::LogLine(pattern) => match output {
                    Some(lines) => self.wrote(lines, pattern, &mut last_answer).await,
                    None => std::future::pending().await,
                },
                // Decided by its end, below.
                Readiness::Exit { .. } => std::future::pending().await,
            }
        };
        let outcome = tokio::time::timeout(limit, async {
            tokio::select! {
                // A container that was ready and ended at once was ready.
                biased;
                ready = asked => ready.map(Outcome::Ready),
                code = self.exited() => code.map(|code| Outcome::Ended(code, Instant::now())),
            }
        })
        .await;
        let exit_code = match (outcome, readiness) {
            (Ok(Ok(Outcome::Ready(at))), _) => {
                return Ok(Started { create: self.created, run, ready: at - began });
            }
            (Ok(Ok(Outcome::Ended(code, at))), Readiness::Exit { code: expected }) if code == *expected => {
                return Ok(Started { create: self.created, run, ready: at - began });
            }
            (Ok(Err(error)), _) => return Err(error.into()),
            (Ok(Ok(Outcome::Ended(code, _))), _) => Some(code),
            (Err(_), _) => None,
        };
        if let (Some(_), Readiness::Exit { code }) = (exit_code, readiness) {
            last_answer = format!("exit code {code} was expected");
        }
        let waited = began.elapsed();
        let log = self.log_tail(LOG_TAIL).await?;
        Err(StartFailure::NeverReady { waited, last_answer, log, exit_code })
    }

    async fn http(
        &self,
        port: u16,
        path: &str,
        expected: Option<u16>,
        last_answer: &mut String,
    ) -> Result<Instant, EngineError> {
        let address = self.reached_at(port).await?;
        loop {
            match tokio::time::timeout(PATIENCE, get(address, path)).await {
                Err(_) => {
                    *last_answer = format!("no answer from port {port} within {} s", PATIENCE.as_secs());
                }
                Ok(Err(error)) => *last_answer = format!("port {port}: {error}"),
                Ok(Ok(status)) => {
                    let now = Instant::now();
                    if expected.map_or(status.is_success(), |expected| status.as_u16() == expected) {
                        return Ok(now);
                    }
                    *last_answer = format!("GET {path} on port {port} answered {status}");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn tcp(&self, port: u16, last_answer: &mut String) -> Result<Instant, EngineError> {
        let address = self.reached_at(port).await?;
        loop {
            match tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await {
                Err(_) => {
                    *last_answer = format!("no connection to port {port} within {} s", PATIENCE.as_secs());
                }
                Ok(Err(error)) => *last_answer = format!("port {port}: {error}"),
                Ok(Ok(stream)) => {
                    let now = Instant::now();
                    if self.route() == Route::Bridge || stays_open(stream).await {
                        return Ok(now);
                    }
                    *last_answer = format!("port {port}: nothing listens inside the container");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn healthy(&self, last_answer: &mut String) -> Result<Instant, EngineError> {
        loop {
            let options = None::<InspectContainerOptions>;
            let inspect = self.engine.docker.inspect_container(&self.id, options).await;
            let state = inspect.map_err(|error| self.fault("inspect", error))?.state.unwrap_or_default();
            let now = Instant::now();
            match state.health.and_then(|health| health.status) {
                Some(HealthStatusEnum::HEALTHY) => return Ok(now),
                Some(HealthStatusEnum::STARTING | HealthStatusEnum::UNHEALTHY) => {
                    *last_answer = "its HEALTHCHECK has not passed".into();
                }
                _ => *last_answer = "its image has no HEALTHCHECK; choose another readiness".into(),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn wrote(
        &self,
        mut output: Output,
        pattern: &Regex,
        last_answer: &mut String,
    ) -> Result<Instant, EngineError> {
        *last_answer = format!("no line matched `{pattern}`");
        let mut line = Vec::new();
        while let Some(written) = output.next().await {
            let written = bytes_of(written.map_err(|error| self.fault("read the output of", error))?);
            let now = Instant::now();
            for part in written.split_inclusive(|byte| *byte == b'\n') {
                line.extend_from_slice(part);
                // An unfinished line counts: programs print a prompt and wait.
                if pattern.is_match(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r'])) {
                    return Ok(now);
                }
                if line.ends_with(b"\n") {
                    line.clear();
                }
            }
        }
        // It has closed its output or ended; the end tells.
        std::future::pending().await
    }

    async fn attach(&self) -> Result<Output, EngineError> {
        let options = AttachContainerOptions {
            stream: true,
            stdout: true,
            stderr: true,
            ..AttachContainerOptions::default()
        };
        let attached = self.engine.docker.attach_container(&self.id, Some(options)).await;
        Ok(attached.map_err(|error| self.fault("attach to", error))?.output)
    }

    /// Where `port` is reached; waits for ever for that of a container which has ended already, since its end tells.
    async fn reached_at(&self, port: u16) -> Result<SocketAddr, EngineError> {
        match self.address_of(port).await? {
            Some(address) => Ok(address),
            None => std::future::pending().await,
        }
    }
}

enum Outcome {
    Ready(Instant),
    Ended(i64, Instant),
}

type Output = std::pin::Pin<
    Box<
        dyn tokio_stream::Stream<Item = Result<bollard::container::LogOutput, bollard::errors::Error>> + Send,
    >,
>;

async fn get(address: SocketAddr, path: &str) -> io::Result<StatusCode> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let mut request = Request::new(Empty::<bytes::Bytes>::new());
    *request.uri_mut() = path.parse().map_err(io::Error::other)?;
    // A name that frameworks which check it let pass.
    request.headers_mut().insert(HOST, HeaderValue::from_static("localhost"));
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let answer = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        Ok::<_, hyper::Error>(status)
    };
    // The connection does nothing unless it is polled; it may end just before the answer is taken.
    tokio::pin!(answer);
    tokio::select! {
        biased;
        status = &mut answer => status,
        _ = connection => answer.await,
    }
    .map_err(io::Error::other)
}

/// Whether a connection through the engine's proxy leads to something that listens.
async fn stays_open(mut stream: TcpStream) -> bool {
    let mut byte = [0];
    // A server that speaks first, or one that waits for its client.
    !matches!(tokio::time::timeout(PROXY_CLOSES, stream.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
}

#[cfg(test)]
mod tests {
    use super::stays_open;
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};

    /// A connection to something that accepts as the engine's proxy does and then behaves as `behaviour` says.
    async fn accepted<F: Future<Output = ()> + Send + 'static>(
        behaviour: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { behaviour(listener.accept().await.unwrap().0).await });
        TcpStream::connect(address).await.unwrap()
    }

    #[tokio::test]
    async fn a_connection_that_a_proxy_closes_does_not_count() {
        assert!(!stays_open(accepted(|stream| async move { drop(stream) }).await).await);
    }

    #[tokio::test]
    async fn a_server_that_waits_and_one_that_speaks_first_both_count() {
        let waiting = accepted(|stream| async move {
            std::future::pending::<()>().await;
            drop(stream);
        });
        assert!(stays_open(waiting.await).await);
        let speaking = accepted(|mut stream| async move { stream.write_all(b"220 mail").await.unwrap() });
        assert!(stays_open(speaking.await).await);
    }
}
