//! How figures are written: three significant digits, one unit for a value and its interval.

use std::time::Duration;

use crate::bench::Unit;

/// A value in its unit: `840 ms`, `1.23 s`, `12.3 MB`, `7`.
pub fn value(value: f64, unit: Unit) -> String {
    let scale = Scale::of(value, unit);
    format!("{}{}", scale.number(value), scale.suffix)
}

/// The ends of an interval in the unit and precision that [`value`] gives the median: `[1.20, 1.27]`.
pub fn interval(median: f64, low: f64, high: f64, unit: Unit) -> String {
    let scale = Scale::of(median, unit);
    format!("[{}, {}]", scale.number(low), scale.number(high))
}

/// A factor: `×0.42`, `×13`.
pub fn ratio(factor: f64) -> String {
    format!("×{}", digits(factor, factor))
}

/// The ends of a factor's interval: `[0.40, 0.45]`.
pub fn ratio_interval(factor: f64, low: f64, high: f64) -> String {
    format!("[{}, {}]", digits(low, factor), digits(high, factor))
}

/// A number of things: `1 region`, `3 regions`, `2 registries`.
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

/// A time span that people wait for: `850 ms`, `12.3 s`, `5 min 31 s`, `2 h 5 min`.
pub fn span(span: Duration) -> String {
    match span.as_secs() {
        0..60 => value(span.as_secs_f64(), Unit::Seconds),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A link's rate, from bits per second: `150 Mbit/s`, `1 Gbit/s`.
pub fn bandwidth(bits: u64) -> String {
    let (divisor, suffix) = match bits {
        0..1_000_000 => (1_000, "kbit/s"),
        1_000_000..1_000_000_000 => (1_000_000, "Mbit/s"),
        _ => (1_000_000_000, "Gbit/s"),
    };
    let (whole, tenths) = (bits / divisor, bits % divisor * 10 / divisor);
    if tenths == 0 { format!("{whole} {suffix}") } else { format!("{whole}.{tenths} {suffix}") }
}

/// How a number is written: divided, with so many decimals and a unit.
struct Scale {
    divisor: f64,
    decimals: usize,
    suffix: &'static str,
}

impl Scale {
    /// The scale at which `value` has three digits.
    fn of(value: f64, unit: Unit) -> Self {
        let (divisor, suffix) = match unit {
            Unit::Seconds if value < 0.9995 => (1e-3, " ms"),
            Unit::Seconds => (1.0, " s"),
            Unit::Bytes if value < 999.5 => return Self { divisor: 1.0, decimals: 0, suffix: " B" },
            Unit::Bytes if value < 999.5e3 => (1e3, " kB"),
            Unit::Bytes if value < 999.5e6 => (1e6, " MB"),
            Unit::Bytes => (1e9, " GB"),
            Unit::Count => return Self { divisor: 1.0, decimals: 0, suffix: "" },
        };
        Self { divisor, decimals: decimals(value / divisor), suffix }
    }

    fn number(&self, value: f64) -> String {
        format!("{:.*}", self.decimals, value / self.divisor)
    }
}

fn digits(number: f64, like: f64) -> String {
    format!("{number:.*}", decimals(like))
}

fn decimals(value: f64) -> usize {
    match value.abs() {
        small if small < 9.995 => 2,
        medium if medium < 99.95 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{bandwidth, interval, ratio, ratio_interval, span, value};
    use crate::bench::Unit;

    #[test]
    fn values_have_three_digits() {
        let seconds = [0.0042, 0.0421, 0.84, 0.9996, 1.234, 9.996, 12.34, 99.96, 345.6];
        assert_eq!(
            seconds.map(|seconds| value(seconds, Unit::Seconds)),
            ["4.20 ms", "42.1 ms", "840 ms", "1.00 s", "1.23 s", "10.0 s", "12.3 s", "100 s", "346 s"]
        );
        let bytes = [12.0, 12_340.0, 999_600.0, 123e6, 4.2e9];
        assert_eq!(
            bytes.map(|bytes| value(bytes, Unit::Bytes)),
            ["12 B", "12.3 kB", "1.00 MB", "123 MB", "4.20 GB"]
        );
        assert_eq!(value(7.0, Unit::Count), "7");
    }

    #[test]
    fn an_interval_has_the_unit_and_precision_of_its_median() {
        assert_eq!(interval(1.234, 0.98, 12.3, Unit::Seconds), "[0.98, 12.30]");
        assert_eq!(interval(0.84, 0.81, 1.01, Unit::Seconds), "[810, 1010]");
        assert_eq!(ratio(0.4215), "×0.42");
        assert_eq!(ratio(13.37), "×13.4");
        assert_eq!(ratio_interval(0.4215, 0.4, 0.45), "[0.40, 0.45]");
    }

    #[test]
    fn spans_and_rates_are_written_as_people_say_them() {
        let spans = [1, 59, 60, 331, 3600, 7500].map(Duration::from_secs);
        assert_eq!(
            spans.map(span),
            ["1.00 s", "59.0 s", "1 min 0 s", "5 min 31 s", "1 h 0 min", "2 h 5 min"]
        );
        let rates = [800_000, 150_000_000, 1_000_000_000, 2_500_000_000];
        assert_eq!(rates.map(bandwidth), ["800 kbit/s", "150 Mbit/s", "1 Gbit/s", "2.5 Gbit/s"]);
    }
}
