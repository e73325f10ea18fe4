//! An address on loopback behind a link.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;

use super::Link;
use super::shape::Shape;
use super::stream::ShapedStream;

/// Small, so that the buffers of loopback neither swallow an upload that the link has yet to carry nor hide a
/// client that does not read; large enough for a gigabit.
const BUFFER: u32 = 128 << 10;

/// A server on a free port of loopback. Dropping it closes the port; answers under way are finished.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    connections: Arc<AtomicU64>,
    _stop: oneshot::Sender<()>,
}

impl Listener {
    /// Serves `router` behind `link`, or as fast as loopback is where there is none. Runs on the current runtime,
    /// and panics outside of one.
    pub fn bind(router: Router, link: Option<Link>) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if link.is_some() {
            socket.set_recv_buffer_size(BUFFER)?;
            socket.set_send_buffer_size(BUFFER)?;
        }
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let tcp = socket.listen(1024)?;
        let address = tcp.local_addr()?;
        let connections = Arc::new(AtomicU64::new(0));
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let accepting = Accepting { tcp, connections: Arc::clone(&connections) };
        match link {
            None => {
                tokio::spawn(async { axum::serve(accepting, router).with_graceful_shutdown(stopped).await });
            }
            Some(link) => {
                let shaped = Shaping { accepting, shape: Arc::new(Shape::new(link)) };
                tokio::spawn(async { axum::serve(shaped, router).with_graceful_shutdown(stopped).await });
            }
        }
        Ok(Self { address, connections, _stop: stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has accepted: whether an engine keeps them alive shows here.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Accepts connections and counts them.
#[derive(Debug)]
struct Accepting {
    tcp: TcpListener,
    connections: Arc<AtomicU64>,
}

impl axum::serve::Listener for Accepting {
    type Io = tokio::net::TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (tcp, peer) = axum::serve::Listener::accept(&mut self.tcp).await;
        self.connections.fetch_add(1, Ordering::Relaxed);
        // Without it an answer could wait for an acknowledgement that loopback delays; failing changes times only.
        let _ = tcp.set_nodelay(true);
        (tcp, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// Accepts connections and puts each behind the link.
#[derive(Debug)]
struct Shaping {
    accepting: Accepting,
    shape: Arc<Shape>,
}

impl axum::serve::Listener for Shaping {
    type Io = ShapedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ShapedStream, SocketAddr) {
        let (tcp, peer) = self.accepting.accept().await;
        (ShapedStream::new(tcp, Arc::clone(&self.shape)), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.accepting.tcp.local_addr()
    }
}
