//! The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/replacement}`.

use regex::Regex;

use super::ExpandError;

/// `value` without the beginning that `pattern` matches.
pub(super) fn trim_prefix(pattern: &str, value: &str, greedy: bool) -> Result<String, ExpandError> {
    let trimmed = match compile(pattern, greedy, true)?.find(value) {
        Some(found) => value.get(found.end()..).unwrap_or_default(),
        None => value,
    };
    Ok(trimmed.to_owned())
}

/// `value` without the end that `pattern` matches: the beginning, with all of it turned round.
pub(super) fn trim_suffix(pattern: &str, value: &str, greedy: bool) -> Result<String, ExpandError> {
    let value: String = value.chars().rev().collect();
    let trimmed = trim_prefix(&reversed(pattern), &value, greedy)?;
    Ok(trimmed.chars().rev().collect())
}

/// `value` with the first match, or all of them, replaced.
pub(super) fn replace(
    pattern: &str,
    value: &str,
    replacement: &str,
    all: bool,
) -> Result<String, ExpandError> {
    let pattern = compile(pattern, true, false)?;
    Ok(if all {
        // `$1` in the replacement names a group, as in Go.
        pattern.replace_all(value, replacement).into_owned()
    } else {
        pattern.replacen(value, 1, regex::NoExpand(replacement)).into_owned()
    })
}

fn compile(pattern: &str, greedy: bool, anchored: bool) -> Result<Regex, ExpandError> {
    let refused = || ExpandError::Pattern(pattern.to_owned());
    let mut expression = String::from(if anchored { "^" } else { "" });
    let mut chars = pattern.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '*' => expression.push_str(if greedy { ".*" } else { ".*?" }),
            '?' => expression.push('.'),
            // Such an escape is the word's and no part of the pattern.
            '\\' if matches!(chars.peek(), Some('}' | '/')) => {}
            '\\' => match chars.next() {
                Some(escaped @ ('*' | '?' | '\\')) => expression.extend(['\\', escaped]),
                _ => return Err(refused()),
            },
            ch => expression.push_str(&regex::escape(ch.encode_utf8(&mut [0; 4]))),
        }
    }
    Regex::new(&expression).map_err(|_| refused())
}

/// The pattern back to front, each escape still before what it escapes.
fn reversed(pattern: &str) -> String {
    let mut parts: Vec<(Option<char>, char)> = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(ch) = chars.next() {
        match chars.peek() {
            Some(&escaped) if ch == '\\' => {
                chars.next();
                parts.push((Some(ch), escaped));
            }
            _ => parts.push((None, ch)),
        }
    }
    parts.into_iter().rev().flat_map(|(escape, ch)| escape.into_iter().chain([ch])).collect()
}

#[cfg(test)]
mod tests {
    use super::{compile, reversed, trim_prefix};

    #[test]
    fn a_pattern_turned_round_keeps_its_escapes() {
        let cases = [
            (r"a\*c", r"c\*a"),
            (r"\\\ab", r"b\a\\"),
            (r"ab\", r"\ba"),
            (r"👽\🚀🖖", r"🖖\🚀👽"),
            (r"\\b", r"b\\"),
        ];
        for (pattern, turned) in cases {
            assert_eq!(reversed(pattern), turned);
        }
    }

    #[test]
    fn only_stars_question_marks_and_escapes_mean_something() {
        assert_eq!(trim_prefix(r"(()[]{\}^$.\*\?|\\", r"(()[]{}^$.*?|\rest", true), Ok("rest".to_owned()));
        for pattern in [r"\", r"\x", r"\\\"] {
            assert!(compile(pattern, true, true).is_err(), "{pattern}");
        }
    }
}
