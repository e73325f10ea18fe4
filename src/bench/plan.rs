//! In which order everything is measured, and how long that will take.

use std::time::Duration;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The order of measurement: blocks, each of which measures every variant once in every region in an order of its own,
/// so that whatever drifts while the run goes on hits all alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    seed: u64,
    variants: usize,
    regions: usize,
    blocks: Vec<Block>,
}

/// One round of measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Each pair of variant and region once.
    pub order: Vec<Step>,
}

/// One measurement: a variant in a region, by their indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    /// The variant's index.
    pub variant: usize,
    /// The region's index.
    pub region: usize,
}

/// How long steps take: as predicted, until they have been timed.
#[derive(Debug, Clone)]
pub struct Pace {
    steps: Vec<StepPace>,
}

#[derive(Debug, Clone, Copy)]
struct StepPace {
    step: Step,
    predicted: Duration,
    measured: Duration,
    times: u32,
}

impl Plan {
    /// The plan of `blocks` rounds; the same arguments give the same plan.
    pub fn new(seed: u64, variants: usize, regions: usize, blocks: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let block = |_| {
            let mut order = steps(variants, regions);
            order.shuffle(&mut random);
            Block { order }
        };
        Self { seed, variants, regions, blocks: (0..blocks).map(block).collect() }
    }

    /// The seed of the order.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The rounds.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Every step in the order of measurement, with the number of its block.
    pub fn steps(&self) -> impl Iterator<Item = (usize, Step)> {
        self.blocks
            .iter()
            .enumerate()
            .flat_map(|(block, steps)| steps.order.iter().map(move |step| (block, *step)))
    }

    /// The pace of this plan before anything was timed, from a prediction for each step.
    pub fn pace(&self, predict: impl Fn(Step) -> Duration) -> Pace {
        let pace = |step| StepPace { step, predicted: predict(step), measured: Duration::ZERO, times: 0 };
        Pace { steps: steps(self.variants, self.regions).into_iter().map(pace).collect() }
    }

    /// The time that the steps after the first `done` will take.
    pub fn remaining(&self, done: usize, pace: &Pace) -> Duration {
        self.steps().skip(done).map(|(_, step)| pace.expected(step)).sum()
    }
}

impl Pace {
    /// Notes that a step took so long.
    pub fn record(&mut self, step: Step, took: Duration) {
        if let Some(pace) = self.steps.iter_mut().find(|pace| pace.step == step) {
            pace.measured += took;
            pace.times += 1;
        }
    }

    /// How long a step will take: its mean so far, or its prediction, corrected by how far off the predictions of the
    /// steps timed so far were.
    pub fn expected(&self, step: Step) -> Duration {
        let Some(pace) = self.steps.iter().find(|pace| pace.step == step) else { return Duration::ZERO };
        if pace.times > 0 {
            return pace.measured / pace.times;
        }
        let timed = self.steps.iter().filter(|pace| pace.times > 0);
        let (measured, predicted) = timed.fold((0.0, 0.0), |(measured, predicted), pace| {
            (
                measured + pace.measured.as_secs_f64(),
                predicted + pace.predicted.as_secs_f64() * f64::from(pace.times),
            )
        });
        let correction = if predicted > 0.0 { measured / predicted } else { 1.0 };
        Duration::try_from_secs_f64(pace.predicted.as_secs_f64() * correction).unwrap_or(pace.predicted)
    }
}

fn steps(variants: usize, regions: usize) -> Vec<Step> {
    (0..variants).flat_map(|variant| (0..regions).map(move |region| Step { variant, region })).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Plan, Step, steps};

    #[test]
    fn every_block_measures_each_variant_once_in_each_region() {
        let plan = Plan::new(1, 5, 3, 7);
        assert_eq!(plan.blocks().len(), 7);
        for block in plan.blocks() {
            let mut order = block.order.clone();
            order.sort_unstable();
            assert_eq!(order, steps(5, 3));
        }
    }

    #[test]
    fn blocks_have_orders_of_their_own_and_a_seed_gives_them_again() {
        let plan = Plan::new(1, 5, 3, 7);
        assert_eq!(plan, Plan::new(1, 5, 3, 7));
        assert_ne!(plan, Plan::new(2, 5, 3, 7));
        assert!(plan.blocks().windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn nothing_to_measure_is_a_plan_too() {
        assert_eq!(Plan::new(1, 0, 3, 2).steps().count(), 0);
        assert_eq!(Plan::new(1, 2, 3, 0).steps().count(), 0);
    }

    #[test]
    fn the_time_left_goes_from_prediction_to_what_was_timed() {
        let plan = Plan::new(1, 2, 1, 3);
        let (first, second) = (Step { variant: 0, region: 0 }, Step { variant: 1, region: 0 });
        let mut pace = plan.pace(|step| Duration::from_secs(if step == first { 2 } else { 6 }));
        assert_eq!(plan.remaining(0, &pace), Duration::from_secs(3 * 8));
        pace.record(first, Duration::from_secs(4));
        assert_eq!(pace.expected(first), Duration::from_secs(4));
        assert_eq!(pace.expected(second), Duration::from_secs(12), "predictions were half of the truth");
        pace.record(second, Duration::from_secs(5));
        assert_eq!(plan.remaining(2, &pace), Duration::from_secs(2 * 9));
        assert_eq!(plan.remaining(6, &pace), Duration::ZERO);
    }
}
