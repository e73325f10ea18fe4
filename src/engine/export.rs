//! Images as the engine gives them out: the tar of `docker save`.

use bytes::Bytes;
use futures_util::Stream;
use tokio_stream::StreamExt;

use super::client::Engine;
use super::error::EngineError;

impl Engine {
    /// The images of these names as one tar, in which a layer that several of them have is stored once. Each name says
    /// its tag: the tar's index goes by it.
    ///
    /// Engines of the classic store write the tar to their disk first, so the first bytes take a while.
    pub fn export(&self, images: &[&str]) -> impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin {
        let task = format!("export {}", images.join(" and "));
        let engine = self.clone();
        self.docker.export_images(images).map(move |chunk| chunk.map_err(|error| engine.fault(&task, error)))
    }
}
