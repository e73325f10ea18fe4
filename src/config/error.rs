//! What is wrong in a `plimsoll.toml`, where, and what was probably meant.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

/// A configuration that can't be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("can't read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Its text.
        text: String,
        /// The bytes that are wrong.
        range: Range<usize>,
        /// What is wrong with them.
        message: String,
        /// What was probably meant.
        help: Option<String>,
    },
}

/// A mistake before it is known which file it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Mistake {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<toml::de::Error> for Mistake {
    /// Serde says of an unknown key "unknown field `x`, expected one of `a`, `b`": the nearest of those is the help.
    fn from(error: toml::de::Error) -> Self {
        let message = error.message();
        let range = error.span().unwrap_or_default();
        let Some(rest) = message.strip_prefix("unknown field ") else { return Self::new(range, message) };
        let mut quoted = rest.split('`').skip(1).step_by(2);
        let wrong = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        let nearest = known
            .iter()
            .map(|known| (strsim::normalized_damerau_levenshtein(known, wrong), known))
            .filter(|(likeness, _)| *likeness > 0.5)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let help = match nearest {
            Some((_, nearest)) => format!("did you mean `{nearest}`?"),
            None => format!("the keys here are {}", list(&known)),
        };
        Self::new(range, format!("unknown key `{wrong}`")).help(help)
    }
}

/// `a`, `b` and `c`
pub(super) fn list(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}
