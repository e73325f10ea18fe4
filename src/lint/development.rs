//! Whether an image is one to develop or test in, where other things are right than in one that serves.

use crate::graph::Base;

use super::Input;

/// Whether the image says that it is for development: by its stage's name, its command or its environment.
pub(super) fn is_for_development(input: &Input<'_>) -> bool {
    let Some((target, end)) =
        input.facts.stages.last().map(|stage| (input.facts.stages.len() - 1, &stage.end))
    else {
        return false;
    };
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| {
            matches!(
                word,
                "dev"
                    | "devel"
                    | "development"
                    | "test"
                    | "tests"
                    | "testing"
                    | "watch"
                    | "nodemon"
                    | "jest"
                    | "vitest"
                    | "mocha"
                    | "cypress"
                    | "playwright"
                    | "karma"
                    | "eslint"
                    | "lint"
                    | "storybook"
                    | "pytest"
                    | "phpunit"
                    | "rspec"
                    | "tox"
                    | "ci"
                    | "devcontainer"
                    | "devcontainers"
            )
        })
    };
    let stage = input.graph.stages.get(target);
    let name = stage.and_then(|stage| stage.name.as_deref());
    let base = stage.and_then(|stage| match &stage.base {
        Base::Image { reference, .. } => Some(reference.as_str()),
        _ => None,
    });
    let starts = [end.entrypoint, end.cmd].into_iter().flatten();
    let commands = starts.filter_map(|index| input.facts.all(input.dockerfile).nth(index));
    let environment =
        end.value("NODE_ENV").into_iter().chain(end.value("RAILS_ENV")).chain(end.value("APP_ENV"));
    name.is_some_and(says)
        || base.is_some_and(says)
        || commands.into_iter().any(|fact| says(input.source.slice(fact.instruction.range)))
        || environment.into_iter().any(says)
}
