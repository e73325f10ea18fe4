//! Which variant lets a region serve first, and which can't be told apart.
//!
//! A variant is as good as its worst failover region (minimax): where the service will have to start is not known
//! beforehand. A variant counts as slower than another only where the samples show it; else the two share a rank.

mod objective;
mod score;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use self::score::{Score, score};
use super::observations::{Blocks, observations};
use super::quantity::{Kind, Unit};
use super::sample::Sample;
use super::statistics::{Basis, Ratio, Spread, interval_of_median, paired_ratio};
use crate::bytes::Bytes;

pub use objective::{Objective, ObjectiveError, Term};

/// The least difference that means anything, as a share: below it no one would choose by it.
pub const MARGIN: f64 = 0.02;

/// With fewer pairs of blocks than this, nothing sampled is told apart: two variants that are the same come out in one
/// order throughout two blocks every second time.
const MIN_PAIRS: usize = 3;

/// A variant that takes part in a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankingVariant {
    /// The variant's name.
    pub name: String,
    /// What a region downloads of it. Orders variants that share a rank.
    pub transfer: Bytes,
    /// Lines that it changes of the original. Orders variants that share a rank and a size.
    pub changed_lines: usize,
}

/// A region that takes part in a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankingRegion {
    /// The region's name.
    pub name: String,
    /// Whether the service must be able to fail over to it. Only these decide, where there is one.
    pub failover: bool,
}

/// All that a ranking depends on.
#[derive(Debug, Clone, Copy)]
pub struct RankingInput<'a> {
    /// The samples, in any order.
    pub samples: &'a [Sample],
    /// The variants to rank, in any order. One that was not sampled in every region that decides is left out.
    pub variants: &'a [RankingVariant],
    /// The regions.
    pub regions: &'a [RankingRegion],
    /// What to rank by.
    pub objective: &'a Objective,
    /// The variant that the others are compared with, most often the original.
    pub baseline: Option<&'a str>,
    /// How far apart two names for one variant came out, as a share, if that was measured.
    pub noise_floor: Option<f64>,
    /// The seed of the bootstrap.
    pub seed: u64,
}

/// A variant's place in the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// The rank, from 1. Variants that can't be told apart from the best of them share one, and the next rank counts
    /// them all (1, 1, 3).
    pub rank: usize,
    /// The variant's name.
    pub variant: String,
    /// What it was ranked by.
    pub objective: Objective,
    /// The median in the deciding region.
    pub median: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
    /// The unit of the three.
    pub unit: Unit,
    /// How the figures came about.
    pub kind: Kind,
    /// What the interval's ends say.
    pub basis: Basis,
    /// The number of blocks.
    pub n: usize,
    /// Whether another variant has the same rank.
    pub tied: bool,
    /// The region that decides: the worst of the failover regions. None for an objective that is not by region.
    pub region: Option<String>,
    /// The objective in every region that has samples, in the order of the regions.
    pub regions: Vec<RankedRegion>,
    /// How it compares with the baseline, each in its deciding region, block by block.
    pub to_baseline: Option<Ratio>,
}

/// The objective of a variant in one region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankedRegion {
    /// The region's name.
    pub region: String,
    /// The median.
    pub median: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
    /// How the figures came about.
    pub kind: Kind,
    /// What the interval's ends say.
    pub basis: Basis,
    /// The number of blocks.
    pub n: usize,
}

/// Why there is no ranking.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RankingError {
    /// Figures of several kinds, which can't be compared.
    #[error(
        "a ranking can't mix figures that are {}; rank regions of one kind, or by a quantity that has one",
        list(.kinds)
    )]
    MixedKinds {
        /// The kinds.
        kinds: BTreeSet<Kind>,
    },
}

/// Ranks the variants, best first. The result depends on the values and the seed alone: neither the order of samples
/// nor that of variants matters, nor a factor on all values.
pub fn rank(input: &RankingInput<'_>) -> Result<Vec<Ranked>, RankingError> {
    let mut candidates = candidates(input);
    let kinds: BTreeSet<Kind> =
        candidates.iter().flat_map(|candidate| candidate.deciding.kinds.iter().copied()).collect();
    let kind = match kinds.first() {
        None => return Ok(Vec::new()),
        Some(kind) if kinds.len() == 1 => *kind,
        Some(_) => return Err(RankingError::MixedKinds { kinds }),
    };
    candidates.sort_by(|a, b| a.deciding.median.total_cmp(&b.deciding.median).then_with(|| a.tie_order(b)));
    let exact = input.objective.unit().exact();
    let referee = Referee {
        // Counts and predictions have no noise: what differs, differs.
        sampled: kind != Kind::Predicted && !exact,
        margin: if exact { 0.0 } else { input.noise_floor.unwrap_or(0.0).max(MARGIN) },
        seed: input.seed,
        spread: spread(&candidates),
    };
    let baseline = candidates.iter().find(|candidate| Some(candidate.name) == input.baseline).cloned();
    let mut ranking = Vec::with_capacity(candidates.len());
    let mut remaining = candidates.as_mut_slice();
    while let Some(leader) = remaining.first() {
        let apart = |candidate: &Candidate<'_>| referee.slower(&candidate.deciding, &leader.deciding);
        let size = remaining.iter().position(apart).unwrap_or(remaining.len()).max(1);
        let (group, rest) = remaining.split_at_mut(size);
        group.sort_by(Candidate::tie_order);
        let rank = ranking.len() + 1;
        ranking.extend(group.iter().filter_map(|candidate| {
            candidate.ranked(input, &referee, kind, rank, size > 1, baseline.as_ref())
        }));
        remaining = rest;
    }
    Ok(ranking)
}

