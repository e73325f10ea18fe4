//! The median, the spread around it, and the values far outside.

/// A value is flagged that lies more than this many median absolute deviations from the median: a modified z-score
/// over 10, since 0.6745 of a normal distribution's standard deviation is its median absolute deviation
/// (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993).
const OUTLIER_DEVIATIONS: f64 = 14.8;

/// Of fewer values than these, two that happen to lie close together make an outlier of any third.
const MIN_FOR_OUTLIERS: usize = 6;

/// The middle value, or the mean of the two middle ones. None for no values.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get((sorted.len() / 2).checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// The median of the distances to the median. None for no values.
pub fn median_absolute_deviation(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    median(&distances)
}

/// The indices of the values that are so far from the median that something else happened while they were taken.
/// Such values are told to the reader and kept. Where half the values are equal, or there are fewer than
/// six, there is no spread to judge by, and none is flagged.
pub fn outliers(values: &[f64]) -> Vec<usize> {
    let (Some(middle), Some(deviation)) = (median(values), median_absolute_deviation(values)) else {
        return Vec::new();
    };
    if values.len() < MIN_FOR_OUTLIERS {
        return Vec::new();
    }
    let far = |value: f64| deviation > 0.0 && (value - middle).abs() / deviation > OUTLIER_DEVIATIONS;
    values.iter().enumerate().filter(|(_, value)| far(**value)).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::{median, median_absolute_deviation, outliers};

    #[test]
    fn the_median_is_the_middle_of_any_order() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(&[9.0, 1.0, 4.0, 5.0]), Some(4.5));
        assert_eq!(median(&[1.0, f64::NAN, 3.0, 2.0]), Some(2.0));
    }

    #[test]
    fn the_deviation_is_the_median_distance() {
        assert_eq!(median_absolute_deviation(&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), Some(1.0));
    }

    #[test]
    fn three_values_have_no_outlier() {
        assert_eq!(outliers(&[1.00, 1.001, 1.2]), [0_usize; 0]);
    }

    #[test]
    fn one_stalled_pull_is_flagged_and_an_ordinary_spread_is_not() {
        assert_eq!(outliers(&[1.00, 1.02, 0.99, 9.0, 1.01, 0.98]), [3]);
        assert_eq!(outliers(&[1.00, 1.02, 0.99, 1.1, 1.01, 0.98]), [0_usize; 0]);
        assert_eq!(outliers(&[5.0, 5.0, 5.0, 6.0]), [0_usize; 0]);
    }
}
