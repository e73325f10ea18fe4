//! What BuildKit refuses in a Dockerfile, as data.

use thiserror::Error;

use crate::text::TextRange;

use super::Keyword;

/// A place that BuildKit's parser, or its instruction parser, refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct SyntaxError {
    /// What is wrong there.
    pub range: TextRange,
    /// What is wrong with it, and what was expected.
    pub kind: SyntaxErrorKind,
    /// The nearest right spelling.
    pub suggestion: Option<String>,
}

/// What is wrong. Sources: moby/buildkit, frontend/dockerfile/{parser,instructions}.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SyntaxErrorKind {
    /// The file has no instruction at all.
    #[error("the file has no instruction; a Dockerfile needs at least `FROM`")]
    Empty,
    /// The file has instructions and no `FROM`.
    #[error("the file has no `FROM`; a Dockerfile needs at least one stage")]
    NoStage,
    /// An instruction other than `ARG` before the first `FROM`.
    #[error("{} stands before the first FROM, where only ARG may; move it below a FROM", keyword.as_str())]
    BeforeFrom {
        /// The instruction.
        keyword: Keyword,
    },
    /// A line longer than BuildKit's scanner takes.
    #[error("the line has more than 65535 bytes, the most that BuildKit reads; break it up")]
    LineTooLong,
    /// A directive for the second time.
    #[error("the directive `{name}` is here for the second time; only one may stand")]
    DuplicateDirective {
        /// Its name in lower case.
        name: String,
    },
    /// An escape character that BuildKit doesn't know.
    #[error("the escape character `{value}` is neither `\\` nor `` ` ``")]
    EscapeDirective {
        /// What was written.
        value: String,
    },
    /// No instruction has that name.
    #[error("{}", unknown_instruction(name))]
    UnknownInstruction {
        /// What was written.
        name: String,
    },
    /// The instruction has no such flag.
    #[error("{} has no flag `--{name}`; {}", keyword.as_str(), known_flags(known))]
    UnknownFlag {
        /// The instruction.
        keyword: Keyword,
        /// The flag without dashes.
        name: String,
        /// The flags that it has.
        known: Vec<&'static str>,
    },
    /// A flag for the second time that may stand once.
    #[error("the flag `--{name}` is here for the second time; it may stand once")]
    DuplicateFlag {
        /// The flag without dashes.
        name: String,
    },
    /// A flag that needs a value.
    #[error("the flag `--{name}` needs a value: `--{name}=…`")]
    FlagWithoutValue {
        /// The flag without dashes.
        name: String,
    },
    /// A flag that is on or off.
    #[error("the flag `--{name}` takes `true` or `false`, not `{value}`")]
    FlagNotBoolean {
        /// The flag without dashes.
        name: String,
        /// What was written.
        value: String,
    },
    /// A flag's value that BuildKit doesn't take.
    #[error("the flag `--{name}` doesn't take `{value}`; expected {expected}")]
    FlagValue {
        /// The flag without dashes.
        name: &'static str,
        /// What was written.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// No argument where there must be one.
    #[error("{} needs an argument: `{}`", keyword.as_str(), form(*keyword))]
    MissingArguments {
        /// The instruction.
        keyword: Keyword,
    },
    /// `COPY` or `ADD` with fewer than two arguments.
    #[error("{} needs a source and a destination: `{}`", keyword.as_str(), form(*keyword))]
    MissingDestination {
        /// The instruction.
        keyword: Keyword,
    },
    /// A heredoc where the destination must stand.
    #[error("{} takes a heredoc as a source, not as the destination", keyword.as_str())]
    HeredocDestination {
        /// The instruction.
        keyword: Keyword,
    },
    /// The file ends inside a heredoc.
    #[error("the heredoc `{name}` never ends; a line with `{name}` and nothing else must close it")]
    UnterminatedHeredoc {
        /// The delimiter.
        name: String,
    },
    /// A heredoc's delimiter that can't be read.
    #[error("the delimiter of the heredoc `{word}` can't be read; check its quotes")]
    HeredocDelimiter {
        /// The word.
        word: String,
    },
    /// A JSON array with something other than strings in it.
    #[error("the JSON form takes strings only: `[\"…\", \"…\"]`")]
    JsonNotStrings,
    /// `SHELL` in another form than JSON.
    #[error("SHELL needs the JSON form: `SHELL [\"executable\", \"parameter\"]`")]
    ShellNotJson,
    /// `ENV key` or `LABEL key` without a value.
    #[error("{} `{key}` has no value; expected `{key}=value`", keyword.as_str())]
    KeyWithoutValue {
        /// The instruction.
        keyword: Keyword,
        /// The key.
        key: String,
    },
    /// A word without `=` among pairs.
    #[error("`{word}` has no `=`; {} takes `name=value`, with quotes where the value has blanks", keyword.as_str())]
    PairWithoutEquals {
        /// The instruction.
        keyword: Keyword,
        /// The word.
        word: String,
    },
    /// Nothing before the `=`.
    #[error("nothing stands before the `=`; {} needs a name there", keyword.as_str())]
    BlankKey {
        /// The instruction.
        keyword: Keyword,
    },
    /// `FROM` with neither one nor three arguments, or without `AS` between.
    #[error("FROM takes `image` or `image AS name`, not {count} arguments like these")]
    FromArguments {
        /// How many there are.
        count: usize,
    },
    /// A stage's name that BuildKit refuses.
    #[error(
        "`{name}` can't name a stage; a name starts with a letter and has letters, digits, `-`, `_` and `.`"
    )]
    StageName {
        /// The name.
        name: String,
    },
    /// `HEALTHCHECK NONE` with arguments.
    #[error("HEALTHCHECK NONE takes no arguments")]
    HealthcheckNoneArguments,
    /// `HEALTHCHECK CMD` without a command.
    #[error("HEALTHCHECK CMD needs a command")]
    HealthcheckWithoutCommand,
    /// Neither `CMD` nor `NONE`.
    #[error("HEALTHCHECK knows no type `{word}`; expected `CMD command` or `NONE`")]
    HealthcheckType {
        /// What was written.
        word: String,
    },
    /// An empty path among the volumes.
    #[error("VOLUME doesn't take an empty path")]
    EmptyVolume,
    /// An instruction that can't be a trigger.
    #[error("{} can't stand behind ONBUILD", keyword.as_str())]
    OnbuildTrigger {
        /// The instruction.
        keyword: Keyword,
    },
}

