//! A SHA-256 digest, as the distribution API writes it.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use super::RegistryError;

/// The SHA-256 digest of a blob or manifest. Reads and prints as `sha256:` and 64 lower-case hexadecimal digits;
/// other algorithms are refused, since no engine pushes them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_state(Sha256::new_with_prefix(bytes))
    }

    /// The digest of all that `state` was fed.
    pub(super) fn of_state(state: Sha256) -> Self {
        Self(state.finalize().into())
    }

    /// The 64 hexadecimal digits without the algorithm.
    pub fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String can't fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("sha256:{}", self.hex()))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = |why| RegistryError::Malformed { what: "digest", text: text.to_owned(), why };
        let hex = text.strip_prefix("sha256:").ok_or(malformed("it has to start with `sha256:`"))?;
        if hex.len() != 64 {
            return Err(malformed("SHA-256 has 64 hexadecimal digits"));
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let digits = pair.iter().map(|digit| match digit {
                b'0'..=b'9' => Some(digit - b'0'),
                b'a'..=b'f' => Some(digit - b'a' + 10),
                _ => None,
            });
            for digit in digits {
                let digit = digit.ok_or(malformed("the digits are 0 to 9 and a to f"))?;
                *byte = *byte << 4 | digit;
            }
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Digest;

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), empty);
    }

    #[test]
    fn what_is_no_sha256_digest_is_refused_with_the_rule_it_breaks() {
        for (text, why) in [
            ("sha512:00", "it has to start with `sha256:`"),
            ("sha256:00", "64 hexadecimal digits"),
            (&format!("sha256:{}", "A".repeat(64)), "0 to 9 and a to f"),
            (&format!("sha256:{}", "é".repeat(32)), "0 to 9 and a to f"),
            ("sha256:../../etc/passwd", "64 hexadecimal digits"),
        ] {
            let error = text.parse::<Digest>().unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    proptest! {
        #[test]
        fn every_digest_reads_back_as_it_prints(bytes: Vec<u8>) {
            let digest = Digest::of(&bytes);
            prop_assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        }
    }
}
