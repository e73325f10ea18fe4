//! The JSON form of an instruction's arguments.

use std::ops::Range;

use serde::de::IgnoredAny;

/// Why a text is no list of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotStrings {
    /// It is no JSON array, so BuildKit reads the shell form.
    NotJson,
    /// It is a JSON array and has something else in it, which BuildKit refuses.
    OtherValues,
}

/// A string of the array.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JsonString {
    /// Where it stands, quotes included.
    pub(super) range: Range<usize>,
    /// What it says, where that is not what stands between its quotes.
    pub(super) decoded: Option<String>,
}

/// Reads `text` as a JSON array of strings, to the letter of Go's `encoding/json`.
/// Source: moby/buildkit, frontend/dockerfile/parser/line_parsers.go, `parseJSON`.
pub(super) fn strings(text: &str) -> Result<Vec<JsonString>, NotStrings> {
    let start = text.len() - text.trim_start().len();
    let mut reader = Reader { text, at: start };
    let mut strings = Vec::new();
    let mut other_values = false;
    reader.expect('[')?;
    reader.skip_blanks();
    if !reader.eat(']') {
        loop {
            reader.skip_blanks();
            let start = reader.at;
            if reader.rest().starts_with('"') {
                let string = reader.string()?;
                strings.push(JsonString { range: start..reader.at, decoded: string });
            } else {
                reader.skip_value()?;
                other_values = true;
            }
            reader.skip_blanks();
            if reader.eat(',') {
                continue;
            }
            reader.expect(']')?;
            break;
        }
    }
    reader.skip_blanks();
    match (reader.rest(), other_values) {
        ("", false) => Ok(strings),
        ("", true) => Err(NotStrings::OtherValues),
        _ => Err(NotStrings::NotJson),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn next(&mut self) -> Result<char, NotStrings> {
        let ch = self.rest().chars().next().ok_or(NotStrings::NotJson)?;
        self.at += ch.len_utf8();
        Ok(ch)
    }

    fn eat(&mut self, ch: char) -> bool {
        let found = self.rest().starts_with(ch);
        self.at += if found { ch.len_utf8() } else { 0 };
        found
    }

    fn expect(&mut self, ch: char) -> Result<(), NotStrings> {
        if self.eat(ch) { Ok(()) } else { Err(NotStrings::NotJson) }
    }

    fn skip_value(&mut self) -> Result<(), NotStrings> {
        // A number or a word is only whole with what follows it, which the stream sees to.
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                self.at += values.byte_offset();
                Ok(())
            }
            _ => Err(NotStrings::NotJson),
        }
    }

    fn string(&mut self) -> Result<Option<String>, NotStrings> {
        self.expect('"')?;
        // Nearly every string has no escape and nothing to refuse up to its closing quote.
        let special = |byte: u8| matches!(byte, b'"' | b'\\' | 0..=0x1F);
        let plain = self.rest().bytes().position(special).unwrap_or_default();
        if self.rest().as_bytes().get(plain) == Some(&b'"') {
            self.at += plain + 1;
            return Ok(None);
        }
        let mut string = String::new();
        loop {
            match self.next()? {
                '"' => return Ok(Some(string)),
                '\\' => string.push(self.escape()?),
                // The substitute stands for a byte that is no UTF-8, which Go lets pass.
                '\u{1A}' => string.push('\u{1A}'),
                '\0'..='\u{1F}' => return Err(NotStrings::NotJson),
                ch => string.push(ch),
            }
        }
    }

    fn escape(&mut self) -> Result<char, NotStrings> {
        match self.next()? {
            ch @ ('"' | '\\' | '/') => Ok(ch),
            'b' => Ok('\u{8}'),
            'f' => Ok('\u{C}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'u' => self.code_point(),
            _ => Err(NotStrings::NotJson),
        }
    }

    fn code_point(&mut self) -> Result<char, NotStrings> {
        let first = self.hexadecimal()?;
        if let Some(ch) = char::from_u32(first) {
            return Ok(ch);
        }
        // Half a pair of surrogates becomes the replacement character; a whole pair is one character.
        let after_first = self.at;
        if first < 0xDC00 && self.eat('\\') && self.eat('u') {
            let second = self.hexadecimal()?;
            if (0xDC00..0xE000).contains(&second) {
                let pair = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        self.at = after_first;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hexadecimal(&mut self) -> Result<u32, NotStrings> {
        (0..4).try_fold(0, |value, _| {
            let digit = self.next()?.to_digit(16).ok_or(NotStrings::NotJson)?;
            Ok(value * 16 + digit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonString, NotStrings, strings};

    fn texts(json: &str) -> Result<Vec<String>, NotStrings> {
        let inner = |string: &JsonString| json[string.range.start + 1..string.range.end - 1].to_owned();
        let text = |string: JsonString| string.decoded.clone().unwrap_or_else(|| inner(&string));
        strings(json).map(|strings| strings.into_iter().map(text).collect())
    }

    #[test]
    fn strings_are_decoded_as_go_decodes_them() {
        assert_eq!(texts(r#"[ "a\tb" , "é\u00e9" ]"#), Ok(vec!["a\tb".into(), "éé".into()]));
        assert_eq!(texts(r#"["\ud83d\ude00\ud83d!"]"#), Ok(vec!["😀\u{FFFD}!".into()]));
        assert_eq!(texts("[]"), Ok(vec![]));
        assert_eq!(strings(r#"["a"]"#), Ok(vec![JsonString { range: 1..4, decoded: None }]));
    }

    #[test]
    fn what_is_no_json_falls_back_and_other_values_are_refused() {
        for text in
            ["", "echo", "['a']", r#"["a",]"#, r#"["a"] x"#, r#"["a" "b"]"#, "[\"\t\"]", r"[1.]", "[tru]"]
        {
            assert_eq!(texts(text), Err(NotStrings::NotJson), "{text}");
        }
        for text in ["[1]", r#"["a", null]"#, "[[]]", r#"[{"a": 1}, "b"]"#] {
            assert_eq!(texts(text), Err(NotStrings::OtherValues), "{text}");
        }
    }
}
