//! A BuildKit session: the connection over which the builder asks its client for files.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bollard::fsutil::types::Packet;
use bollard::fsutil::types::packet::PacketType;
use bollard::health::health_check_response::ServingStatus;
use bollard::health::health_server::{Health, HealthServer};
use bollard::health::{HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse};
use bollard::moby::filesync::v1::file_sync_server::{FileSync, FileSyncServer};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;
use tonic::{Request, Response, Status, Streaming};

use super::connection::Connector;
use super::context_files::{Content, FileTree};

/// How much of a file goes into one message, as fsutil has it.
const CHUNK: usize = 32 * 1024;

/// An open session. It ends when this is dropped, and with it the build that needs it.
pub(super) struct Session {
    /// By which a build names it.
    pub(super) id: String,
    _connection: AbortOnDropHandle<()>,
}

/// What a session offers: BuildKit asks for the two by the names `context` and `dockerfile`.
pub(super) struct SessionFiles {
    pub(super) context: FileTree,
    pub(super) dockerfile: FileTree,
    /// Builds with the same key send only what changed since the last one.
    pub(super) shared_key: String,
}

impl Session {
    pub(super) async fn open(connector: &Connector, files: SessionFiles) -> io::Result<Self> {
        let id = format!("{:032x}", rand::random::<u128>());
        let field = |name: &'static str, value: &str| -> io::Result<(HeaderName, HeaderValue)> {
            Ok((HeaderName::from_static(name), HeaderValue::from_str(value).map_err(io::Error::other)?))
        };
        let headers = [
            field("x-docker-expose-session-uuid", &id)?,
            field("x-docker-expose-session-name", "plimsoll")?,
            field("x-docker-expose-session-sharedkey", &files.shared_key)?,
            // Builders drop a session that does not answer for its health.
            field("x-docker-expose-session-grpc-method", "/grpc.health.v1.Health/Check")?,
            field("x-docker-expose-session-grpc-method", "/moby.filesync.v1.FileSync/DiffCopy")?,
        ];
        let stream = connector.take_over("/session", &headers).await?;
        let files = FileService { context: Arc::new(files.context), dockerfile: Arc::new(files.dockerfile) };
        let routes =
            Routes::new(HealthServer::new(Healthy)).add_service(FileSyncServer::new(files)).prepare();
        let connection = http2::Builder::new(TokioExecutor::new())
            .serve_connection(stream, TowerToHyperService::new(routes));
        let task = tokio::spawn(async move {
            // A session that breaks shows itself in the build that was using it.
            let _ = connection.await;
        });
        Ok(Self { id, _connection: AbortOnDropHandle::new(task) })
    }
}

struct Healthy;

#[tonic::async_trait]
impl Health for Healthy {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn check(&self, _: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() }))
    }

    async fn list(&self, _: Request<HealthListRequest>) -> Result<Response<HealthListResponse>, Status> {
        Err(Status::unimplemented("only Check is offered"))
    }

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("only Check is offered"))
    }
}

/// The sending side of fsutil's protocol (tonistiigi/fsutil, send.go): all stats in order and an empty one, then the
/// contents that the other side asks for by number, then FIN both ways.
struct FileService {
    context: Arc<FileTree>,
    dockerfile: Arc<FileTree>,
}

type Packets = mpsc::Sender<Result<Packet, Status>>;

#[tonic::async_trait]
impl FileSync for FileService {
    type DiffCopyStream = ReceiverStream<Result<Packet, Status>>;
    type TarStreamStream = ReceiverStream<Result<Packet, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let fields = request.metadata();
        let text = |name: &str| -> Vec<String> {
            fields.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
        };
        let tree = match text("dir-name").first().map(String::as_str) {
            Some("context") => &self.context,
            Some("dockerfile") => &self.dockerfile,
            other => return Err(Status::not_found(format!("no directory {other:?} is offered"))),
        };
        // Paths with characters beyond ASCII come escaped; everything is sent then.
        let paths = if fields.contains_key("followpaths-encoded") { Vec::new() } else { text("followpaths") };

        let tree = Arc::clone(tree);
        let (packets, stream) = mpsc::channel(16);
        let (requests, wanted) = mpsc::unbounded_channel();
        tokio::spawn(answer(request.into_inner(), requests));
        tokio::spawn(async move {
            if let Err(error) = send(&tree, &paths, wanted, &packets).await {
                // The other side has gone if this can't be sent.
                let _ = packets.send(Err(Status::internal(error.to_string()))).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn tar_stream(
        &self,
        _: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::TarStreamStream>, Status> {
        Err(Status::unimplemented("no builder speaks it any more"))
    }
}

/// Reads what the other side asks for. The queue has no bound: were this to wait for the files to be sent, both sides
/// could come to wait for each other.
async fn answer(mut incoming: Streaming<Packet>, requests: mpsc::UnboundedSender<u32>) {
    while let Some(Ok(packet)) = incoming.next().await {
        // FIN, or an error that the build will tell: dropping the sender ends the other task.
        if packet.r#type() != PacketType::PacketReq || requests.send(packet.id).is_err() {
            return;
        }
    }
}

async fn send(
    tree: &FileTree,
    paths: &[String],
    mut wanted: mpsc::UnboundedReceiver<u32>,
    packets: &Packets,
) -> io::Result<()> {
    let put =
        async |packet: Packet| packets.send(Ok(packet)).await.map_err(|_| io::ErrorKind::BrokenPipe.into());
    let kind = |kind: PacketType| Packet { r#type: kind.into(), ..Packet::default() };

    let mut contents = Vec::new();
    for (_, entry) in tree.selected(paths) {
        contents.push(&entry.content);
        put(Packet { stat: Some(entry.stat.clone()), ..kind(PacketType::PacketStat) }).await?;
    }
    put(kind(PacketType::PacketStat)).await?;

    while let Some(id) = wanted.recv().await {
        let data = |data: Vec<u8>| Packet { id, data, ..kind(PacketType::PacketData) };
        match usize::try_from(id).ok().and_then(|at| contents.get(at)) {
            Some(Content::File(path)) => {
                let named =
                    |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
                let mut file = tokio::fs::File::open(path).await.map_err(named)?;
                loop {
                    let mut chunk = Vec::with_capacity(CHUNK);
                    if file.read_buf(&mut chunk).await.map_err(named)? == 0 {
                        break;
                    }
                    put(data(chunk)).await?;
                }
            }
            Some(Content::Bytes(bytes)) => {
                for chunk in bytes.chunks(CHUNK) {
                    put(data(chunk.to_vec())).await?;
                }
            }
            Some(Content::Nothing) | None => return Err(io::Error::other("asked for a file that is none")),
        }
        put(data(Vec::new())).await?;
    }
    put(kind(PacketType::PacketFin)).await
}
