//! From the file's lines to the logical lines that instructions are read from.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use crate::text::TextRange;

use super::Word;
use super::blanks::{is_separator, trim_end, trim_start};

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
    rest: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    /// The lines of `text` from the byte `at` on.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { rest: text.get(at..).unwrap_or_default(), at }
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
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr(b'\n', self.rest.as_bytes()).map_or(self.rest.len(), |newline| newline + 1);
        let (line, rest) = self.rest.split_at_checked(end)?;
        let content = line.strip_suffix('\n').unwrap_or(line);
        let content = match content.as_bytes().last() {
            Some(b'\r') => content.trim_end_matches('\r'),
            _ => content,
        };
        let range = TextRange::new(self.at, self.at + end);
        (self.rest, self.at) = (rest, range.end());
        Some(Line { range, content, indented: trim_start(content) })
    }
}

/// The part of a line before its continuation character, or nothing where the line does not go on.
///
/// A continuation character is the last but for spaces and tabs, and no other one stands before it.
/// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `setEscapeToken`.
#[inline]
pub(super) fn before_continuation(content: &str, escape: char) -> Option<&str> {
    let is_escape = |byte: &u8| char::from(*byte) == escape;
    let last = content.bytes().rposition(|byte| !matches!(byte, b' ' | b'\t'))?;
    let (before, from_last) = content.as_bytes().split_at_checked(last)?;
    let goes_on = from_last.first().is_some_and(is_escape) && !before.last().is_some_and(is_escape);
    goes_on.then(|| content.get(..last)).flatten()
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
    /// The first piece, which is nearly always the only one and is read where it stands.
    first: &'a str,
    /// The text of all pieces; empty where there is only one.
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
        let joined = String::with_capacity(source.len().min(1024));
        Self { source, origin: 0, pieces: Vec::with_capacity(32), first: "", joined, length: 0 }
    }

    /// Makes it an empty line again, at the byte `origin` of the file.
    pub(super) fn restart(&mut self, origin: usize) {
        self.origin = origin;
        self.pieces.clear();
        self.first = "";
        self.joined.clear();
        self.length = 0;
    }

    /// Appends the `piece` that stands in the file at `file`.
    #[inline]
    pub(super) fn push(&mut self, file: usize, piece: &'a str) {
        if piece.is_empty() {
            return;
        }
        match self.pieces.as_slice() {
            [] => self.first = piece,
            [_] => self.joined.extend([self.first, piece]),
            _ => self.joined.push_str(piece),
        }
        self.pieces.push(Piece { at: self.length, file });
        self.length += piece.len();
    }

    /// The whole text.
    #[inline]
    pub(super) fn text(&self) -> &str {
        if self.pieces.len() > 1 { &self.joined } else { self.first }
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
        let without_start = trim_start(self.slice(range.clone()));
        let start = range.end - without_start.len();
        start..start + trim_end(without_start).len()
    }

    /// Where a part of the text stands in the file; covers the continuations in it.
    #[inline]
    pub(super) fn file_range(&self, range: Range<usize>) -> TextRange {
        // Nearly all that is asked for stands in the first piece, where nothing has to be looked up.
        match self.pieces.as_slice() {
            [only] => TextRange::from(range).shift(only.file),
            [first, second, ..] if range.end <= second.at => TextRange::from(range).shift(first.file),
            _ => self.file_range_over_pieces(&range),
        }
    }

    fn file_range_over_pieces(&self, range: &Range<usize>) -> TextRange {
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
        self.slice(range).as_bytes().split(|byte| is_separator(*byte)).filter_map(move |part| {
            let word = start..start + part.len();
            start = word.end + 1;
            (!part.is_empty()).then(|| self.word(word))
        })
    }

    /// The offset in the file behind the text's byte `end - 1`.
    fn file_end(&self, end: usize) -> usize {
        let piece = match self.pieces.last() {
            Some(last) if last.at < end => *last,
            _ => self.piece(self.pieces.partition_point(|piece| piece.at < end)),
        };
        piece.file + (end - piece.at)
    }

    /// The piece before the index `after`.
    fn piece(&self, after: usize) -> Piece {
        let before = after.checked_sub(1).and_then(|index| self.pieces.get(index));
        before.or(self.pieces.first()).copied().unwrap_or(Piece { at: 0, file: self.origin })
    }
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
        line.push(0, "RUN ab");
        line.push(12, "cd ");
        line.push(17, " e");
        assert_eq!(line.text(), "RUN abcd  e");
        assert_eq!(line.file_range(4..8), TextRange::new(4, 14));
        assert_eq!(line.file_range(0..3), TextRange::new(0, 3));
        assert_eq!(line.file_range(10..11), TextRange::new(18, 19));
    }
}
