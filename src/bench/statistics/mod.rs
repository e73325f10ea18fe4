//! Statistics of few, noisy samples: medians, their intervals, ratios of paired samples.
//!
//! Everything is a pure function of its values and a seed. Values that are not finite are no values.

mod interval;
mod median;
mod ratio;
mod small_sample;
mod spread;

pub use interval::{Basis, Interval, LEVEL, MIN_FOR_BOOTSTRAP, interval_of_median};
pub use median::{median, median_absolute_deviation, outliers};
pub use ratio::{Ratio, paired_ratio};
pub use spread::Spread;
