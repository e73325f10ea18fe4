//! The JSON form: a program and its arguments, with no shell between.

use super::lower::{Lines, nested};
use super::tree::{Command, Word};
use crate::dockerfile;

/// The command of an instruction in JSON form, with ranges in the file; nothing is expanded in it. Where it calls
/// `sh -c`, the script within is read as far as it stands in the file letter for letter.
pub fn exec(words: &[dockerfile::Word]) -> Command {
    let words: Vec<Word> = words
        .iter()
        .map(|word| Word {
            range: word.range,
            text: word.text.to_string(),
            value: Some(word.text.to_string()),
            ..Word::default()
        })
        .collect();
    let range = words.iter().map(|word| word.range).reduce(crate::text::TextRange::cover).unwrap_or_default();
    let mut command = Command { range, words, ..Command::default() };
    let script = command.effective().shell_script();
    // Two quotes and not one escape.
    let verbatim = script.filter(|word| word.range.len() == word.text.len() + 2);
    if let Some(word) = verbatim {
        command.inner = nested(&word.text, Lines::AsWritten, word.range.start() + 1).list;
    }
    command
}
