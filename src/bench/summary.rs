//! What the samples of one quantity say together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::observations::{Blocks, Cell, observations};
use super::quantity::{Kind, Quantity, Unit};
use super::sample::Sample;
use super::statistics::{Basis, Spread, interval_of_median, median, outliers};

/// The median of one quantity of one variant in one region, with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The variant's name.
    pub variant: String,
    /// The region's name, for a quantity that is sampled by region.
    pub region: Option<String>,
    /// What was measured.
    pub quantity: Quantity,
    /// The number of blocks with a value.
    pub n: usize,
    /// The median over the blocks.
    pub median: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
    /// The unit of the three.
    pub unit: Unit,
    /// How the values came about.
    pub kind: Kind,
    /// What the interval's ends say.
    pub basis: Basis,
    /// How many values are so far from the median that something else happened then. They are in the median.
    pub outliers: usize,
}

/// One summary for each variant, region, quantity and kind that has samples, in that order. The order of the samples
/// does not matter.
pub fn summarise(samples: &[Sample], seed: u64) -> Vec<Summary> {
    let observed = observations(samples);
    let mut cells: BTreeMap<(Quantity, Kind), Vec<Vec<f64>>> = BTreeMap::new();
    for (cell, blocks) in &observed {
        cells.entry((cell.quantity, cell.kind)).or_default().push(blocks.values().copied().collect());
    }
    let spreads: BTreeMap<(Quantity, Kind), Spread> = cells
        .iter()
        .filter_map(|(what, cells)| Some((*what, Spread::of_cells(cells.iter().map(Vec::as_slice))?)))
        .collect();
    observed
        .iter()
        .filter_map(|(cell, blocks)| of_cell(cell, blocks, seed, spreads.get(&(cell.quantity, cell.kind))))
        .collect()
}

fn of_cell(cell: &Cell<'_>, blocks: &Blocks, seed: u64, spread: Option<&Spread>) -> Option<Summary> {
    let values: Vec<f64> = blocks.values().copied().collect();
    let interval = interval_of_median(&values, seed, spread)?;
    Some(Summary {
        variant: cell.variant.to_owned(),
        region: cell.region.map(str::to_owned),
        quantity: cell.quantity,
        n: values.len(),
        median: median(&values)?,
        low: interval.low,
        high: interval.high,
        unit: cell.quantity.unit(),
        kind: cell.kind,
        basis: interval.basis,
        outliers: outliers(&values).len(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Summary, summarise};
    use crate::bench::statistics::Basis;
    use crate::bench::{Kind, Quantity, Sample};

    fn sample(variant: &str, region: &str, block: u32, value: f64) -> Sample {
        Sample {
            variant: variant.to_owned(),
            region: Some(region.to_owned()),
            quantity: Quantity::ServeCold,
            block,
            value,
            kind: Kind::Emulated,
        }
    }

    fn only(samples: &[Sample]) -> Summary {
        let [summary] = summarise(samples, 1).try_into().unwrap();
        summary
    }

    #[test]
    fn seven_blocks_give_a_median_with_an_interval() {
        let values = [1.0, 1.2, 1.1, 0.9, 1.3, 1.05, 1.15];
        let samples: Vec<Sample> =
            (0..).zip(values).map(|(block, value)| sample("a", "x", block, value)).collect();
        let summary = only(&samples);
        assert_eq!((summary.n, summary.median, summary.basis), (7, 1.1, Basis::Bootstrap));
        assert!(summary.low <= 1.1 && summary.high >= 1.1);
    }

    #[test]
    fn a_block_measured_twice_weighs_as_much_as_any_other() {
        let summary = only(&[sample("a", "x", 0, 1.0), sample("a", "x", 0, 3.0), sample("a", "x", 1, 8.0)]);
        assert_eq!((summary.n, summary.median), (2, 5.0));
    }

    #[test]
    fn variants_regions_and_kinds_are_summarised_apart() {
        let mut other = sample("a", "x", 0, 1.0);
        other.kind = Kind::Predicted;
        let samples = [sample("b", "x", 0, 1.0), sample("a", "y", 0, 1.0), sample("a", "x", 0, 1.0), other];
        let cells: Vec<String> = summarise(&samples, 1)
            .iter()
            .map(|summary| format!("{} {:?} {}", summary.variant, summary.region, summary.kind))
            .collect();
        assert_eq!(
            cells,
            [
                r#"a Some("x") emulated"#,
                r#"a Some("x") predicted"#,
                r#"a Some("y") emulated"#,
                r#"b Some("x") emulated"#
            ]
        );
    }
}
