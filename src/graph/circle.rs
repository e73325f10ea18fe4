//! Stages that wait for one another, which BuildKit refuses even where no target needs them.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/validations.go, `validateCircularDependency`.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use super::{GraphIssueKind, Origin, Stage, StageGraph};

/// How many references to later stages are followed around for a circle. Nobody has more; a file that has would take
/// time in the square of them.
const MOST: usize = 100;

/// A reference to a later stage, which is no edge of the graph.
pub(super) struct Later {
    /// The stage that refers.
    pub(super) stage: usize,
    /// The later one.
    pub(super) to: usize,
    /// The place among the graph's issues of the one that says so.
    pub(super) issue: usize,
}

/// Tells the references to a later stage that takes from this one again from those that are only in the wrong order.
pub(super) fn find(graph: &mut StageGraph, later: &[Later]) {
    let later = later.get(..MOST).unwrap_or(later);
    for one in later {
        let Some(around) = way(graph, later, one.to, one.stage) else { continue };
        let circle = std::iter::once(one.stage).chain(around);
        let stages = circle.filter_map(|stage| graph.stages.get(stage)).map(Stage::label).collect();
        if let Some(issue) = graph.issues.get_mut(one.issue) {
            issue.kind = GraphIssueKind::Cycle { stages };
        }
    }
}

/// The shortest way from a stage to one that it needs, both included.
fn way(graph: &StageGraph, later: &[Later], from: usize, to: usize) -> Option<Vec<usize>> {
    let mut came_from = BTreeMap::from([(from, from)]);
    let mut open = VecDeque::from([from]);
    while let Some(stage) = open.pop_front() {
        if stage == to {
            let back = |stage: &usize| came_from.get(stage).copied().filter(|before| before != stage);
            let mut way: Vec<usize> = std::iter::successors(Some(stage), back).collect();
            way.reverse();
            return Some(way);
        }
        let earlier = graph.taken_by(stage).filter_map(|edge| match edge.origin {
            Origin::Stage(origin) => Some(origin),
            _ => None,
        });
        let later = later.iter().filter(|later| later.stage == stage).map(|later| later.to);
        for next in earlier.chain(later) {
            if let Entry::Vacant(free) = came_from.entry(next) {
                free.insert(stage);
                open.push_back(next);
            }
        }
    }
    None
}
