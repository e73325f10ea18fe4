//! The lexer itself, a step for a step BuildKit's, so that its edge cases are BuildKit's too.

use std::collections::BTreeSet;
use std::ops::Range;

use super::budget::Budget;
use super::class::{is_digit, is_letter};
use super::{Environment, ExpandError, Reference, pattern};

/// How deep `${` may stand inside one another: far beyond what people write, far below what the stack bears.
const MAX_DEPTH: usize = 100;

/// What happens to quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Quotes {
    /// They go, once they have done their work.
    Dropped,
    /// They stay in the text.
    Kept,
    /// They are characters like any other.
    Plain,
}

/// One word of a text that was split, and where it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct SplitWord {
    pub(in super::super) text: String,
    pub(in super::super) range: Range<usize>,
}

/// Reads one text.
pub(in super::super) struct Lexer<'a> {
    source: &'a str,
    at: usize,
    escape: char,
    environment: Environment<'a>,
    quotes: Quotes,
    keep_escapes: bool,
    keep_unset: bool,
    depth: usize,
    budget: Budget,
    /// The word being read. One for all depths, as in BuildKit: a `${…}` with a modifier forgets what stood before it.
    buffer: String,
    buffer_range: Range<usize>,
    pub(in super::super) used: BTreeSet<String>,
    pub(in super::super) unset: BTreeSet<String>,
    pub(in super::super) missing: BTreeSet<String>,
    /// The variables that the text refers to, in the order in which they are looked up; none unless asked for.
    pub(in super::super) references: Option<Vec<Reference>>,
}

impl<'a> Lexer<'a> {
    /// A lexer at the beginning of `source`.
    pub(in super::super) fn new(
        source: &'a str,
        escape: char,
        environment: Environment<'a>,
        quotes: Quotes,
    ) -> Self {
        // Go's scanner drops a byte order mark at a text's head.
        let at = if source.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        Self {
            source,
            at,
            escape,
            environment,
            quotes,
            keep_escapes: false,
            keep_unset: false,
            depth: 0,
            budget: Budget::new(source.len()),
            buffer: String::new(),
            buffer_range: 0..0,
            used: BTreeSet::new(),
            unset: BTreeSet::new(),
            missing: BTreeSet::new(),
            references: None,
        }
    }

    /// References to unset variables stay as they are written.
    pub(in super::super) fn keeping_unset(mut self) -> Self {
        self.keep_unset = true;
        self
    }

    /// References are noted.
    pub(in super::super) fn noting_references(mut self) -> Self {
        self.references = Some(Vec::new());
        self
    }

    /// Escape characters stay in the text.
    pub(in super::super) fn keeping_escapes(mut self) -> Self {
        self.keep_escapes = true;
        self
    }

    /// The whole text expanded, and its words.
    pub(in super::super) fn process(&mut self) -> Result<(String, Vec<SplitWord>), ExpandError> {
        self.until(None, self.keep_escapes)
    }

    fn peek(&self) -> Option<char> {
        self.source.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let ch = self.peek()?;
        self.at += ch.len_utf8();
        Some(ch)
    }

    /// Reads up to `stop` and over it, or to the end.
    fn until(
        &mut self,
        stop: Option<char>,
        keep_escapes: bool,
    ) -> Result<(String, Vec<SplitWord>), ExpandError> {
        if self.depth >= MAX_DEPTH {
            return Err(ExpandError::TooDeep);
        }
        self.depth += 1;
        let outer_keep_escapes = std::mem::replace(&mut self.keep_escapes, keep_escapes);
        let result = self.until_inner(stop);
        self.keep_escapes = outer_keep_escapes;
        self.depth -= 1;
        result
    }

    fn until_inner(&mut self, stop: Option<char>) -> Result<(String, Vec<SplitWord>), ExpandError> {
        let mut text = String::new();
        let mut words = Words::default();
        self.buffer.clear();
        while let Some(ch) = self.peek() {
            let start = self.at;
            if Some(ch) == stop {
                self.next();
                return Ok((text, self.finish(words)));
            }
            let special = match ch {
                '\'' if self.quotes != Quotes::Plain => Some(self.single_quote()?),
                '"' if self.quotes != Quotes::Plain => Some(self.double_quote()?),
                '$' => Some(self.dollar()?),
                '<' => Some(self.possible_heredoc()),
                _ => None,
            };
            if let Some(special) = special {
                text.push_str(&special);
                if ch == '$' {
                    for ch in special.chars() {
                        self.add_splitting(&mut words, ch, start);
                    }
                } else {
                    self.add(&mut words, &special, start);
                }
                continue;
            }
            self.next();
            if ch == self.escape {
                if self.keep_escapes {
                    text.push(ch);
                    self.add_char(&mut words, ch, start);
                }
                let Some(escaped) = self.next() else { break };
                text.push(escaped);
                self.add_char(&mut words, escaped, start);
            } else {
                text.push(ch);
                self.add_splitting(&mut words, ch, start);
            }
        }
        match stop {
            None => Ok((text, self.finish(words))),
            Some('/') => Err(ExpandError::OpenPattern),
            Some(_) => Err(ExpandError::OpenBrace),
        }
    }

