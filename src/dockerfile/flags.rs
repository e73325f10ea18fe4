//! The `--name=value` flags before an instruction's arguments: splitting them off, and which instruction takes which.

use std::ops::Range;

use crate::text::TextRange;

use super::error::nearest;
use super::lines::LogicalLine;
use super::{Flag, Keyword, SyntaxError, SyntaxErrorKind, Word};

/// How often a flag may stand and what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// `true`, `false` or nothing, once.
    Switch,
    /// A value, once.
    Value,
    /// A value, as often as one likes.
    Values,
}

/// The flags that BuildKit takes on an instruction, or nothing where it takes any and looks at none.
/// Source: moby/buildkit, frontend/dockerfile/instructions/{parse.go,commands_run*.go}.
fn schema(keyword: Keyword) -> Option<&'static [(&'static str, Takes)]> {
    use Takes::{Switch, Value, Values};
    Some(match keyword {
        Keyword::From => &[("platform", Value)],
        Keyword::Run => &[("mount", Values), ("network", Value), ("security", Value), ("device", Values)],
        Keyword::Copy => &[
            ("from", Value),
            ("chown", Value),
            ("chmod", Value),
            ("link", Switch),
            ("parents", Switch),
            ("exclude", Values),
        ],
        Keyword::Add => &[
            ("chown", Value),
            ("chmod", Value),
            ("link", Switch),
            ("keep-git-dir", Switch),
            ("checksum", Value),
            ("unpack", Switch),
            ("exclude", Values),
        ],
        Keyword::Healthcheck => &[
            ("interval", Value),
            ("timeout", Value),
            ("start-period", Value),
            ("start-interval", Value),
            ("retries", Value),
        ],
        Keyword::Arg | Keyword::Stopsignal => return None,
        _ => &[],
    })
}

/// Splits the flags off `range` of `line`; also returns where the rest begins.
///
/// Quotes and escapes are taken off a flag here already, as BuildKit does. It goes byte by byte, so it breaks a
/// flag with certain letters outside ASCII apart; here letters stay whole.
/// Source: moby/buildkit, frontend/dockerfile/parser/split_command.go, `extractBuilderFlags`.
pub(super) fn split(line: &LogicalLine, range: Range<usize>, escape: char) -> (Vec<Flag>, usize) {
    let mut flags = Vec::new();
    let mut at = range.start;
    loop {
        let rest = line.slice(at..range.end);
        let word_start = at + (rest.len() - rest.trim_start_matches(is_blank).len());
        if !line.slice(word_start..range.end).starts_with("--") {
            return (flags, word_start);
        }
        let raw = RawFlag::read(line.slice(word_start..range.end), escape);
        at = word_start + raw.length;
        if raw.text == "--" {
            return (flags, at);
        }
        flags.push(raw.flag(line, word_start));
    }
}

/// Reports the flags that BuildKit refuses on `keyword`.
/// Source: moby/buildkit, frontend/dockerfile/instructions/bflag.go, `BFlags.Parse`.
pub(super) fn check(keyword: Keyword, flags: &[Flag], errors: &mut Vec<SyntaxError>) {
    let Some(schema) = schema(keyword) else { return };
    let mut seen: Vec<&str> = Vec::new();
    for flag in flags {
        let name = flag.name.text.clone();
        let value = flag.value.as_ref().map(|value| value.text.as_str());
        let mut refuse =
            |kind, suggestion| errors.push(SyntaxError { range: place(flag, &kind), kind, suggestion });
        let Some((known, takes)) = schema.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = schema.iter().map(|(known, _)| *known).collect();
            let suggestion = nearest(&name, known.iter().copied());
            refuse(SyntaxErrorKind::UnknownFlag { keyword, name, known }, suggestion);
            continue;
        };
        if *takes != Takes::Values && seen.contains(known) {
            refuse(SyntaxErrorKind::DuplicateFlag { name }, None);
            continue;
        }
        // At most one entry for each flag of the schema.
        if !seen.contains(known) {
            seen.push(known);
        }
        match (takes, value) {
            (Takes::Switch, Some("")) | (Takes::Value | Takes::Values, None) => {
                refuse(SyntaxErrorKind::FlagWithoutValue { name }, None);
            }
            (Takes::Switch, Some(value))
                if !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false") =>
            {
                let suggestion = nearest(value, ["true", "false"]);
                refuse(SyntaxErrorKind::FlagNotBoolean { name, value: value.to_owned() }, suggestion);
            }
            _ => {}
        }
    }
}

/// The part of a flag that is wrong with it.
fn place(flag: &Flag, kind: &SyntaxErrorKind) -> TextRange {
    match (kind, &flag.value) {
        (SyntaxErrorKind::FlagNotBoolean { .. }, Some(value)) => value.range,
        _ => TextRange::new(flag.range.start(), flag.name.range.end()),
    }
}

/// A flag's text without quotes and escapes.
#[derive(Debug, Default)]
struct RawFlag {
    text: String,
    /// How far it goes in the source.
    length: usize,
    /// Where the first `=` stands, in the text and in the source.
    equals: Option<(usize, usize)>,
}

impl RawFlag {
    fn read(source: &str, escape: char) -> Self {
        let mut raw = Self { length: source.len(), ..Self::default() };
        let mut quote = None;
        let mut chars = source.char_indices();
        while let Some((at, ch)) = chars.next() {
            match (quote, ch) {
                (None, ch) if is_blank(ch) => {
                    raw.length = at;
                    break;
                }
                (None, '\'' | '"') => quote = Some(ch),
                (Some(open), ch) if open == ch => quote = None,
                // At the end of the line an escape means nothing.
                (_, ch) if ch == escape => {
                    if let Some((at, escaped)) = chars.next() {
                        raw.push(at, escaped);
                    }
                }
                (_, ch) => raw.push(at, ch),
            }
        }
        raw
    }

    fn push(&mut self, at: usize, ch: char) {
        if ch == '=' && self.equals.is_none() {
            self.equals = Some((self.text.len(), at));
        }
        self.text.push(ch);
    }

    fn flag(&self, line: &LogicalLine, start: usize) -> Flag {
        let dashes = "--".len();
        let end = start + self.length;
        let (name_end, source_end) = self.equals.unwrap_or((self.text.len(), self.length));
        let word = |text: Option<&str>, range| Word {
            range: line.file_range(range),
            text: text.unwrap_or_default().to_owned(),
        };
        Flag {
            range: line.file_range(start..end),
            name: word(self.text.get(dashes..name_end), start + dashes..start + source_end),
            value: self.equals.map(|(text, source)| word(self.text.get(text + 1..), start + source + 1..end)),
        }
    }
}

fn is_blank(ch: char) -> bool {
    matches!(ch, '\t' | '\n' | '\u{B}' | '\u{C}' | '\r' | ' ')
}
