//! What earlier instructions have set.

use crate::graph::{self, SharedMap, Value, Variables};
use crate::shell::Dialect;

/// What is set at some point of a stage, as far as the Dockerfile says. What the base image sets is not known here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The variables that `ENV` and `ARG` have set.
    pub variables: Variables,
    /// The user.
    pub user: Value,
    /// The working directory, absolute and without `.` and `..`.
    pub workdir: Value,
    /// What runs the shell form.
    pub shell: Shell,
    /// The `ENTRYPOINT` in force, by the index of its instruction.
    pub entrypoint: Option<usize>,
    /// The `CMD` in force, by the index of its instruction.
    pub cmd: Option<usize>,
    /// The `HEALTHCHECK` in force, by the index of its instruction, `NONE` included.
    pub healthcheck: Option<usize>,
    /// The ports that `EXPOSE` names, as `8080` or `53/udp`.
    pub ports: SharedMap<()>,
    /// Whether nothing comes from a base image: the stage is built on `scratch`.
    pub(super) from_scratch: bool,
}

/// What runs the shell form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Shell {
    /// `/bin/sh -c`
    #[default]
    Default,
    /// The default of an image for Windows: `cmd /S /C`.
    Windows,
    /// What a `SHELL` says, and that instruction's index.
    Set(Vec<String>, usize),
    /// What a comment says it is: `# hadolint shell=bash`. The image has it so, and no instruction says it.
    Said(String),
}

impl Shell {
    /// The words of a `SHELL`; none where nothing sets one.
    pub fn words(&self) -> &[String] {
        match self {
            Self::Set(words, _) => words,
            Self::Default | Self::Windows | Self::Said(_) => &[],
        }
    }

    /// Which shell of the POSIX family it is; nothing where it is another program.
    pub fn dialect(&self) -> Option<Dialect> {
        match self {
            Self::Default => Some(Dialect::Posix),
            Self::Windows => None,
            Self::Set(words, _) => words.first().and_then(|program| Dialect::of_program(program)),
            Self::Said(program) => Dialect::of_program(program),
        }
    }
}

impl State {
    /// A variable's value, where it is known.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.variables.value(name)
    }

    /// `word` with its variables put in and its quotes off; see [`Variables::expand`].
    pub fn expand(&self, word: &str, escape: char) -> Option<String> {
        self.variables.expand(word, escape)
    }

    /// The absolute path that `word` means here, without `.` and `..`; nothing where it or the working directory it
    /// is relative to is not known.
    pub fn path(&self, word: &str, escape: char) -> Option<String> {
        self.absolute(&self.expand(word, escape)?)
    }

    /// `path` as seen from the working directory.
    pub(super) fn absolute(&self, path: &str) -> Option<String> {
        let directory = match &self.workdir {
            Value::Known(directory) => Some(directory.as_str()),
            Value::Unset if self.from_scratch => Some("/"),
            Value::Unset | Value::Unknown => None,
        };
        graph::absolute(path, directory)
    }
}
