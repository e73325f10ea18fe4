//! Builds a Dockerfile and its variants, and holds each image against the original's.

use super::{Comparison, ProofError, Verdict, compare};
use crate::engine::{BuildEvent, BuildFailure, BuildRequest, Engine, RunId};
use crate::lint::Effect;
use crate::rewrite::{Candidate, Origin, Rewrite};

/// What the proof of a variant found.
#[derive(Debug)]
pub struct Proof {
    /// The variant's name.
    pub variant: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether the variant was to be the same: all of its rewrites are called safe.
    pub is_called_safe: bool,
    /// The rules whose rewrites break it by themselves, where it was to be the same and is not.
    pub culprits: Vec<&'static str>,
}

/// What came of a proof.
#[derive(Debug)]
pub enum Outcome {
    /// Both were built and compared.
    Compared(Comparison),
    /// The original builds, and the variant doesn't.
    Unbuilt(BuildFailure),
}

impl Proof {
    /// Whether what is called safe has turned out not to be: a fault of Plimsoll's.
    pub fn is_refuted(&self) -> bool {
        self.is_called_safe && self.outcome.is_different()
    }
}

impl Outcome {
    fn is_different(&self) -> bool {
        match self {
            Self::Compared(comparison) => comparison.verdict() == Verdict::Different,
            Self::Unbuilt(_) => true,
        }
    }
}

/// What happens in a proof, for those who watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofEvent {
    /// A build of this image began.
    Building(String),
    /// A step of it began.
    Step(String),
    /// Two images are read.
    Comparing(String),
}

/// Builds `original` and each of `variants` and compares them. All that is made carries the run's label.
///
/// Where a variant differs, the original is built again from nothing: what differs between its own two builds says
/// nothing of the variant. `single` gives the variant that one rule alone makes; it finds the culprits.
pub async fn prove(
    engine: &Engine,
    run: &RunId,
    original: &Candidate,
    variants: &[Candidate],
    single: impl Fn(&'static str) -> Option<Candidate>,
    report: &mut (dyn FnMut(ProofEvent) + Send),
) -> Result<Vec<Proof>, ProofError> {
    let mut bench = Bench { engine, run, original, again: None, report };
    let name = original.variant.name.clone();
    bench.build(original, &name, false).await?.map_err(ProofError::Original)?;
    // All on the same cache, before a build without it renews what they share.
    let mut built = Vec::new();
    for candidate in variants {
        built.push(bench.build(candidate, &candidate.variant.name, false).await?);
    }
    let mut proofs = Vec::new();
    for (candidate, built) in variants.iter().zip(built) {
        let name = &candidate.variant.name;
        let outcome = bench.outcome(candidate, name, built).await?;
        let is_called_safe = candidate.variant.origin == Origin::Safe;
        let mut culprits = Vec::new();
        if is_called_safe && outcome.is_different() {
            for rule in rules(&candidate.variant.rewrites) {
                let Some(alone) = single(rule) else { continue };
                let built = bench.build(&alone, rule, false).await?;
                if bench.outcome(&alone, rule, built).await?.is_different() {
                    culprits.push(rule);
                }
            }
        }
        proofs.push(Proof { variant: name.clone(), outcome, is_called_safe, culprits });
    }
    Ok(proofs)
}

/// What all proofs of a file share.
struct Bench<'a> {
    engine: &'a Engine,
    run: &'a RunId,
    original: &'a Candidate,
    /// How two builds of the original differ, once that was asked for.
    again: Option<Comparison>,
    report: &'a mut (dyn FnMut(ProofEvent) + Send),
}

impl Bench<'_> {
    async fn outcome(
        &mut self,
        candidate: &Candidate,
        name: &str,
        built: Result<(), BuildFailure>,
    ) -> Result<Outcome, ProofError> {
        if let Err(failure) = built {
            return Ok(Outcome::Unbuilt(failure));
        }
        let effects: Vec<Effect> =
            candidate.variant.rewrites.iter().flat_map(|rewrite| rewrite.effects.clone()).collect();
        let mut comparison = self.compare(name, &effects).await?;
        if comparison.verdict() == Verdict::Different {
            comparison.subtract(self.again().await?);
        }
        Ok(Outcome::Compared(comparison))
    }

    /// How a second build of the original differs from the first.
    async fn again(&mut self) -> Result<&Comparison, ProofError> {
        let known = if let Some(known) = self.again.take() {
            known
        } else {
            let name = format!("{} again", self.original.variant.name);
            let original = self.original;
            self.build(original, &name, true).await?.map_err(ProofError::Original)?;
            self.compare(&name, &[]).await?
        };
        Ok(self.again.insert(known))
    }

    async fn compare(&mut self, name: &str, effects: &[Effect]) -> Result<Comparison, ProofError> {
        (self.report)(ProofEvent::Comparing(name.to_owned()));
        let image = |name: &str| self.run.image(name);
        compare(self.engine, &image(&self.original.variant.name), &image(name), effects).await
    }

    /// Builds a candidate under a name of the run's. A build that fails is no error of the engine's.
    async fn build(
        &mut self,
        candidate: &Candidate,
        name: &str,
        no_cache: bool,
    ) -> Result<Result<(), BuildFailure>, ProofError> {
        (self.report)(ProofEvent::Building(name.to_owned()));
        let request = BuildRequest { no_cache, ..candidate.request(self.run, self.run.image(name)) };
        let report = &mut *self.report;
        let built = self.engine.build(&request, |event| {
            if let BuildEvent::Started { step } = event {
                report(ProofEvent::Step(step));
            }
        });
        match built.await {
            Ok(_) => Ok(Ok(())),
            Err(BuildFailure::Engine(error)) => Err(error.into()),
            Err(failure) => Ok(Err(failure)),
        }
    }
}

/// The rules of the rewrites, each once.
fn rules(rewrites: &[Rewrite]) -> Vec<&'static str> {
    let mut rules: Vec<&'static str> = rewrites.iter().map(|rewrite| rewrite.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}
