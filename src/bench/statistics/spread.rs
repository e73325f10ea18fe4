//! The spread that the cells of a run have in common, for runs of few blocks.
//!
//! Three values of one cell say next to nothing of how they scatter, but the cells of a run scatter alike: the same host,
//! the same minutes, the same steps, and times scatter in proportion to themselves. So the logarithms' residuals of
//! all cells together give one estimate with many degrees of freedom, as an analysis of variance does, and Student's
//! quantile for those makes the interval.

use super::interval::LEVEL;
use super::small_sample::{normal_quantile, student_quantile};

/// Fewer degrees of freedom than these are no estimate to build on.
const MIN_DEGREES: usize = 8;

/// What a median of normal values scatters more than their mean: the square root of pi/2, for large samples. Smaller
/// samples have less, so the interval is rather too wide than too narrow.
const MEDIAN_OVER_MEAN: f64 = 1.253_314;

/// The common standard deviation of the logarithms of cells, and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    deviation: f64,
    degrees: f64,
}

impl Spread {
    /// The spread of `cells`, each the values of one variant in one region. None where they are too few to tell. What
    /// drifts from block to block counts as spread, so drift makes intervals wider, never wrong.
    pub fn of_cells<'a>(cells: impl IntoIterator<Item = &'a [f64]>) -> Option<Self> {
        let (mut squares, mut degrees) = (0.0, 0_usize);
        for cell in cells {
            let logarithms: Vec<f64> = cell
                .iter()
                .filter(|value| **value > 0.0 && value.is_finite())
                .map(|value| value.ln())
                .collect();
            let count = count(logarithms.len());
            if logarithms.len() < 2 {
                continue;
            }
            let mean = logarithms.iter().sum::<f64>() / count;
            squares += logarithms.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
            degrees += logarithms.len() - 1;
        }
        let known = count(degrees);
        (degrees >= MIN_DEGREES).then(|| Self { deviation: (squares / known).sqrt(), degrees: known })
    }

    /// Half the width of the interval of a median of `n` logarithms.
    pub(super) fn half_width(&self, n: usize) -> f64 {
        let quantile = student_quantile(normal_quantile(f64::midpoint(1.0, LEVEL)), self.degrees);
        quantile * MEDIAN_OVER_MEAN * self.deviation / count(n).sqrt()
    }

    /// Half the width of the interval of a median of `n` differences of two logarithms.
    pub(super) fn half_width_of_ratio(&self, n: usize) -> f64 {
        self.half_width(n) * std::f64::consts::SQRT_2
    }
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::Spread;
    use crate::bench::statistics::{Basis, interval_of_median};

    /// A value about `median` whose logarithm is nearly normal with deviation 0.1: the sum of twelve uniform ones.
    fn draw(random: &mut ChaCha8Rng, median: f64) -> f64 {
        let normal: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        median * (0.1 * normal).exp()
    }

    #[test]
    fn intervals_of_three_blocks_hold_the_true_median_at_least_as_often_as_they_say() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let (mut held, mut all) = (0, 0);
        for _ in 0..300 {
            let medians = [1.0, 2.0, 5.0, 3.0, 8.0, 1.5, 4.0, 6.0, 2.5];
            let cells: Vec<Vec<f64>> =
                medians.iter().map(|median| (0..3).map(|_| draw(&mut random, *median)).collect()).collect();
            let spread = Spread::of_cells(cells.iter().map(Vec::as_slice)).unwrap();
            for (cell, median) in cells.iter().zip(medians) {
                let interval = interval_of_median(cell, 1, Some(&spread)).unwrap();
                assert_eq!(interval.basis, Basis::Pooled);
                held += i32::from(interval.low <= median && median <= interval.high);
                all += 1;
            }
        }
        let share = f64::from(held) / f64::from(all);
        assert!((0.945..0.99).contains(&share), "{share}");
    }

    #[test]
    fn too_few_values_have_no_common_spread() {
        let pairs: [&[f64]; 3] = [&[1.0, 1.1], &[2.0, 2.1], &[3.0]];
        assert_eq!(Spread::of_cells(pairs), None);
    }
}
