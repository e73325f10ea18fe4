//! `plimsoll optimize --prove`: builds the Dockerfile and its variants, and holds their images against each other.

use std::path::Path;

use crate::engine::RunId;
use crate::lint::{self, Selector};
use crate::rewrite::proof::{self, Outcome, Proof};
use crate::rewrite::{Candidate, Origin, Variant};

use super::super::build::Build;
use super::super::progress::Progress;
use super::super::{Failure, Printer, engine, interrupted};

/// What came of the proofs.
pub(super) struct Proven {
    pub(super) proofs: Vec<Proof>,
    /// Whether somebody ended them.
    pub(super) interrupted: bool,
}

/// Proves each variant against the original, and takes away again all that it built. `made` gives the variants that
/// only some rules make.
pub(super) fn prove(
    build: &Build,
    original: &Variant,
    rewritten: &[&Variant],
    made: &dyn Fn(Option<&[Selector]>) -> Vec<Variant>,
    printer: Printer,
) -> Result<Proven, Failure> {
    let original = build.candidate(original.clone())?;
    let candidate = |variant: Variant| Candidate { variant, ..original.clone() };
    let candidates: Vec<Candidate> = rewritten.iter().map(|variant| candidate((*variant).clone())).collect();
    let single = |rule: &str| {
        let rule = Selector::of(lint::find(rule)?);
        let safe = made(Some(&[rule])).into_iter().find(|variant| variant.origin == Origin::Safe);
        safe.map(candidate)
    };
    let runtime = engine::runtime()?;
    let run = RunId::new();
    let progress = Progress::new(printer);
    let outcome = runtime.block_on(async {
        let engine = engine::connect().await?;
        let mut report = |event| progress.prove(event);
        let proving = proof::prove(&engine, &run, &original, &candidates, single, &mut report);
        let outcome = tokio::select! {
            proofs = proving => Some(proofs),
            () = interrupted() => None,
        };
        // Whatever came of it; what can't be removed now, `plimsoll clean` removes later.
        let cleaned = engine.clean(Some(&run)).await;
        match outcome {
            Some(proofs) => {
                let proofs = proofs?;
                cleaned?;
                Ok(Proven { proofs, interrupted: false })
            }
            None => Ok(Proven { proofs: Vec::new(), interrupted: true }),
        }
    });
    progress.finish();
    outcome
}

/// The failure that it is if what is called safe is not.
pub(super) fn refuted(proofs: &[Proof], dockerfile: &Path) -> Option<Failure> {
    let proof = proofs.iter().find(|proof| proof.is_refuted())?;
    Some(Failure::Refuted {
        variant: proof.variant.clone(),
        rules: proof.culprits.clone(),
        builds: !matches!(proof.outcome, Outcome::Unbuilt(_)),
        dockerfile: dockerfile.to_owned(),
    })
}
