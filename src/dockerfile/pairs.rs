//! `ENV`, `LABEL` and `ARG`: keys and values.
//! Source: moby/buildkit, frontend/dockerfile/parser/line_parsers.go, `parseWords`, `parseNameVal`.

use std::ops::Range;

use super::instruction::Arguments;
use super::lines::is_separator;
use super::{Body, Pair, Separator, SyntaxErrorKind};

/// `ENV` and `LABEL`.
pub(super) fn parse(mut arguments: Arguments<'_>, body: fn(Vec<Pair>) -> Body) -> Body {
    let words = split(&arguments);
    let Some(first) = words.first() else { return arguments.missing() };
    if !arguments.line.slice(first.clone()).contains('=') {
        return legacy(arguments, body);
    }
    let keyword = arguments.keyword;
    let mut pairs = Vec::new();
    for word in words {
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
pub(super) fn arg(mut arguments: Arguments<'_>) -> Body {
    let words = split(&arguments);
    if words.is_empty() {
        return arguments.missing();
    }
    let mut pairs = Vec::new();
    for word in words {
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
    Body::Arg(pairs)
}

/// `ENV key value`: the value is all behind the first blanks.
fn legacy(mut arguments: Arguments<'_>, body: fn(Vec<Pair>) -> Body) -> Body {
    let keyword = arguments.keyword;
    let text = arguments.text();
    let start = arguments.range.start;
    let key_end = text.find(is_separator);
    let Some((key_end, value)) =
        key_end.and_then(|end| Some((end, text.get(end..)?.trim_start_matches(is_separator))))
    else {
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

fn pair(arguments: &Arguments<'_>, word: Range<usize>) -> Option<Pair> {
    let equals = word.start + arguments.line.slice(word.clone()).find('=')?;
    Some(Pair {
        range: arguments.line.file_range(word.clone()),
        key: arguments.line.word(word.start..equals),
        value: Some(arguments.line.word(equals + 1..word.end)),
        separator: Separator::Equals,
    })
}

/// The words between blanks, where quotes and escapes hide blanks and stay in the word.
fn split(arguments: &Arguments<'_>) -> Vec<Range<usize>> {
    let start = arguments.range.start;
    let mut end = arguments.range.end;
    let mut words = Vec::new();
    let mut word: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut chars = arguments.text().char_indices();
    while let Some((at, ch)) = chars.next() {
        if quote.is_none() && ch.is_whitespace() {
            words.extend(word.take().map(|from| start + from..start + at));
            continue;
        }
        word.get_or_insert(at);
        match quote {
            None if ch == '\'' || ch == '"' => quote = Some(ch),
            Some(open) if open == ch => quote = None,
            _ => {}
        }
        // In single quotes nothing is escaped.
        if ch == arguments.escape && quote != Some('\'') && chars.next().is_none() {
            // At the very end it escapes nothing, and BuildKit drops it.
            end = start + at;
        }
    }
    words.extend(word.map(|from| start + from..end).filter(|word| !word.is_empty()));
    words
}
