//! A network link as people write it: `120ms`, `150Mbit`, `0.1%`.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

/// The bytes of payload in a full segment of 1500 bytes: IPv4, TCP and the timestamp option take 52.
pub(super) const SEGMENT: u64 = 1448;
const PACKET: f64 = 1500.0;

/// No link is slower than this, and past it a number is a slip of the unit.
const LONGEST_DELAY: Duration = Duration::from_mins(1);

/// The link between a region's engine and its registry. The same in both directions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// There and back for a small packet on an idle link.
    pub rtt: Duration,
    /// The rate of the line, headers included, shared by all connections of the region.
    pub bandwidth: Bandwidth,
    /// The greatest deviation of a round trip from `rtt`, to either side, evenly spread (as `tc-netem` takes it).
    pub jitter: Duration,
    /// The share of packets lost; it caps what one connection reaches.
    pub loss: Loss,
}

/// Bits per second, never none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bandwidth(NonZeroU64);

/// A share of packets lost: 0 to below 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Loss(f64);

/// Text that is no delay, bandwidth or loss.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}: {why}")]
pub struct LinkError {
    /// What was expected.
    pub what: &'static str,
    /// What came.
    pub text: String,
    /// What it has to be.
    pub why: &'static str,
}

impl Link {
    /// A link without jitter and loss.
    pub fn new(rtt: Duration, bandwidth: Bandwidth) -> Self {
        Self { rtt, bandwidth, jitter: Duration::ZERO, loss: Loss::default() }
    }

    /// The bytes of payload that fill the link for one round trip.
    pub(super) fn bandwidth_delay_product(&self) -> f64 {
        self.bandwidth.payload_per_second() * self.rtt.as_secs_f64()
    }
}

impl Bandwidth {
    /// So many million bits per second, and one bit per second for none.
    pub fn from_mbit(mbit: u32) -> Self {
        Self(NonZeroU64::new(u64::from(mbit) * 1_000_000).unwrap_or(NonZeroU64::MIN))
    }

    /// Bits per second on the line.
    pub fn bits_per_second(self) -> u64 {
        self.0.get()
    }

    /// Bytes per second that carry data: full segments' share without their headers.
    #[expect(clippy::cast_precision_loss, reason = "a rate past 2^53 bits per second is no link")]
    pub fn payload_per_second(self) -> f64 {
        self.0.get() as f64 / 8.0 * SEGMENT as f64 / PACKET
    }
}

impl Loss {
    /// The share, 0 to below 1.
    pub fn share(self) -> f64 {
        self.0
    }
}

/// Reads a delay such as `120ms`, `1.5s` or `300us`.
pub fn parse_delay(text: &str) -> Result<Duration, LinkError> {
    let error = |why| LinkError { what: "delay", text: text.to_owned(), why };
    let (number, unit) = split_unit(text).ok_or_else(|| error("it reads like `120ms`, in us, ms or s"))?;
    let seconds = match unit {
        "us" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        _ => return Err(error("its unit is us, ms or s")),
    };
    let delay = Duration::try_from_secs_f64(seconds).ok().filter(|delay| *delay <= LONGEST_DELAY);
    delay.ok_or_else(|| error("it is at most a minute"))
}

impl FromStr for Bandwidth {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |why| LinkError { what: "bandwidth", text: text.to_owned(), why };
        let (number, unit) = split_unit(text)
            .ok_or_else(|| error("it reads like `150Mbit`, in bit, kbit, Mbit or Gbit per second"))?;
        let factor = match unit.to_ascii_lowercase().as_str() {
            "bit" => 1.0,
            "kbit" => 1e3,
            "mbit" => 1e6,
            "gbit" => 1e9,
            _ => return Err(error("its unit is bit, kbit, Mbit or Gbit, per second")),
        };
        let bits = (number * factor).round();
        if !(1.0..=1e12).contains(&bits) {
            return Err(error("it is at least 1bit and at most 1000Gbit"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "1 to 10^12, checked above"
        )]
        let bits = bits as u64;
        NonZeroU64::new(bits).map(Self).ok_or_else(|| error("it is at least 1bit"))
    }
}

impl FromStr for Loss {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |why| LinkError { what: "loss", text: text.to_owned(), why };
        match split_unit(text) {
            Some((percent, "%")) if percent < 100.0 => Ok(Self(percent / 100.0)),
            Some((_, "%")) => Err(error("it is less than 100%")),
            _ => Err(error("it reads like `0.1%`")),
        }
    }
}

