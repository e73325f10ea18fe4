//! What findings cost together, each byte and second counted once.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bytes::Bytes;
use crate::lint::Diagnostic;

use super::Precision;

/// What all findings of some files cost together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// Bytes in the images.
    pub bytes: Bytes,
    /// Of the rebuilds.
    pub rebuild: Duration,
    /// Of the pulls.
    pub pull: Duration,
    /// Of the starts.
    pub start: Duration,
    /// How many findings are in it.
    pub findings: usize,
}

impl Total {
    /// Adds what the findings of one file cost. Bounds are left out, and of those that are about the same thing the
    /// dearest counts.
    pub fn add(&mut self, findings: &[Diagnostic]) {
        let mut objects = BTreeMap::new();
        let impacts = findings.iter().filter_map(|found| found.impact.as_ref());
        for impact in impacts.filter(|impact| impact.precision != Precision::AtMost) {
            let object = objects.entry(impact.object).or_insert_with(Self::default);
            object.bytes = object.bytes.max(impact.bytes.unwrap_or_default());
            object.rebuild = object.rebuild.max(impact.rebuild.unwrap_or_default());
            object.pull = object.pull.max(impact.pull.unwrap_or_default());
            object.start = object.start.max(impact.start.unwrap_or_default());
            self.findings += 1;
        }
        for object in objects.values() {
            self.bytes += object.bytes;
            self.rebuild += object.rebuild;
            self.pull += object.pull;
            self.start += object.start;
        }
    }
}
