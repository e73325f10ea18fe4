//! From the file's lines to the logical lines that instructions are read from.

use std::ops::Range;

use crate::text::TextRange;

use super::{Script, Word};

/// The longest line that BuildKit's scanner takes, in bytes without the newline.
/// Source: Go's `bufio.MaxScanTokenSize`.
pub(super) const MAX_LINE: usize = 64 * 1024 - 1;

/// One line of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// With its newline.
    pub(super) range: TextRange,
    /// Without its newline and the carriage returns before it.
    pub(super) content: &'a str,
}

impl Line<'_> {
    /// Where the content stands, less its indentation.
    pub(super) fn indented_range(self) -> TextRange {
        let indentation = self.content.len() - self.content.trim_start().len();
        let start = self.range.start();
        TextRange::new(start + indentation, start + self.content.len())
    }

    /// Whether BuildKit takes the line for a comment.
    pub(super) fn is_comment(self) -> bool {
        self.content.trim_start().starts_with('#')
    }

    /// Whether nothing but blanks stands in the line.
    pub(super) fn is_blank(self) -> bool {
        self.content.trim_start().is_empty()
    }

    /// Whether the line is longer than BuildKit reads.
    pub(super) fn is_too_long(self, text: &str) -> bool {
        let ends_in_newline = text.as_bytes().get(self.range.end().saturating_sub(1)) == Some(&b'\n');
        self.range.len() - usize::from(ends_in_newline && !self.range.is_empty()) > MAX_LINE
    }
}

/// The lines of a text from some offset on.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    /// The lines of `text` from the byte `at` on.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// Where the next line starts.
    pub(super) fn offset(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = rest.split_inclusive('\n').next()?;
        let range = TextRange::new(self.at, self.at + line.len());
        self.at = range.end();
        Some(Line { range, content: line.trim_end_matches(['\r', '\n']) })
    }
}

/// The part of a line before its continuation character, or nothing where the line does not go on.
///
/// A continuation character is the last but for spaces and tabs, and no other one stands before it.
/// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `setEscapeToken`.
pub(super) fn before_continuation(content: &str, escape: char) -> Option<&str> {
    let before = content.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!before.ends_with(escape)).then_some(before)
}

/// An instruction's text without continuations and without the lines that BuildKit drops between them, and the way
/// back from it to the file.
#[derive(Debug, Clone)]
pub(super) struct LogicalLine {
    text: String,
    pieces: Vec<Piece>,
    origin: usize,
}

/// A stretch that is in the logical line as it is in the file. None is empty.
#[derive(Debug, Clone, Copy)]
struct Piece {
    at: usize,
    file: usize,
}

impl LogicalLine {
    /// An empty line at the byte `origin` of the file.
    pub(super) fn new(origin: usize) -> Self {
        Self { text: String::new(), pieces: Vec::new(), origin }
    }