/// A decimal number that is not negative, and the unit after it.
fn split_unit(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at_checked(end)?;
    number.parse().ok().map(|number| (number, unit.trim_start()))
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Delay(self.rtt), self.bandwidth)?;
        if !self.jitter.is_zero() {
            write!(f, " jitter {}", Delay(self.jitter))?;
        }
        if self.loss.0 > 0.0 {
            write!(f, " loss {}", self.loss)?;
        }
        Ok(())
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1_000_000_000, "Gbit"), (1_000_000, "Mbit"), (1_000, "kbit")];
        let bits = self.0.get();
        let unit = units.into_iter().find(|(size, _)| bits.is_multiple_of(*size));
        let (size, name) = unit.unwrap_or((1, "bit"));
        f.pad(&format!("{}{name}", bits / size))
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Six places: the share is a percentage divided, and `0.1%` has to print as it was written.
        f.pad(&format!("{}%", (self.0 * 1e8).round() / 1e6))
    }
}

/// A delay as [`parse_delay`] reads it.
struct Delay(Duration);

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Bandwidth, Delay, Link, Loss, parse_delay};

    #[test]
    fn links_read_as_people_write_them() {
        assert_eq!(parse_delay("120ms").unwrap(), Duration::from_millis(120));
        assert_eq!(parse_delay("1.5 s").unwrap(), Duration::from_millis(1500));
        assert_eq!(parse_delay("300us").unwrap(), Duration::from_micros(300));
        assert_eq!("150Mbit".parse::<Bandwidth>().unwrap().bits_per_second(), 150_000_000);
        assert_eq!("2.5gbit".parse::<Bandwidth>().unwrap().to_string(), "2500Mbit");
        assert_eq!("0.1%".parse::<Loss>().unwrap().to_string(), "0.1%");
    }

    #[test]
    fn what_does_not_read_says_what_it_should_be() {
        let delay = |text| parse_delay(text).unwrap_err().to_string();
        assert_eq!(delay("120"), "`120` is not a delay: it reads like `120ms`, in us, ms or s");
        assert_eq!(delay("-1ms"), "`-1ms` is not a delay: it reads like `120ms`, in us, ms or s");
        assert_eq!(delay("2h"), "`2h` is not a delay: its unit is us, ms or s");
        assert_eq!(delay("90s"), "`90s` is not a delay: it is at most a minute");
        let bandwidth = |text: &str| text.parse::<Bandwidth>().unwrap_err().to_string();
        assert_eq!(
            bandwidth("10MB"),
            "`10MB` is not a bandwidth: its unit is bit, kbit, Mbit or Gbit, per second"
        );
        assert_eq!(
            bandwidth("0Mbit"),
            "`0Mbit` is not a bandwidth: it is at least 1bit and at most 1000Gbit"
        );
        let loss = |text: &str| text.parse::<Loss>().unwrap_err().to_string();
        assert_eq!(loss("100%"), "`100%` is not a loss: it is less than 100%");
        assert_eq!(loss("0.1"), "`0.1` is not a loss: it reads like `0.1%`");
        assert_eq!(loss("1.2.3%"), "`1.2.3%` is not a loss: it reads like `0.1%`");
    }

    #[test]
    fn a_link_prints_what_it_has() {
        let mut link = Link::new(Duration::from_millis(120), Bandwidth::from_mbit(150));
        assert_eq!(link.to_string(), "120ms 150Mbit");
        link.jitter = Duration::from_millis(8);
        link.loss = "0.1%".parse().unwrap();
        assert_eq!(link.to_string(), "120ms 150Mbit jitter 8ms loss 0.1%");
    }

    proptest! {
        #[test]
        fn bandwidths_read_back_as_they_print(bits in 1_u64..=1_000_000_000_000) {
            let bandwidth: Bandwidth = format!("{bits}bit").parse().unwrap();
            prop_assert_eq!(bandwidth.bits_per_second(), bits);
            prop_assert_eq!(bandwidth.to_string().parse::<Bandwidth>().unwrap(), bandwidth);
        }

        #[test]
        fn delays_read_back_as_they_print(micros in 0_u64..=60_000_000) {
            let delay = Duration::from_micros(micros);
            prop_assert_eq!(parse_delay(&format!("{micros}us")).unwrap(), delay);
            prop_assert_eq!(parse_delay(&Delay(delay).to_string()).unwrap(), delay);
        }

        #[test]
        fn losses_read_back_as_they_print(hundredths in 0_u32..10_000) {
            let text = format!("{}%", f64::from(hundredths) / 100.0);
            prop_assert_eq!(text.parse::<Loss>().unwrap().to_string(), text);
        }

        #[test]
        fn no_text_makes_parsing_fail_otherwise_than_by_an_error(text: String) {
            let _ = (parse_delay(&text), text.parse::<Bandwidth>(), text.parse::<Loss>());
        }
    }
}
