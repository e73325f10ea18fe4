//! How well a median is known.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::median::median;
use super::small_sample::tail;
use super::spread::Spread;

/// The confidence level of every interval.
pub const LEVEL: f64 = 0.95;

/// Fewer values than these say too little for an interval; then the range stands in.
pub const MIN_FOR_BOOTSTRAP: usize = 7;

/// Resamples of one bootstrap. The ends are values of the sample, or lie midway between two, and more resamples hardly
/// ever choose others.
const RESAMPLES: usize = 2000;

/// The two ends within which a median lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// What the ends say.
    pub basis: Basis,
}

/// What the ends of an interval say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// A 95 % confidence interval of the median, by the bootstrap.
    #[serde(rename = "bootstrap-95")]
    Bootstrap,
    /// A 95 % confidence interval of the median by the spread of all cells together, this one having too few values
    /// for a bootstrap.
    #[serde(rename = "pooled-95")]
    Pooled,
    /// The least and the greatest value, there being too few for an interval.
    #[serde(rename = "range")]
    Range,
}

/// The interval of the median of `values`, one from each block: the percentile bootstrap, with its tails widened for
/// small samples so that it holds the true median as often as it says. The order of the values does not matter, and
/// the same values and seed give the same interval. None for no values.
///
/// Fewer than [`MIN_FOR_BOOTSTRAP`] values get their interval from the `spread` that they share with other cells, or
/// their range where there is none.
pub fn interval_of_median(values: &[f64], seed: u64, spread: Option<&Spread>) -> Option<Interval> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (least, greatest) = (*sorted.first()?, *sorted.last()?);
    if sorted.len() < MIN_FOR_BOOTSTRAP {
        if let (Some(spread), true, Some(median)) = (spread, least > 0.0, median(&sorted)) {
            let factor = spread.half_width(sorted.len()).exp();
            return Some(Interval { low: median / factor, high: median * factor, basis: Basis::Pooled });
        }
        return Some(Interval { low: least, high: greatest, basis: Basis::Range });
    }
    let medians = resampled_medians(&sorted, seed);
    let cut = rank_of(tail(LEVEL, sorted.len()));
    let (low, high) = (medians.get(cut), medians.iter().rev().nth(cut));
    Some(Interval {
        low: low.copied().unwrap_or(least),
        high: high.copied().unwrap_or(greatest),
        basis: Basis::Bootstrap,
    })
}

/// The medians of resamples with replacement, in ascending order.
fn resampled_medians(sorted: &[f64], seed: u64) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = vec![0_usize; sorted.len()];
    let mut medians = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        drawn.fill(0);
        for _ in sorted {
            if let Some(times) = drawn.get_mut(random.random_range(0..sorted.len())) {
                *times += 1;
            }
        }
        medians.extend(median_of_drawn(sorted, &drawn));
    }
    medians.sort_by(f64::total_cmp);
    medians
}

/// The median of a resample, given how often each value was drawn: no sorting, as the values are sorted already.
fn median_of_drawn(sorted: &[f64], drawn: &[usize]) -> Option<f64> {
    let mut seen = 0;
    let mut lower = None;
    for (value, times) in sorted.iter().zip(drawn) {
        seen += times;
        if lower.is_none() && 2 * seen >= sorted.len() {
            lower = Some(*value);
        }
        if 2 * seen > sorted.len() {
            return lower.map(|lower| f64::midpoint(lower, *value));
        }
    }
    lower
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a tail is within 0 and 1"
)]
fn rank_of(tail: f64) -> usize {
    (tail * RESAMPLES as f64) as usize
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::{Basis, interval_of_median};

    /// A standard normal value (Box and Muller).
    fn normal(random: &mut ChaCha8Rng) -> f64 {
        let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// The share of 200 experiments of `n` values whose interval holds the true median.
    fn coverage(n: usize, true_median: f64, mut value: impl FnMut(&mut ChaCha8Rng) -> f64) -> f64 {
        let mut random = ChaCha8Rng::seed_from_u64(n as u64);
        let held = (0..200).filter(|seed| {
            let values: Vec<f64> = (0..n).map(|_| value(&mut random)).collect();
            let interval = interval_of_median(&values, *seed, None).unwrap();
            (interval.low..=interval.high).contains(&true_median)
        });
        f64::from(u32::try_from(held.count()).unwrap()) / 200.0
    }

    #[test]
    fn the_interval_holds_the_true_median_about_as_often_as_it_says() {
        for n in [7, 16] {
            let symmetric = coverage(n, 5.0, |random| 5.0 + normal(random));
            let skewed = coverage(n, 1.0, |random| normal(random).exp());
            for share in [symmetric, skewed] {
                assert!((0.925..=0.995).contains(&share), "{share} of the intervals of {n} values hold it");
            }
        }
    }

    #[test]
    fn fewer_than_seven_values_give_their_range_and_say_so() {
        let interval = interval_of_median(&[3.0, 1.0, 2.0], 1, None).unwrap();
        assert_eq!((interval.low, interval.high, interval.basis), (1.0, 3.0, Basis::Range));
        assert_eq!(interval_of_median(&[], 1, None), None);
    }

    #[test]
    fn an_interval_depends_on_the_values_and_the_seed_and_not_on_the_order() {
        let values = [1.1, 0.9, 1.0, 1.3, 0.8, 1.2, 1.05, 0.95, 1.02, 1.4];
        let mut turned = values;
        turned.reverse();
        assert_eq!(interval_of_median(&values, 7, None), interval_of_median(&turned, 7, None));
        assert_eq!(interval_of_median(&values, 7, None), interval_of_median(&values, 7, None));
    }

    #[test]
    fn one_wild_value_among_ten_does_not_widen_the_interval_to_it() {
        let interval =
            interval_of_median(&[1.0, 1.01, 0.99, 1.02, 0.98, 1.0, 1.01, 0.99, 1.0, 60.0], 7, None).unwrap();
        assert!(interval.high < 1.1, "{interval:?}");
    }
}
