//! What a cold pull takes: three lanes that download, one that extracts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use super::Link;
use super::window::{Window, Wire};
use crate::registry::LayerSize;

/// What an engine takes by itself on one host. Calibrated there; it tells one version from another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngineConstants {
    /// Layers downloaded at a time (moby `daemon/config`, `DefaultMaxConcurrentDownloads`: 3).
    pub lanes: usize,
    /// Whether requests share connections. Engines before 2026 open one for each (moby#52198).
    pub keep_alive: bool,
    /// Round trips before the first layer is asked for, all one after the other. See
    /// [`EngineConstants::round_trips`].
    pub round_trips_before_layers: u32,
    /// What a pull takes besides its layers and its round trips.
    pub fixed: Duration,
    /// What registering a layer takes, whatever its size.
    pub per_layer: Duration,
    /// Uncompressed bytes per second that the engine decompresses and writes.
    pub extract_rate: f64,
}

impl EngineConstants {
    /// The round trips before the first layer of a pull from a registry on loopback, as seen on the wire:
    ///
    /// - One connection per request (Engine 20.10): a TLS attempt that fails, `GET /v2/`, `HEAD` and `GET` of the manifest,
    ///   each with a handshake. The configuration comes beside the layers.
    /// - Connections kept (Engine 28.5, containerd image store): a TLS attempt and a new connection for the `HEAD` of the
    ///   manifest, the same for its `GET`, and the configuration.
    pub fn round_trips(keep_alive: bool) -> u32 {
        if keep_alive { 9 } else { 8 }
    }
}

/// How long an engine takes to pull layers of which it has none. Downloads share the link and start slowly, each on
/// a connection of its own or on its lane's; a layer is extracted when it is there and all below it are extracted.
pub fn predict_pull(layers: &[LayerSize], link: &Link, engine: &EngineConstants) -> Duration {
    let mut end = Duration::ZERO;
    for (layer, downloaded) in layers.iter().zip(download_ends(layers, link, engine)) {
        let extraction = Duration::from_secs_f64(layer.uncompressed.as_f64() / engine.extract_rate);
        end = end.max(downloaded) + engine.per_layer + extraction;
    }
    engine.fixed + end.max(link.rtt * engine.round_trips_before_layers)
}

/// A download under way in a lane.
struct Lane {
    layer: usize,
    rest: u64,
    window: Window,
}

/// When each layer's last byte arrives, by playing the transfers through in the order of time.
fn download_ends(layers: &[LayerSize], link: &Link, engine: &EngineConstants) -> Vec<Duration> {
    let start = link.rtt * engine.round_trips_before_layers;
    let mut ends = vec![start; layers.len()];
    // A layer that is in the image twice is downloaded once.
    let mut first_with = BTreeMap::new();
    let mut waiting: VecDeque<usize> = VecDeque::new();
    for (index, layer) in layers.iter().enumerate() {
        first_with.entry(layer.digest).or_insert_with(|| {
            waiting.push_back(index);
            index
        });
    }

    let mut wire = Wire::new(link);
    let mut lanes: Vec<Option<Lane>> = (0..engine.lanes.max(1)).map(|_| None).collect();
    // The next moment at which something happens in a lane.
    let mut agenda: BinaryHeap<Reverse<(Duration, usize)>> =
        (0..lanes.len()).map(|lane| Reverse((start, lane))).collect();
    while let Some(Reverse((now, number))) = agenda.pop() {
        let Some(slot) = lanes.get_mut(number) else { continue };
        if slot.as_ref().is_none_or(|lane| lane.rest == 0) {
            let Some(layer) = waiting.pop_front() else { continue };
            let rest = layers.get(layer).map_or(0, |layer| layer.compressed.0);
            // A kept connection has its window still, and spares the handshake; the first in a lane has neither.
            let kept = slot.take().filter(|_| engine.keep_alive).map(|lane| lane.window);
            let handshake = if kept.is_some() { Duration::ZERO } else { link.rtt };
            let window = kept.unwrap_or_else(|| Window::new(link));
            *slot = Some(Lane { layer, rest, window });
            agenda.push(Reverse((now + handshake + link.rtt / 2, number)));
            continue;
        }
        let Some(lane) = slot else { continue };
        match lane.window.room(now).min(lane.rest) {
            0 => agenda.extend(lane.window.next_acknowledgement().map(|next| Reverse((next, number)))),
            train => {
                let arrival = wire.carry(now, train) + link.rtt / 2;
                lane.window.send(now, train, arrival + link.rtt / 2);
                lane.rest -= train;
                if let Some(end) = ends.get_mut(lane.layer) {
                    *end = arrival;
                }
                agenda.push(Reverse((if lane.rest == 0 { arrival } else { now }, number)));
            }
        }
    }
    let of = |layer: &LayerSize| first_with.get(&layer.digest).and_then(|first| ends.get(*first)).copied();
    layers.iter().map(|layer| of(layer).unwrap_or(start)).collect()
}
