//! What a comment says to a linter, in each of the dialects.

use super::{Dialect, Reach};

/// What ends a list of names and begins a reason.
const REASONS: [&str; 4] = [" --", "#", ";", "//"];

/// A comment that names rules, before it is known what they mean. Offsets are the comment's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words<'a> {
    pub(super) dialect: Dialect,
    pub(super) reach: Reach,
    pub(super) names: Vec<(usize, &'a str)>,
    pub(super) has_reason: bool,
}

impl<'a> Words<'a> {
    /// Reads one comment, its `#` included.
    ///
    /// `# plimsoll: ignore=a,b -- why` · `# hadolint ignore=DL3008,DL3009 # why` · `# tally ignore=x;reason=why`, each
    /// with `global` or `stage` before `ignore`, and BuildKit's `# check=skip=A,B // why`.
    pub(super) fn of_comment(comment: &'a str) -> Option<Self> {
        let text = comment.trim_start().strip_prefix('#')?.trim_start();
        let is_check = text.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("check"));
        if let Some(value) = text.get(5..).filter(|_| is_check) {
            let value = value.trim_start().strip_prefix('=')?.trim_start();
            return Self::of_check(value, Reach::Instruction)
                .map(|words| words.shifted(offset_of(value, comment)));
        }
        let (dialect, rest) = addressed(text)?;
        let (reach, rest) = match rest.split_once(char::is_whitespace) {
            Some(("global" | "file", rest)) => (Reach::File, rest.trim_start()),
            Some(("stage", rest)) => (Reach::Stage, rest.trim_start()),
            _ => (Reach::Instruction, rest),
        };
        let list = rest.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
        let (names, has_reason) = names(list);
        let words = Self { dialect, reach, names, has_reason };
        Some(words.shifted(offset_of(list, comment))).filter(|words| !words.names.is_empty())
    }

    /// Reads the value of BuildKit's directive at the head of a file.
    pub(super) fn of_directive(value: &'a str) -> Option<Self> {
        Self::of_check(value, Reach::File)
    }

    fn of_check(value: &'a str, reach: Reach) -> Option<Self> {
        let options = CheckOptions::read(value);
        let (names, has_reason) = (options.skip, options.has_reason);
        Some(Self { dialect: Dialect::Buildkit, reach, names, has_reason })
            .filter(|words| !words.names.is_empty())
    }

    fn shifted(mut self, by: usize) -> Self {
        self.names.iter_mut().for_each(|(offset, _)| *offset += by);
        self
    }
}

/// The options of BuildKit's `check`: `skip=A,B;error=true;experimental=all`.
/// Source: moby/buildkit, frontend/dockerfile/linter/linter.go (`ParseLintOptions`), which reads as far as the first
/// blank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct CheckOptions<'a> {
    /// What is skipped, each with its offset in the value.
    skip: Vec<(usize, &'a str)>,
    /// Whether a violation fails the build.
    pub(in super::super) error: bool,
    /// The experimental checks that are asked for.
    pub(in super::super) experimental: Vec<&'a str>,
    has_reason: bool,
}

impl<'a> CheckOptions<'a> {
    pub(super) fn read(value: &'a str) -> Self {
        let (options, behind) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
        let mut read = Self { has_reason: !behind.trim().is_empty(), ..Self::default() };
        for option in options.split(';') {
            let Some((key, words)) = option.split_once('=') else { continue };
            let each = words.split(',').map(str::trim).filter(|word| !word.is_empty());
            match key.trim() {
                "skip" => read.skip.extend(each.map(|word| (offset_of(word, value), word))),
                "experimental" => read.experimental.extend(each),
                // What Go's `ParseBool` takes for true.
                "error" => read.error = ["1", "t", "T", "true", "TRUE", "True"].contains(&words.trim()),
                "reason" => read.has_reason = true,
                _ => {}
            }
        }
        read
    }
}

/// The shell that a comment names: `# hadolint shell=bash`.
pub(super) fn shell(comment: &str) -> Option<&str> {
    let text = comment.trim_start().strip_prefix('#')?.trim_start();
    let (_, rest) = addressed(text)?;
    let value = rest.strip_prefix("shell")?.trim_start().strip_prefix('=')?;
    value.split_whitespace().next()
}

