//! How much a word may come to: what a Dockerfile means it to, and not what it can be made to by words that repeat
//! one another.

use super::ExpandError;

/// What is left of it.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: usize,
    steps: usize,
}

impl Budget {
    /// The budget of a word of that many bytes.
    pub(super) fn new(word: usize) -> Self {
        Self { bytes: (16 << 10) + 8 * word, steps: (1 << 20) + 64 * word }
    }

    /// Takes what a variable or a replacement puts into the word.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), ExpandError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(ExpandError::TooLong)?;
        Ok(())
    }

    /// Takes one comparison of a pattern with a character.
    pub(super) fn step(&mut self) -> Result<(), ExpandError> {
        self.steps = self.steps.checked_sub(1).ok_or(ExpandError::TooLong)?;
        Ok(())
    }
}
