//! A number of bytes, and how people read it.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

/// A size in bytes. Prints in decimal units (`12.3 MB`), as registries and `docker` do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Bytes {
    /// The size as a floating-point number of bytes, for rates and models.
    #[expect(clippy::cast_precision_loss, reason = "a size past 2^53 bytes is no image")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// `self - other`, or nothing where `other` is larger.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
        let mut value = self.as_f64();
        let mut units = UNITS.iter();
        let mut unit = units.next().unwrap_or(&"B");
        while value >= 999.5 {
            let Some(next) = units.next() else { break };
            value /= 1000.0;
            unit = next;
        }
        let text = match (*unit, value) {
            ("B", _) => format!("{} B", self.0),
            (_, small) if small < 10.0 => format!("{value:.2} {unit}"),
            (_, medium) if medium < 100.0 => format!("{value:.1} {unit}"),
            _ => format!("{value:.0} {unit}"),
        };
        f.pad(&text)
    }
}

impl Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self(0), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn sizes_print_in_decimal_units_with_three_figures() {
        let printed: Vec<String> =
            [0, 999, 1_000, 12_340, 999_499, 999_500, 123_456_789].map(|n| Bytes(n).to_string()).into();
        assert_eq!(printed, ["0 B", "999 B", "1.00 kB", "12.3 kB", "999 kB", "1.00 MB", "123 MB"]);
    }
}
