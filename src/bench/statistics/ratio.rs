//! How much slower one variant is than another, from samples taken side by side.

use serde::{Deserialize, Serialize};

use super::interval::{Basis, Interval, MIN_FOR_BOOTSTRAP, interval_of_median};
use super::median::median;
use super::spread::Spread;

/// A ratio of two variants' values, with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The number of pairs.
    pub n: usize,
    /// The median ratio: 0.5 is half the time.
    pub median: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
    /// What the interval's ends say.
    pub basis: Basis,
}

impl Ratio {
    /// Whether the interval lies wholly on one side of 1. Two names for one variant should not do this: a run in
    /// which they do is void.
    pub fn excludes_one(&self) -> bool {
        self.low > 1.0 || self.high < 1.0
    }

    /// How far from 1 the median ratio is, either way, as a share. Of two names for one variant it is the run's
    /// noise floor, below which no difference means anything.
    pub fn distance_from_one(&self) -> f64 {
        self.median.max(1.0 / self.median) - 1.0
    }
}

/// The ratio of the first to the second of each pair. A pair is of one block, so that what slowed the block slowed
/// both and falls out. The median and interval are of the logarithms, so that which of the two is first does not
/// matter. Pairs with a value of zero or less are left out; none where no pair remains.
///
/// Fewer than [`MIN_FOR_BOOTSTRAP`] pairs get their interval from the `spread` of all cells, where there is one.
pub fn paired_ratio(pairs: &[(f64, f64)], seed: u64, spread: Option<&Spread>) -> Option<Ratio> {
    let logarithms: Vec<f64> = pairs
        .iter()
        .filter(|(value, other)| *value > 0.0 && *other > 0.0)
        .map(|(value, other)| (value / other).ln())
        .filter(|logarithm| logarithm.is_finite())
        .collect();
    let middle = median(&logarithms)?;
    let interval = match spread {
        Some(spread) if logarithms.len() < MIN_FOR_BOOTSTRAP => {
            let half = spread.half_width_of_ratio(logarithms.len());
            Interval { low: middle - half, high: middle + half, basis: Basis::Pooled }
        }
        _ => interval_of_median(&logarithms, seed, None)?,
    };
    Some(Ratio {
        n: logarithms.len(),
        median: middle.exp(),
        low: interval.low.exp(),
        high: interval.high.exp(),
        basis: interval.basis,
    })
}

#[cfg(test)]
mod tests {
    use super::paired_ratio;
    use crate::bench::statistics::interval_of_median;

    #[track_caller]
    fn assert_near(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
    }

    #[test]
    fn drift_that_hits_both_of_a_pair_falls_out() {
        let drift = [1.0, 2.0, 1.5, 4.0, 3.0, 1.2, 2.5];
        let pairs = drift.map(|factor| (2.0 * factor, factor));
        let ratio = paired_ratio(&pairs, 3, None).unwrap();
        for value in [ratio.median, ratio.low, ratio.high] {
            assert_near(value, 2.0);
        }
        assert!(ratio.excludes_one());
        assert_near(ratio.distance_from_one(), 1.0);
        let alone = interval_of_median(&drift, 3, None).unwrap();
        assert!(alone.high / alone.low > 1.5, "the drift is there: {alone:?}");
    }

    #[test]
    fn the_ratio_turned_round_is_the_reciprocal() {
        let pairs = [(1.0, 1.1), (1.2, 1.0), (0.9, 1.0), (1.0, 1.3), (1.05, 1.0), (1.1, 1.2), (1.0, 0.8)];
        let turned = pairs.map(|(value, other)| (other, value));
        let (ratio, turned) =
            (paired_ratio(&pairs, 3, None).unwrap(), paired_ratio(&turned, 3, None).unwrap());
        assert_near(ratio.median * turned.median, 1.0);
        assert!(!ratio.excludes_one());
        assert_near(ratio.distance_from_one(), turned.distance_from_one());
    }

    #[test]
    fn values_of_zero_make_no_pair() {
        assert_eq!(paired_ratio(&[(0.0, 1.0), (1.0, 0.0)], 3, None), None);
        assert_eq!(paired_ratio(&[(0.0, 1.0), (3.0, 2.0)], 3, None).unwrap().n, 1);
    }
}
