//! A connection whose far end seems to be at the end of a link.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio_util::sync::PollSender;

use super::clock::{self, Until};
use super::shape::{Direction, Flow, Shape};
use super::window::TRAIN;

/// The server's end of a connection on loopback, shaped as the link has it.
///
/// What the client sends is handed to the server when it would have arrived; what the server sends is written to the
/// client when it would have arrived. The client's first bytes wait one round trip longer: on loopback its handshake took no time.
#[derive(Debug)]
pub(super) struct ShapedStream {
    shape: Arc<Shape>,
    incoming: mpsc::Receiver<Train>,
    arriving: Option<(Until, Bytes)>,
    outgoing: PollSender<Train>,
    flow: Flow,
    blocked: Option<(Until, Instant)>,
}

/// Bytes that travel together, and when they arrive.
#[derive(Debug)]
struct Train {
    arrival: Instant,
    bytes: Bytes,
}

/// A sender that was blocked goes on when room came, not when it woke; but not if it took longer than waking takes.
const LONGEST_WAKE: Duration = Duration::from_millis(3);

impl ShapedStream {
    pub(super) fn new(tcp: TcpStream, shape: Arc<Shape>) -> Self {
        let (reader, writer) = tcp.into_split();
        // Enough for a full window, so that a client that does not read is felt by the server.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a window is far below 2^53"
        )]
        let trains = (2.0 * shape.link.bandwidth_delay_product() / TRAIN as f64) as usize + 64;
        let (to_server, incoming) = mpsc::channel(trains);
        let (outgoing, to_client) = mpsc::channel(trains);
        tokio::spawn(receive(reader, Arc::clone(&shape), to_server));
        tokio::spawn(deliver(writer, to_client));
        let flow = shape.flow(Direction::Down);
        Self { shape, incoming, arriving: None, outgoing: PollSender::new(outgoing), flow, blocked: None }
    }
}

/// Reads what the client sends, no faster than the link takes it.
async fn receive(mut reader: OwnedReadHalf, shape: Arc<Shape>, to_server: mpsc::Sender<Train>) {
    let mut flow = shape.flow(Direction::Up);
    let mut buffer = vec![0; usize::try_from(TRAIN).unwrap_or_default()];
    let mut handshake = shape.link.rtt;
    let mut last_sent = Instant::now();
    loop {
        let room = match flow.room(&shape, Instant::now()) {
            Ok(room) => room,
            Err(later) => {
                clock::until(later).await;
                continue;
            }
        };
        let end = room.min(buffer.len());
        let Some(free) = buffer.get_mut(..end) else { return };
        let Ok(count @ 1..) = reader.read(free).await else { return };
        let bytes = Bytes::copy_from_slice(free.get(..count).unwrap_or_default());
        last_sent = last_sent.max(Instant::now() + std::mem::take(&mut handshake));
        let arrival = flow.send(&shape, last_sent, count);
        if to_server.send(Train { arrival, bytes }).await.is_err() {
            return;
        }
    }
}

/// Writes to the client what has arrived.
async fn deliver(mut writer: OwnedWriteHalf, mut to_client: mpsc::Receiver<Train>) {
    while let Some(train) = to_client.recv().await {
        clock::until(train.arrival).await;
        if writer.write_all(&train.bytes).await.is_err() {
            return;
        }
    }
    // The server is done; a client that is gone already needs no goodbye.
    let _ = writer.shutdown().await;
}

impl AsyncRead for ShapedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if let Some((arrival, bytes)) = &mut this.arriving {
                ready!(Pin::new(arrival).poll(context));
                let count = bytes.len().min(buffer.remaining());
                buffer.put_slice(&bytes.split_to(count));
                if !bytes.has_remaining() {
                    this.arriving = None;
                }
                return Poll::Ready(Ok(()));
            }
            match ready!(this.incoming.poll_recv(context)) {
                Some(train) => this.arriving = Some((clock::until(train.arrival), train.bytes)),
                None => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl AsyncWrite for ShapedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let mut sent = Instant::now();
        if let Some((wait, from)) = &mut this.blocked {
            ready!(Pin::new(wait).poll(context));
            if sent.saturating_duration_since(*from) < LONGEST_WAKE {
                sent = *from;
            }
            this.blocked = None;
        }
        let closed = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        ready!(this.outgoing.poll_reserve(context)).map_err(closed)?;
        let room = loop {
            match this.flow.room(&this.shape, sent) {
                Ok(room) => break room,
                Err(from) => {
                    let mut wait = clock::until(from);
                    if Pin::new(&mut wait).poll(context).is_pending() {
                        this.blocked = Some((wait, from));
                        return Poll::Pending;
                    }
                    sent = from.max(sent);
                }
            }
        };
        let count = room.min(bytes.len());
        let bytes = Bytes::copy_from_slice(bytes.get(..count).unwrap_or_default());
        let arrival = this.flow.send(&this.shape, sent, count);
        this.outgoing.send_item(Train { arrival, bytes }).map_err(closed)?;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // All that was written is on its way.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.close();
        Poll::Ready(Ok(()))
    }
}
