//! The layers that the last run of `plimsoll bench` measured, as far as they are those of the file at hand.

use crate::bytes::Bytes;
use crate::facts::Fact;
use crate::lint::Input;

/// What a run measured of a Dockerfile as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasuredRun {
    /// The run's id.
    pub id: String,
    /// The layers that its instructions left.
    pub layers: Vec<MeasuredLayer>,
}

/// A layer of such an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasuredLayer {
    /// The instruction that left it, as it was written.
    pub instruction: String,
    /// The line it stood in, from 1.
    pub line: usize,
    /// What a pull downloads.
    pub compressed: Bytes,
    /// The size of its tar.
    pub uncompressed: Bytes,
}

impl MeasuredLayer {
    /// How much of a part of it a pull downloads, if it packs like the whole.
    pub(super) fn packed(&self, bytes: Bytes) -> Bytes {
        let share = self.compressed.as_f64() / self.uncompressed.as_f64().max(1.0);
        super::figures::scaled(bytes, share)
    }
}

/// The layer that the instruction left in the last run, and the run: the instruction has to say what it said then. Of
/// several that say the same, the one in the same line.
pub(super) fn layer<'a>(input: &Input<'a>, fact: &Fact<'_>) -> Option<(&'a MeasuredRun, &'a MeasuredLayer)> {
    let run = input.measured?;
    let text = input.source.slice(fact.instruction.range);
    let line = input.source.line_column(fact.instruction.range.start()).line;
    let mut same = run.layers.iter().filter(|layer| layer.instruction == text);
    let first = same.clone().next()?;
    let is_only = same.clone().count() == 1;
    let found = same.find(|layer| layer.line == line).or(is_only.then_some(first))?;
    Some((run, found))
}
