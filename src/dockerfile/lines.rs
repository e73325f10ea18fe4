//! From the file's lines to the logical lines that instructions are read from.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use crate::text::TextRange;

use super::Word;

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
    /// The content less its indentation.
    pub(super) indented: &'a str,
}

impl Line<'_> {
    /// Where the content stands, less its indentation.
    pub(super) fn indented_range(self) -> TextRange {
        let end = self.range.start() + self.content.len();
        TextRange::new(end - self.indented.len(), end)
    }

    /// Whether BuildKit takes the line for a comment.
    pub(super) fn is_comment(self) -> bool {
        self.indented.starts_with('#')
    }

    /// Whether nothing but blanks stands in the line.
    pub(super) fn is_blank(self) -> bool {
        self.indented.is_empty()
    }

    /// Whether the line is longer than BuildKit reads.
    pub(super) fn is_too_long(self, text: &str) -> bool {
        if self.range.len() <= MAX_LINE {
            return false;
        }
        let ends_in_newline = text.as_bytes().get(self.range.end().saturating_sub(1)) == Some(&b'\n');
        self.range.len() - usize::from(ends_in_newline) > MAX_LINE
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

    #[inline]
    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let newline = memchr(b'\n', rest.as_bytes());
        let content = rest.get(..newline.unwrap_or(rest.len()))?;
        let content = if content.ends_with('\r') { content.trim_end_matches('\r') } else { content };
        let range = TextRange::new(self.at, self.at + newline.map_or(rest.len(), |newline| newline + 1));
        self.at = range.end();
        Some(Line { range, content, indented: content.trim_start() })
    }
}

/// The part of a line before its continuation character, or nothing where the line does not go on.
///
/// A continuation character is the last but for spaces and tabs, and no other one stands before it.
/// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `setEscapeToken`.
#[inline]
pub(super) fn before_continuation(content: &str, escape: char) -> Option<&str> {
    let mut characters = content.trim_end_matches([' ', '\t']).chars();
    let goes_on = characters.next_back() == Some(escape);
    let before = characters.as_str();
    (goes_on && characters.next_back() != Some(escape)).then_some(before)
}

/// An instruction's text without continuations and without the lines that BuildKit drops between them, and the way
/// back from it to the file.
///
/// One is made for a file and serves its instructions one after the other, so that its buffers are.
#[derive(Debug)]
pub(super) struct LogicalLine<'a> {
    source: &'a str,
    origin: usize,
    pieces: Vec<Piece>,
    /// The text of all pieces; empty where there is only one, which is read where it stands.
    joined: String,
    length: usize,
}

/// A stretch that is in the logical line as it is in the file. None is empty.
#[derive(Debug, Clone, Copy)]
struct Piece {
    at: usize,
    file: usize,
}

impl<'a> LogicalLine<'a> {
    /// An empty line of the file `source`.
    pub(super) fn new(source: &'a str) -> Self {
        let joined = String::with_capacity(source.len().min(4096));
        Self { source, origin: 0, pieces: Vec::with_capacity(64), joined, length: 0 }
    }

    /// Makes it an empty line again, at the byte `origin` of the file.
    pub(super) fn restart(&mut self, origin: usize) {
        self.origin = origin;
        self.pieces.clear();
        self.joined.clear();
        self.length = 0;
    }

    /// Appends the `length` bytes that stand in the file at `file`.
    #[inline]
    pub(super) fn push(&mut self, file: usize, length: usize) {
        if length == 0 {
            return;
        }
        let stretch = |at: usize, length| self.source.get(at..at + length).unwrap_or_default();
        match self.pieces.as_slice() {
            [] => {}
            [first] => self.joined.extend([stretch(first.file, self.length), stretch(file, length)]),
            _ => self.joined.push_str(stretch(file, length)),
        }
        self.pieces.push(Piece { at: self.length, file });
        self.length += length;
    }

    /// The whole text.
    #[inline]
    pub(super) fn text(&self) -> &str {
        match self.pieces.as_slice() {
            [only] => self.source.get(only.file..only.file + self.length).unwrap_or_default(),
            _ => &self.joined,
        }
    }

    /// How long the text is.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// A part of the text.
    #[inline]
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.text().get(range).unwrap_or_default()
    }

    /// A part of the text, borrowed from the file where it goes over no continuation.
    pub(super) fn part(&self, range: Range<usize>) -> Cow<'a, str> {
        self.part_at(self.file_range(range.clone()), range)
    }

    fn part_at(&self, place: TextRange, range: Range<usize>) -> Cow<'a, str> {
        match self.source.get(place.start()..place.end()) {
            Some(text) if text.len() == range.len() => Cow::Borrowed(text),
            _ => Cow::Owned(self.slice(range).to_owned()),
        }
    }

    /// `range` without the blanks on either side.
    pub(super) fn trim(&self, range: Range<usize>) -> Range<usize> {
        let text = self.slice(range.clone());
        let without_start = text.trim_start();
        let start = range.start + (text.len() - without_start.len());
        start..start + without_start.trim_end().len()
    }

    /// Where a part of the text stands in the file; covers the continuations in it.
    #[inline]
    pub(super) fn file_range(&self, range: Range<usize>) -> TextRange {
        // Most instructions are one piece, where nothing has to be looked up.
        if let [only] = self.pieces.as_slice() {
            return TextRange::from(range).shift(only.file);
        }
        let end = self.file_end(range.end);
        if range.is_empty() {
            return TextRange::empty(end);
        }
        let start = self.piece(self.pieces.partition_point(|piece| piece.at <= range.start));
        TextRange::new(start.file + (range.start - start.at), end)
    }

    /// A part of the text as a word.
    pub(super) fn word(&self, range: Range<usize>) -> Word<'a> {
        let place = self.file_range(range.clone());
        Word { range: place, text: self.part_at(place, range) }
    }

    /// The words between blanks in a part of the text.
    /// Source: moby/buildkit, frontend/dockerfile/parser/line_parsers.go, `parseStringsWhitespaceDelimited`.
    pub(super) fn words(&self, range: Range<usize>) -> impl Iterator<Item = Word<'a>> {
        let mut start = range.start;
        self.slice(range).as_bytes().split(is_separator).filter_map(move |part| {
            let word = start..start + part.len();
            start = word.end + 1;
            (!part.is_empty()).then(|| self.word(word))
        })
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

/// Whether BuildKit separates words at the byte, which is never one within a character.
/// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `reWhitespace`.
pub(super) fn is_separator(byte: &u8) -> bool {
    matches!(byte, b'\t' | 0xB | 0xC | b'\r' | b' ')
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
        let mut line = LogicalLine::new("RUN ab\\\n# c\ncd \\\n e");
        line.push(0, 6);
        line.push(12, 3);
        line.push(17, 2);
        assert_eq!(line.text(), "RUN abcd  e");
        assert_eq!(line.file_range(4..8), TextRange::new(4, 14));
        assert_eq!(line.file_range(0..3), TextRange::new(0, 3));
        assert_eq!(line.file_range(10..11), TextRange::new(18, 19));
    }
}
