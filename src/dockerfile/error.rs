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
    if word.is_empty() || word.len() > 32 {
        return None;
    }
    let word = word.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

fn unknown_instruction(name: &str) -> String {
    if name.is_empty() {
        "a continuation with no instruction; expected one, or remove the continuation".to_owned()
    } else {
        format!(
            "no instruction is named `{name}`; a line that goes on needs a continuation at the end of the one before"
        )
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
