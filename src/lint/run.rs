//! One file through all rules.

use crate::context::BuildContext;
use crate::text::{SourceFile, TextRange};
use crate::{dockerfile, facts, graph};

use super::check_options::{self, CheckOptions};
use super::rule::is_build_check;
use super::{Diagnostic, Input, Profile, Rule, Settings, Severity, Suppression, catalogue, suppression};

/// All that the rules find in `source`, in the order of the places. `context` is the listing of its build context,
/// where there is one; rules that need it keep silent without.
pub fn check(source: &SourceFile, context: Option<&BuildContext>, settings: &Settings) -> Vec<Diagnostic> {
    let parsed = dockerfile::parse(source);
    let graph = graph::resolve(&parsed.dockerfile, &settings.build_args);
    let facts = facts::derive(&parsed.dockerfile, &graph);
    let input = Input {
        source,
        dockerfile: &parsed.dockerfile,
        errors: &parsed.errors,
        graph: &graph,
        facts: &facts,
        context,
        policy: &settings.policy,
    };
    let check = settings.build_args.get(check_options::ARGUMENT).map(String::as_str);
    let options = CheckOptions::of(&parsed.dockerfile, check);
    let is_asked_for = |rule: &Rule| rule.profile == Profile::Named && options.asks_for(rule);
    let mut diagnostics = Vec::new();
    for rule in catalogue().iter().filter(|rule| settings.enables(rule) || is_asked_for(rule)) {
        (rule.check)(&input, &mut diagnostics);
    }
    diagnostics.retain(|diagnostic| settings.shows(diagnostic));
    let suppressions = suppression::suppressions(source, &parsed.dockerfile, check);
    // What the file asks for by name, its `skip=all` does not mean.
    let file = TextRange::new(0, source.text().len());
    let is_meant = |one: &Suppression, rule| one.scope != file || !is_asked_for(rule);
    diagnostics
        .retain(|found| !suppressions.iter().any(|one| one.covers(found) && is_meant(one, found.rule)));
    if options.error {
        // A build would fail of these.
        for diagnostic in
            diagnostics.iter_mut().filter(|found| found.aliases.iter().copied().any(is_build_check))
        {
            diagnostic.severity = Severity::Error;
        }
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.range, diagnostic.rule.name));
    diagnostics
}