/// Whom a comment addresses, and what it says.
fn addressed(text: &str) -> Option<(Dialect, &str)> {
    let dialects =
        [("plimsoll", Dialect::Plimsoll), ("hadolint", Dialect::Hadolint), ("tally", Dialect::Tally)];
    let (dialect, rest) =
        dialects.into_iter().find_map(|(name, dialect)| Some((dialect, text.strip_prefix(name)?)))?;
    Some((dialect, rest.strip_prefix(':').unwrap_or(rest).trim_start()))
}

/// The names in a comma-separated list that ends where a reason begins, each with its offset, and whether there is a
/// reason. Words behind a name, with no comma between, are prose.
fn names(list: &str) -> (Vec<(usize, &str)>, bool) {
    let mark = REASONS.into_iter().filter_map(|mark| Some((list.find(mark)?, mark))).min();
    let (before, behind) = match mark {
        Some((at, mark)) => (list.get(..at), list.get(at + mark.len()..)),
        None => (Some(list), None),
    };
    let reason =
        behind.unwrap_or_default().trim().trim_start_matches("reason").trim_start_matches([' ', '=']);
    let mut has_reason = !reason.is_empty();
    let mut names = Vec::new();
    for part in before.unwrap_or_default().split(',') {
        let mut words = part.split_whitespace();
        names.extend(words.next().map(|name| (offset_of(name, list), name)));
        has_reason |= words.next().is_some();
    }
    (names, has_reason)
}

/// Where `part`, a slice of `whole`, begins in it.
fn offset_of(part: &str, whole: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

#[cfg(test)]
mod tests {
    use super::{CheckOptions, Dialect, Reach, Words, shell};

    #[test]
    fn every_dialect_is_read() {
        use Dialect::{Buildkit, Hadolint, Plimsoll, Tally};
        use Reach::{File, Instruction, Stage};
        let cases: [(&str, Dialect, Reach, &[&str], bool); 11] = [
            ("# plimsoll: ignore=a,b -- because", Plimsoll, Instruction, &["a", "b"], true),
            ("#plimsoll ignore = a, b", Plimsoll, Instruction, &["a", "b"], false),
            ("# plimsoll: stage ignore=a", Plimsoll, Stage, &["a"], false),
            ("# hadolint ignore=DL3008,SC2086 # why", Hadolint, Instruction, &["DL3008", "SC2086"], true),
            ("# hadolint global ignore=DL3008", Hadolint, File, &["DL3008"], false),
            ("# hadolint stage ignore=DL3008", Hadolint, Stage, &["DL3008"], false),
            ("# tally ignore=tally/x;reason=why", Tally, Instruction, &["tally/x"], true),
            ("# tally ignore=tally/x;reason=", Tally, Instruction, &["tally/x"], false),
            ("# tally global ignore=all", Tally, File, &["all"], false),
            ("# check=skip=A,B // why", Buildkit, Instruction, &["A", "B"], true),
            ("# Check = error=true;skip=A", Buildkit, Instruction, &["A"], false),
        ];
        for (comment, dialect, reach, rules, has_reason) in cases {
            let read = Words::of_comment(comment).unwrap();
            let names: Vec<&str> = read.names.iter().map(|(_, name)| *name).collect();
            assert_eq!((read.dialect, read.reach, names.as_slice()), (dialect, reach, rules), "{comment}");
            assert_eq!(read.has_reason, has_reason, "{comment}");
            for (offset, name) in read.names {
                assert!(comment[offset..].starts_with(name), "{comment}: {name} is not at {offset}");
            }
        }
    }

    #[test]
    fn other_comments_are_only_comments() {
        for comment in [
            "# ignore=a",
            "# plimsoll ignores nothing",
            "# hadolint shell=bash",
            "# check the version",
            "# check=error=true",
            "# plimsoll: ignore=",
        ] {
            assert_eq!(Words::of_comment(comment), None, "{comment}");
        }
    }

    #[test]
    fn the_options_of_a_check_are_read_as_buildkit_does() {
        let read = CheckOptions::read("skip=A, B;error=true");
        assert_eq!((read.skip, read.error), (vec![(5, "A")], false));
        let read = CheckOptions::read("skip=A,B;error=true;experimental=all");
        assert_eq!((read.skip.len(), read.error, read.experimental), (2, true, vec!["all"]));
    }

    #[test]
    fn a_comment_names_a_shell() {
        assert_eq!(shell("# hadolint shell=bash"), Some("bash"));
        assert_eq!(shell("# tally shell = /bin/zsh # why"), Some("/bin/zsh"));
        assert_eq!(shell("# shell=bash"), None);
    }
}
