//! The value of the objective, by variant and region.

use std::collections::{BTreeMap, BTreeSet};

use super::objective::{Objective, Term};
use crate::bench::observations::{Blocks, Cell};
use crate::bench::quantity::Kind;
use crate::bench::statistics::median;

/// The objective of one variant in one region (in none, for an objective that is not by region).
#[derive(Debug, Clone)]
pub(super) struct Score {
    pub(super) region: Option<String>,
    pub(super) blocks: Blocks,
    pub(super) median: f64,
    /// The kinds of the samples that went in.
    pub(super) kinds: BTreeSet<Kind>,
}

/// The objective's value in each block of `variant` in `region`. A term that is not by region counts with its median
/// in every block. None where a term was not sampled, or no block has all of them.
pub(super) fn score(
    cells: &BTreeMap<Cell<'_>, Blocks>,
    objective: &Objective,
    variant: &str,
    region: Option<&str>,
) -> Option<Score> {
    let mut kinds = BTreeSet::new();
    let mut constant = 0.0;
    let mut sum: Option<Blocks> = None;
    for Term { weight, quantity } in objective.terms() {
        let place = if quantity.per_region() { region } else { None };
        let (kind, blocks) = [Kind::Measured, Kind::Emulated, Kind::Predicted]
            .into_iter()
            .find_map(|kind| Some((kind, cells.get(&Cell { variant, region: place, quantity, kind })?)))?;
        kinds.insert(kind);
        if objective.per_region() && !quantity.per_region() {
            let values: Vec<f64> = blocks.values().copied().collect();
            constant += weight * median(&values)?;
            continue;
        }
        let weighted = |block: &u32| blocks.get(block).map(|value| weight * value);
        sum = Some(match sum {
            None => blocks.iter().map(|(block, value)| (*block, weight * value)).collect(),
            Some(sum) => {
                sum.iter().filter_map(|(block, so_far)| Some((*block, so_far + weighted(block)?))).collect()
            }
        });
    }
    let blocks: Blocks = sum?.into_iter().map(|(block, value)| (block, constant + value)).collect();
    let values: Vec<f64> = blocks.values().copied().collect();
    Some(Score { region: region.map(str::to_owned), median: median(&values)?, blocks, kinds })
}