    /// Appends `text`, which stands in the file at `file`.
    pub(super) fn push(&mut self, text: &str, file: usize) {
        if !text.is_empty() {
            self.pieces.push(Piece { at: self.text.len(), file });
            self.text.push_str(text);
        }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A part of the text.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// `range` without the blanks on either side.
    pub(super) fn trim(&self, range: Range<usize>) -> Range<usize> {
        let text = self.slice(range.clone());
        let start = range.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    }

    /// Where a part of the text stands in the file; covers the continuations in it.
    pub(super) fn file_range(&self, range: Range<usize>) -> TextRange {
        let end = self.file_end(range.end);
        if range.is_empty() {
            return TextRange::empty(end);
        }
        let start = self.piece(self.pieces.partition_point(|piece| piece.at <= range.start));
        TextRange::new(start.file + (range.start - start.at), end)
    }

    /// A part of the text as a word.
    pub(super) fn word(&self, range: Range<usize>) -> Word {
        Word { text: self.slice(range.clone()).to_owned(), range: self.file_range(range) }
    }

    /// The words between blanks in a part of the text.
    /// Source: moby/buildkit, frontend/dockerfile/parser/line_parsers.go, `parseStringsWhitespaceDelimited`.
    pub(super) fn words(&self, range: Range<usize>) -> Vec<Word> {
        let mut words = Vec::new();
        let mut at = range.start;
        for part in self.slice(range).split(is_separator) {
            if !part.is_empty() {
                words.push(self.word(at..at + part.len()));
            }
            at += part.len() + 1;
        }
        words
    }

    /// A part of the text as a script: as long as its place in the file, so what stands between two pieces there is
    /// filled up. A word that goes over a continuation goes over `\` and newline; elsewhere blanks read the same and
    /// are right in quotes and in comments too.
    pub(super) fn script(&self, range: Range<usize>) -> Script {
        let place = self.file_range(range.clone());
        let mut text = String::with_capacity(place.len());
        let mut at = range.start;
        let first = self.pieces.partition_point(|piece| piece.at <= range.start);
        for next in self.pieces.get(first..).unwrap_or_default() {
            if next.at >= range.end {
                break;
            }
            text.push_str(self.slice(at..next.at));
            at = next.at;
            let gap = next.file - self.file_end(next.at);
            let word_goes_on = text.chars().next_back().is_some_and(|ch| !ch.is_whitespace())
                && self.slice(at..range.end).starts_with(|ch: char| !ch.is_whitespace());
            fill(&mut text, gap, word_goes_on);
        }
        text.push_str(self.slice(at..range.end));
        Script { range: place, text }
    }

    /// The offset in the file behind the text's byte `end - 1`.
    fn file_end(&self, end: usize) -> usize {
        let piece = self.piece(self.pieces.partition_point(|piece| piece.at < end));
        piece.file + (end - piece.at)
    }

    /// The piece before the index `after`.
    fn piece(&self, after: usize) -> Piece {
        let before = after.checked_sub(1).and_then(|index| self.pieces.get(index));
        before.or(self.pieces.first()).copied().unwrap_or(Piece { at: 0, file: self.origin })
    }
}

/// Whether BuildKit separates words at the character.
/// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `reWhitespace`.
pub(super) fn is_separator(ch: char) -> bool {
    matches!(ch, '\t' | '\u{B}' | '\u{C}' | '\r' | ' ')
}

fn fill(text: &mut String, length: usize, word_goes_on: bool) {
    let continuations = if word_goes_on { length / 2 } else { 0 };
    text.extend(std::iter::repeat_n(' ', length - 2 * continuations));
    text.extend(std::iter::repeat_n("\\\n", continuations));
}

#[cfg(test)]
mod tests {
    use super::{LogicalLine, before_continuation};
    use crate::text::TextRange;

    #[test]
    fn a_continuation_character_is_the_last_and_not_escaped() {
        assert_eq!(before_continuation(r"RUN a \", '\\'), Some("RUN a "));
        assert_eq!(before_continuation("RUN a \\ \t", '\\'), Some("RUN a "));
        assert_eq!(before_continuation(r"\", '\\'), Some(""));
        assert_eq!(before_continuation(r"RUN a \\", '\\'), None);
        assert_eq!(before_continuation(r"RUN a \", '`'), None);
        assert_eq!(before_continuation("RUN a `", '`'), Some("RUN a "));
    }

    #[test]
    fn a_word_over_a_continuation_covers_it_and_the_words_beside_do_not() {
        // RUN ab\⏎# c⏎cd \⏎ e
        let mut line = LogicalLine::new(0);
        line.push("RUN ab", 0);
        line.push("cd ", 12);
        line.push(" e", 17);
        assert_eq!(line.text(), "RUN abcd  e");
        assert_eq!(line.file_range(4..8), TextRange::new(4, 14));
        assert_eq!(line.file_range(0..3), TextRange::new(0, 3));
        assert_eq!(line.file_range(10..11), TextRange::new(18, 19));
        let script = line.script(4..11);
        assert_eq!(script.range, TextRange::new(4, 19));
        assert_eq!(script.text, "ab\\\n\\\n\\\ncd    e");
        assert_eq!(script.text.len(), script.range.len());
    }
}
