//! `ENV`, `LABEL` and `ARG`: keys and values.
//! Source: moby/buildkit, frontend/dockerfile/parser/line_parsers.go, `parseWords`, `parseNameVal`.

use std::ops::Range;

use memchr::memchr;

use super::blanks::{is_separator, trim_start};
use super::instruction::Arguments;
use super::{Body, Pair, Separator, SyntaxErrorKind};

/// `ENV` and `LABEL`.
pub(super) fn parse<'a>(mut arguments: Arguments<'_, 'a>, body: fn(Vec<Pair<'a>>) -> Body<'a>) -> Body<'a> {
    let mut words = Words::of(&arguments);
    let Some(first) = words.next() else { return arguments.missing() };
    if !arguments.line.slice(first.clone()).contains('=') {
        return legacy(arguments, body);
    }
    let keyword = arguments.keyword;
    let mut pairs = Vec::new();
    for word in std::iter::once(first).chain(words) {
        let range = arguments.line.file_range(word.clone());
        let Some(pair) = pair(&arguments, word.clone()) else {
            let word = arguments.line.slice(word).to_owned();
            let suggestion = Some(format!("{word}=")).filter(|_| word.len() <= 64);
            arguments.refuse_at(range, SyntaxErrorKind::PairWithoutEquals { keyword, word }, suggestion);
            return arguments.malformed_words();
        };
        if pair.key.text.is_empty() {
            arguments.refuse_at(range, SyntaxErrorKind::BlankKey { keyword }, None);
        }
        pairs.push(pair);
    }
    body(pairs)
}

/// `ARG`, where a name may stand alone.
pub(super) fn arg<'a>(mut arguments: Arguments<'_, 'a>) -> Body<'a> {
    let mut pairs = Vec::new();
    for word in Words::of(&arguments) {
        let pair = pair(&arguments, word.clone()).unwrap_or_else(|| {
            let key = arguments.line.word(word);
            Pair { range: key.range, key, value: None, separator: Separator::Equals }
        });
        if pair.key.text.is_empty() {
            let keyword = arguments.keyword;
            arguments.refuse_at(pair.range, SyntaxErrorKind::BlankKey { keyword }, None);
        }
        pairs.push(pair);
    }
    if pairs.is_empty() { arguments.missing() } else { Body::Arg(pairs) }
}

/// `ENV key value`: the value is all behind the first blanks.
fn legacy<'a>(mut arguments: Arguments<'_, 'a>, body: fn(Vec<Pair<'a>>) -> Body<'a>) -> Body<'a> {
    let keyword = arguments.keyword;
    let text = arguments.text();
    let start = arguments.range.start;
    let separated = text.bytes().position(is_separator).and_then(|end| {
        let behind = text.get(end..)?;
        Some((end, behind.get(behind.bytes().position(|byte| !is_separator(byte))?..)?))
    });
    let Some((key_end, value)) = separated else {
        let key = text.to_owned();
        let suggestion = Some(format!("{key}=")).filter(|_| key.len() <= 64);
        arguments.refuse(SyntaxErrorKind::KeyWithoutValue { keyword, key });
        if let Some(error) = arguments.errors.last_mut() {
            error.suggestion = suggestion;
        }
        return arguments.malformed_words();
    };
    let key = arguments.line.word(start..start + key_end);
    let value = arguments.line.word(arguments.range.end - value.len()..arguments.range.end);
    let range = key.range.cover(value.range);
    body(vec![Pair { range, key, value: Some(value), separator: Separator::Space }])
}

fn pair<'a>(arguments: &Arguments<'_, 'a>, word: Range<usize>) -> Option<Pair<'a>> {
    let equals = word.start + memchr(b'=', arguments.line.slice(word.clone()).as_bytes())?;
    Some(Pair {
        range: arguments.line.file_range(word.clone()),
        key: arguments.line.word(word.start..equals),
        value: Some(arguments.line.word(equals + 1..word.end)),
        separator: Separator::Equals,
    })
}

/// The words between blanks, where quotes and escapes hide blanks and stay in the word.
struct Words<'a> {
    text: &'a str,
    escape: char,
    /// Where the text starts in the line.
    start: usize,
    at: usize,
}

impl<'a> Words<'a> {
    fn of(arguments: &Arguments<'a, '_>) -> Self {
        Self { text: arguments.text(), escape: arguments.escape, start: arguments.range.start, at: 0 }
    }
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = trim_start(self.text.get(self.at..)?);
        let from = self.text.len() - rest.len();
        let (mut end, mut behind, mut quote) = (self.text.len(), rest, None);
        loop {
            let Some(plain) = behind.bytes().position(may_end) else {
                behind = "";
                break;
            };
            let at = self.text.len() - behind.len() + plain;
            let mut chars = behind.get(plain..).unwrap_or_default().chars();
            let Some(ch) = chars.next() else { break };
            match quote {
                None if ch.is_whitespace() => {
                    end = at;
                    behind = chars.as_str();
                    break;
                }
                None if matches!(ch, '\'' | '"') => quote = Some(ch),
                Some(open) if open == ch => quote = None,
                _ => {}
            }
            // In single quotes nothing is escaped. At the very end it escapes nothing, and BuildKit drops it.
            if ch == self.escape && quote != Some('\'') && chars.next().is_none() {
                end = at;
            }
            behind = chars.as_str();
        }
        self.at = self.text.len() - behind.len();
        (from < end).then_some(self.start + from..self.start + end)
    }
}

/// Whether a word may end at the byte, or what follows it be read otherwise; nearly all bytes are none of these.
fn may_end(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | b'"' | b'\'' | b'\\' | b'`' | 0x80..)
}