    fn add_splitting(&mut self, words: &mut Words, ch: char, start: usize) {
        if !ch.is_whitespace() {
            self.add_char(words, ch, start);
        } else if words.in_word && !self.buffer.is_empty() {
            words.push(&mut self.buffer, &self.buffer_range);
        }
    }

    fn add_char(&mut self, words: &mut Words, ch: char, start: usize) {
        self.add(words, ch.encode_utf8(&mut [0; 4]), start);
    }

    /// Adds what was read from `start` to here.
    fn add(&mut self, words: &mut Words, text: &str, start: usize) {
        if self.buffer.is_empty() {
            self.buffer_range.start = start;
        }
        self.buffer_range.end = self.at;
        self.buffer.push_str(text);
        words.in_word = true;
    }

    fn finish(&mut self, mut words: Words) -> Vec<SplitWord> {
        if !self.buffer.is_empty() {
            words.push(&mut self.buffer, &self.buffer_range);
        }
        words.words
    }

    fn single_quote(&mut self) -> Result<String, ExpandError> {
        let start = self.at;
        self.next();
        loop {
            match self.next() {
                None => return Err(ExpandError::OpenQuote('\'')),
                Some('\'') => break,
                Some(_) => {}
            }
        }
        let range = match self.quotes {
            Quotes::Kept => start..self.at,
            Quotes::Dropped | Quotes::Plain => start + 1..self.at - 1,
        };
        Ok(self.source.get(range).unwrap_or_default().to_owned())
    }

    fn double_quote(&mut self) -> Result<String, ExpandError> {
        let mut text = String::new();
        self.next();
        if self.quotes == Quotes::Kept {
            text.push('"');
        }
        loop {
            match self.peek() {
                None => return Err(ExpandError::OpenQuote('"')),
                Some('"') => {
                    self.next();
                    if self.quotes == Quotes::Kept {
                        text.push('"');
                    }
                    return Ok(text);
                }
                Some('$') => text.push_str(&self.dollar()?),
                Some(ch) => {
                    self.next();
                    if ch != self.escape {
                        text.push(ch);
                        continue;
                    }
                    if self.keep_escapes {
                        text.push(ch);
                    }
                    match self.peek() {
                        // An escape at the very end is ignored; the quote is open anyway.
                        None => {}
                        Some(escaped) if escaped == '"' || escaped == '$' || escaped == self.escape => {
                            self.next();
                            text.push(escaped);
                        }
                        Some(_) => text.push(ch),
                    }
                }
            }
        }
    }

    fn dollar(&mut self) -> Result<String, ExpandError> {
        self.next();
        if self.peek() != Some('{') {
            let (name, range) = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return Ok(match self.value(&name, range)? {
                None if self.keep_unset => format!("${name}"),
                value => self.or_hole(&name, value),
            });
        }
        self.next();
        match self.peek() {
            None => return Err(ExpandError::OpenBrace),
            Some('{' | '}' | ':') => return Err(ExpandError::NoName),
            Some(_) => {}
        }
        let (name, range) = self.name();
        match self.next() {
            Some('}') => Ok(match self.value(&name, range)? {
                None if self.keep_unset => format!("${{{name}}}"),
                value => self.or_hole(&name, value),
            }),
            Some(':') => {
                let modifier = self.next();
                self.modified(&name, range, modifier, true)
            }
            Some(modifier @ ('+' | '-' | '?' | '#' | '%')) => {
                self.modified(&name, range, Some(modifier), false)
            }
            Some('/') => self.replaced(&name, range),
            Some(other) => Err(ExpandError::Modifier(other.to_string())),
            None => Err(ExpandError::OpenBrace),
        }
    }

