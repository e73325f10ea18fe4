//! All patterns of an ignore file, and what they decide together.
//! Source: moby/patternmatcher, patternmatcher.go and ignorefile/ignorefile.go.

use thiserror::Error;

use super::glob::clean;
use super::pattern::Pattern;

/// The patterns of a `.dockerignore`, in order: the last one that matches decides.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    patterns: Vec<Pattern>,
}

/// A line that a build refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// `!` and nothing behind it.
    #[error("line {line}: `!` takes nothing back in; write the pattern behind it")]
    Empty {
        /// The line, from 1.
        line: usize,
    },
    /// Not a pattern.
    #[error("line {line}: `{pattern}` is no valid pattern; close its class or escape its last character")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The pattern as it is written there.
        pattern: String,
    },
}

/// A pattern that leaves something out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IgnoreRule<'a> {
    /// The line it stands on, from 1.
    pub line: usize,
    /// The pattern, cleaned.
    pub pattern: &'a str,
}

/// Which patterns a directory or one above it matched. Needed to decide on what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParentMatches {
    matched: Vec<bool>,
}

impl Patterns {
    /// Reads an ignore file: a byte order mark is dropped, lines that start with `#` are comments, blanks around a
    /// pattern don't count, paths are cleaned and their first `/` is dropped.
    pub fn parse(bytes: &[u8]) -> Result<Self, PatternError> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines = text.lines().enumerate().filter(|(_, written)| !written.starts_with('#'));
        Self::read(lines.map(|(index, written)| (index + 1, written)))
    }

    /// The patterns of the flags `--exclude`, in order; none of them is a comment.
    pub fn of_flags<'a>(flags: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        Self::read((1..).zip(flags))
    }

    fn read<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Result<Self, PatternError> {
        let mut patterns = Vec::new();
        for (line, written) in lines {
            let pattern = written.trim();
            if pattern.is_empty() {
                continue;
            }
            let (exclusion, pattern) = match pattern.strip_prefix('!') {
                Some(pattern) => (true, pattern.trim()),
                None => (false, pattern),
            };
            if pattern.is_empty() {
                return Err(PatternError::Empty { line });
            }
            let cleaned = clean(pattern);
            let relative = cleaned.strip_prefix('/').filter(|rest| !rest.is_empty()).unwrap_or(&cleaned);
            let malformed = |_| PatternError::Malformed { line, pattern: pattern.to_owned() };
            patterns.push(Pattern::new(relative, exclusion, line).map_err(malformed)?);
        }
        Ok(Self { patterns })
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a pattern takes paths back in with `!`.
    pub fn has_exclusions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.exclusion)
    }

    /// The patterns as they are applied: cleaned, `!` included.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.patterns
            .iter()
            .map(|pattern| format!("{}{}", if pattern.exclusion { "!" } else { "" }, pattern.text))
    }

    /// Whether `path`, relative and with `/`, or a directory above it is matched and not taken back in. What
    /// BuildKit asks of a single path; what it sends of a context is decided by [`Self::matches_below`].
    /// Source: `MatchesOrParentMatches`.
    pub fn matches(&self, path: &str) -> bool {
        let path = clean(path);
        // A build can't leave out its whole context.
        path != "."
            && self.patterns.iter().fold(false, |matched, pattern| {
                if pattern.exclusion != matched || !matches_path_or_parent(pattern, &path) {
                    matched
                } else {
                    !pattern.exclusion
                }
            })
    }

    /// The rule that keeps the file at `path`, relative and with `/`, out of what is sent; none where it is sent.
    pub fn rule_against(&self, path: &str) -> Option<IgnoreRule<'_>> {
        let path = clean(path);
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        let mut on_the_way = (false, ParentMatches::default());
        for part in ends.filter_map(|end| path.get(..end)) {
            on_the_way = self.matches_below(part, &on_the_way.1);
        }
        let (true, matches) = on_the_way else { return None };
        // The last one that matches decides, and here it leaves out.
        let last = self.patterns.iter().zip(&matches.matched).rfind(|(_, matched)| **matched);
        last.map(|(pattern, _)| IgnoreRule { line: pattern.line, pattern: &pattern.text })
    }

    /// As [`Self::matches`] for a path met on a walk, given what held for its directory (the default at the top). Differs from
    /// [`Self::matches`] where `!dir` stands behind a pattern for something in `dir`.
    /// Source: `MatchesUsingParentResults`.
    pub fn matches_below(&self, path: &str, parent: &ParentMatches) -> (bool, ParentMatches) {
        let mut is_ignored = false;
        let mut own = Vec::with_capacity(self.patterns.len());
        for (index, pattern) in self.patterns.iter().enumerate() {
            let inherited = parent.matched.get(index).copied().unwrap_or(false);
            let matches = inherited
                || (pattern.exclusion == is_ignored
                    && if parent.matched.is_empty() {
                        matches_path_or_parent(pattern, path)
                    } else {
                        pattern.matches(path)
                    });
            own.push(matches);
            if matches {
                is_ignored = !pattern.exclusion;
            }
        }
        (is_ignored, ParentMatches { matched: own })
    }

    /// Whether something below the matched directory `path` can still be taken back in.
    /// Source: tonistiigi/fsutil, filter.go, `Walk`.
    pub(super) fn may_take_back_below(&self, path: &str) -> bool {
        let mut exclusions = self.patterns.iter().filter(|pattern| pattern.exclusion);
        exclusions.any(|pattern| match pattern.plain_prefix() {
            Some(prefix) => {
                prefix == path || prefix.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
            }
            None => true,
        })
    }
}

