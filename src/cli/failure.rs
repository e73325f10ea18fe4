//! Why a command could not do its work, what to do about it, and the exit code.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use thiserror::Error;

use crate::bench::{RunError, RunFolderError};
use crate::config::ConfigError;
use crate::context::ContextError;
use crate::engine::EngineError;
use crate::graph::UnknownTarget;
use crate::lint::BaselineError;
use crate::rewrite::proof::ProofError;
use crate::shellcheck::ShellCheckError;

use super::Exit;

/// A command that failed as a whole.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// Nothing there to work on.
    #[error("no Dockerfile found under {}", .0.display())]
    NoDockerfile(PathBuf),
    /// A file or folder that can't be read.
    #[error("can't read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// A file or folder that can't be written.
    #[error("can't write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// A file that is not to be written over.
    #[error("{} has changes that are not committed", .0.display())]
    Dirty(PathBuf),
    /// A rule that nobody knows.
    #[error("there is no rule named `{name}`")]
    UnknownRule { name: String, nearest: Option<String> },
    /// A variant that the Dockerfile doesn't have.
    #[error("there is no variant named `{name}`")]
    UnknownVariant { name: String, known: Vec<String> },
    /// A stage that the Dockerfile doesn't have.
    #[error(transparent)]
    UnknownTarget(#[from] UnknownTarget),
    /// A Dockerfile that does not parse where a whole one is needed.
    #[error("{path} does not parse: line {line}, column {column}: {message}")]
    Syntax { path: String, line: usize, column: usize, message: String },
    /// Options that don't go together.
    #[error("{0}")]
    Usage(String),
    /// A configuration that can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A baseline that can't be used.
    #[error("can't use {}: {source}", path.display())]
    Baseline { path: PathBuf, source: BaselineError },
    /// A ShellCheck that can't be asked.
    #[error(transparent)]
    ShellCheck(#[from] ShellCheckError),
    /// A build context that can't be read.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// An engine that can't be reached, or doesn't do what it is asked.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A run that came to no result.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A run's folder that can't be made or read.
    #[error(transparent)]
    Folder(#[from] RunFolderError),
    /// A result that can't be written as JSON.
    #[error("can't write the result as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A proof that came to no verdict.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A rewrite that is called safe and isn't.
    #[error("{}", refutation(variant, rules, *builds))]
    Refuted { variant: String, rules: Vec<&'static str>, builds: bool, dockerfile: PathBuf },
    /// The system gives no threads.
    #[error("can't start: {0}")]
    Runtime(io::Error),
}

/// A rewrite that is called safe has changed the image, or broken its build. Whose fault that is.
fn refutation(variant: &str, rules: &[&str], builds: bool) -> String {
    let who = match rules {
        [] => format!("the variant `{variant}`"),
        [rule] => format!("the rewrite `{rule}`"),
        rules => format!(
            "each of the rewrites {}",
            rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(" and ")
        ),
    };
    let what = if builds { "changes the image" } else { "breaks the build" };
    format!("{who} is called safe and {what}: that is a fault of Plimsoll")
}

impl Failure {
    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::NoDockerfile(_)
            | Self::Read { .. }
            | Self::Write { .. }
            | Self::Dirty(_)
            | Self::UnknownRule { .. }
            | Self::UnknownVariant { .. }
            | Self::UnknownTarget(_)
            | Self::Syntax { .. }
            | Self::Usage(_)
            | Self::Config(_)
            | Self::Baseline { .. }
            | Self::Context(_)
            | Self::ShellCheck(_)
            | Self::Folder(_)
            | Self::Json(_) => Exit::Usage,
            Self::Refuted { .. } => Exit::Findings,
            Self::Engine(_) | Self::Run(_) | Self::Proof(_) | Self::Runtime(_) => Exit::Unreachable,
        }
    }

    /// What went wrong, with the causes that the message leaves out.
    pub(super) fn message(&self) -> String {
        let causes = std::iter::successors(self.source(), |&error| error.source());
        causes.map(ToString::to_string).fold(self.to_string(), |message, cause| {
            if message.contains(&cause) { message } else { format!("{message}: {cause}") }
        })
    }

    /// What to do, where that isn't plain from the message.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::NoDockerfile(_) => Some(
                "name the file outright: any name is taken then; folders are searched for Dockerfile, Dockerfile.*, \
                 *.Dockerfile and the same of Containerfile"
                    .to_owned(),
            ),
            Self::UnknownRule { nearest: Some(nearest), .. }
            | Self::UnknownTarget(UnknownTarget { suggestion: Some(nearest), .. }) => {
                Some(format!("did you mean `{nearest}`?"))
            }
            Self::Dirty(_) => Some("commit or stash them, or say --allow-dirty".to_owned()),
            Self::UnknownRule { nearest: None, .. } => Some("`plimsoll rules` lists them all".to_owned()),
            Self::ShellCheck(error) => error.hint().map(str::to_owned),
            Self::UnknownVariant { known, .. } if known.is_empty() => {
                Some("nothing in this Dockerfile is rewritten, so it has no variant".to_owned())
            }
            Self::UnknownVariant { known, .. } => Some(format!("there is {}", known.join(", "))),
            Self::Refuted { rules, dockerfile, .. } => Some(format!(
                "please report it, with the Dockerfile; this shows it again: `plimsoll optimize --prove{} {}`",
                if rules.is_empty() { String::new() } else { format!(" --fix-rule {}", rules.join(",")) },
                dockerfile.display()
            )),
            Self::Syntax { path, .. } => Some(format!("`plimsoll lint {path}` shows every error in its place")),
            Self::Run(RunError::Engine(EngineError::Lost { .. } | EngineError::Unreachable { .. })) => Some(
                "the samples taken so far are kept; `plimsoll clean` takes away what the run left on the engine, once it \
                 answers again"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// The failure as a frame of the file it lies in, where it lies in one.
    pub(super) fn frame(&self, renderer: &Renderer) -> Option<String> {
        let Self::Config(ConfigError::Invalid { path, text, range, message, help }) = self else {
            return None;
        };
        let path = path.display().to_string();
        let snippet =
            Snippet::source(text).path(path.as_str()).annotation(AnnotationKind::Primary.span(range.clone()));
        let mut group = Level::ERROR.primary_title(message.as_str()).element(snippet);
        if let Some(help) = help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        Some(renderer.render(&[group]))
    }
}
