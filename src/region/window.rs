//! The congestion window of one sender, without a clock of its own.

use std::collections::VecDeque;
use std::time::Duration;

use super::Link;
use super::link::SEGMENT;

/// A fresh connection may have ten segments in flight (RFC 6928).
const INITIAL: u64 = 10 * SEGMENT;

/// What Linux adds at least to the round trip before it calls a connection idle (`TCP_RTO_MIN`).
const IDLE_MARGIN: Duration = Duration::from_millis(200);

/// The most bytes that are sent as one: a delay is drawn and a deadline kept per such train, not per segment.
pub(super) const TRAIN: u64 = 16 * SEGMENT;

/// How much a sender may have in flight: slow start from ten segments, one byte more for each byte acknowledged, up to
/// twice what fills the link and two trains, or to what loss allows. Times are since any fixed moment.
#[derive(Debug)]
pub(super) struct Window {
    size: u64,
    initial: u64,
    ceiling: u64,
    in_flight: u64,
    /// When which bytes are acknowledged, in that order.
    acknowledgements: VecDeque<(Duration, u64)>,
    last_sent: Duration,
    idle_after: Duration,
}

impl Window {
    pub(super) fn new(link: &Link) -> Self {
        // Mathis, Semke, Mahdavi, Ott 1997: a window of sqrt(3/2) / sqrt(p) segments on average.
        let by_loss = bytes(SEGMENT) * (1.5 / link.loss.share()).sqrt();
        // Trains are acknowledged whole: with less than two beside them a slow, near link would wait between trains.
        let by_link = 2.0 * link.bandwidth_delay_product() + bytes(2 * TRAIN);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a window is far below 2^63"
        )]
        let ceiling = by_loss.min(by_link) as u64;
        let ceiling = ceiling.max(2 * SEGMENT);
        let initial = INITIAL.min(ceiling);
        Self {
            size: initial,
            initial,
            ceiling,
            in_flight: 0,
            acknowledgements: VecDeque::new(),
            last_sent: Duration::ZERO,
            idle_after: link.rtt + IDLE_MARGIN,
        }
    }

    /// The bytes that may be sent at `now`, a train at most; none where less than a segment fits.
    pub(super) fn room(&mut self, now: Duration) -> u64 {
        while let Some((at, bytes)) = self.acknowledgements.front().copied()
            && at <= now
        {
            self.acknowledgements.pop_front();
            self.in_flight -= bytes;
            self.size = (self.size + bytes).min(self.ceiling);
        }
        if self.in_flight == 0 && now > self.last_sent + self.idle_after {
            self.size = self.initial;
        }
        let room = self.size.saturating_sub(self.in_flight);
        if room < SEGMENT { 0 } else { room.min(TRAIN) }
    }

    /// When the next bytes are acknowledged, if any are in flight.
    pub(super) fn next_acknowledgement(&self) -> Option<Duration> {
        self.acknowledgements.front().map(|(at, _)| *at)
    }

    /// Takes note of bytes sent at `now`, acknowledged at `acknowledged`. Later calls have later times.
    pub(super) fn send(&mut self, now: Duration, bytes: u64, acknowledged: Duration) {
        self.in_flight += bytes;
        self.last_sent = now;
        self.acknowledgements.push_back((acknowledged, bytes));
    }
}

/// One direction of a link: what it carries goes one after the other.
#[derive(Debug)]
pub(super) struct Wire {
    free: Duration,
    payload_per_second: f64,
}

impl Wire {
    pub(super) fn new(link: &Link) -> Self {
        Self { free: Duration::ZERO, payload_per_second: link.bandwidth.payload_per_second() }
    }

    /// When the last of `count` bytes, ready at `now`, has left.
    pub(super) fn carry(&mut self, now: Duration, count: u64) -> Duration {
        self.free = self.free.max(now) + Duration::from_secs_f64(bytes(count) / self.payload_per_second);
        self.free
    }
}

#[expect(clippy::cast_precision_loss, reason = "a window is far below 2^53 bytes")]
fn bytes(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Bandwidth, Link};
    use super::{INITIAL, SEGMENT, TRAIN, Window, Wire};

    fn link() -> Link {
        Link::new(Duration::from_millis(100), Bandwidth::from_mbit(100))
    }

    /// Sends all there is room for at `now`, acknowledged a round trip later.
    fn fill(window: &mut Window, now: Duration) -> u64 {
        let mut sent = 0;
        loop {
            let room = window.room(now);
            if room == 0 {
                return sent;
            }
            window.send(now, room, now + Duration::from_millis(100));
            sent += room;
        }
    }

    #[test]
    fn a_window_doubles_each_round_trip_up_to_twice_what_fills_the_link() {
        let mut window = Window::new(&link());
        let sent: Vec<u64> =
            (0..9).map(|round| fill(&mut window, Duration::from_millis(100 * round))).collect();
        assert_eq!(sent[..4], [INITIAL, 2 * INITIAL, 4 * INITIAL, 8 * INITIAL]);
        let full = 2 * 1_206_666 + 2 * TRAIN;
        assert!(sent[8].abs_diff(full) < TRAIN, "{sent:?}");
    }

    #[test]
    fn an_idle_window_starts_again() {
        let mut window = Window::new(&link());
        fill(&mut window, Duration::ZERO);
        assert_eq!(fill(&mut window, Duration::from_millis(250)), 2 * INITIAL);
        assert_eq!(fill(&mut window, Duration::from_millis(250 + 301)), INITIAL);
    }

    #[test]
    fn loss_caps_the_window_as_mathis_has_it() {
        let mut window = Window::new(&Link { loss: "1%".parse().unwrap(), ..link() });
        let sent: Vec<u64> =
            (0..9).map(|round| fill(&mut window, Duration::from_millis(100 * round))).collect();
        let mathis = 12.247 * 1448.0;
        assert!(
            (f64::from(u32::try_from(sent[8]).unwrap()) - mathis).abs()
                <= f64::from(u32::try_from(SEGMENT).unwrap())
        );
    }

    #[test]
    fn a_wire_carries_one_thing_after_the_other() {
        let mut wire = Wire::new(&link());
        let first = wire.carry(Duration::from_secs(1), 1_206_667);
        let second = wire.carry(Duration::from_secs(1), 1_206_667);
        assert!(first.abs_diff(Duration::from_millis(1100)) < Duration::from_micros(1));
        assert!(second.abs_diff(Duration::from_millis(1200)) < Duration::from_micros(1));
    }
}
