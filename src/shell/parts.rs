//! The pieces of a word: what is literal, what is quoted, and what the shell puts in.

use super::tree::Word;
use crate::text::TextRange;

/// A piece of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'w> {
    /// Where it stands, its own quotes, `$` and brackets included.
    pub range: TextRange,
    /// The double quotes around it, if any.
    pub quotes: Option<TextRange>,
    /// What it is.
    pub kind: PartKind<'w>,
}

/// The kinds of pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind<'w> {
    /// Text that stands for itself. Between two double quotes with nothing in them it is empty.
    Literal(&'w str),
    /// A character that a backslash stands before; both are here.
    Escape(&'w str),
    /// What stands in single quotes.
    SingleQuoted(&'w str),
    /// What stands in `$'…'`.
    AnsiQuoted(&'w str),
    /// `$name` or `${…}`
    Parameter(Parameter<'w>),
    /// `$(…)` or `` `…` ``
    Command {
        /// Whether it is the old form.
        backticks: bool,
    },
    /// `$((…))` or `$[…]`
    Arithmetic,
    /// `<(…)` or `>(…)`
    Process,
}

/// A variable, or another parameter, with what is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter<'w> {
    /// `#` in `${#name}`, `!` in `${!name}`, else nothing.
    pub before: &'w str,
    /// The name, the number or the sign.
    pub name: &'w str,
    /// What stands behind the name in the braces: `:-default`, `[@]`.
    pub behind: &'w str,
    /// Whether it has braces.
    pub braced: bool,
}

impl Word {
    /// Its pieces, in order.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut reader = Reader { word: self, at: 0, parts: Vec::new() };
        reader.unquoted();
        reader.parts
    }

    /// Whether it stands for the paths that fit: an unquoted `*`, `?` or `[…]` is in it, whatever else is put in.
    pub fn is_pattern(&self) -> bool {
        self.parts().iter().any(|part| match part.kind {
            PartKind::Literal(text) if part.quotes.is_none() => {
                text.contains(['*', '?'])
                    || text.split_once('[').is_some_and(|(_, behind)| behind.contains(']'))
            }
            _ => false,
        })
    }

    /// The name and the value's pieces, where it is `NAME=value` or `NAME+=value`; and whether it is the latter.
    pub fn declaration(&self) -> Option<(&str, bool, Vec<Part<'_>>)> {
        let (left, _) = self.text.split_once('=')?;
        let (name, append) = left.strip_suffix('+').map_or((left, false), |name| (name, true));
        is_name(name).then_some(())?;
        let mut reader = Reader { word: self, at: left.len() + 1, parts: Vec::new() };
        reader.unquoted();
        Some((name, append, reader.parts))
    }
}

/// The `{a,b}` and `{1..3}` in a word, which bash makes several words of.
pub fn brace_expansions(word: &Word) -> Vec<TextRange> {
    if word.value.is_some() || !word.text.contains('{') {
        return Vec::new();
    }
    let mut found = Vec::new();
    // Where braces are open, and whether what is in them makes an expansion.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for part in word.parts() {
        let PartKind::Literal(text) = part.kind else { continue };
        if part.quotes.is_some() {
            continue;
        }
        for (at, c) in text.char_indices() {
            let place = part.range.start() + at;
            match c {
                '{' => open.push((place, false)),
                ',' => open.iter_mut().rev().take(1).for_each(|(_, expands)| *expands = true),
                '.' if text.get(at..).is_some_and(|rest| rest.starts_with("..")) => {
                    open.iter_mut().rev().take(1).for_each(|(_, expands)| *expands = true);
                }
                '}' => {
                    if let Some((start, true)) = open.pop() {
                        found.push(TextRange::new(start, place + 1));
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether `text` can name a variable.
pub fn is_name(text: &str) -> bool {
    name_length(text) == text.len() && !text.is_empty()
}

/// How much of the head of `text` can be a variable's name.
fn name_length(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

struct Reader<'w> {
    word: &'w Word,
    at: usize,
    parts: Vec<Part<'w>>,
}

impl<'w> Reader<'w> {
    fn rest(&self) -> &'w str {
        self.word.text.get(self.at..).unwrap_or_default()
    }

    /// Takes the next `length` bytes, which are a piece.
    fn push(&mut self, length: usize, kind: PartKind<'w>) {
        let range = TextRange::new(self.at, self.at + length).shift(self.word.range.start());
        self.at += length;
        self.parts.push(Part { range, quotes: None, kind });
    }

    fn unquoted(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            let rest = self.rest();
            match c {
                '\\' => self.escape(),
                '\'' => {
                    let inside =
                        rest.get(1..).and_then(|behind| behind.split_once('\'')).map(|(inside, _)| inside);
                    let inside = inside.unwrap_or(rest.get(1..).unwrap_or_default());
                    self.push((inside.len() + 2).min(rest.len()), PartKind::SingleQuoted(inside));
                }
                '"' => self.double_quoted(),
                '$' if rest.starts_with("$'") => {
                    let inside = ansi_quoted(rest.get(2..).unwrap_or_default());
                    self.push((inside.len() + 3).min(rest.len()), PartKind::AnsiQuoted(inside));
                }
                // The quotes of a translated string.
                '$' if rest.starts_with("$\"") => self.at += 1,
                '<' | '>' if rest.get(1..).is_some_and(|behind| behind.starts_with('(')) => {
                    let length = self.substitution().unwrap_or(rest.len());
                    self.push(length, PartKind::Process);
                }
                '$' | '`' if self.expansion(false) => {}
                _ => {
                    let ends = |c: char| matches!(c, '\\' | '\'' | '"' | '$' | '`' | '<' | '>');
                    self.literal(c, ends);
                }
            }
        }
    }

    /// From an opening quote to behind the closing one.
    fn double_quoted(&mut self) {
        let (first, start) = (self.parts.len(), self.at);
        self.at += 1;
        while let Some(c) = self.rest().chars().next() {
            match c {
                '"' => break,
                '\\' if self
                    .rest()
                    .get(1..)
                    .is_some_and(|behind| behind.starts_with(['$', '`', '"', '\\', '\n', '\r'])) =>
                {
                    self.escape();
                }
                '$' | '`' if self.expansion(true) => {}
                _ => self.literal(c, |c| matches!(c, '\\' | '"' | '$' | '`')),
            }
        }
        if self.parts.len() == first {
            self.push(0, PartKind::Literal(""));
        }
        self.at = (self.at + 1).min(self.word.text.len());
        let quotes = TextRange::new(start, self.at).shift(self.word.range.start());
        for part in self.parts.iter_mut().skip(first) {
            part.quotes = Some(quotes);
        }
    }

    /// From `first`, whatever it is, to before the next character that `ends` it.
    fn literal(&mut self, first: char, ends: impl Fn(char) -> bool) {
        let rest = self.rest();
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        let length = first.len_utf8() + behind.find(ends).unwrap_or(behind.len());
        self.push(length, PartKind::Literal(rest.get(..length).unwrap_or_default()));
    }

    /// A backslash and what is behind it. A continuation is no piece.
    fn escape(&mut self) {
        let rest = self.rest();
        let behind = rest.get(1..).unwrap_or_default();
        if behind.starts_with('\n') || behind.starts_with("\r\n") {
            self.at += 1 + behind.find('\n').map_or(0, |newline| newline + 1);
            return;
        }
        let length = 1 + behind.chars().next().map_or(0, char::len_utf8);
        self.push(length, PartKind::Escape(rest.get(..length).unwrap_or_default()));
    }

    /// What a `$` or a backtick begins; nothing where it stands for itself.
    fn expansion(&mut self, quoted: bool) -> bool {
        let rest = self.rest();
        if rest.starts_with('`') {
            let length = self.substitution().unwrap_or(rest.len());
            self.push(length, PartKind::Command { backticks: true });
            return true;
        }
        let behind = rest.get(1..).unwrap_or_default();
        match behind.chars().next() {
            Some('(') => match self.substitution() {
                Some(length) => self.push(length, PartKind::Command { backticks: false }),
                None => self.push(balanced(rest, '(', ')'), PartKind::Arithmetic),
            },
            Some('[') if !quoted => self.push(balanced(rest, '[', ']'), PartKind::Arithmetic),
            Some('{') => self.braced(),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let length = name_length(behind);
                self.plain(behind.get(..length).unwrap_or_default());
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.plain(behind.get(..1).unwrap_or_default());
            }
            _ => return false,
        }
        true
    }

    fn plain(&mut self, name: &'w str) {
        let parameter = Parameter { before: "", name, behind: "", braced: false };
        self.push(1 + name.len(), PartKind::Parameter(parameter));
    }

    fn braced(&mut self) {
        let rest = self.rest();
        let length = self.closing_brace();
        let inside = rest.get(2..length).unwrap_or_default();
        let inside = inside.strip_suffix('}').unwrap_or(inside);
        let is_prefix = |c: char| matches!(c, '#' | '!') && inside.get(1..).is_some_and(begins_a_parameter);
        let (before, name) = inside.split_at(usize::from(inside.starts_with(is_prefix)));
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        let length_of_name = match name_length(name).max(digits) {
            0 => name.chars().next().map_or(0, char::len_utf8),
            length => length,
        };
        let (name, behind) = name.split_at(length_of_name);
        self.push(length, PartKind::Parameter(Parameter { before, name, behind, braced: true }));
    }

    /// How long the `${…}` here is.
    fn closing_brace(&self) -> usize {
        let start = self.at;
        let mut at = start + 2;
        let mut depth = 1_usize;
        while let Some(c) = self.word.text.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = self.word.text.get(at..).unwrap_or_default();
            let skipped = match c {
                '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
                '\'' => rest.get(1..).and_then(|behind| behind.find('\'')).map_or(1, |end| end + 2),
                '$' | '`' => match self.substitution_at(at) {
                    Some(length) => length,
                    None if rest.starts_with("${") => {
                        depth += 1;
                        2
                    }
                    None => 1,
                },
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1 - start;
                    }
                    1
                }
                _ => c.len_utf8(),
            };
            at += skipped;
        }
        self.word.text.len() - start
    }

    /// How long the substitution is that begins here.
    fn substitution(&self) -> Option<usize> {
        self.substitution_at(self.at)
    }

    fn substitution_at(&self, at: usize) -> Option<usize> {
        let place = self.word.range.start() + at;
        let found =
            self.word.substitutions.iter().find(|substitution| substitution.range.start() == place)?;
        Some(found.range.len().min(self.word.text.len() - at))
    }
}

/// Whether what stands behind `#` or `!` in `${#…` makes these ask something of a parameter.
fn begins_a_parameter(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || "_@*".contains(c))
}