fn matches_path_or_parent(pattern: &Pattern, path: &str) -> bool {
    pattern.matches(path)
        || path
            .match_indices('/')
            .any(|(end, _)| path.get(..end).is_some_and(|parent| pattern.matches(parent)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ParentMatches, PatternError, Patterns};

    fn patterns(text: &str) -> Patterns {
        Patterns::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"))
    }

    /// What a walk down to `path` decides.
    fn on_a_walk(patterns: &Patterns, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        let mut verdict = (false, ParentMatches::default());
        for end in ends {
            verdict = patterns.matches_below(&path[..end], &verdict.1);
        }
        verdict.0
    }

    #[test]
    fn an_ignore_file_is_read_as_moby_reads_it() {
        let text = "\u{feff}# comment\n  # no comment \n\n/a/b/\r\n ./c/../d \n! /e\n\t!f\n/\n";
        let read: Vec<String> = patterns(text).texts().collect();
        assert_eq!(read, ["# no comment", "a/b", "d", "!e", "!f", "/"]);
    }

    #[test]
    fn a_line_that_no_build_accepts_is_named() {
        assert_eq!(Patterns::parse(b"a\n ! \n").unwrap_err(), PatternError::Empty { line: 2 });
        for pattern in ["[", "a[b", "x\\", "[]a]", "[b-a\\"] {
            let error = PatternError::Malformed { line: 1, pattern: pattern.to_owned() };
            assert_eq!(Patterns::parse(pattern.as_bytes()).unwrap_err(), error, "{pattern}");
        }
    }

    #[test]
    fn paths_match_as_in_moby() {
        let cases = [
            ("a", "a", true),
            ("a", "a/b/c", true),
            ("a", "b/a", false),
            ("/a", "a", true),
            ("a/", "a", true),
            ("*.md", "x.md", true),
            ("*.md", "d/x.md", false),
            ("**/*.md", "x.md", true),
            ("**/*.md", "d/e/x.md", true),
            ("**", "a/b", true),
            ("**/", "a", true),
            ("**/a", "a", true),
            ("**/a", "x/a/y", true),
            ("**/a", "xa", false),
            ("**a", "x/ya", true),
            ("a/**", "a", false),
            ("a/**", "a/b/c", true),
            ("a**", "ab/c", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/xb", false),
            ("a/*/b", "a/x/b", true),
            ("a/*/b", "a/x/y/b", false),
            ("*/b*", "x/bc/d", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("a.b", "axb", false),
            ("a+(b)|{c}$", "a+(b)|{c}$", true),
            ("*+(b)|{c}$", "x+(b)|{c}$", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[a&&b]", "&", true),
            ("[[a]", "[", true),
            ("[[a]", "a", true),
            ("x[\\]]", "x]", true),
            ("a]*", "a]b", true),
            ("a/b*", "a", false),
            (".", "a", false),
            ("..", "a", false),
            ("../a", "a", false),
            ("*", ".git", true),
            ("é*", "éa", true),
            ("a\n!a", "a", false),
            ("a\n!a/b", "a/b", false),
            ("a\n!a/b", "a/c", true),
            ("*\n!a\na/b", "a/b", true),
            ("!a\na", "a", true),
            ("*.md\n!R*.md\nR-x.md", "R-x.md", true),
            ("*.md\n!R*.md\nR-x.md", "R-y.md", false),
            ("**/t\n!**/t/keep", "x/t/keep", false),
        ];
        for (text, path, expected) in cases {
            assert_eq!(patterns(text).matches(path), expected, "{text:?} {path}");
            assert_eq!(on_a_walk(&patterns(text), path), expected, "{text:?} {path}, on a walk");
        }
        assert!(!patterns("*\n").matches("."));
    }

    #[test]
    fn an_exclusion_of_a_directory_that_was_not_left_out_is_forgotten_on_a_walk() {
        let patterns = patterns("a/b\n!a");
        assert!(!patterns.matches("a/b"));
        assert!(on_a_walk(&patterns, "a/b"));
    }

    #[test]
    fn only_directories_that_can_give_something_back_are_worth_entering() {
        let patterns = patterns("*\n!a/b\n!c/**\n");
        let worth: Vec<&str> = ["a", "a/b", "a/x", "c", "d", "ab"]
            .into_iter()
            .filter(|path| patterns.may_take_back_below(path))
            .collect();
        assert_eq!(worth, ["a", "a/b", "c"]);
        assert!(Patterns::parse(b"*\n!**/x").unwrap().may_take_back_below("d"));
    }

    fn line() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[]!\\[*?^a-c/.\\\\ #:-]{0,10}"]
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_and_any_path_is_decided(
            lines in prop::collection::vec(line(), 0..6),
            path in "[a-c/.\\[*]{0,10}",
        ) {
            if let Ok(patterns) = Patterns::parse(lines.join("\n").as_bytes()) {
                patterns.matches(&path);
                on_a_walk(&patterns, &path);
                patterns.may_take_back_below(&path);
            }
        }

        #[test]
        fn without_exclusions_a_walk_decides_as_a_single_path(
            lines in prop::collection::vec("[a-c*?/]{1,6}", 0..4),
            path in "[a-c]{1,2}(/[a-c]{1,2}){0,3}",
        ) {
            let patterns = patterns(&lines.join("\n"));
            prop_assert_eq!(patterns.matches(&path), on_a_walk(&patterns, &path));
        }

        #[test]
        fn what_is_below_an_ignored_directory_is_ignored(
            lines in prop::collection::vec("[a-c*?/]{1,6}", 0..4),
            path in "[a-c]{1,2}(/[a-c]{1,2}){0,2}",
            name in "[a-c]{1,3}",
        ) {
            let patterns = patterns(&lines.join("\n"));
            prop_assume!(patterns.matches(&path));
            let below = format!("{path}/{name}");
            prop_assert!(patterns.matches(&below));
        }
    }
}
