//! One source file: its bytes as they are, and a text of the same length to parse.

use std::sync::OnceLock;

use super::{EditSet, LineColumn, LineIndex, TextRange};

/// A file that was read. Never fails on any bytes.
///
/// Dockerfiles are bytes, and most code wants `&str`. So `text` holds the file with every byte of an invalid
/// UTF-8 sequence replaced by one SUBSTITUTE character (U+001A, one byte): both have the same length, every offset
/// means the same in both, and what is written back comes from the bytes.
#[derive(Debug, Clone)]
pub struct SourceFile {
    path: String,
    text: String,
    /// The bytes, where they are not the text's.
    other_bytes: Option<Vec<u8>>,
    /// Parsing needs no line numbers, so they are counted when somebody asks.
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// Takes `bytes` as the file at `path`; the path is only for people to read.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let (text, other_bytes) = match String::from_utf8(bytes.into()) {
            Ok(text) => (text, None),
            Err(error) => (substituted(error.as_bytes()), Some(error.into_bytes())),
        };
        Self { path: path.into(), text, other_bytes, lines: OnceLock::new() }
    }

    /// The path, as diagnostics name it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The file's own bytes.
    pub fn bytes(&self) -> &[u8] {
        self.other_bytes.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The text to parse, as long as the bytes.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text in `range`; empty where the range is not the file's or cuts a character.
    pub fn slice(&self, range: TextRange) -> &str {
        self.text.get(range.start()..range.end()).unwrap_or_default()
    }

    /// The lines' starts.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The place of a byte offset.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        self.lines().line_column(&self.text, offset)
    }

    /// The file after `edits`, under the same path.
    #[must_use]
    pub fn edited(&self, edits: &EditSet) -> Self {
        Self::new(self.path.clone(), edits.apply(self.bytes()))
    }
}

impl PartialEq for SourceFile {
    fn eq(&self, other: &Self) -> bool {
        (self.path(), self.bytes()) == (other.path(), other.bytes())
    }
}

impl Eq for SourceFile {}

/// `bytes` as a text of the same length.
fn substituted(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{1A}'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::SourceFile;

    #[test]
    fn invalid_utf8_keeps_its_length_and_its_bytes() {
        let bytes = b"RUN echo \xff\xfe caf\xc3\xa9 \xe2\x82";
        let file = SourceFile::new("Dockerfile", bytes.as_slice());
        assert_eq!(file.bytes(), bytes);
        assert_eq!(file.text().len(), bytes.len());
        assert_eq!(file.text(), "RUN echo \u{1a}\u{1a} café \u{1a}\u{1a}");
    }
}
