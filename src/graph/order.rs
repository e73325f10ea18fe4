//! In which order a build can run its stages: what waits for what, and what need not.

use std::collections::{BTreeMap, BTreeSet};

use super::{Base, Edge, EdgeKind, Origin, Stage, StageGraph};

/// A stage's part in the longest chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The stage.
    pub stage: usize,
    /// How many of its layers are in the chain.
    pub layers: usize,
}

impl EdgeKind {
    /// The instruction that takes; none for a base.
    pub fn instruction(self) -> Option<usize> {
        match self {
            Self::From => None,
            Self::Copy { instruction } | Self::Add { instruction } | Self::Mount { instruction, .. } => {
                Some(instruction)
            }
        }
    }
}

impl StageGraph {
    /// The longest chain of instructions that wait for one another in a build of `target`, by the number of those that
    /// make layers, the first stage first. However many processors there are, a build takes as long as its chains. A
    /// layer waits for the one before it, for the whole stage it is built on, and for the whole stages it takes from.
    pub fn longest_chain(&self, target: usize) -> Vec<Link> {
        let mut ends: Vec<usize> = Vec::with_capacity(self.stages.len());
        // Where the chain enters each stage: from which stage, and before which of its layers.
        let mut entries: Vec<Option<(usize, usize)>> = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let mut entry = base_of(stage).map(|base| (base, 0));
            let mut length = entry.and_then(|(base, _)| ends.get(base)).copied().unwrap_or(0);
            let mut takes = self.stages_taken_by(stage.index);
            for (place, at) in stage.layers.iter().enumerate() {
                for origin in takes.remove(at).unwrap_or_default() {
                    let end = ends.get(origin).copied().unwrap_or(0);
                    if end > length {
                        (length, entry) = (end, Some((origin, place)));
                    }
                }
                length += 1;
            }
            ends.push(length);
            entries.push(entry);
        }
        let mut links = Vec::new();
        let mut at = Some(target);
        while let Some(stage) = at.and_then(|stage| self.stages.get(stage)) {
            let entry = entries.get(stage.index).copied().flatten();
            let layers = stage.layers.len() - entry.map_or(0, |(_, place)| place);
            if layers > 0 {
                links.push(Link { stage: stage.index, layers });
            }
            at = entry.map(|(origin, _)| origin);
        }
        links.reverse();
        links
    }

    /// The stages that a build of `target` needs in waves: those of one wave need not wait for one another to begin, and
    /// begin once those of the waves before have ended. A stage begins with its first layer; where a later one waits for
    /// another stage, the two still run side by side until then.
    pub fn waves(&self, target: usize) -> Vec<Vec<usize>> {
        let mut begins: Vec<usize> = Vec::with_capacity(self.stages.len());
        let mut ends: Vec<usize> = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let takes = self.stages_taken_by(stage.index);
            let first = stage.layers.first().and_then(|first| takes.get(first)).into_iter().flatten();
            let base = base_of(stage);
            let before = first.chain(&base).filter_map(|stage| ends.get(*stage));
            let wave = before.max().map_or(0, |wave| wave + 1);
            let all = takes.values().flatten().filter_map(|stage| ends.get(*stage));
            ends.push(all.copied().max().unwrap_or(0).max(wave));
            begins.push(wave);
        }
        let mut waves: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for stage in self.reachable(target) {
            waves.entry(begins.get(stage).copied().unwrap_or(0)).or_default().push(stage);
        }
        waves.into_values().collect()
    }

    /// The edge at which a stage that has begun first waits for another stage, if any.
    pub fn first_wait(&self, stage: usize) -> Option<&Edge> {
        let taking = self.stages.get(stage)?;
        let takes = self.stages_taken_by(stage);
        let first = taking.layers.first().and_then(|first| takes.get(first)).into_iter().flatten();
        let ended: BTreeSet<usize> =
            first.copied().chain(base_of(taking)).flat_map(|stage| self.reachable(stage)).collect();
        let place =
            |edge: &Edge| taking.layers.iter().position(|layer| Some(*layer) == edge.kind.instruction());
        let waits = self.taken_by(stage).filter(|edge| match edge.origin {
            Origin::Stage(origin) => !ended.contains(&origin),
            _ => false,
        });
        waits
            .filter_map(|edge| Some((place(edge)?, edge)))
            .min_by_key(|(place, _)| *place)
            .map(|(_, edge)| edge)
    }

    /// The stages that a stage's instructions take from, by the instruction.
    fn stages_taken_by(&self, stage: usize) -> BTreeMap<usize, Vec<usize>> {
        let mut taken: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for edge in self.taken_by(stage) {
            if let (Some(at), Origin::Stage(origin)) = (edge.kind.instruction(), &edge.origin) {
                taken.entry(at).or_default().push(*origin);
            }
        }
        taken
    }
}

fn base_of(stage: &Stage) -> Option<usize> {
    match stage.base {
        Base::Stage(base) => Some(base),
        _ => None,
    }
}
