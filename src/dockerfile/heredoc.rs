//! Here-documents: the words that open them and the lines they take.
//! Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `heredocsFromLine`, `heredocFromMatch`.

use std::ops::Range;

use crate::text::TextRange;

use super::lines::{Lines, LogicalLine};
use super::words::{ExpandError, Lexer, Quotes};
use super::{Heredoc, SyntaxError, SyntaxErrorKind};

/// A `<<` word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opener {
    /// The delimiter without quotes.
    pub(super) name: String,
    /// Whether variables are expanded in the heredoc.
    pub(super) expand: bool,
    /// Whether `<<` has its `-`.
    pub(super) strip_tabs: bool,
}

/// Reads one whole word as an opener; nothing where it is none.
pub(super) fn opener(word: &str) -> Result<Option<Opener>, ExpandError> {
    let Some(rest) = word.trim_start_matches(|ch: char| ch.is_ascii_digit()).strip_prefix("<<") else {
        return Ok(None);
    };
    let (strip_tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start_matches(['\t', '\n', '\u{C}', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let words = |quotes| Lexer::new(rest, '\\', &|_| None, quotes).keeping_unset().process();
    let (_, dropped) = words(Quotes::Dropped)?;
    let [dropped] = dropped.as_slice() else { return Ok(None) };
    let (_, kept) = words(Quotes::Kept)?;
    let [kept] = kept.as_slice() else {
        // The two readings can't differ in their words but for a quoted nothing, which both leave out.
        return Ok(None);
    };
    // A delimiter with any part in quotes takes its heredoc as it is.
    let expand = quotes(&dropped.text) == quotes(&kept.text);
    Ok(Some(Opener { name: dropped.text.clone(), expand, strip_tabs }))
}

/// The heredocs that `line` opens, in order. Where the line's quotes don't match up BuildKit sees none in it.
pub(super) fn openers(line: &LogicalLine<'_>, errors: &mut Vec<SyntaxError>) -> Vec<(Opener, Range<usize>)> {
    let mut lexer = Lexer::new(line.text(), '\\', &|_| None, Quotes::Kept).keeping_unset().keeping_escapes();
    let Ok((_, words)) = lexer.process() else { return Vec::new() };
    let mut openers = Vec::new();
    for word in words {
        match opener(&word.text) {
            Ok(Some(opener)) => openers.push((opener, word.range)),
            Ok(None) => {}
            Err(_) => errors.push(SyntaxError {
                range: line.file_range(word.range),
                kind: SyntaxErrorKind::HeredocDelimiter { word: word.text },
                suggestion: None,
            }),
        }
    }
    openers
}

/// Takes the lines of `opener`'s heredoc from `lines`, to the file's end where nothing closes it.
pub(super) fn read(
    (opener, range): (Opener, Range<usize>),
    line: &LogicalLine<'_>,
    lines: &mut Lines<'_>,
    errors: &mut Vec<SyntaxError>,
) -> Heredoc {
    let start = lines.offset();
    let heredoc = |body, terminator| Heredoc {
        opener: line.file_range(range.clone()),
        name: opener.name.clone(),
        expand: opener.expand,
        strip_tabs: opener.strip_tabs,
        body,
        terminator,
    };
    for candidate in lines.by_ref() {
        let delimiter = candidate.content;
        let delimiter = if opener.strip_tabs { delimiter.trim_start_matches('\t') } else { delimiter };
        if delimiter == opener.name {
            let end = candidate.range.start();
            return heredoc(TextRange::new(start, end), TextRange::new(end, end + candidate.content.len()));
        }
    }
    // One cause is reported once: a second heredoc of the line has nothing left to read either.
    let reported = errors.iter().rev().take(1).any(|error| {
        matches!(error.kind, SyntaxErrorKind::UnterminatedHeredoc { .. }) && start == lines.offset()
    });
    if !reported {
        errors.push(SyntaxError {
            range: line.file_range(range.clone()),
            kind: SyntaxErrorKind::UnterminatedHeredoc { name: opener.name.clone() },
            suggestion: None,
        });
    }
    heredoc(TextRange::new(start, lines.offset()), TextRange::empty(lines.offset()))
}

fn quotes(text: &str) -> usize {
    text.matches(['\'', '"']).count()
}

#[cfg(test)]
mod tests {
    use super::{Opener, opener};

    #[test]
    fn a_quoted_delimiter_takes_its_heredoc_as_it_is() {
        let read = |word| opener(word).unwrap();
        let plain =
            |name: &str, expand, strip_tabs| Some(Opener { name: name.to_owned(), expand, strip_tabs });
        assert_eq!(read("<<EOF"), plain("EOF", true, false));
        assert_eq!(read("<<-'EOF'"), plain("EOF", false, true));
        assert_eq!(read("3<<eo'f'"), plain("eof", false, false));
        assert_eq!(read(r"<<eo\'f"), plain("eo'f", true, false));
        assert_eq!(read("<<'one two'"), plain("one two", false, false));
        assert_eq!(read("<<$EOF"), plain("$EOF", true, false));
        assert_eq!(read("<<  EOF"), plain("EOF", true, false));
        for word in ["<<", "<<<EOF", "a<<EOF", "<EOF", "<<\"\""] {
            assert_eq!(read(word), None, "{word}");
        }
    }
}
