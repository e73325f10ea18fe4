//! Text less the blanks on either side, as `str` trims it.
//!
//! Nearly always there are none, or a few spaces with a letter or a sign behind them: that is seen without decoding a
//! character, and this stands where every line and every instruction goes by.

/// `text` without the blanks before it.
#[inline]
pub(super) fn trim_start(text: &str) -> &str {
    let spaces = text.bytes().position(|byte| byte != b' ').unwrap_or(text.len());
    let rest = text.get(spaces..).unwrap_or_default();
    if rest.as_bytes().first().is_some_and(u8::is_ascii_graphic) { rest } else { rest.trim_start() }
}

/// `text` without the blanks behind it.
#[inline]
pub(super) fn trim_end(text: &str) -> &str {
    if text.as_bytes().last().is_some_and(u8::is_ascii_graphic) { text } else { text.trim_end() }
}

/// Whether BuildKit separates words at the byte, which is never one within a character.
/// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `reWhitespace`.
pub(super) fn is_separator(byte: u8) -> bool {
    matches!(byte, b'\t' | 0xB | 0xC | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{trim_end, trim_start};

    proptest! {
        #[test]
        fn blanks_are_those_of_str(text in "[ \t\u{B}\u{A0}\u{2003}é#a]{0,6}") {
            prop_assert_eq!(trim_start(&text), text.trim_start());
            prop_assert_eq!(trim_end(&text), text.trim_end());
        }
    }
}
