//! The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/replacement}`.
//!
//! BuildKit makes a regular expression of a pattern, where `*` is `.*` and `?` is `.`: neither takes a newline. Here
//! it is matched as it is, which comes to the same and whose cost is bounded.

use super::class::{is_digit, is_letter};
use super::{ExpandError, budget::Budget};

/// `value` without the beginning that `pattern` matches.
pub(super) fn trim_prefix(
    pattern: &str,
    value: &str,
    greedy: bool,
    budget: &mut Budget,
) -> Result<String, ExpandError> {
    let end = Pattern::read(pattern)?.end(value, 0, greedy, budget)?;
    Ok(value.get(end.unwrap_or(0)..).unwrap_or_default().to_owned())
}

/// `value` without the end that `pattern` matches: the beginning, with all of it turned round.
pub(super) fn trim_suffix(
    pattern: &str,
    value: &str,
    greedy: bool,
    budget: &mut Budget,
) -> Result<String, ExpandError> {
    let value: String = value.chars().rev().collect();
    let trimmed = trim_prefix(&reversed(pattern), &value, greedy, budget)?;
    Ok(trimmed.chars().rev().collect())
}

/// `value` with the first match, or all of them, replaced.
pub(super) fn replace(
    pattern: &str,
    value: &str,
    replacement: &str,
    all: bool,
    budget: &mut Budget,
) -> Result<String, ExpandError> {
    let pattern = Pattern::read(pattern)?;
    let mut replaced = String::new();
    // What is copied, where to look on, and where the last match ended.
    let (mut copied, mut at, mut last) = (0, 0, None);
    while let Some((start, end)) = pattern.find(value, at, budget)? {
        // As in Go, nothing is found once more right behind something.
        if start < end || last != Some(start) {
            replaced.push_str(value.get(copied..start).unwrap_or_default());
            let found = value.get(start..end).unwrap_or_default();
            // Only where all are replaced does Go take `$0` for what was found.
            let put = if all { filled(replacement, found) } else { replacement.to_owned() };
            budget.take(put.len())?;
            replaced.push_str(&put);
            (copied, last) = (end, Some(end));
        }
        let behind = value.get(end..).and_then(|rest| rest.chars().next());
        at = match behind {
            Some(ch) if start == end => end + ch.len_utf8(),
            _ => end,
        };
        if !all || behind.is_none() && start == end {
            break;
        }
    }
    replaced.push_str(value.get(copied..).unwrap_or_default());
    Ok(replaced)
}

/// A pattern, as the stretches that its stars divide: always at least one.
#[derive(Debug)]
struct Pattern {
    first: Stretch,
    starred: Vec<Stretch>,
}

/// What stands between two stars.
#[derive(Debug, Default)]
struct Stretch {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Char(char),
    /// `?`
    Any,
}

impl Pattern {
    /// Source: moby/buildkit, frontend/dockerfile/shell/lex.go, `convertShellPatternToRegex`.
    fn read(pattern: &str) -> Result<Self, ExpandError> {
        let mut read = Self { first: Stretch::default(), starred: Vec::new() };
        // Go's scanner drops a byte order mark at a text's head.
        let mut chars = pattern.strip_prefix('\u{FEFF}').unwrap_or(pattern).chars().peekable();
        while let Some(ch) = chars.next() {
            let part = match ch {
                '*' => {
                    read.starred.push(Stretch::default());
                    continue;
                }
                '?' => Part::Any,
                // Such an escape is the word's and no part of the pattern.
                '\\' if matches!(chars.peek(), Some('}' | '/')) => continue,
                '\\' => match chars.next() {
                    Some(escaped @ ('*' | '?' | '\\')) => Part::Char(escaped),
                    _ => return Err(ExpandError::Pattern(pattern.to_owned())),
                },
                ch => Part::Char(ch),
            };
            read.starred.last_mut().unwrap_or(&mut read.first).parts.push(part);
        }
        Ok(read)
    }

    /// Where the first match from `from` on stands.
    fn find(
        &self,
        value: &str,
        from: usize,
        budget: &mut Budget,
    ) -> Result<Option<(usize, usize)>, ExpandError> {
        // Where the line ends behind which the stars found nothing: from an earlier start they could only find more.
        let mut hopeless = None;
        let mut start = from;
        loop {
            if let Some(at) = self.first.end(value, start, budget)?
                && hopeless.is_none_or(|end| at > end)
            {
                match self.starred_end(value, at, true, budget)? {
                    Some(end) => return Ok(Some((start, end))),
                    None => hopeless = Some(line_end(value, at)),
                }
            }
            match value.get(start..).and_then(|rest| rest.chars().next()) {
                Some(ch) => start += ch.len_utf8(),
                None => return Ok(None),
            }
        }
    }

    /// Where the match ends that begins at `start`; the longest or the shortest.
    fn end(
        &self,
        value: &str,
        start: usize,
        greedy: bool,
        budget: &mut Budget,
    ) -> Result<Option<usize>, ExpandError> {
        match self.first.end(value, start, budget)? {
            Some(at) => self.starred_end(value, at, greedy, budget),
            None => Ok(None),
        }
    }

