//! The `--name=value` flags before an instruction's arguments: splitting them off, and which instruction takes which.

use std::borrow::Cow;
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
pub(super) fn split<'a>(line: &LogicalLine<'a>, range: Range<usize>, escape: char) -> (Vec<Flag<'a>>, usize) {
    let mut flags = Vec::new();
    let mut at = range.start;
    loop {
        let rest = line.slice(at..range.end);
        let rest = rest.trim_start_matches(is_blank);
        let start = range.end - rest.len();
        if !rest.starts_with("--") {
            return (flags, start);
        }
        let raw = RawFlag::read(rest, escape);
        at = start + raw.length;
        if raw.text == "--" {
            return (flags, at);
        }
        flags.push(raw.flag(line, start));
    }
}

/// Reports the flags that BuildKit refuses on `keyword`.
/// Source: moby/buildkit, frontend/dockerfile/instructions/bflag.go, `BFlags.Parse`.
pub(super) fn check(keyword: Keyword, flags: &[Flag<'_>], errors: &mut Vec<SyntaxError>) {
    let Some(schema) = schema(keyword) else { return };
    // A bit for each flag of the schema.
    let mut seen = 0_u32;
    for flag in flags {
        let name = || flag.name.text.to_string();
        let value = flag.value.as_ref().map(|value| &*value.text);
        let mut refuse =
            |kind, suggestion| errors.push(SyntaxError { range: place(flag, &kind), kind, suggestion });
        let known = schema.iter().enumerate().find(|(_, (known, _))| *known == flag.name.text);
        let Some((index, (_, takes))) = known else {
            let known: Vec<&str> = schema.iter().map(|(known, _)| *known).collect();
            let suggestion = nearest(&flag.name.text, known.iter().copied());
            refuse(SyntaxErrorKind::UnknownFlag { keyword, name: name(), known }, suggestion);
            continue;
        };
        if *takes != Takes::Values && seen & (1 << index) != 0 {
            refuse(SyntaxErrorKind::DuplicateFlag { name: name() }, None);
            continue;
        }
        seen |= 1 << index;
        match (takes, value) {
            (Takes::Switch, Some("")) | (Takes::Value | Takes::Values, None) => {
                refuse(SyntaxErrorKind::FlagWithoutValue { name: name() }, None);
            }
            (Takes::Switch, Some(value))
                if !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false") =>
            {
                let suggestion = nearest(value, ["true", "false"]);
                refuse(SyntaxErrorKind::FlagNotBoolean { name: name(), value: value.to_owned() }, suggestion);
            }
            _ => {}
        }
    }
}

/// The part of a flag that is wrong with it.
fn place(flag: &Flag<'_>, kind: &SyntaxErrorKind) -> TextRange {
    match (kind, &flag.value) {
        (SyntaxErrorKind::FlagNotBoolean { .. }, Some(value)) => value.range,
        _ => TextRange::new(flag.range.start(), flag.name.range.end()),
    }
}

/// A flag's text without quotes and escapes.
#[derive(Debug)]
struct RawFlag<'a> {
    /// Borrowed where nothing had to be taken off.
    text: Cow<'a, str>,
    /// How far it goes in the source.
    length: usize,
    /// Where the first `=` stands, in the text and in the source.
    equals: Option<(usize, usize)>,
}

impl<'a> RawFlag<'a> {
    fn read(source: &'a str, escape: char) -> Self {
        let special = |ch| is_blank(ch) || is_quote(ch) || ch == escape;
        let (plain, behind) = source.split_at(source.find(special).unwrap_or(source.len()));
        if behind.is_empty() || behind.starts_with(is_blank) {
            let equals = plain.find('=').map(|at| (at, at));
            return Self { text: Cow::Borrowed(plain), length: plain.len(), equals };
        }
        Self::unquote(source, escape)
    }

    fn unquote(source: &str, escape: char) -> Self {
        let mut text = String::new();
        let mut length = source.len();
        let mut equals = None;
        let mut push = |at, ch| {
            if ch == '=' && equals.is_none() {
                equals = Some((text.len(), at));
            }
            text.push(ch);
        };
        let mut quote = None;
        let mut chars = source.char_indices();
        while let Some((at, ch)) = chars.next() {
            match quote {
                None if is_blank(ch) => {
                    length = at;
                    break;
                }
                None if is_quote(ch) => quote = Some(ch),
                Some(open) if open == ch => quote = None,
                // At the end of the line an escape means nothing.
                _ if ch == escape => {
                    if let Some((at, escaped)) = chars.next() {
                        push(at, escaped);
                    }
                }
                _ => push(at, ch),
            }
        }
        Self { text: Cow::Owned(text), length, equals }
    }

    fn flag<'f>(&self, line: &LogicalLine<'f>, start: usize) -> Flag<'f> {
        let dashes = "--".len();
        let end = start + self.length;
        let (name_end, source_end) = self.equals.unwrap_or((self.text.len(), self.length));
        let word = |text: Range<usize>, place: Range<usize>| match &self.text {
            Cow::Borrowed(_) => line.word(place),
            Cow::Owned(unquoted) => Word {
                range: line.file_range(place),
                text: Cow::Owned(unquoted.get(text).unwrap_or_default().to_owned()),
            },
        };
        Flag {
            range: line.file_range(start..end),
            name: word(dashes..name_end, start + dashes..start + source_end),
            value: self.equals.map(|(text, source)| word(text + 1..self.text.len(), start + source + 1..end)),
        }
    }
}

fn is_blank(ch: char) -> bool {
    matches!(ch, '\t' | '\n' | '\u{B}' | '\u{C}' | '\r' | ' ')
}

fn is_quote(ch: char) -> bool {
    matches!(ch, '\'' | '"')
}
