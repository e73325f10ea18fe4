use crate::lint::package_calls::{called, package_runs};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{PackageManager, Verb};

declare_rule! {
    /// Bundler is installed into an image that has it.
    ///
    /// ## Why it matters
    /// Ruby brings bundler since version 2.6, and so do the official images. `gem install bundler` puts a second, newest
    /// one beside it on each day the layer is built; with a lock file, bundler fetches the version that is written in
    /// there by itself.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM ruby:3.4-slim
    /// RUN gem install bundler
    /// ```
    /// ```dockerfile,good
    /// FROM ruby:3.4-slim
    /// RUN gem install bundler -v 2.7.2
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN gem install bundler
    /// ```
    name: "redundant-bundler-install",
    aliases: ["tally/ruby/redundant-bundler-install"],
    category: Size,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in package_runs(input) {
        for call in &run.calls {
            let action = &call.action;
            let installs = action.manager == PackageManager::Gem && action.verb == Verb::Install;
            let is_bundler = action.packages.iter().any(|word| word.is("bundler"));
            if !installs || !is_bundler || action.has_flag(&["-v", "--version"]) || !on_ruby(input, &run.fact)
            {
                continue;
            }
            found.push(
                Diagnostic::new(&RULE, called(action), "the base image brings bundler")
                    .help("leave it out, or name the version that the project needs"),
            );
        }
    }
}

/// Whether the stage goes back to the official image of Ruby.
fn on_ruby(input: &Input<'_>, fact: &crate::facts::Fact<'_>) -> bool {
    let root = fact.facts.stage.and_then(|stage| input.graph.chain(stage).first().copied());
    let base = root.and_then(|root| input.facts.stages.get(root)?.base.as_deref());
    base.is_some_and(|base| {
        let base = base.strip_prefix("docker.io/").unwrap_or(base);
        base.strip_prefix("library/").unwrap_or(base).split([':', '@']).next() == Some("ruby")
    })
}
