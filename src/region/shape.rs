//! A link that is being used: its two directions, shared by all connections of a region.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Link;
use super::window::{Window, Wire};

/// One region's link in use.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) link: Link,
    start: Instant,
    up: Mutex<Wire>,
    down: Mutex<Wire>,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Direction {
    /// From the engine to the registry.
    Up,
    /// From the registry to the engine.
    Down,
}

/// One direction of one connection.
#[derive(Debug)]
pub(super) struct Flow {
    direction: Direction,
    window: Window,
    /// Bytes arrive in the order in which they left, whatever jitter draws.
    last_arrival: Duration,
}

impl Shape {
    pub(super) fn new(link: Link) -> Self {
        Self {
            link,
            start: Instant::now(),
            up: Mutex::new(Wire::new(&link)),
            down: Mutex::new(Wire::new(&link)),
        }
    }

    pub(super) fn flow(&self, direction: Direction) -> Flow {
        Flow { direction, window: Window::new(&self.link), last_arrival: Duration::ZERO }
    }

    fn since_start(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.start)
    }

    /// A packet's way in one direction.
    fn delay(&self) -> Duration {
        let half = self.link.rtt / 2;
        if self.link.jitter.is_zero() {
            return half;
        }
        // Each direction takes half the round trip's jitter.
        let spread = self.link.jitter / 2;
        (half + spread.mul_f64(2.0 * rand::random::<f64>())).saturating_sub(spread)
    }
}

impl Flow {
    /// The bytes that may be sent now, or the moment from which more may be.
    pub(super) fn room(&mut self, shape: &Shape, now: Instant) -> Result<usize, Instant> {
        match self.window.room(shape.since_start(now)) {
            0 => Err(shape.start + self.window.next_acknowledgement().unwrap_or_default()),
            room => Ok(usize::try_from(room).unwrap_or(usize::MAX)),
        }
    }

    /// Sends bytes that left the sender at `sent`, and gives the moment when they arrive.
    pub(super) fn send(&mut self, shape: &Shape, sent: Instant, bytes: usize) -> Instant {
        let (sent, bytes) = (shape.since_start(sent), bytes as u64);
        let wire = match self.direction {
            Direction::Up => &shape.up,
            Direction::Down => &shape.down,
        };
        let left = wire.lock().unwrap_or_else(PoisonError::into_inner).carry(sent, bytes);
        let arrival = self.last_arrival.max(left + shape.delay());
        self.last_arrival = arrival;
        self.window.send(sent, bytes, arrival + shape.link.rtt / 2);
        shape.start + arrival
    }
}
