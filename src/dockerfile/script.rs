//! What a shell reads, as Docker hands it over.

use std::borrow::Cow;

use memchr::memchr;

use crate::text::TextRange;

use super::lines::{Lines, before_continuation};

/// What a shell reads. With heredocs for the shell: the command line, the heredocs and the last delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script<'a> {
    /// From its first byte to its last. For a heredoc: the heredoc's lines.
    pub range: TextRange,
    /// The script as it stands in the file.
    written: &'a str,
    /// Where in it the command line ends, which Docker joins.
    command_end: usize,
    /// Where in it the heredocs begin, which Docker leaves alone.
    heredocs_start: usize,
    escape: char,
}

impl<'a> Script<'a> {
    /// A script that starts at `offset` of its file and is read as it is `written`.
    pub fn verbatim(written: &'a str, offset: usize) -> Self {
        let range = TextRange::new(offset, offset + written.len());
        Self { range, written, command_end: 0, heredocs_start: 0, escape: '\\' }
    }

    /// The command line in `range` of the file `source`.
    pub(super) fn command_line(source: &'a str, range: TextRange, escape: char) -> Self {
        let written = source.get(range.start()..range.end()).unwrap_or_default();
        Self { range, written, command_end: written.len(), heredocs_start: written.len(), escape }
    }

    /// The same with the `heredocs` behind it.
    pub(super) fn with_heredocs(self, source: &'a str, heredocs: TextRange) -> Self {
        let range = self.range.cover(heredocs);
        let heredocs_start = heredocs.start() - range.start();
        Self {
            command_end: self.command_end,
            heredocs_start,
            ..Self::command_line(source, range, self.escape)
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// The script as long as its range, so that an offset in it is an offset in the file less the range's start.
    ///
    /// Continuations, and the comment and blank lines that Docker drops inside them, are overwritten with spaces; where
    /// a word goes over them with `\` and newline, whatever the file's escape character is. So a comment that Docker
    /// joins with the next line is one line here too. Nothing is stored: this is put together when it is asked for.
    pub fn text(&self) -> Cow<'a, str> {
        let part = |from: usize, to: usize| self.written.get(from..to).unwrap_or_default();
        let command = part(0, self.command_end);
        let between = part(self.command_end, self.heredocs_start);
        if between.is_empty() && memchr(b'\n', command.as_bytes()).is_none() {
            return Cow::Borrowed(self.written);
        }
        let mut text = String::with_capacity(self.written.len());
        push_joined(&mut text, command, self.escape);
        // What stands between the command line and its heredocs is blanks and the line's end.
        for ch in between.chars() {
            text.extend(std::iter::repeat_n(if ch == '\n' { '\n' } else { ' ' }, ch.len_utf8()));
        }
        text.push_str(part(self.heredocs_start, self.written.len()));
        Cow::Owned(text)
    }
}

/// Appends the lines of `command`, each but the last continued, and fills up what stands between two of them. A word
/// that goes over a continuation goes over `\` and newline; elsewhere blanks read the same and are right in quotes and
/// in comments too.
fn push_joined(text: &mut String, command: &str, escape: char) {
    for line in Lines::new(command, 0) {
        let is_first = line.range.start() == 0;
        let is_last = line.range.end() == command.len();
        if !is_first && (line.is_comment() || line.is_blank()) {
            continue;
        }
        let continued = before_continuation(line.content, escape).filter(|_| !is_last);
        let piece = continued.unwrap_or(line.content);
        if piece.is_empty() {
            continue;
        }
        let gap = line.range.start() - text.len();
        let word_goes_on = text.chars().next_back().is_some_and(|ch| !ch.is_whitespace())
            && piece.starts_with(|ch: char| !ch.is_whitespace());
        let continuations = if word_goes_on { gap / 2 } else { 0 };
        text.extend(std::iter::repeat_n(' ', gap - 2 * continuations));
        text.extend(std::iter::repeat_n("\\\n", continuations));
        text.push_str(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::Script;
    use crate::text::TextRange;

    #[test]
    fn what_docker_drops_is_blank_and_a_word_goes_on_over_it() {
        let source = "RUN ab\\\n# c\ncd \\\n e";
        let script = Script::command_line(source, TextRange::new(4, source.len()), '\\');
        assert_eq!(script.text(), "ab\\\n\\\n\\\ncd    e");
        assert_eq!(script.text().len(), script.range.len());
    }

    #[test]
    fn a_last_line_that_ends_in_the_escape_character_keeps_it() {
        let source = "a \\\n b\\";
        let script = Script::command_line(source, TextRange::new(0, source.len()), '\\');
        assert_eq!(script.text(), "a    b\\");
    }
}
