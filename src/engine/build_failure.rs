//! Why a build gave no image, read from the builder's words.

use std::sync::LazyLock;

use regex::Regex;
use thiserror::Error;

use super::error::{EngineError, quoted};
use super::progress::FailedVertex;

/// A build that gave no image. No value of a build argument is in it.
#[derive(Debug, Error)]
pub enum BuildFailure {
    /// A step failed.
    #[error("{step} failed{}: {reason}{}", exit_code_words(*.exit_code), quoted(.log))]
    Step {
        /// Its name, such as `[builder 2/5] RUN npm ci`.
        step: String,
        /// The command's exit code, if it ran.
        exit_code: Option<i64>,
        /// The builder's words.
        reason: String,
        /// The last lines that it wrote, twenty at most.
        log: Vec<String>,
    },
    /// The builder can't read the Dockerfile, or can't make sense of it.
    #[error("the builder does not take the Dockerfile{}: {reason}", line_words(*.line))]
    Dockerfile {
        /// The line, counted from 1, where the builder names one.
        line: Option<u32>,
        /// The builder's words.
        reason: String,
    },
    /// A base image can't be had.
    #[error(
        "the base image `{image}` can't be had: {reason}; check its name, log in to its registry, or load it into \
         the engine under this name"
    )]
    BaseImage {
        /// Its name as the builder has it.
        image: String,
        /// The builder's words.
        reason: String,
    },
    /// The Dockerfile's `# syntax=` line names a frontend that can't be had.
    #[error(
        "the frontend `{frontend}` that the Dockerfile's `# syntax=` line asks for can't be had: {reason}; take the \
         line out, or let the engine reach that registry"
    )]
    Frontend {
        /// Its name as the builder has it.
        frontend: String,
        /// The builder's words.
        reason: String,
    },
    /// A file of the context can't be sent.
    #[error("the build context can't be sent: {reason}")]
    Context {
        /// Which file, and why.
        reason: String,
    },
    /// The builder gave up for another reason.
    #[error("the build failed: {reason}")]
    Builder {
        /// Its words.
        reason: String,
    },
    /// The engine went away.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

fn exit_code_words(code: Option<i64>) -> String {
    code.map(|code| format!(" with exit code {code}")).unwrap_or_default()
}

fn line_words(line: Option<u32>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}

impl BuildFailure {
    /// Reads the builder's last message and the step that failed, if one did. Both have been redacted.
    pub(super) fn of_words(message: &str, failed: Option<FailedVertex>) -> Self {
        let Some(failed) = failed else { return failure_of_message(message) };
        let reason = CACHE_REF.replace(&failed.error, "").into_owned();
        if let Some(image) = named_by(&BASE_IMAGE, &failed.name) {
            return Self::BaseImage { image, reason };
        }
        if let Some(frontend) = named_by(&FRONTEND, &failed.name) {
            return Self::Frontend { frontend, reason };
        }
        if failed.name == "[internal] load build context" {
            return Self::Context { reason };
        }
        if failed.name.starts_with("[internal]") {
            return failure_of_message(message);
        }
        let exit_code = named_by(&EXIT_CODE, &failed.error).and_then(|code| code.parse().ok());
        Self::Step { step: failed.name, exit_code, reason, log: failed.log }
    }
}

/// The first group of `pattern` in `text`.
fn named_by(pattern: &Regex, text: &str) -> Option<String> {
    Some(pattern.captures(text)?.get(1)?.as_str().to_owned())
}

static EXIT_CODE: LazyLock<Regex> = LazyLock::new(|| constant(r"exit code: (-?\d+)"));
static BASE_IMAGE: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^(?:\[internal\] load metadata for|(?:\[[^\]]*\] )?FROM) (\S+)"));
static FRONTEND: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^resolve image config for (?:docker-image://)?(\S+)"));
/// The name of a cache record, which differs from run to run and helps nobody.
static CACHE_REF: LazyLock<Regex> =
    LazyLock::new(|| constant(r"failed to (?:calculate checksum of|compute cache key for) ref \S+ "));
static PARSE_ERROR: LazyLock<Regex> = LazyLock::new(|| constant(r"parse error (?:on )?line (\d+): (?s)(.*)"));

#[expect(clippy::expect_used, reason = "a test compiles every pattern")]
fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

/// The failure of a build none of whose steps failed.
fn failure_of_message(message: &str) -> BuildFailure {
    if let Some(found) = PARSE_ERROR.captures(message) {
        let group = |at| found.get(at).map(|part| part.as_str()).unwrap_or_default();
        return BuildFailure::Dockerfile { line: group(1).parse().ok(), reason: group(2).into() };
    }
    // The wrapping that every engine version puts around what its frontend says.
    let reason = ["failed to solve with frontend dockerfile.v0: ", "failed to create LLB definition: "]
        .iter()
        .fold(message, |rest, prefix| rest.strip_prefix(prefix).unwrap_or(rest));
    if reason.contains("dockerfile") || reason.contains("Dockerfile") || reason.contains("target stage") {
        return BuildFailure::Dockerfile { line: None, reason: reason.into() };
    }
    BuildFailure::Builder { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::{BASE_IMAGE, BuildFailure, CACHE_REF, EXIT_CODE, FRONTEND, failure_of_message, named_by};

    #[test]
    fn a_step_tells_what_could_not_be_had() {
        let image = |step| named_by(&BASE_IMAGE, step);
        assert_eq!(
            image("[internal] load metadata for docker.io/library/a:1").as_deref(),
            Some("docker.io/library/a:1")
        );
        assert_eq!(
            image("[builder 1/4] FROM docker.io/library/a:1@sha256:0").as_deref(),
            Some("docker.io/library/a:1@sha256:0")
        );
        assert_eq!(image("FROM docker.io/library/a:1").as_deref(), Some("docker.io/library/a:1"));
        assert_eq!(image("[2/3] RUN echo FROM x"), None);
        let frontend = |step| named_by(&FRONTEND, step);
        assert_eq!(
            frontend("resolve image config for docker-image://docker.io/docker/dockerfile:1").as_deref(),
            Some("docker.io/docker/dockerfile:1")
        );
        assert_eq!(
            frontend("resolve image config for docker.io/docker/dockerfile:1").as_deref(),
            Some("docker.io/docker/dockerfile:1")
        );
    }

    #[test]
    fn exit_codes_and_reasons_are_read_as_every_engine_writes_them() {
        for words in [
            "executor failed running [/bin/sh -c x]: exit code: 137",
            "process \"x\" did not complete successfully: exit code: 137",
        ] {
            assert_eq!(named_by(&EXIT_CODE, words).as_deref(), Some("137"));
        }
        let words = "failed to calculate checksum of ref abc::def: \"/nothing\": not found";
        assert_eq!(CACHE_REF.replace(words, ""), "\"/nothing\": not found");
    }

    #[test]
    fn a_message_without_a_step_is_the_dockerfiles_where_it_speaks_of_it() {
        let old = "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 3: unknown instruction: RUM";
        let new = "dockerfile parse error on line 3: unknown instruction: RUM (did you mean RUN?)";
        for words in [old, new] {
            let BuildFailure::Dockerfile { line: Some(3), reason } = failure_of_message(words) else {
                panic!("{words}");
            };
            assert!(reason.starts_with("unknown instruction: RUM"), "{reason}");
        }
        assert!(matches!(failure_of_message("no space left on device"), BuildFailure::Builder { .. }));
    }
}
