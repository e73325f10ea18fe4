//! One line of an ignore file as moby compiles it: a text to compare, or a regular expression.
//! Source: moby/patternmatcher, patternmatcher.go, `(*Pattern).compile` and `match`.

use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;

use super::glob::{self, BadPattern};

/// A cleaned pattern without its `!`, and how it is matched.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) text: String,
    /// `!`: what it matches is taken back in.
    pub(super) exclusion: bool,
    /// The line it stands on, from 1.
    pub(super) line: usize,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    Exact,
    /// `dir/**`: everything that starts with what stands before the stars.
    Prefix(String),
    /// `**/name`: everything that ends so, and `name` itself.
    Suffix(String),
    Regex(Regex),
}

impl Pattern {
    pub(super) fn new(text: &str, exclusion: bool, line: usize) -> Result<Self, BadPattern> {
        glob::matches(text, ".")?;
        Ok(Self { text: text.to_owned(), exclusion, line, matcher: compile(text)? })
    }

    /// Whether the pattern describes `path` itself; its parents are the caller's affair.
    pub(super) fn matches(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Exact => path == self.text,
            Matcher::Prefix(prefix) => path.starts_with(prefix.as_str()),
            Matcher::Suffix(suffix) => {
                path.ends_with(suffix.as_str()) || suffix.strip_prefix('/').is_some_and(|name| path == name)
            }
            Matcher::Regex(regex) => regex.is_match(path),
        }
    }

    /// The leading part without wildcards, where the pattern is such a part and at most a last `*` or `**`.
    /// Source: tonistiigi/fsutil, filter.go, `patternWithoutTrailingGlob`.
    pub(super) fn plain_prefix(&self) -> Option<&str> {
        let text = self.text.strip_suffix("/**").unwrap_or(&self.text);
        let text = text.strip_suffix("/*").unwrap_or(text);
        (!text.contains(['*', '[', ']', '?', '^', '\\'])).then_some(text)
    }
}

/// Which kind of match the pattern asks for so far.
#[derive(PartialEq)]
enum Wanted {
    Exact,
    Prefix,
    Suffix,
    Regex,
}

fn compile(pattern: &str) -> Result<Matcher, BadPattern> {
    let mut expression = String::from("^");
    let mut wanted = Wanted::Exact;
    let mut chars = pattern.chars().peekable();
    let mut is_first = true;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                if chars.peek().is_some() {
                    expression.push_str("(.*/)?");
                    wanted = Wanted::Regex;
                } else if wanted == Wanted::Exact {
                    wanted = Wanted::Prefix;
                } else {
                    expression.push_str(".*");
                    wanted = Wanted::Regex;
                }
                if is_first {
                    wanted = Wanted::Suffix;
                }
            }
            '*' => {
                expression.push_str("[^/]*");
                wanted = Wanted::Regex;
            }
            '?' => {
                expression.push_str("[^/]");
                wanted = Wanted::Regex;
            }
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => {
                expression.push('\\');
                expression.push(c);
            }
            '\\' => {
                expression.push('\\');
                if let Some(escaped) = chars.next() {
                    expression.push(escaped);
                    wanted = Wanted::Regex;
                }
            }
            '[' | ']' => {
                expression.push(c);
                wanted = Wanted::Regex;
            }
            _ => expression.push(c),
        }
        is_first = false;
    }
    Ok(match wanted {
        Wanted::Exact => Matcher::Exact,
        Wanted::Prefix => Matcher::Prefix(pattern.strip_suffix("**").unwrap_or(pattern).to_owned()),
        Wanted::Suffix => Matcher::Suffix(pattern.strip_prefix("**").unwrap_or(pattern).to_owned()),
        Wanted::Regex => {
            expression.push('$');
            Matcher::Regex(Regex::new(&from_go(&expression)?).map_err(|_| BadPattern)?)
        }
    })
}

/// Go's regular expression in this crate's dialect. They differ in classes (Go's don't nest and know no set
/// operators) and in `\d` and the like (Go's are ASCII). Escapes that nobody writes in a path (`\x`, `\p`, octal,
/// `\Q`) are refused.
/// Source: Go, src/regexp/syntax/parse.go.
fn from_go(expression: &str) -> Result<String, BadPattern> {
    let mut out = String::with_capacity(expression.len());
    let mut chars = expression.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next().ok_or(BadPattern)? {
                'A' => out.push_str("\\A"),
                'z' => out.push_str("\\z"),
                'b' => out.push_str("(?-u:\\b)"),
                'B' => out.push_str("(?-u:\\B)"),
                escaped => match perl_class(escaped) {
                    Some(class) => out.push_str(class),
                    None => literal(unescape(escaped)?, &mut out),
                },
            },
            '[' => class(&mut chars, &mut out)?,
            ']' => literal(c, &mut out),
            _ => out.push(c),
        }
    }
    Ok(out)
}

/// A class, from behind its `[`.
fn class(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(), BadPattern> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut is_first = true;
    loop {
        let c = chars.next().ok_or(BadPattern)?;
        if c == ']' && !is_first {
            out.push(']');
            return Ok(());
        }
        is_first = false;
        if c == '[' && chars.peek() == Some(&':') {
            let rest: String = chars.clone().collect();
            if let Some(name) = rest.split_once(":]").map(|(name, _)| name.trim_start_matches(':')) {
                if !is_posix_class(name.trim_start_matches('^')) {
                    return Err(BadPattern);
                }
                out.push_str("[:");
                out.push_str(name);
                out.push_str(":]");
                // The colon before the name, and the `:]` behind it.
                chars.nth(name.chars().count() + 2);
                continue;
            }
        }
        let low = match (c, chars.peek().copied()) {
            ('\\', Some(letter)) if perl_class(letter).is_some() => {
                chars.next();
                out.push_str(perl_class(letter).unwrap_or_default());
                continue;
            }
            ('\\', _) => unescape(chars.next().ok_or(BadPattern)?)?,
            _ => c,
        };
        literal(low, out);
        let mut ahead = chars.clone();
        if ahead.next() == Some('-') && ahead.next().is_some_and(|end| end != ']') {
            chars.next();
            let end = match chars.next().ok_or(BadPattern)? {
                '\\' => unescape(chars.next().ok_or(BadPattern)?)?,
                end => end,
            };
            out.push('-');
            literal(end, out);
        }
    }
}

fn literal(c: char, out: &mut String) {
    out.extend("\\x{".chars().chain(c.escape_unicode().skip("\\u{".len())));
}

/// What an escaped character stands for.
fn unescape(c: char) -> Result<char, BadPattern> {
    Ok(match c {
        'a' => '\x07',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
        _ => return Err(BadPattern),
    })
}

fn perl_class(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => "[\\t\\n\\x0c\\r ]",
        'S' => "[^\\t\\n\\x0c\\r ]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        _ => return None,
    })
}

fn is_posix_class(name: &str) -> bool {
    matches!(
        name,
        "alnum"
            | "alpha"
            | "ascii"
            | "blank"
            | "cntrl"
            | "digit"
            | "graph"
            | "lower"
            | "print"
            | "punct"
            | "space"
            | "upper"
            | "word"
            | "xdigit"
    )
}
