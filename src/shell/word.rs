//! Quote removal: what a word says, where it says something fixed.

use super::lower::Lines;

/// What a word's text comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The literal value; nothing where something has to be expanded first.
    pub(super) value: Option<String>,
    /// Whether it is a pathname pattern or starts with a tilde.
    pub(super) pattern: bool,
}

/// Reads one word as POSIX says (XCU 2.2 and 2.6), bash's brace expansion kept out.
pub(super) fn read(text: &str, lines: Lines) -> Reading {
    let mut value = String::with_capacity(text.len());
    let mut pattern = text.starts_with('~');
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = behind;
        match c {
            '\\' => rest = escaped(behind, &mut value),
            '\'' => {
                let Some((quoted, after)) = behind.split_once('\'') else { return Reading::default() };
                match lines {
                    // Docker took the continuations out before the shell saw the quotes.
                    Lines::Joined => value.push_str(&quoted.replace("\\\r\n", "").replace("\\\n", "")),
                    Lines::AsWritten => value.push_str(quoted),
                }
                rest = after;
            }
            '"' => {
                let Some(after) = double_quoted(behind, &mut value) else { return Reading::default() };
                rest = after;
            }
            '$' if expands(behind) || behind.starts_with(['\'', '"']) => return Reading::default(),
            '`' => return Reading::default(),
            '<' | '>' if behind.starts_with('(') => return Reading::default(),
            '{' if is_brace_expansion(behind) => return Reading::default(),
            '*' | '?' | '[' => {
                pattern = true;
                value.push(c);
            }
            _ => value.push(c),
        }
    }
    Reading { value: Some(value), pattern }
}

/// What follows a backslash outside quotes; the rest behind it.
fn escaped<'a>(behind: &'a str, value: &mut String) -> &'a str {
    if let Some(after) = behind.strip_prefix("\r\n").or_else(|| behind.strip_prefix('\n')) {
        return after;
    }
    let mut chars = behind.chars();
    value.push(chars.next().unwrap_or('\\'));
    chars.as_str()
}

/// Reads to the closing quote; the rest behind it, or nothing where something expands or the quote is open.
fn double_quoted<'a>(behind: &'a str, value: &mut String) -> Option<&'a str> {
    let mut rest = behind;
    loop {
        let mut chars = rest.chars();
        let c = chars.next()?;
        rest = chars.as_str();
        match c {
            '"' => return Some(rest),
            '\\' if rest.starts_with(['$', '`', '"', '\\', '\n']) || rest.starts_with("\r\n") => {
                rest = escaped(rest, value);
            }
            '`' => return None,
            '$' if expands(rest) => return None,
            _ => value.push(c),
        }
    }
}

/// Whether a `$` before `behind` starts an expansion; else it stands for itself.
fn expands(behind: &str) -> bool {
    behind.starts_with(|c: char| c.is_ascii_alphanumeric() || "_{([@*#?$!-".contains(c))
}

/// Whether a `{` before `behind` opens `{a,b}` or `{1..3}`, which bash expands and POSIX shells don't.
fn is_brace_expansion(behind: &str) -> bool {
    behind.split_once('}').is_some_and(|(inside, _)| inside.contains(',') || inside.contains(".."))
}

#[cfg(test)]
mod tests {
    use super::{Lines, read};

    #[test]
    fn quotes_and_escapes_come_off() {
        let cases = [
            ("plain", "plain"),
            ("a\\ b", "a b"),
            ("'a $b'", "a $b"),
            ("\"a \\\"b\\\" \\$c \\d\"", "a \"b\" $c \\d"),
            ("a'b'\"c\"d", "abcd"),
            ("fo\\\no", "foo"),
            ("\"fo\\\no\"", "foo"),
            ("5$", "5$"),
            ("{}", "{}"),
            ("''", ""),
        ];
        for (text, value) in cases {
            assert_eq!(read(text, Lines::AsWritten).value.as_deref(), Some(value), "{text}");
        }
    }

    #[test]
    fn what_has_to_be_expanded_has_no_value() {
        for text in ["$a", "${a}", "a$(b)", "`a`", "\"$a\"", "{a,b}", "x{1..3}", "$'a'", "<(a)", "'open"] {
            assert_eq!(read(text, Lines::AsWritten).value, None, "{text}");
        }
    }

    #[test]
    fn a_continuation_in_single_quotes_stays_in_a_heredoc_and_goes_in_a_line() {
        assert_eq!(read("'a\\\nb'", Lines::AsWritten).value.as_deref(), Some("a\\\nb"));
        assert_eq!(read("'a\\\nb'", Lines::Joined).value.as_deref(), Some("ab"));
    }

    #[test]
    fn unquoted_stars_and_a_leading_tilde_make_a_pattern() {
        for (text, pattern) in
            [("/a/*", true), ("'/a/*'", false), ("~/x", true), ("a~", false), ("\\*", false)]
        {
            assert_eq!(read(text, Lines::AsWritten).pattern, pattern, "{text}");
        }
    }
}
