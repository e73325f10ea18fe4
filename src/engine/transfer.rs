//! Images on their way to and from a registry, with the time of each phase.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bollard::models::{CreateImageInfo, ProgressDetail};
use bollard::query_parameters::{CreateImageOptions, PushImageOptions};
use tokio_stream::StreamExt;

use super::client::Engine;
use super::error::EngineError;
use super::image::split_tag;
use crate::bytes::Bytes;

/// How far a push or a pull is, as far as the engine has said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TransferProgress {
    /// Bytes moved.
    pub done: Bytes,
    /// Bytes to move; it grows while layers become known.
    pub total: Bytes,
}

/// An image that was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The digest of its manifest.
    pub digest: String,
    /// From the request to the end of the engine's answer.
    pub took: Duration,
}

/// A pull and its phases, by this process's clock; each time counts from the sending of the request.
///
/// Engines report a layer's progress every 100 ms, so the phases of a layer are true to about that. The total is
/// exact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullTiming {
    /// When the engine's answer ended: the image is usable.
    pub total: Duration,
    /// The digest of the manifest, as the engine names it at the end.
    pub digest: String,
    /// When the first layer was taken up, if one was missing.
    pub planned: Option<Duration>,
    /// When the last layer had been downloaded.
    pub downloaded: Option<Duration>,
    /// When the last layer had been unpacked.
    pub extracted: Option<Duration>,
    /// The layers in the order in which the engine named them.
    pub layers: Vec<LayerTiming>,
    /// How often the engine had to begin a download again. A sample with any is none.
    pub retries: usize,
}

/// One layer of a pull.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerTiming {
    /// The beginning of its digest, as the engine shows it.
    pub id: String,
    /// Whether the engine had its bytes already. containerd may still have to unpack them.
    pub was_present: bool,
    /// Its compressed size, where the engine said it.
    pub size: Option<Bytes>,
    /// When its first bytes had come.
    pub download_began: Option<Duration>,
    /// When its last bytes had come.
    pub downloaded: Option<Duration>,
    /// When unpacking began.
    pub extract_began: Option<Duration>,
    /// When it was unpacked.
    pub extracted: Option<Duration>,
}

impl Engine {
    /// Pushes `reference`, which names the registry and the tag: `127.0.0.1:5000/shop:safe`; `latest` where it
    /// names none. No credentials are sent.
    ///
    /// Dropping the future ends the push; the registry keeps the blobs that were complete.
    pub async fn push(
        &self,
        reference: &str,
        mut report: impl FnMut(TransferProgress),
    ) -> Result<Pushed, EngineError> {
        let task = format!("push {reference}");
        let (repository, tag) = split_tag(reference);
        // Without a tag an engine would move all there are.
        let options = PushImageOptions { tag: Some(tag.unwrap_or("latest").to_owned()), platform: None };
        let began = Instant::now();
        let mut messages = self.docker.push_image(repository, Some(options), None);
        let mut layers = Layers::default();
        let mut digest = None;
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| self.fault(&task, error))?;
            // bollard drops the layer's name of a push; the sizes alone tell how much is under way.
            if let Some(ProgressDetail { current: Some(current), total }) = message.progress_detail {
                layers.moved(&total.unwrap_or_default().to_string(), current, total);
                report(layers.progress());
            }
            if let Some(status) = &message.status {
                digest = digest_in(status).or(digest);
            }
        }
        match digest {
            Some(digest) => Ok(Pushed { digest, took: began.elapsed() }),
            None => Err(self.lost(&task, "its answer broke off")),
        }
    }

    /// Pulls `reference`, a tag or a digest of a registry; `latest` where it names neither. No credentials are sent.
    ///
    /// Dropping the future ends the pull, and the engine throws away what it had downloaded.
    pub async fn pull(
        &self,
        reference: &str,
        mut report: impl FnMut(TransferProgress),
    ) -> Result<PullTiming, EngineError> {
        let task = format!("pull {reference}");
        let is_whole = reference.contains('@') || split_tag(reference).1.is_some();
        let named = if is_whole { reference.to_owned() } else { format!("{reference}:latest") };
        let options = CreateImageOptions { from_image: Some(named), ..CreateImageOptions::default() };
        let began = Instant::now();
        let mut messages = self.docker.create_image(Some(options), None, None);
        let mut pull = Pull::default();
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| self.fault(&task, error))?;
            let moved = message.progress_detail.as_ref().is_some_and(|detail| detail.current.is_some());
            pull.take(message, began.elapsed());
            if moved {
                report(pull.sizes.progress());
            }
        }
        pull.timing.total = began.elapsed();
        // The last line comes after the image got its name; without it the engine went away in an orderly manner.
        if pull.is_complete { Ok(pull.timing) } else { Err(self.lost(&task, "its answer broke off")) }
    }
}

/// A pull so far.
#[derive(Default)]
struct Pull {
    timing: PullTiming,
    sizes: Layers,
    is_complete: bool,
}

