//! Words as BuildKit expands them: quotes, escapes, variables.
//! Source: moby/buildkit, frontend/dockerfile/shell/lex.go.

mod budget;
mod class;
mod lexer;
mod pattern;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;

use thiserror::Error;

pub(super) use lexer::{Lexer, Quotes};

/// Where a variable's value comes from: its name in, its value out where it is set.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A word with its variables put in and its quotes and escapes taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    /// What the word comes to.
    pub text: String,
    /// The variables it asked for and found.
    pub used: BTreeSet<String>,
    /// The variables it asked for and did not find.
    pub unset: BTreeSet<String>,
    /// Those of `unset` that left a hole: the word has no `:-` or the like that says what to do without them.
    pub missing: BTreeSet<String>,
}

/// A variable that a word refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The variable's name.
    pub name: String,
    /// Where the name stands in the word's text, in bytes.
    pub range: Range<usize>,
}

/// Why a word can't be expanded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpandError {
    /// A `'` or `"` that nothing closes.
    #[error("the quote {0} is never closed")]
    OpenQuote(char),
    /// A `${` that nothing closes.
    #[error("a `${{` is never closed; a `}}` is missing")]
    OpenBrace,
    /// A `${name/pattern` without its second `/`.
    #[error("a `/` is missing in a `${{name/pattern/replacement}}`")]
    OpenPattern,
    /// A `${` with no name behind it.
    #[error("a `${{` has no variable's name behind it")]
    NoName,
    /// A modifier that BuildKit doesn't know.
    #[error("the modifier `{0}` is not known in `${{name…}}`; `:-`, `:+`, `:?`, `#`, `%` and `/` are")]
    Modifier(String),
    /// A pattern that can't be read.
    #[error("the pattern `{0}` can't be read; only `*`, `?` and `\\` mean something in it")]
    Pattern(String),
    /// `${name:?message}` with the name unset or empty.
    #[error("{name}: {message}")]
    Required {
        /// The variable.
        name: String,
        /// What the word says about it, or that it must be set.
        message: String,
    },
    /// More `${` inside one another than anybody writes.
    #[error("`${{` stand too deep inside one another")]
    TooDeep,
    /// Variables that come to more than any command or path takes, or patterns that take too long to match.
    #[error("its variables come to too long a text")]
    TooLong,
}

/// Expands one word, blanks and all. `escape` is the file's escape character.
pub fn expand(word: &str, escape: char, environment: Environment<'_>) -> Result<Expansion, ExpandError> {
    if is_plain(word, escape) {
        let none = BTreeSet::new;
        return Ok(Expansion { text: word.to_owned(), used: none(), unset: none(), missing: none() });
    }
    let mut lexer = Lexer::new(word, escape, environment, Quotes::Dropped);
    let (text, _) = lexer.process()?;
    Ok(Expansion { text, used: lexer.used, unset: lexer.unset, missing: lexer.missing })
}

/// Whether the lexer would give the word back as it is, which is how most words are.
fn is_plain(word: &str, escape: char) -> bool {
    !word.contains(['$', '\'', '"', '<', '\u{FEFF}', escape])
}

/// Expands `text` and splits it at the blanks that then stand outside quotes, as BuildKit does for `EXPOSE`.
pub fn expand_words(
    text: &str,
    escape: char,
    environment: Environment<'_>,
) -> Result<Vec<String>, ExpandError> {
    let (_, words) = Lexer::new(text, escape, environment, Quotes::Dropped).process()?;
    Ok(words.into_iter().map(|word| word.text).collect())
}

/// The variables that `word` refers to, in the order they stand; those before the mistake where it is malformed.
pub fn references(word: &str, escape: char) -> Vec<Reference> {
    if !word.contains('$') {
        return Vec::new();
    }
    let mut lexer = Lexer::new(word, escape, &|_| None, Quotes::Dropped).keeping_unset().noting_references();
    // A malformed word still has the references before the mistake.
    let _ = lexer.process();
    let mut references = lexer.references.unwrap_or_default();
    references.sort_by_key(|reference| reference.range.start);
    references
}

/// The same for a text in which quotes mean nothing and `\\` escapes: the lines that a heredoc brings to `COPY` or `ADD`.
pub fn references_in_text(text: &str) -> Vec<Reference> {
    let mut lexer = Lexer::new(text, '\\', &|_| None, Quotes::Plain).keeping_unset().noting_references();
    let _ = lexer.process();
    let mut references = lexer.references.unwrap_or_default();
    references.sort_by_key(|reference| reference.range.start);
    references
}