/// A variant with its scores, before it has a rank.
#[derive(Debug, Clone)]
struct Candidate<'a> {
    name: &'a str,
    transfer: Bytes,
    changed_lines: usize,
    scores: Vec<Score>,
    deciding: Score,
}

/// Decides whether one score is worse than another.
struct Referee {
    sampled: bool,
    margin: f64,
    seed: u64,
    /// What all scores scatter in common, for runs of few blocks.
    spread: Option<Spread>,
}

/// The variants that have a score in every region that decides.
fn candidates<'a>(input: &RankingInput<'a>) -> Vec<Candidate<'a>> {
    let cells = observations(input.samples);
    let any_failover = input.regions.iter().any(|region| region.failover);
    let places: Vec<(Option<&str>, bool)> = if input.objective.per_region() {
        input
            .regions
            .iter()
            .map(|region| (Some(region.name.as_str()), region.failover || !any_failover))
            .collect()
    } else {
        vec![(None, true)]
    };
    let candidate = |variant: &'a RankingVariant| {
        let mut scores = Vec::with_capacity(places.len());
        let mut deciding: Option<Score> = None;
        for (place, decides) in &places {
            let score = score(&cells, input.objective, &variant.name, *place);
            if *decides {
                let score = score.as_ref()?;
                if deciding.as_ref().is_none_or(|worst| score.median > worst.median) {
                    deciding = Some(score.clone());
                }
            }
            scores.extend(score);
        }
        Some(Candidate {
            name: &variant.name,
            transfer: variant.transfer,
            changed_lines: variant.changed_lines,
            scores,
            deciding: deciding?,
        })
    };
    input.variants.iter().filter_map(candidate).collect()
}

impl Referee {
    /// Whether `score` is shown to be worse than `better`: the near end of its interval clears the margin.
    fn slower(&self, score: &Score, better: &Score) -> bool {
        if !self.sampled {
            return score.median > better.median * (1.0 + self.margin);
        }
        let pairs = paired(&score.blocks, &better.blocks);
        pairs.len() >= MIN_PAIRS
            && paired_ratio(&pairs, self.seed, self.spread.as_ref())
                .is_some_and(|ratio| ratio.low > 1.0 + self.margin)
    }
}

impl Candidate<'_> {
    /// The order of variants that can't be told apart: what downloads less, then what changes less.
    fn tie_order(&self, other: &Self) -> Ordering {
        let key = |candidate: &Self| (candidate.transfer, candidate.changed_lines);
        key(self).cmp(&key(other)).then_with(|| self.name.cmp(other.name))
    }

    fn ranked(
        &self,
        input: &RankingInput<'_>,
        referee: &Referee,
        kind: Kind,
        rank: usize,
        tied: bool,
        baseline: Option<&Candidate<'_>>,
    ) -> Option<Ranked> {
        let interval =
            interval_of_median(&values(&self.deciding.blocks), input.seed, referee.spread.as_ref())?;
        let to_baseline = baseline.filter(|baseline| baseline.name != self.name).and_then(|baseline| {
            paired_ratio(
                &paired(&self.deciding.blocks, &baseline.deciding.blocks),
                input.seed,
                referee.spread.as_ref(),
            )
        });
        Some(Ranked {
            rank,
            variant: self.name.to_owned(),
            objective: input.objective.clone(),
            median: self.deciding.median,
            low: interval.low,
            high: interval.high,
            unit: input.objective.unit(),
            kind,
            basis: interval.basis,
            n: self.deciding.blocks.len(),
            tied,
            region: self.deciding.region.clone(),
            regions: self.scores.iter().filter_map(|score| ranked_region(score, referee)).collect(),
            to_baseline,
        })
    }
}

fn ranked_region(score: &Score, referee: &Referee) -> Option<RankedRegion> {
    let interval = interval_of_median(&values(&score.blocks), referee.seed, referee.spread.as_ref())?;
    Some(RankedRegion {
        region: score.region.clone()?,
        median: score.median,
        low: interval.low,
        high: interval.high,
        kind: *score.kinds.first()?,
        basis: interval.basis,
        n: score.blocks.len(),
    })
}

/// The spread of all scores of all candidates.
fn spread(candidates: &[Candidate<'_>]) -> Option<Spread> {
    let scores = candidates.iter().flat_map(|candidate| &candidate.scores);
    let cells: Vec<Vec<f64>> = scores.map(|score| values(&score.blocks)).collect();
    Spread::of_cells(cells.iter().map(Vec::as_slice))
}

fn values(blocks: &Blocks) -> Vec<f64> {
    blocks.values().copied().collect()
}

/// The values of the blocks that both have.
fn paired(blocks: &Blocks, others: &Blocks) -> Vec<(f64, f64)> {
    blocks.iter().filter_map(|(block, value)| Some((*value, *others.get(block)?))).collect()
}

fn list(kinds: &BTreeSet<Kind>) -> String {
    let names: Vec<String> = kinds.iter().map(Kind::to_string).collect();
    names.join(" and ")
}

#[cfg(test)]
mod tests;