impl Pull {
    /// Takes in a message that came at `at`. The words are those of moby, distribution/ and daemon/containerd/.
    fn take(&mut self, message: CreateImageInfo, at: Duration) {
        let Some(status) = message.status else { return };
        if let Some(digest) = status.strip_prefix("Digest: ") {
            digest.clone_into(&mut self.timing.digest);
        }
        self.is_complete |= status.starts_with("Status: ");
        let Some(id) = message.id else { return };
        // The first line carries the tag where others carry a layer.
        if status.starts_with("Pulling from ") {
            return;
        }
        let known = self.timing.layers.iter().position(|layer| layer.id == id);
        let place = known.unwrap_or_else(|| {
            self.timing.layers.push(LayerTiming { id: id.clone(), ..LayerTiming::default() });
            self.timing.layers.len() - 1
        });
        let Some(layer) = self.timing.layers.get_mut(place) else { return };
        match status.as_str() {
            "Already exists" => layer.was_present = true,
            "Pulling fs layer" => {
                self.timing.planned.get_or_insert(at);
            }
            "Downloading" => {
                layer.download_began.get_or_insert(at);
                if let Some(ProgressDetail { current: Some(current), total }) = message.progress_detail {
                    layer.size = total
                        .and_then(|total| u64::try_from(total).ok())
                        .filter(|size| *size > 0)
                        .map(Bytes)
                        .or(layer.size);
                    self.sizes.moved(&id, current, total);
                }
            }
            "Download complete" => {
                layer.downloaded = Some(at);
                self.timing.downloaded = Some(at);
            }
            "Extracting" => {
                layer.extract_began.get_or_insert(at);
            }
            "Pull complete" => {
                layer.extracted = Some(at);
                self.timing.extracted = Some(at);
            }
            other if other.starts_with("Retrying in") => self.timing.retries += 1,
            _ => {}
        }
    }
}

/// How much of each layer has moved.
#[derive(Default)]
struct Layers {
    sizes: HashMap<String, (u64, u64)>,
}

impl Layers {
    fn moved(&mut self, layer: &str, current: i64, total: Option<i64>) {
        let entry = self.sizes.entry(layer.to_owned()).or_default();
        let current = u64::try_from(current).unwrap_or_default();
        let total = total.and_then(|total| u64::try_from(total).ok()).unwrap_or_default();
        *entry = (current, entry.1.max(total).max(current));
    }

    fn progress(&self) -> TransferProgress {
        let sum = |part: fn(&(u64, u64)) -> u64| Bytes(self.sizes.values().map(part).sum());
        TransferProgress { done: sum(|size| size.0), total: sum(|size| size.1) }
    }
}

/// The digest in the last line of a push: `safe: digest: sha256:… size: 1234`.
fn digest_in(status: &str) -> Option<String> {
    status.split_once("digest: ")?.1.split_whitespace().next().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Pull, digest_in};
    use bollard::models::CreateImageInfo;
    use std::time::Duration;

    fn pulled(lines: &str) -> Pull {
        let mut pull = Pull::default();
        for (at, line) in (1..).zip(lines.lines()) {
            let message: CreateImageInfo = serde_json::from_str(line).unwrap();
            pull.take(message, Duration::from_millis(at));
        }
        pull
    }

    #[test]
    fn a_pull_is_told_in_phases() {
        let pull = pulled(
            r#"{"status":"Pulling from shop","id":"safe"}
{"status":"Already exists","progressDetail":{},"id":"aaa"}
{"status":"Pulling fs layer","progressDetail":{},"id":"bbb"}
{"status":"Pulling fs layer","progressDetail":{},"id":"ccc"}
{"status":"Downloading","progressDetail":{"current":10,"total":100},"progress":"[>]","id":"bbb"}
{"status":"Downloading","progressDetail":{"current":40,"total":50},"progress":"[>]","id":"ccc"}
{"status":"Retrying in 2 seconds","progressDetail":{},"id":"ccc"}
{"status":"Verifying Checksum","progressDetail":{},"id":"bbb"}
{"status":"Download complete","progressDetail":{},"id":"bbb"}
{"status":"Extracting","progressDetail":{"current":100,"total":100},"id":"bbb"}
{"status":"Download complete","progressDetail":{},"id":"ccc"}
{"status":"Pull complete","progressDetail":{},"id":"bbb"}
{"status":"Pull complete","progressDetail":{},"id":"ccc"}
{"status":"Digest: sha256:0123"}
{"status":"Status: Downloaded newer image for shop:safe"}"#,
        );
        let at = |millis| Some(Duration::from_millis(millis));
        assert!(pull.is_complete);
        assert_eq!(pull.timing.digest, "sha256:0123");
        assert_eq!(
            (pull.timing.planned, pull.timing.downloaded, pull.timing.extracted),
            (at(3), at(11), at(13))
        );
        assert_eq!(pull.timing.retries, 1);
        let ids: Vec<_> =
            pull.timing.layers.iter().map(|layer| (layer.id.as_str(), layer.was_present)).collect();
        assert_eq!(ids, [("aaa", true), ("bbb", false), ("ccc", false)]);
        let layer = &pull.timing.layers[1];
        assert_eq!((layer.download_began, layer.extract_began, layer.extracted), (at(5), at(10), at(12)));
        assert_eq!((pull.sizes.progress().done.0, pull.sizes.progress().total.0), (50, 150));
    }

    #[test]
    fn a_pull_without_its_last_line_is_not_complete() {
        assert!(!pulled(r#"{"status":"Pull complete","progressDetail":{},"id":"bbb"}"#).is_complete);
    }

    #[test]
    fn the_digest_of_a_push_is_found() {
        assert_eq!(digest_in("safe: digest: sha256:0123 size: 1234").as_deref(), Some("sha256:0123"));
        assert_eq!(digest_in("Pushed"), None);
    }
}
