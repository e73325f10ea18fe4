//! One file through all rules.

use crate::context::BuildContext;
use crate::text::SourceFile;
use crate::{dockerfile, facts, graph};

use super::{Diagnostic, Input, Settings, catalogue, suppression};

/// All that the rules find in `source`, in the order of the places. `context` is the listing of its build context,
/// where there is one; rules that need it keep silent without.
pub fn check(source: &SourceFile, context: Option<&BuildContext>, settings: &Settings) -> Vec<Diagnostic> {
    let parsed = dockerfile::parse(source);
    let graph = graph::resolve(&parsed.dockerfile, &std::collections::BTreeMap::new());
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
    let mut diagnostics = Vec::new();
    for rule in catalogue().iter().filter(|rule| settings.enables(rule)) {
        (rule.check)(&input, &mut diagnostics);
    }
    diagnostics.retain(|diagnostic| settings.shows(diagnostic));
    let suppressions = suppression::suppressions(source, &parsed.dockerfile);
    diagnostics.retain(|diagnostic| !suppressions.iter().any(|suppression| suppression.covers(diagnostic)));
    diagnostics.sort_by_key(|diagnostic| (diagnostic.range, diagnostic.rule.name));
    diagnostics
}