/// What stands before the closing quote of `$'…'`.
fn ansi_quoted(text: &str) -> &str {
    let mut escaped = false;
    let end = text.find(|c| {
        let closes = c == '\'' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// How far it is to the bracket that closes the first one in `text`.
fn balanced(text: &str, open: char, close: char) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 1;
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::{Parameter, PartKind};

    fn shown(script: &str) -> Vec<String> {
        let script = parse(script);
        let command = script.list.first().and_then(|statement| statement.command()).unwrap();
        let word = command.words.last().unwrap();
        let parts = word.parts().into_iter();
        parts
            .map(|part| {
                let text = &word.text
                    [part.range.start() - word.range.start()..part.range.end() - word.range.start()];
                let name = match part.kind {
                    PartKind::Literal(_) => "literal",
                    PartKind::Escape(_) => "escape",
                    PartKind::SingleQuoted(_) => "single",
                    PartKind::AnsiQuoted(_) => "ansi",
                    PartKind::Parameter(_) => "parameter",
                    PartKind::Command { backticks: true } => "backticks",
                    PartKind::Command { backticks: false } => "command",
                    PartKind::Arithmetic => "arithmetic",
                    PartKind::Process => "process",
                };
                format!("{name}{} {text}", if part.quotes.is_some() { "+" } else { "" })
            })
            .collect()
    }

    #[test]
    fn a_word_comes_apart_at_its_quotes_and_expansions() {
        let cases: [(&str, &[&str]); 12] = [
            ("x plain", &["literal plain"]),
            ("x a'b'\"c\"d", &["literal a", "single 'b'", "literal+ c", "literal d"]),
            ("x \"a $b\\\"\"$c", &["literal+ a ", "parameter+ $b", "escape+ \\\"", "parameter $c"]),
            ("x ${a:-\"$(b)\"}c", &["parameter ${a:-\"$(b)\"}", "literal c"]),
            ("x $(a $(b) \"c)\")d", &["command $(a $(b) \"c)\")", "literal d"]),
            ("x `a`b$((1 + (2)))", &["backticks `a`", "literal b", "arithmetic $((1 + (2)))"]),
            ("x \\n\\ a", &["escape \\n", "escape \\ ", "literal a"]),
            ("x $'a\\'b'c", &["ansi $'a\\'b'", "literal c"]),
            ("x \"\"5$", &["literal+ ", "literal 5", "literal $"]),
            ("x fo\\\no", &["literal fo", "literal o"]),
            ("x <(a b)", &["process <(a b)"]),
            ("x \"${a}_${b%\\}}\"", &["parameter+ ${a}", "literal+ _", "parameter+ ${b%\\}}"]),
        ];
        for (script, expected) in cases {
            assert_eq!(shown(script), expected, "{script}");
        }
    }

    #[test]
    fn a_parameter_is_a_name_and_what_is_asked_of_it() {
        let cases = [
            ("x $a", "", "a", ""),
            ("x ${#a}", "#", "a", ""),
            ("x ${#}", "", "#", ""),
            ("x ${!a}", "!", "a", ""),
            ("x ${a[@]}", "", "a", "[@]"),
            ("x ${a:+b}", "", "a", ":+b"),
            ("x $10", "", "1", ""),
            ("x ${10}", "", "10", ""),
            ("x $?", "", "?", ""),
            ("x ${@:2}", "", "@", ":2"),
        ];
        for (script, before, name, behind) in cases {
            let read = parse(script);
            let word =
                read.list.first().and_then(|statement| statement.command()).unwrap().words.last().unwrap();
            let parts = word.parts();
            let PartKind::Parameter(found) = parts.first().unwrap().kind else { panic!("{script}") };
            let expected = Parameter { before, name, behind, braced: script.contains('{') };
            assert_eq!(found, expected, "{script}");
        }
    }

    #[test]
    fn a_declaration_is_a_name_and_a_value() {
        let script = parse("export A=b$c D+=1 $e=f");
        let command = script.list.first().and_then(|statement| statement.command()).unwrap();
        let read: Vec<Option<(&str, bool, usize)>> = command
            .words
            .iter()
            .map(|word| word.declaration().map(|(name, append, parts)| (name, append, parts.len())))
            .collect();
        assert_eq!(read, [None, Some(("A", false, 2)), Some(("D", true, 1)), None]);
    }
}
