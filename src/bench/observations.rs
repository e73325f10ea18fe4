//! Samples, grouped so that blocks can be compared.

use std::collections::BTreeMap;

use super::quantity::{Kind, Quantity};
use super::sample::Sample;
use super::statistics::median;

/// What was sampled of one quantity: where, and of which kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell<'a> {
    pub(super) variant: &'a str,
    pub(super) region: Option<&'a str>,
    pub(super) quantity: Quantity,
    pub(super) kind: Kind,
}

/// One value for each block.
pub(super) type Blocks = BTreeMap<u32, f64>;

/// The samples by cell and block, whatever order they came in. Several samples of one block count as one, their
/// median, so that every block weighs the same.
pub(super) fn observations(samples: &[Sample]) -> BTreeMap<Cell<'_>, Blocks> {
    let mut values: BTreeMap<Cell<'_>, BTreeMap<u32, Vec<f64>>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.value.is_finite()) {
        let cell = Cell {
            variant: &sample.variant,
            region: sample.region.as_deref(),
            quantity: sample.quantity,
            kind: sample.kind,
        };
        values.entry(cell).or_default().entry(sample.block).or_default().push(sample.value);
    }
    let of_block = |(block, values): (u32, Vec<f64>)| Some((block, median(&values)?));
    values
        .into_iter()
        .map(|(cell, blocks)| (cell, blocks.into_iter().filter_map(of_block).collect()))
        .collect()
}
