//! A single stage split in two: one that builds, one that runs.
//!
//! The build stage keeps what is there. The runtime stage stands on a smaller base and gets what the program needs:
//! the system packages, the users, the environment, what was built, and the image's configuration as it was written.
//! Each ecosystem has a file that says what was built and what it needs; all share how it is written.

mod base;
mod cmake;
mod go;
mod java;
mod libraries;
mod node;
mod node_start;
mod plan;
mod program;
mod python;
mod rust;
mod stage;
mod static_site;
mod system;
#[cfg(test)]
mod tests;
mod work;

use crate::rewrite::{Outcome, Subject, Transform};

use base::Flavour;
use plan::Plan;
use stage::SingleStage;

/// The runtime stage stands on a slim image of a distribution.
pub(super) const SPLIT: Transform =
    Transform { name: "split", attempt: |subject| attempt(subject, Flavour::Slim) };

/// The runtime stage stands on an image without a shell and without a package manager.
pub(super) const DISTROLESS: Transform =
    Transform { name: "distroless", attempt: |subject| attempt(subject, Flavour::Distroless) };

type Planned = Result<Plan, crate::rewrite::Abstention>;

fn attempt(subject: &Subject<'_>, flavour: Flavour) -> Outcome {
    let stage = match SingleStage::read(subject) {
        Ok(Some(stage)) => stage,
        Ok(None) => return Outcome::NothingToDo,
        Err(abstention) => return Outcome::Abstains(abstention),
    };
    let plan = match stage.ecosystem {
        stage::Ecosystem::Rust => rust::plan(&stage, flavour),
        stage::Ecosystem::Go => go::plan(&stage, flavour),
        stage::Ecosystem::CMake => cmake::plan(&stage, flavour),
        stage::Ecosystem::Java => java::plan(&stage, flavour),
        stage::Ecosystem::Python => python::plan(&stage, flavour),
        stage::Ecosystem::Node => node::plan(&stage, flavour),
    };
    match plan.and_then(|plan| plan::write(&stage, &plan)) {
        Ok(change) => Outcome::Rewrites(change),
        Err(abstention) => Outcome::Abstains(abstention),
    }
}
