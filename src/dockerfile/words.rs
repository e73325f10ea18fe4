//! Words as BuildKit expands them: quotes, escapes, variables.
//! Source: moby/buildkit, frontend/dockerfile/shell/lex.go.

mod lexer;
mod pattern;

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
}

/// Expands one word, blanks and all. `escape` is the file's escape character.
pub fn expand(word: &str, escape: char, environment: Environment<'_>) -> Result<Expansion, ExpandError> {
    let mut lexer = Lexer::new(word, escape, environment, Quotes::Dropped);
    let (text, _) = lexer.process()?;
    Ok(Expansion { text, used: lexer.used, unset: lexer.unset, missing: lexer.missing })
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
    let mut lexer = Lexer::new(word, escape, &|_| None, Quotes::Dropped).keeping_unset();
    // A malformed word still has the references before the mistake.
    let _ = lexer.process();
    let mut references = lexer.references;
    references.sort_by_key(|reference| reference.range.start);
    references
}

/// The same for a text in which quotes mean nothing and `\\` escapes: the lines that a heredoc brings to `COPY` or `ADD`.
pub fn references_in_text(text: &str) -> Vec<Reference> {
    let mut lexer = Lexer::new(text, '\\', &|_| None, Quotes::Plain).keeping_unset();
    let _ = lexer.process();
    let mut references = lexer.references;
    references.sort_by_key(|reference| reference.range.start);
    references
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ExpandError, expand, references};

    #[expect(clippy::unnecessary_wraps, reason = "the shape of an environment")]
    fn shout(name: &str) -> Option<String> {
        Some(name.to_uppercase())
    }

    #[test]
    fn references_are_found_in_quotes_and_in_one_another_and_not_where_escaped() {
        let word = r#"a$b"${c:-${d}}"'$e'\$f$1$"#;
        let found: Vec<_> = references(word, '\\')
            .into_iter()
            .map(|found| (found.name, word[found.range].to_owned()))
            .collect();
        let names = ["b", "c", "d", "1"];
        assert_eq!(found, names.map(|name| (name.to_owned(), name.to_owned())));
    }

    #[test]
    fn the_escape_character_is_the_files() {
        let text = |word, escape| expand(word, escape, &shout).unwrap().text;
        assert_eq!(text(r"C:\$x", '`'), r"C:\X");
        assert_eq!(text("`$x", '`'), "$x");
        assert_eq!(text(r"\$x", '\\'), "$x");
    }

    #[test]
    fn what_was_asked_for_is_told_apart_by_whether_it_was_there() {
        let expansion = expand("$a-$b", '\\', &|name| (name == "a").then(|| "1".to_owned())).unwrap();
        assert_eq!(expansion.text, "1-");
        assert!(expansion.used.contains("a") && expansion.unset.contains("b"));
        let expansion = expand("$a${b:-$c}${d+$e}${f%g}", '\\', &|_| None).unwrap();
        assert_eq!(expansion.unset.into_iter().collect::<String>(), "abcdef");
        assert_eq!(expansion.missing.into_iter().collect::<String>(), "acf");
    }

    #[test]
    fn a_thousand_braces_in_one_another_are_refused_and_harm_nobody() {
        let word = "${a:-".repeat(100_000);
        assert_eq!(expand(&word, '\\', &|_| None), Err(ExpandError::TooDeep));
    }

    proptest! {
        #[test]
        fn no_word_panics(word in any::<String>(), set in any::<bool>()) {
            let _ = expand(&word, '\\', &|name| set.then(|| name.to_owned()));
            for reference in references(&word, '`') {
                prop_assert_eq!(&word[reference.range], reference.name.as_str());
            }
        }

        #[test]
        fn no_word_of_the_lexers_own_characters_panics(word in "[${}:+?#%/*\\\\'\"a-c <-]{0,24}") {
            let _ = expand(&word, '\\', &|name| (name != "a").then(|| name.to_owned()));
            for reference in references(&word, '\\') {
                prop_assert_eq!(&word[reference.range], reference.name.as_str());
            }
        }
    }
}
