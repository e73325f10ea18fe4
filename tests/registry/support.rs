//! A registry that listens, a client that speaks HTTP to it, and an engine that is left as it was found.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bollard::Docker;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    CreateImageOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
};
use bytes::Bytes;
use futures_util::{FutureExt as _, TryStreamExt as _};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use plimsoll::registry::{Server, Store};
use tempfile::TempDir;

/// A registry on a free port of loopback.
pub(crate) struct Registry {
    pub(crate) store: Store,
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    _folder: TempDir,
}

impl Registry {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (server, address) = listen(&store).await;
        Self { store, server, address, _folder: folder }
    }
}

/// A server of `store` on a free port.
pub(crate) async fn listen(store: &Store) -> (Server, SocketAddr) {
    let server = Server::new(store.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (server, address)
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}")).to_str().unwrap()
    }

    pub(crate) fn error_code(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        body["errors"][0]["code"].as_str().unwrap().to_owned()
    }
}

/// One HTTP request on a connection of its own.
pub(crate) async fn ask(
    address: SocketAddr,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path).header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = sender.send_request(request.body(Body::from(body.into())).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

/// The engine at hand. Remembers what a test makes on it.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) docker: Docker,
    images: Arc<Mutex<Vec<String>>>,
}

/// Runs a test against the engine, and removes the images that it made even where it fails.
pub(crate) fn with_engine<F: Future<Output = ()>>(test: impl FnOnce(Engine) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let docker = Docker::connect_with_defaults().expect("the engine's address");
        let docker =
            docker.negotiate_version().await.expect("an engine that answers; set DOCKER_HOST to name one");
        let engine = Engine { docker, images: Arc::default() };
        let outcome = AssertUnwindSafe(test(engine.clone())).catch_unwind().await;
        let images = std::mem::take(&mut *engine.images.lock().unwrap());
        for image in images {
            engine.remove(&image).await;
        }
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    });
}

impl Engine {
    /// Has `image` removed at the end.
    pub(crate) fn owns(&self, image: &str) {
        self.images.lock().unwrap().push(image.to_owned());
    }

    pub(crate) async fn pull(&self, image: &str) {
        self.owns(image);
        let options = CreateImageOptionsBuilder::default().from_image(image).build();
        let lines: Vec<_> = self.docker.create_image(Some(options), None, None).try_collect().await.unwrap();
        assert!(!lines.is_empty());
    }

    pub(crate) async fn remove(&self, image: &str) {
        let options = RemoveImageOptionsBuilder::default().force(true).build();
        // It may be gone already; what is left is the next test's failure.
        let _ = self.docker.remove_image(image, Some(options), None).await;
    }

    /// The image's own configuration, without what the engine adds about where it lies.
    pub(crate) async fn config(&self, image: &str) -> serde_json::Value {
        let inspected = self.docker.inspect_image(image).await.unwrap();
        serde_json::json!([
            inspected.config,
            inspected.architecture,
            inspected.os,
            inspected.created,
            inspected.author
        ])
    }

    pub(crate) async fn diff_ids(&self, image: &str) -> Vec<String> {
        let inspected = self.docker.inspect_image(image).await.unwrap();
        inspected.root_fs.and_then(|fs| fs.layers).unwrap_or_default()
    }

    /// Every file of the image: name, type, mode, owner, link and content, in the order of names.
    pub(crate) async fn files(&self, image: &str) -> Vec<String> {
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            cmd: Some(vec!["/none".to_owned()]),
            labels: Some([("io.plimsoll.test".to_owned(), "registry".to_owned())].into()),
            ..Default::default()
        };
        let container = self.docker.create_container(None, body).await.unwrap().id;
        let exported: Vec<Bytes> = self.docker.export_container(&container).try_collect().await.unwrap();
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        self.docker.remove_container(&container, Some(options)).await.unwrap();
        super::image::listing(&exported.concat())
    }
}