    /// `${name` and its modifier were read: the rest of it.
    fn modified(
        &mut self,
        name: &str,
        range: Range<usize>,
        modifier: Option<char>,
        empty_is_unset: bool,
    ) -> Result<String, ExpandError> {
        let written: String = empty_is_unset.then_some(':').into_iter().chain(modifier).collect();
        let is_pattern = matches!(modifier, Some('#' | '%'));
        if empty_is_unset && is_pattern {
            return Err(ExpandError::Modifier(written));
        }
        let missing_before = std::mem::take(&mut self.missing);
        let (word, _) = self.until(Some('}'), is_pattern)?;
        let missing_in_word = std::mem::replace(&mut self.missing, missing_before);
        let value = self.value(name, range)?;
        if self.keep_unset && value.is_none() {
            return Ok(format!("${{{name}{written}{word}}}"));
        }
        let usable = value.clone().filter(|value| !empty_is_unset || !value.is_empty());
        // A word that isn't used leaves no hole.
        let word_is_used = match modifier {
            Some('-' | '?') => usable.is_none(),
            Some('+') => usable.is_some(),
            _ => true,
        };
        if word_is_used {
            self.missing.extend(missing_in_word);
        }
        match modifier {
            Some('-') => Ok(usable.unwrap_or(word)),
            Some('+') => Ok(usable.map(|_| word).unwrap_or_default()),
            Some('?') => usable.ok_or_else(|| ExpandError::Required {
                name: name.to_owned(),
                message: match value {
                    _ if !word.is_empty() => word,
                    None => "is not allowed to be unset".to_owned(),
                    Some(_) => "is not allowed to be empty".to_owned(),
                },
            }),
            Some(sign @ ('#' | '%')) => {
                let value = self.or_hole(name, value);
                let (pattern, greedy) =
                    word.strip_prefix(sign).map_or((word.as_str(), false), |pattern| (pattern, true));
                if sign == '#' {
                    pattern::trim_prefix(pattern, &value, greedy, &mut self.budget)
                } else {
                    pattern::trim_suffix(pattern, &value, greedy, &mut self.budget)
                }
            }
            _ => Err(ExpandError::Modifier(written)),
        }
    }

    /// `${name/` was read: the rest of it.
    fn replaced(&mut self, name: &str, range: Range<usize>) -> Result<String, ExpandError> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let (pattern, _) = self.until(Some('/'), true)?;
        let (replacement, _) = self.until(Some('}'), true)?;
        let value = self.value(name, range)?;
        if self.keep_unset && value.is_none() {
            return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
        }
        let value = self.or_hole(name, value);
        pattern::replace(&pattern, &value, &replacement, all, &mut self.budget)
    }

    fn name(&mut self) -> (String, Range<usize>) {
        let start = self.at;
        match self.peek() {
            Some(ch) if is_digit(ch) => {
                while self.peek().is_some_and(is_digit) {
                    self.next();
                }
            }
            // The shell's special parameters.
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                self.next();
            }
            _ => {
                while self.peek().is_some_and(|ch| is_letter(ch) || is_digit(ch) || ch == '_') {
                    self.next();
                }
            }
        }
        (self.source.get(start..self.at).unwrap_or_default().to_owned(), start..self.at)
    }

    fn value(&mut self, name: &str, range: Range<usize>) -> Result<Option<String>, ExpandError> {
        if let Some(references) = self.references.as_mut().filter(|_| !name.is_empty()) {
            references.push(Reference { name: name.to_owned(), range });
        }
        let value = (self.environment)(name);
        let names = if value.is_some() { &mut self.used } else { &mut self.unset };
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
        self.budget.take(value.as_ref().map_or(0, String::len))?;
        Ok(value)
    }

    /// The value, or nothing, with a note of the hole that it leaves.
    fn or_hole(&mut self, name: &str, value: Option<String>) -> String {
        value.unwrap_or_else(|| {
            self.missing.insert(name.to_owned());
            String::new()
        })
    }

    /// `<`, or `<<` with the blanks that may stand before a heredoc's delimiter.
    fn possible_heredoc(&mut self) -> String {
        let start = self.at;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while matches!(self.peek(), Some('\t' | '\r' | ' ')) {
                self.next();
            }
        }
        self.source.get(start..self.at).unwrap_or_default().to_owned()
    }
}

#[derive(Debug, Default)]
struct Words {
    words: Vec<SplitWord>,
    in_word: bool,
}

impl Words {
    fn push(&mut self, buffer: &mut String, range: &Range<usize>) {
        self.words.push(SplitWord { text: std::mem::take(buffer), range: range.clone() });
        self.in_word = false;
    }
}