    /// Where the stretches behind the stars end that are looked for from `at` on.
    ///
    /// All but the last are taken where they first stand: that leaves the others the most room, and where the last one
    /// ends doesn't depend on them.
    fn starred_end(
        &self,
        value: &str,
        mut at: usize,
        greedy: bool,
        budget: &mut Budget,
    ) -> Result<Option<usize>, ExpandError> {
        let Some((last, between)) = self.starred.split_last() else { return Ok(Some(at)) };
        for stretch in between {
            match stretch.first_in_line(value, at, budget)? {
                Some(end) => at = end,
                None => return Ok(None),
            }
        }
        if greedy { last.last_in_line(value, at, budget) } else { last.first_in_line(value, at, budget) }
    }
}

impl Stretch {
    /// Where it ends that begins at `start`.
    fn end(&self, value: &str, start: usize, budget: &mut Budget) -> Result<Option<usize>, ExpandError> {
        let mut at = start;
        let mut chars = value.get(start..).unwrap_or_default().chars();
        for part in &self.parts {
            budget.step()?;
            let Some(ch) = chars.next() else { return Ok(None) };
            let fits = match part {
                Part::Char(wanted) => *wanted == ch,
                Part::Any => ch != '\n',
            };
            if !fits {
                return Ok(None);
            }
            at += ch.len_utf8();
        }
        Ok(Some(at))
    }

    /// Where it first ends that begins in the rest of the line.
    fn first_in_line(
        &self,
        value: &str,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<usize>, ExpandError> {
        let mut start = at;
        loop {
            budget.step()?;
            if let Some(end) = self.end(value, start, budget)? {
                return Ok(Some(end));
            }
            match value.get(start..).and_then(|rest| rest.chars().next()) {
                Some('\n') | None => return Ok(None),
                Some(ch) => start += ch.len_utf8(),
            }
        }
    }

    /// Where it last ends that begins in the rest of the line.
    fn last_in_line(
        &self,
        value: &str,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<usize>, ExpandError> {
        let end = line_end(value, at);
        let rest = value.get(at..end).unwrap_or_default();
        for start in rest.char_indices().map(|(start, _)| at + start).chain([end]).rev() {
            budget.step()?;
            if let Some(end) = self.end(value, start, budget)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }
}

fn line_end(value: &str, at: usize) -> usize {
    let rest = value.get(at..).unwrap_or_default();
    at + rest.find('\n').unwrap_or(rest.len())
}

/// The replacement with what it says in Go's templates: `$0` is what was found, and as there is no other group, any
/// other `$name` or `${name}` is nothing.
/// Source: Go, regexp/regexp.go, `Regexp.expand`, `extract`.
fn filled(template: &str, found: &str) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('$') {
        filled.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            filled.push('$');
            rest = behind;
            continue;
        }
        let braced = behind.strip_prefix('{');
        let named = braced.unwrap_or(behind);
        let end = named.find(|ch| !(is_letter(ch) || is_digit(ch) || ch == '_')).unwrap_or(named.len());
        let (name, after) = named.split_at_checked(end).unwrap_or_default();
        let after = if braced.is_some() { after.strip_prefix('}') } else { Some(after) };
        if let Some(after) = after.filter(|_| !name.is_empty()) {
            filled.push_str(if name == "0" { found } else { "" });
            rest = after;
        } else {
            filled.push('$');
            rest = behind;
        }
    }
    filled + rest
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
    use proptest::prelude::*;
    use regex::Regex;

    use super::super::budget::Budget;
    use super::{Pattern, filled, replace, reversed, trim_prefix};

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
        let budget = &mut Budget::new(100);
        assert_eq!(
            trim_prefix(r"(()[]{\}^$.\*\?|\\", r"(()[]{}^$.*?|\rest", true, budget),
            Ok("rest".to_owned())
        );
        for pattern in [r"\", r"\x", r"\\\"] {
            assert!(Pattern::read(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_replacement_is_a_template_of_gos() {
        let cases = [
            ("[$0]", "[x]"),
            ("$1.", "."),
            ("${0}1$01", "x1"),
            ("$$0", "$0"),
            ("$ $- ${ ${}", "$ $- ${ ${}"),
            ("${0", "${0"),
            ("$é!", "!"),
        ];
        for (template, expected) in cases {
            assert_eq!(filled(template, "x"), expected, "{template}");
        }
    }

    /// The regular expression that BuildKit makes of a pattern.
    fn expression(pattern: &str, greedy: bool, anchored: bool) -> Regex {
        let parts = pattern.chars().map(|ch| match ch {
            '*' => if greedy { ".*" } else { ".*?" }.to_owned(),
            '?' => ".".to_owned(),
            ch => regex::escape(&ch.to_string()),
        });
        Regex::new(&format!("{}{}", if anchored { "^" } else { "" }, parts.collect::<String>())).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn a_pattern_finds_what_its_regular_expression_finds(
            pattern in "[ab*?\n]{0,6}",
            value in "[abé\n]{0,12}",
            greedy in any::<bool>(),
        ) {
            let budget = &mut Budget::new(1 << 20);
            let trimmed = trim_prefix(&pattern, &value, greedy, budget).unwrap();
            let end = expression(&pattern, greedy, true).find(&value).map_or(0, |found| found.end());
            prop_assert_eq!(trimmed, &value[end..]);
            let all = replace(&pattern, &value, "<$0>", true, budget).unwrap();
            prop_assert_eq!(all, expression(&pattern, true, false).replace_all(&value, "<$0>"));
            let one = replace(&pattern, &value, "<>", false, budget).unwrap();
            prop_assert_eq!(one, expression(&pattern, true, false).replace(&value, "<>"));
        }
    }
}