impl SyntaxError {
    /// What to do about it, where more can be said than [`SyntaxErrorKind`] does: the nearest right spelling, mostly.
    pub fn help(&self) -> Option<String> {
        let meant = match (&self.kind, &self.suggestion) {
            (SyntaxErrorKind::UnknownFlag { .. }, Some(flag)) => Some(format!("--{flag}")),
            (SyntaxErrorKind::FlagValue { value, expected, .. }, None) => {
                // What stands between backquotes are the values.
                nearest(value, expected.split('`').skip(1).step_by(2))
            }
            (_, suggestion) => suggestion.clone(),
        };
        match (meant, &self.kind) {
            (Some(meant), _) => Some(format!("did you mean `{meant}`?")),
            (None, SyntaxErrorKind::UnknownInstruction { name }) if name.is_empty() => {
                Some("write the instruction, or remove the continuation".to_owned())
            }
            (None, SyntaxErrorKind::UnknownInstruction { .. }) => Some(
                "if it belongs to the line before, that one must end with a continuation character"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

impl SyntaxErrorKind {
    /// Whether BuildKit finds it while it reads lines, so that it also does inside an `ONBUILD`, whose trigger is
    /// otherwise read by the build that inherits it.
    pub(super) fn is_found_by_line(&self) -> bool {
        matches!(self, Self::KeyWithoutValue { .. } | Self::PairWithoutEquals { .. } | Self::JsonNotStrings)
    }
}

/// The candidate nearest to `word` in any case, where one is near enough to be what was meant by a slip of the hand.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    // Nothing of that length is a typing slip, and the distance costs the product of the lengths.
    if word.is_empty() || word.len() > LONGEST_SLIP {
        return None;
    }
    let word: Vec<char> = word.chars().map(|ch| ch.to_ascii_lowercase()).collect();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let limit = (candidate.len() / 3).max(1);
            let length = candidate.chars().count();
            // Most are told apart by their lengths alone.
            let distance = (word.len().abs_diff(length) <= limit).then(|| slips(&word, candidate))?;
            (distance <= limit).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

/// The longest word, in bytes, for which a nearest one is looked for.
const LONGEST_SLIP: usize = 32;

/// How many letters must be put in, left out, changed or swapped with their neighbour to make `candidate` of `word`:
/// the distance of optimal string alignment.
fn slips(word: &[char], candidate: &str) -> usize {
    // A row for each letter of the candidate and the two before it; a column for each letter of the word.
    let mut before_last = [0; LONGEST_SLIP + 1];
    let mut last: [usize; LONGEST_SLIP + 1] = std::array::from_fn(|column| column);
    let mut previous = None;
    for (row, ch) in candidate.chars().map(|ch| ch.to_ascii_lowercase()).enumerate() {
        let mut this = [row + 1; LONGEST_SLIP + 1];
        let mut left = row + 1;
        let mut corner = (row, None);
        for (((own, letter), up), swapped) in this
            .iter_mut()
            .skip(1)
            .zip(word)
            .zip(last.iter().skip(1))
            .zip([&row].into_iter().chain(&before_last))
        {
            let (diagonal, letter_before) = corner;
            let changed = diagonal + usize::from(*letter != ch);
            *own = changed.min(left + 1).min(up + 1);
            if letter_before == Some(ch) && previous == Some(*letter) {
                *own = (*own).min(swapped + 1);
            }
            left = *own;
            corner = (*up, Some(*letter));
        }
        before_last = last;
        last = this;
        previous = Some(ch);
    }
    last.get(word.len()).copied().unwrap_or(usize::MAX)
}

fn unknown_instruction(name: &str) -> String {
    if name.is_empty() {
        "a continuation with no instruction before it".to_owned()
    } else {
        format!("no instruction is named `{name}`")
    }
}

fn known_flags(known: &[&str]) -> String {
    if known.is_empty() {
        return "it takes none".to_owned();
    }
    let flags: Vec<String> = known.iter().map(|name| format!("`--{name}`")).collect();
    format!("it takes {}", flags.join(", "))
}

fn form(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Add => "ADD source destination",
        Keyword::Arg => "ARG name=default",
        Keyword::Cmd => "CMD [\"executable\"]",
        Keyword::Copy => "COPY source destination",
        Keyword::Entrypoint => "ENTRYPOINT [\"executable\"]",
        Keyword::Env => "ENV name=value",
        Keyword::Expose => "EXPOSE port",
        Keyword::From => "FROM image",
        Keyword::Healthcheck => "HEALTHCHECK CMD command",
        Keyword::Label => "LABEL name=value",
        Keyword::Maintainer => "MAINTAINER name",
        Keyword::Onbuild => "ONBUILD instruction",
        Keyword::Run => "RUN command",
        Keyword::Shell => "SHELL [\"executable\", \"parameter\"]",
        Keyword::Stopsignal => "STOPSIGNAL signal",
        Keyword::User => "USER name",
        Keyword::Volume => "VOLUME path",
        Keyword::Workdir => "WORKDIR path",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{nearest, slips};

    #[test]
    fn a_slip_of_the_hand_finds_what_was_meant_and_another_word_does_not() {
        let near = |word: &str| nearest(word, ["FROM", "COPY", "RUN", "ENTRYPOINT", "HEALTHCHECK"]);
        for (word, meant) in [
            ("FORM", "FROM"),
            ("form", "FROM"),
            ("COPPY", "COPY"),
            ("RN", "RUN"),
            ("ENTRYPIONT", "ENTRYPOINT"),
            ("HELTHCHEK", "HEALTHCHECK"),
        ] {
            assert_eq!(near(word).as_deref(), Some(meant), "{word}");
        }
        for word in ["", "apt-get", "&&", "echo", "RUNNER", &"FROM".repeat(9)] {
            assert_eq!(near(word), None, "{word}");
        }
    }

    proptest! {
        #[test]
        fn slips_are_counted_as_the_distance_of_optimal_string_alignment(word in "[a-cé]{1,10}", other in "[a-cé]{0,10}") {
            let letters: Vec<char> = word.chars().collect();
            prop_assert_eq!(slips(&letters, &other), strsim::osa_distance(&word, &other));
        }
    }
}
