//! What a finding costs, as the reports show it.

use std::time::Duration;

use crate::bytes::Bytes;

/// What a finding costs. What can't be told is none; a finding of which nothing can be told has no impact at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Impact {
    /// Bytes in the image, unpacked.
    pub bytes: Option<Bytes>,
    /// How much longer a build takes after a change.
    pub rebuild: Option<Duration>,
    /// How much longer a pull takes over the [reference link](super::REFERENCE_LINK).
    pub pull: Option<Duration>,
    /// How much longer a container takes until it serves.
    pub start: Option<Duration>,
    /// How near the figures are.
    pub precision: Precision,
    /// Where they come from.
    pub basis: String,
    /// What is wasted, and the index of the instruction that wastes it: findings that share it are about the same
    /// bytes or seconds.
    pub(super) object: (usize, Kind),
}

/// How near a figure is to what will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// Counted or measured.
    Exact,
    /// Reckoned from a table.
    About,
    /// A bound: it can be less.
    AtMost,
}

/// The kinds of what is wasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Files,
    Lists,
    Packages,
    Cache,
    Layer,
    Base,
    Work,
    Start,
}

impl Precision {
    /// The name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::About => "about",
            Self::AtMost => "at-most",
        }
    }
}

impl Impact {
    /// So many bytes of the image, and how that is known.
    pub fn of_bytes(bytes: Bytes, basis: impl Into<String>) -> Self {
        Self {
            bytes: Some(bytes),
            rebuild: None,
            pull: None,
            start: None,
            precision: Precision::About,
            basis: basis.into(),
            object: (0, Kind::Files),
        }
    }

    /// What it adds to the time from a change until a region serves it: the rebuild, the pull and the start together.
    pub fn time(&self) -> Option<Duration> {
        let parts = [self.rebuild, self.pull, self.start];
        parts.into_iter().flatten().reduce(|sum, part| sum + part)
    }
}
