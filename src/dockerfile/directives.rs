//! Parser directives: comments at the file's head that steer how the rest is read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::text::TextRange;

use super::error::nearest;
use super::lines::Line;
use super::{Directive, SyntaxError, SyntaxErrorKind, Word};

const NAMES: [&str; 3] = ["syntax", "escape", "check"];

/// Reads the head of a file line by line. The first line that is no directive ends it for good.
/// Source: moby/buildkit, frontend/dockerfile/parser/directives.go.
#[derive(Debug, Default)]
pub(super) struct Head {
    seen: BTreeSet<&'static str>,
    ended: bool,
}

impl Head {
    /// The directive in `line`, with the error where it is one that BuildKit refuses.
    pub(super) fn read<'a>(&mut self, line: Line<'a>) -> Option<(Directive<'a>, Option<SyntaxError>)> {
        if self.ended {
            return None;
        }
        let Some(directive) = directive(line) else {
            self.ended = true;
            return None;
        };
        let refused = if self.seen.insert(directive.name) {
            let value = &directive.value.text;
            (directive.name == "escape" && escape(&directive).is_none()).then(|| SyntaxError {
                range: directive.value.range,
                kind: SyntaxErrorKind::EscapeDirective { value: value.to_string() },
                suggestion: nearest(value, ["\\", "`"]),
            })
        } else {
            Some(SyntaxError {
                range: line.indented_range(),
                kind: SyntaxErrorKind::DuplicateDirective { name: directive.name.to_owned() },
                suggestion: None,
            })
        };
        Some((directive, refused))
    }
}

/// The escape character that a directive sets.
pub(super) fn escape(directive: &Directive<'_>) -> Option<char> {
    match (directive.name, &*directive.value.text) {
        ("escape", "\\") => Some('\\'),
        ("escape", "`") => Some('`'),
        _ => None,
    }
}

fn directive(line: Line<'_>) -> Option<Directive<'_>> {
    let token = line.indented.strip_prefix('#')?.trim_start();
    let name_end = token.find(|ch: char| !ch.is_ascii_alphanumeric())?;
    let (name, rest) = token.split_at_checked(name_end)?;
    let name = NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
    let rest = rest.trim_start_matches(is_space).strip_prefix('=')?;
    // A value of nothing but blanks is its last blank: so the regular expression of BuildKit backtracks.
    let value = match rest.trim_start_matches(is_space) {
        "" => rest.get(rest.len().checked_sub(1)?..)?,
        value => value,
    };
    let start = line.range.start() + line.content.len() - value.len();
    let value =
        if value.trim_end_matches(is_space).is_empty() { value } else { value.trim_end_matches(is_space) };
    let range = TextRange::new(start, start + value.len());
    Some(Directive { lines: line.range, name, value: Word { range, text: Cow::Borrowed(value) } })
}

/// What `\s` is in Go's regular expressions.
fn is_space(ch: char) -> bool {
    matches!(ch, '\t' | '\n' | '\u{C}' | '\r' | ' ')
}
