//! From byte offsets to the lines and columns that people count.

/// A place as people name it: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Where each line of a text starts. A line ends after `\n`, as BuildKit's scanner reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<usize>,
    length: usize,
}

impl LineIndex {
    /// Indexes `text`.
    pub fn new(text: &str) -> Self {
        let after_newlines = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { starts: std::iter::once(0).chain(after_newlines).collect(), length: text.len() }
    }

    /// The line, from 1, that holds the byte at `offset` (the last one for an offset past the end).
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The offset at which `line` (from 1) starts; the text's end for a line past the last.
    pub fn line_start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.length)
    }

    /// The place of `offset` in `text`, which must be the text that was indexed.
    pub fn line_column(&self, text: &str, offset: usize) -> LineColumn {
        let offset = offset.min(text.len());
        let line = self.line(offset);
        let start = self.line_start(line);
        let column = text.as_bytes().get(start..offset).map_or(0, |bytes| {
            // A character starts at every byte that is no UTF-8 continuation byte.
            bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
        });
        LineColumn { line, column: column + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::{LineColumn, LineIndex};

    #[test]
    fn columns_count_characters_and_lines_end_after_the_newline() {
        let text = "FROM é:1\nRUN x";
        let index = LineIndex::new(text);
        let place = |offset| index.line_column(text, offset);
        assert_eq!(place(0), LineColumn { line: 1, column: 1 });
        assert_eq!(place(7), LineColumn { line: 1, column: 7 });
        assert_eq!(place(9), LineColumn { line: 1, column: 9 });
        assert_eq!(place(10), LineColumn { line: 2, column: 1 });
        assert_eq!(place(999), LineColumn { line: 2, column: 6 });
    }
}
