//! What holds at each instruction: variables, user, working directory, shell, scripts and mounts; and of each stage,
//! whether the target needs it and whether its layers are in the image.
//!
//! In go a Dockerfile, its stage graph and what the build is given; out come plain data, derived once and read-only.
//! What a build that isn't known or the base image decides is said to be unknown.

mod derive;
pub mod invalidation;
mod state;
#[cfg(test)]
mod tests;

pub use crate::graph::{Mount, MountKind, Sharing, Value, Variable, VariableOrigin as Origin, Variables};
pub use derive::{Given, derive, derive_for};
pub use state::{Shell, State};

use std::sync::Arc;

use crate::dockerfile::{Body, Dockerfile, Instruction, Item};
use crate::shell::packages::{self, Action};
use crate::shell::{Command, Dialect, Occurrence, Script};

/// All facts of a Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// One for each instruction of the Dockerfile, in order.
    pub instructions: Vec<InstructionFacts>,
    /// One for each stage, in order.
    pub stages: Vec<StageFacts>,
    /// The stage the facts were derived for; none where there is no stage.
    pub target: Option<usize>,
}

/// What holds at one instruction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstructionFacts {
    /// The stage it is in; none before the first `FROM`.
    pub stage: Option<usize>,
    /// Its index among the Dockerfile's items.
    pub item: usize,
    /// What is set before it. For a `FROM` and what stands before the first: the global arguments.
    pub before: Arc<State>,
    /// What it runs, an `ONBUILD`'s trigger included.
    pub run: Run,
    /// The shell that reads its script; none where it has none.
    pub dialect: Option<Dialect>,
    /// The mounts of a `RUN`.
    pub mounts: Vec<Mount>,
}

/// What an instruction runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Run {
    /// Nothing.
    #[default]
    Nothing,
    /// A script, read by a POSIX shell.
    Script(Script),
    /// A program without a shell: the JSON form.
    Exec(Command),
    /// A script in a language that is not read here: another `SHELL`, or a heredoc that names its interpreter.
    Foreign,
}

/// What holds of one stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageFacts {
    /// The indices of its instructions, its `FROM` first.
    pub instructions: Vec<usize>,
    /// The stage it is built on.
    pub parent: Option<usize>,
    /// What its `FROM` names, with the global arguments' defaults put in; none where one has none.
    pub base: Option<String>,
    /// Whether another stage is built on it.
    pub inherited: bool,
    /// Whether the target needs it.
    pub reached: bool,
    /// Whether its layers are in the image: the target, and the stages it is built on.
    pub shipped: bool,
    /// What is set at its end. For the target, that is the image's configuration as far as the Dockerfile says.
    pub end: Arc<State>,
}

/// An instruction with its facts.
#[derive(Debug, Clone, Copy)]
pub struct Fact<'a> {
    /// Its index among the Dockerfile's instructions.
    pub index: usize,
    /// The instruction.
    pub instruction: &'a Instruction<'a>,
    /// What holds there.
    pub facts: &'a InstructionFacts,
}

impl<'a> Fact<'a> {
    /// The instruction that runs: an `ONBUILD`'s trigger, else the instruction itself.
    pub fn trigger(&self) -> &'a Instruction<'a> {
        match &self.instruction.body {
            Body::Onbuild(trigger) => trigger,
            _ => self.instruction,
        }
    }
}

impl InstructionFacts {
    /// The script, where a POSIX shell reads one.
    pub fn script(&self) -> Option<&Script> {
        match &self.run {
            Run::Script(script) => Some(script),
            _ => None,
        }
    }

    /// The simple commands, in the order in which they run: the script's, or the one of the JSON form, which the
    /// instruction's success proves to have succeeded.
    pub fn commands(&self) -> Vec<Occurrence<'_>> {
        match &self.run {
            Run::Script(script) => script.commands(),
            Run::Exec(command) => command.alone(),
            Run::Nothing | Run::Foreign => Vec::new(),
        }
    }

    /// The calls of package managers among [`Self::commands`].
    pub fn actions(&self) -> Vec<(Occurrence<'_>, Action<'_>)> {
        let commands = self.commands().into_iter();
        commands.filter_map(|found| Some((found, packages::read(found.command)?))).collect()
    }

    /// Whether what lies at the absolute `path` while the instruction runs is a mount's, and so in no layer.
    pub fn is_mounted(&self, path: &str) -> bool {
        self.mounts.iter().any(|mount| mount.covers(path))
    }
}

impl Facts {
    /// The target's stage.
    pub fn target(&self) -> Option<&StageFacts> {
        self.stages.get(self.target?)
    }

    /// The instruction at `index` with its facts.
    pub fn get<'a>(&'a self, dockerfile: &'a Dockerfile, index: usize) -> Option<Fact<'a>> {
        let facts = self.instructions.get(index)?;
        match dockerfile.items.get(facts.item)? {
            Item::Instruction(instruction) => Some(Fact { index, instruction, facts }),
            _ => None,
        }
    }

    /// All instructions with their facts, in order.
    pub fn all<'a>(&'a self, dockerfile: &'a Dockerfile) -> impl DoubleEndedIterator<Item = Fact<'a>> {
        (0..self.instructions.len()).filter_map(|index| self.get(dockerfile, index))
    }

    /// The instructions of a stage with their facts, its `FROM` first.
    pub fn of_stage<'a>(&'a self, dockerfile: &'a Dockerfile, stage: usize) -> Vec<Fact<'a>> {
        let indices = self.stages.get(stage).map(|stage| stage.instructions.as_slice()).unwrap_or_default();
        indices.iter().filter_map(|index| self.get(dockerfile, *index)).collect()
    }

    /// The stages whose layers are in the image, the lowest first, by index.
    pub fn shipped(&self) -> impl Iterator<Item = usize> {
        self.stages.iter().enumerate().filter(|(_, stage)| stage.shipped).map(|(index, _)| index)
    }

    /// Whether the instruction's layer is in the image. In a file without any `FROM`, all are taken to be.
    pub fn is_shipped(&self, fact: &Fact<'_>) -> bool {
        self.stages.is_empty() || self.stage_of(fact).is_some_and(|stage| stage.shipped)
    }

    /// Whether building the target runs the instruction. In a file without any `FROM`, all are taken to be run.
    pub fn is_reached(&self, fact: &Fact<'_>) -> bool {
        self.stages.is_empty() || self.stage_of(fact).is_some_and(|stage| stage.reached)
    }

    fn stage_of(&self, fact: &Fact<'_>) -> Option<&StageFacts> {
        self.stages.get(fact.facts.stage?)
    }

    /// `stage` and the stages built on it, directly or not.
    pub fn heirs(&self, stage: usize) -> Vec<usize> {
        let mut is_heir = vec![false; self.stages.len()];
        // A base stands before its stage, so one walk finds them all.
        let heirs = self.stages.iter().enumerate().filter_map(|(index, facts)| {
            let by_parent = facts.parent.and_then(|parent| is_heir.get(parent)).copied().unwrap_or_default();
            let own = is_heir.get_mut(index).filter(|_| by_parent || index == stage)?;
            *own = true;
            Some(index)
        });
        heirs.collect()
    }
}
