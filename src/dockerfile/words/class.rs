//! The classes of characters that a name is made of, as Go has them.
//!
//! Rust's own are wider: they count the marks of many scripts as letters, and fractions as numbers.

use std::sync::LazyLock;

use regex::Regex;

static LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{L}$").ok());
static DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{Nd}$").ok());

/// Go's `unicode.IsLetter`.
pub(super) fn is_letter(ch: char) -> bool {
    if ch.is_ascii() { ch.is_ascii_alphabetic() } else { matches(LETTER.as_ref(), ch) }
}

/// Go's `unicode.IsDigit`.
pub(super) fn is_digit(ch: char) -> bool {
    if ch.is_ascii() { ch.is_ascii_digit() } else { matches(DIGIT.as_ref(), ch) }
}

fn matches(class: Option<&Regex>, ch: char) -> bool {
    class.is_some_and(|class| class.is_match(ch.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use super::{is_digit, is_letter};

    #[test]
    fn marks_and_fractions_are_no_part_of_a_name() {
        for letter in ['a', 'Z', 'é', 'ß', '한', 'क', 'ª'] {
            assert!(is_letter(letter) && !is_digit(letter), "{letter}");
        }
        for digit in ['0', '9', '٣', '९'] {
            assert!(is_digit(digit) && !is_letter(digit), "{digit}");
        }
        for other in ['_', '-', '½', '²', 'Ⅷ', 'ा', '\u{301}', 'ⓐ'] {
            assert!(!is_letter(other) && !is_digit(other), "{other}");
        }
    }
}
