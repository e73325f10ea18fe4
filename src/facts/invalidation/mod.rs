//! Which instructions BuildKit runs again once something has changed, and why; the others come from its cache.
//!
//! Only `FROM image`, `RUN`, `COPY`, `ADD` and `WORKDIR` do work in a build; they are its steps. The rest of a
//! Dockerfile is the image's configuration. What decides on a step:
//!
//! - It stands on the step before it: where that one runs again, it does too. `COPY --link` stands on nothing.
//! - `COPY`, `ADD` and bind mounts go by the content of what they take, names, modes and links included, times not. So
//!   what is taken from a stage that ran again counts only where it came out different: a step that depends on that
//!   may run.
//! - Every `RUN` has all `ARG` and `ENV` before it in its environment, read or not.
//! - Words with variables go by what they come to. A secret, an agent's socket and a proxy's address count for nothing.
//!
//! Sources: moby/buildkit, frontend/dockerfile/dockerfile2llb/{convert.go,convert_copy.go,convert_runmount.go},
//! solver/llbsolver/ops/{exec.go,file.go}, cache/contenthash/checksum.go.

mod difference;
mod reach;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::BTreeSet;

use crate::context::BuildContext;
use crate::dockerfile::Dockerfile;
use crate::graph::StageGraph;
use crate::text::SourceFile;

use super::Facts;

/// What is about to change, or has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files and directories of the build context, with `/` between the parts: changed, added, renamed or removed. A
    /// directory stands for all that is in it; its mode alone is no change, since an engine that has it from before
    /// doesn't look at it again (tonistiigi/fsutil, diskwriter.go, `HandleChange`).
    pub paths: Vec<String>,
    /// Build arguments that get another value.
    pub arguments: Vec<String>,
    /// Images that have other layers than before, by the reference that names them in the Dockerfile.
    pub images: Vec<String>,
}

/// A Dockerfile with all that is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Build<'a> {
    /// The file.
    pub source: &'a SourceFile,
    /// Its tree.
    pub dockerfile: &'a Dockerfile<'a>,
    /// Its stages.
    pub graph: &'a StageGraph,
    /// What holds at its instructions.
    pub facts: &'a Facts,
    /// The files that it may take.
    pub context: &'a BuildContext,
    /// The stage that is built.
    pub target: usize,
}

/// What a change does to a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalidation {
    /// All steps of the build, by stage and then in the order of their work.
    pub steps: Vec<Step>,
    /// The changes that no step of the build notices, in the order they were named: paths, arguments, images.
    pub unnoticed: Vec<Unnoticed>,
}

/// An instruction that does work in the build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The stage it works for.
    pub stage: usize,
    /// The instruction, by its index in the file. For a trigger that the stage inherits: the `ONBUILD`.
    pub instruction: usize,
    /// Why it runs again, what is its own first; empty where it is cached.
    pub causes: Vec<Cause>,
    /// Whether it is a `COPY` or `ADD` that stands on nothing. Only an engine that can merge layers keeps to it, one
    /// with the containerd image store; elsewhere it stands on the step before it like any other.
    pub linked: bool,
}

/// Whether a step runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is taken from the cache.
    Cached,
    /// It runs again unless what it takes comes out the same as before.
    MayRun,
    /// It runs again.
    Runs,
}

/// Why a step runs again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What it is.
    pub kind: CauseKind,
    /// Whether it makes the step run again for sure. If not, it depends on what only the build brings out.
    pub is_certain: bool,
}

/// What makes a step run again. Instructions are indices in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CauseKind {
    /// It takes a changed path from the build context.
    Path(String),
    /// It takes from a stage what an instruction there makes different.
    Stage {
        /// The stage.
        stage: usize,
        /// The instruction.
        instruction: usize,
    },
    /// It is built on or takes from a changed image.
    Image(String),
    /// Its words have a changed argument's value in them.
    Word(String),
    /// A variable with a changed argument's value is in its environment.
    Environment {
        /// The argument.
        argument: String,
        /// The `ARG` or `ENV` that brings it there.
        instruction: usize,
    },
    /// It works in a directory, or as a user, that a changed argument names.
    Setting {
        /// The argument.
        argument: String,
        /// The `WORKDIR` or `USER`.
        instruction: usize,
    },
    /// It stands on a step that runs again, or on a base that does.
    Below(usize),
}

/// A change that no step notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnoticed {
    /// What changes: a path, an argument's name or an image's reference.
    pub change: String,
    /// Why it is not noticed.
    pub reason: Ignorance,
}

/// Why a change is not noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignorance {
    /// The pattern on this line of the ignore file keeps the path out of the build.
    LeftOut {
        /// The line, from 1.
        line: usize,
    },
    /// No instruction takes the path.
    NotTaken,
    /// No `ARG` declares the argument.
    NotDeclared,
    /// The argument is declared and no step has it.
    NotRead,
    /// No stage is built on the image and none takes from it.
    NotUsed,
    /// Only stages notice it that the target doesn't need.
    NotNeeded,
}

impl Step {
    /// Whether it runs again.
    pub fn fate(&self) -> Fate {
        match self.causes.iter().any(|cause| cause.is_certain) {
            true => Fate::Runs,
            false if self.causes.is_empty() => Fate::Cached,
            false => Fate::MayRun,
        }
    }
}

impl Invalidation {
    /// What `changes` do to the build. Arguments have their defaults otherwise, and what comes from the web and from
    /// Git repositories is taken for unchanged.
    pub fn predict(build: &Build<'_>, changes: &Changes) -> Self {
        let all = walk::steps(build, changes);
        let needed = build.graph.reachable(build.target);
        let (steps, others): (Vec<Step>, Vec<Step>) =
            all.into_iter().partition(|step| needed.binary_search(&step.stage).is_ok());
        let (heard, heard_elsewhere) = (noticed(&steps), noticed(&others));
        let mut unnoticed = Vec::new();
        let mut tell = |change: &String, reason: &dyn Fn() -> Ignorance| {
            if !heard.contains(change.as_str()) {
                let elsewhere = heard_elsewhere.contains(change.as_str());
                let reason = if elsewhere { Ignorance::NotNeeded } else { reason() };
                unnoticed.push(Unnoticed { change: change.clone(), reason });
            }
        };
        for path in &changes.paths {
            tell(path, &|| match build.context.rule_against(path) {
                Some(rule) => Ignorance::LeftOut { line: rule.line },
                None => Ignorance::NotTaken,
            });
        }
        for argument in &changes.arguments {
            let declared = reach::is_declared(build.dockerfile, argument);
            tell(argument, &|| if declared { Ignorance::NotRead } else { Ignorance::NotDeclared });
        }
        for image in &changes.images {
            tell(image, &|| Ignorance::NotUsed);
        }
        Self { steps, unnoticed }
    }

    /// The steps with that fate.
    pub fn with(&self, fate: Fate) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.fate() == fate)
    }
}

/// The changes that the steps notice.
fn noticed(steps: &[Step]) -> BTreeSet<&str> {
    let causes = steps.iter().flat_map(|step| &step.causes);
    let names = causes.filter_map(|cause| match &cause.kind {
        CauseKind::Path(name) | CauseKind::Image(name) | CauseKind::Word(name) => Some(name.as_str()),
        CauseKind::Environment { argument, .. } | CauseKind::Setting { argument, .. } => Some(argument),
        CauseKind::Stage { .. } | CauseKind::Below(_) => None,
    });
    names.collect()
}
