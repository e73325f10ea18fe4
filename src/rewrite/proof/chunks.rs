//! A stream of chunks, read by a thread that blocks.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_stream::StreamExt;

/// How many chunks wait for the reader; more would only take memory.
const WAITING: usize = 4;

/// The reading end. It ends where the other one does.
pub(super) struct Chunks {
    receiver: Receiver<Bytes>,
    current: Bytes,
}

/// The end that chunks are put into.
pub(super) struct Sink(Sender<Bytes>);

impl Chunks {
    pub(super) fn new() -> (Self, Sink) {
        let (sender, receiver) = channel(WAITING);
        (Self { receiver, current: Bytes::new() }, Sink(sender))
    }
}

impl Sink {
    /// Hands over the whole stream, or as much as the reader wants. Dropped, it ends the reading.
    pub(super) async fn fill<E>(
        self,
        mut stream: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), E> {
        while let Some(chunk) = stream.next().await {
            if self.0.send(chunk?).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.receiver.blocking_recv() {
                Some(chunk) => self.current = chunk,
                None => return Ok(0),
            }
        }
        let count = self.current.len().min(buffer.len());
        let taken = self.current.split_to(count);
        if let Some(start) = buffer.get_mut(..count) {
            start.copy_from_slice(&taken);
        }
        Ok(count)
    }
}
