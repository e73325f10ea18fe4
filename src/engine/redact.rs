//! Build arguments, and how their values are kept out of everything that is shown or stored.

use std::collections::BTreeMap;
use std::fmt;

/// Values shorter than this hide nothing and occur everywhere (`1`, `20`, `dev`).
const SHORTEST: usize = 4;

/// The build arguments of a build. `Debug` shows their names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BuildArgs(pub BTreeMap<String, String>);

impl fmt::Debug for BuildArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Puts `***` for the values of build arguments wherever they occur: builders write them into the names of steps,
/// and commands into their logs. Values of less than four bytes are left.
#[derive(Clone)]
pub(super) struct Redactor {
    /// Longest first, as one value may contain another.
    values: Vec<String>,
}

impl Redactor {
    pub(super) fn of(arguments: &BuildArgs) -> Self {
        let mut values: Vec<String> =
            arguments.0.values().filter(|value| value.len() >= SHORTEST).cloned().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self { values }
    }

    pub(super) fn redact(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, value| text.replace(value, "***"))
    }
}

#[cfg(test)]
mod tests {
    use super::{BuildArgs, Redactor};

    #[test]
    fn values_are_hidden_and_names_are_not() {
        let arguments = BuildArgs(
            [("TOKEN", "s3cret"), ("LONG", "s3cret-and-more"), ("N", "2")]
                .map(|(k, v)| (k.into(), v.into()))
                .into(),
        );
        let redactor = Redactor::of(&arguments);
        assert_eq!(redactor.redact("[2/3] use s3cret-and-more, s3cret"), "[2/3] use ***, ***");
        assert_eq!(format!("{arguments:?}"), r#"{"LONG", "N", "TOKEN"}"#);
    }
}
