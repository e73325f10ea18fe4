//! One file through all rules.

use std::collections::HashSet;

use crate::context::BuildContext;
use crate::dockerfile::{Dockerfile, Parsed};
use crate::facts::{Facts, Given};
use crate::graph::StageGraph;
use crate::text::SourceFile;
use crate::{dockerfile, facts, graph};

use super::rule::Check;
use super::suppression::{self, CheckOptions, Dialect, Ignore, Reach, Suppression};
use super::{
    Build, Diagnostic, InlineIgnores, Input, Profile, Readings, Rule, Settings, Severity, catalogue, custom,
};

/// The checks that BuildKit runs only where they are asked for.
/// Source: moby/buildkit, frontend/dockerfile/linter/ruleset.go.
const EXPERIMENTAL: [&str; 1] = ["InvalidDefinitionDescription"];

/// All that the rules find in `source`, in the order of the places. `context` is the listing of its build context,
/// where there is one; rules that need it keep silent without.
pub fn check(source: &SourceFile, context: Option<&BuildContext>, settings: &Settings) -> Vec<Diagnostic> {
    let parsed = dockerfile::parse(source);
    let suppressions = suppression::suppressions(source, &parsed.dockerfile, settings);
    let options = suppression::check_options(source, &parsed.dockerfile, settings);
    Run { source, context, settings, parsed: &parsed, options }.diagnostics(&suppressions)
}

/// One file with all that is asked of it.
struct Run<'a> {
    source: &'a SourceFile,
    context: Option<&'a BuildContext>,
    settings: &'a Settings,
    parsed: &'a Parsed<'a>,
    options: CheckOptions<'a>,
}

/// What holds in the file for one build.
struct Derived {
    graph: StageGraph,
    facts: Facts,
}

impl Run<'_> {
    fn diagnostics(&self, suppressions: &[Suppression]) -> Vec<Diagnostic> {
        let plain = [Build::default()];
        let builds = if self.settings.builds.is_empty() { &plain } else { self.settings.builds.as_slice() };
        let shells = suppression::shells(self.source, &self.parsed.dockerfile);
        let derived: Vec<Derived> =
            builds.iter().map(|build| Derived::new(&self.parsed.dockerfile, build, &shells)).collect();
        let is_heeded = self.settings.inline_ignores == InlineIgnores::Heeded;
        // Where no comment counts, only who forbids them has anything to say of one.
        let of_ignores: Vec<&'static Rule> = self
            .enabled()
            .filter(|rule| matches!(rule.check, Check::Ignores(_)))
            .filter(|rule| is_heeded || rule.profile == Profile::Named)
            .collect();
        // Whether a comment is of use can only be told where the rules that it names have run.
        let named: Vec<&'static Rule> = if of_ignores.is_empty() { Vec::new() } else { named(suppressions) };

        let mut found = Vec::new();
        for derived in &derived {
            let nothing = Readings::default();
            let input = self.input(derived, &nothing);
            let readings = Readings::of(&input);
            let input = Input { readings: &readings, ..input };
            for rule in catalogue().iter().copied() {
                let Check::File(check) = rule.check else { continue };
                if self.enables(rule) || named.iter().any(|named| std::ptr::eq(*named, rule)) {
                    check(&input, &mut found);
                }
            }
            for rule in &self.settings.custom {
                custom::check(rule, &input, &mut found);
            }
        }
        if derived.len() > 1 {
            let mut seen = HashSet::new();
            found.retain(|found| {
                seen.insert((found.rule.name().to_owned(), found.range, found.message.clone()))
            });
        }
        let mut ignores: Vec<Ignore<'_>> = suppressions.iter().map(Ignore::of).collect();
        found.retain(|found| !is_heeded || !self.is_silenced(found, &mut ignores));
        if let Some(derived) = derived.first() {
            let readings = Readings::default();
            let input = self.input(derived, &readings);
            let mut of_comments = Vec::new();
            for rule in of_ignores {
                if let Check::Ignores(check) = rule.check {
                    check(&input, &ignores, &mut of_comments);
                }
            }
            of_comments.retain(|found| !is_heeded || !self.is_silenced(found, &mut ignores));
            found.extend(of_comments);
        }
        found.retain(|found| self.keeps(found));
        for found in &mut found {
            found.severity = self.settings.severity(found);
            if self.options.error && found.is_of_buildkit() {
                found.severity = Severity::Error;
            }
        }
        found.sort_by(|a, b| (a.range, a.rule.name()).cmp(&(b.range, b.rule.name())));
        found
    }

    fn input<'a>(&'a self, derived: &'a Derived, readings: &'a Readings<'a>) -> Input<'a> {
        Input {
            source: self.source,
            dockerfile: &self.parsed.dockerfile,
            errors: &self.parsed.errors,
            graph: &derived.graph,
            facts: &derived.facts,
            context: self.context,
            policy: &self.settings.policy,
            measured: self.settings.measured.as_deref(),
            readings,
        }
    }

    fn enabled(&self) -> impl Iterator<Item = &'static Rule> {
        catalogue().iter().copied().filter(|rule| self.enables(rule))
    }

    fn enables(&self, rule: &'static Rule) -> bool {
        let asked = || rule.aliases.iter().any(|alias| self.asks_for(alias));
        self.settings.enables(rule) || (asked() && !self.settings.ignores_all_of(rule))
    }

    fn keeps(&self, found: &Diagnostic) -> bool {
        let asked = || found.aliases.iter().any(|alias| self.asks_for(alias));
        self.settings.keeps(found) || (asked() && !self.settings.ignores(found))
    }

    /// Whether a comment silences the finding. Each one that does is of use, not only the first.
    fn is_silenced(&self, found: &Diagnostic, ignores: &mut [Ignore<'_>]) -> bool {
        let asked = found.aliases.iter().any(|alias| self.asks_for(alias));
        let mut silenced = false;
        for ignore in ignores {
            // What the file asks for by name, its own `skip=all` does not mean.
            let is_directive =
                ignore.suppression.dialect == Dialect::Buildkit && ignore.suppression.reach == Reach::File;
            silenced |= !(asked && is_directive) && ignore.silences(found);
        }
        silenced
    }

    /// Whether the file's own `check` directive asks for one of BuildKit's experimental checks.
    fn asks_for(&self, alias: &str) -> bool {
        let is_experimental = || EXPERIMENTAL.contains(&alias);
        self.options
            .experimental
            .iter()
            .any(|asked| *asked == alias || (*asked == "all" && is_experimental()))
    }
}

impl Derived {
    fn new(dockerfile: &Dockerfile, build: &Build, shells: &[(usize, &str)]) -> Self {
        // What such a name stands for is known to the build alone.
        let contexts = build.contexts.iter().map(|name| (name.clone(), String::new())).collect();
        let given =
            graph::Build { args: build.args.clone(), target: build.target.clone(), contexts, platform: None };
        let graph = graph::resolve_build(dockerfile, &given);
        let target = graph.target(build.target.as_deref()).ok();
        let facts = facts::derive_for(dockerfile, &graph, &Given { target, args: &build.args, shells });
        Self { graph, facts }
    }
}

/// The rules that comments name.
fn named(suppressions: &[Suppression]) -> Vec<&'static Rule> {
    let names = suppressions.iter().flat_map(|suppression| &suppression.names);
    names.filter_map(|name| name.meaning.as_ref().ok()).flat_map(super::Selector::rules).collect()
}
