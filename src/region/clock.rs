//! Waiting to a tenth of a millisecond.
//!
//! The runtime's own timers count whole milliseconds, as much as a near region's packet takes one way. One
//! thread waits for all connections instead; the system wakes it within some 60 µs.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::sync::{Arc, Condvar, LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Resolves at a moment, or at once where that is past.
pub(super) fn until(deadline: Instant) -> Until {
    Until { deadline, sleeper: None }
}

/// See [`until`].
#[derive(Debug)]
pub(super) struct Until {
    deadline: Instant,
    sleeper: Option<Arc<Mutex<Waker>>>,
}

impl Future for Until {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.deadline {
            return Poll::Ready(());
        }
        if let Some(sleeper) = &self.sleeper {
            sleeper.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
            // It may have been woken with the waker that this one replaced.
            if Instant::now() >= self.deadline {
                return Poll::Ready(());
            }
        } else {
            let sleeper = Arc::new(Mutex::new(context.waker().clone()));
            CLOCK.sleep(Alarm { deadline: self.deadline, sleeper: Arc::clone(&sleeper) });
            self.sleeper = Some(sleeper);
        }
        Poll::Pending
    }
}

static CLOCK: LazyLock<&'static Clock> = LazyLock::new(|| {
    let clock: &'static Clock = Box::leak(Box::default());
    std::thread::spawn(|| clock.run());
    clock
});

#[derive(Debug, Default)]
struct Clock {
    alarms: Mutex<BinaryHeap<Alarm>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Alarm {
    deadline: Instant,
    sleeper: Arc<Mutex<Waker>>,
}

impl Clock {
    fn sleep(&self, alarm: Alarm) {
        let mut alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        let is_next = alarms.peek().is_none_or(|next| alarm.deadline < next.deadline);
        alarms.push(alarm);
        drop(alarms);
        if is_next {
            self.changed.notify_one();
        }
    }

    fn run(&self) -> ! {
        let mut alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let now = Instant::now();
            while alarms.peek().is_some_and(|next| next.deadline <= now) {
                let Some(alarm) = alarms.pop() else { break };
                alarm.sleeper.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
            }
            alarms = match alarms.peek().map(|next| next.deadline) {
                None => self.changed.wait(alarms).unwrap_or_else(PoisonError::into_inner),
                Some(next) => {
                    let rest = next.saturating_duration_since(Instant::now());
                    self.changed.wait_timeout(alarms, rest).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

/// The heap's greatest is the alarm that comes first.
impl Ord for Alarm {
    fn cmp(&self, other: &Self) -> Ordering {
        other.deadline.cmp(&self.deadline)
    }
}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.deadline == other.deadline
    }
}

impl Eq for Alarm {}
