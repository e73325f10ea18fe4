//! What a file asks of BuildKit's build checks: the directive `# check=skip=A,B;error=true;experimental=C`.
//! Source: moby/buildkit, frontend/dockerfile/linter/linter.go, `ParseLintOptions`.

use crate::dockerfile::Dockerfile;

use super::{Rule, Silenced};

/// The build argument that takes the place of the directive.
pub(super) const ARGUMENT: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// The options of the build checks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CheckOptions {
    /// The checks that don't run. Says nothing of experimental ones.
    pub(super) skip: Option<Silenced>,
    /// The experimental checks that run.
    pub(super) experimental: Option<Silenced>,
    /// Whether a build with warnings fails.
    pub(super) error: bool,
}

impl CheckOptions {
    /// What holds for a file: the build argument where it is given, else the directive.
    pub(super) fn of(dockerfile: &Dockerfile, argument: Option<&str>) -> Self {
        let directive = dockerfile.directives().find(|directive| directive.name == "check");
        let value = argument.or(directive.map(|directive| directive.value.text.as_ref()));
        value.map(Self::parse).unwrap_or_default()
    }

    /// Reads `skip=A,B;error=true;experimental=C`. What stands behind a blank is a reason; an option that BuildKit
    /// refuses says nothing here.
    pub(super) fn parse(value: &str) -> Self {
        let mut options = Self::default();
        for part in value.split_whitespace().next().unwrap_or_default().split(';') {
            match part.split_once('=') {
                Some(("skip", names)) => options.skip = silenced(names),
                Some(("experimental", names)) => options.experimental = silenced(names),
                Some(("error", value)) => {
                    options.error = matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True");
                }
                _ => {}
            }
        }
        options
    }

    /// Whether the experimental check that `rule` stands for runs.
    pub(super) fn asks_for(&self, rule: &Rule) -> bool {
        self.experimental.as_ref().is_some_and(|asked| asked.covers(rule))
    }
}

fn silenced(names: &str) -> Option<Silenced> {
    if names == "all" {
        return Some(Silenced::All);
    }
    let names: Vec<String> = names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    (!names.is_empty()).then_some(Silenced::Named(names))
}

#[cfg(test)]
mod tests {
    use super::{CheckOptions, Silenced};

    #[test]
    fn every_option_is_read_and_a_reason_is_none() {
        let options = CheckOptions::parse("skip=A,B;error=true;experimental=all // because=of");
        let named = Silenced::Named(vec!["A".to_owned(), "B".to_owned()]);
        assert_eq!(
            options,
            CheckOptions { skip: Some(named), experimental: Some(Silenced::All), error: true }
        );
        assert_eq!(CheckOptions::parse("error=0;skip="), CheckOptions::default());
        assert_eq!(CheckOptions::parse("skip"), CheckOptions::default());
    }
}
