//! The graph itself: plain data, and the questions that it answers.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::text::TextRange;

use super::{GraphIssue, MountKind};

/// The stages of a Dockerfile and what they take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageGraph {
    /// The stages in the order of the file; a stage's index is its place here.
    pub stages: Vec<Stage>,
    /// What the stages take, by the taking stage and then in the order of its instructions.
    pub edges: Vec<Edge>,
    /// What BuildKit would refuse, or likely reads in another way than it was meant.
    pub issues: Vec<GraphIssue>,
    /// The named contexts that the build is given, used or not: what each name stands for, less credentials.
    pub contexts: BTreeMap<String, String>,
}

/// One stage: a `FROM` and the instructions up to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its place in the file, from 0.
    pub index: usize,
    /// Its name in lower case, as BuildKit compares it.
    pub name: Option<String>,
    /// What it is built on.
    pub base: Base,
    /// The platform that `--platform` asks for.
    pub platform: Option<Platform>,
    /// The `FROM`: its index among [`Dockerfile::instructions`](crate::dockerfile::Dockerfile::instructions).
    pub from: usize,
    /// The instructions behind the `FROM`, by the same index.
    pub instructions: std::ops::Range<usize>,
    /// Those of its instructions that make a layer, in the order they run: `RUN`, `COPY`, `ADD`, and `WORKDIR` unless
    /// it is `/`. A trigger inherited from the base is there as its `ONBUILD`.
    pub layers: Vec<usize>,
    /// Where the `FROM` stands.
    pub range: TextRange,
    /// From the `FROM` to the end of its last instruction.
    pub extent: TextRange,
}

impl Stage {
    /// The name, or the index where it has none: what `--target` and `--from` take.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.index.to_string())
    }

    /// The instructions that BuildKit executes for it, in the order they run: its `FROM`, where that is an image, and
    /// those that make a layer. All others only say what the image is like.
    pub fn steps(&self) -> impl Iterator<Item = usize> {
        let pulls = matches!(self.base, Base::Image { .. });
        pulls.then_some(self.from).into_iter().chain(self.layers.iter().copied())
    }
}

/// What a stage is built on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// An image; where nobody said what contexts the build is given, possibly one of these.
    Image {
        /// The reference with its variables put in.
        reference: String,
        /// Where it is written.
        range: TextRange,
    },
    /// A named context of the build: one of the name that `FROM` has, or of the stage's own, whose instructions then
    /// don't run.
    NamedContext {
        /// Its name, as in [`StageGraph::contexts`].
        name: String,
        /// Where it is written.
        range: TextRange,
    },
    /// An earlier stage.
    Stage(usize),
    /// Nothing.
    Scratch,
    /// What can't be known from the file; an issue or a syntax error says why.
    Unresolved {
        /// As it is written; empty where nothing is.
        written: String,
        /// Where it is written.
        range: TextRange,
    },
}

/// The value of `--platform`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// As it is written: `$BUILDPLATFORM`, say.
    pub written: String,
    /// With its variables put in, where they are known.
    pub resolved: Option<String>,
}

/// Something that a stage takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The stage that takes it.
    pub stage: usize,
    /// How.
    pub kind: EdgeKind,
    /// Where it comes from.
    pub origin: Origin,
    /// Which paths of it, as they are written; for a cache and a `tmpfs` where it is mounted. None for a base.
    pub takes: Vec<String>,
    /// What names the origin in the file: a flag, a source, a base.
    pub range: TextRange,
}

/// How a stage takes something. An instruction is an index among
/// [`Dockerfile::instructions`](crate::dockerfile::Dockerfile::instructions); for a trigger that a stage inherits from
/// its base it is the `ONBUILD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// As its base.
    From,
    /// With `COPY`.
    Copy {
        /// The `COPY`.
        instruction: usize,
    },
    /// With `ADD`.
    Add {
        /// The `ADD`.
        instruction: usize,
    },
    /// With `RUN --mount`.
    Mount {
        /// The `RUN`.
        instruction: usize,
        /// Which kind of mount.
        kind: MountKind,
    },
}

/// Where something comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// An earlier stage.
    Stage(usize),
    /// An image; where nobody said what contexts the build is given, possibly one of these.
    Image(String),
    /// A named context of the build.
    NamedContext(String),
    /// Nothing.
    Scratch,
    /// The build context.
    Context,
    /// A Git repository, as it is written, less credentials.
    Git(String),
    /// A file from the web, as it is written, less credentials.
    Http(String),
    /// The cache of that id, kept from build to build; empty where only the build can tell.
    Cache(String),
    /// The secret of that id.
    Secret(String),
    /// The agent of that id.
    Ssh(String),
    /// An empty file system in memory.
    Tmpfs,
    /// What can't be known from the file, as it is written.
    Unresolved(String),
}

/// No stage has that name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no stage is named `{name}`; {}", known(stages))]
pub struct UnknownTarget {
    /// What was asked for.
    pub name: String,
    /// The stages there are.
    pub stages: Vec<String>,
    /// The nearest right name.
    pub suggestion: Option<String>,
}

impl StageGraph {
    /// The stage that a build of `name` ends with: by its name in any case, by its index, or the last one without a
    /// name. BuildKit takes no index.
    pub fn target(&self, name: Option<&str>) -> Result<usize, UnknownTarget> {
        let unknown = |name: &str| {
            let stages: Vec<String> = self.stages.iter().map(Stage::label).collect();
            let suggestion = crate::dockerfile::nearest(name, stages.iter().map(String::as_str));
            UnknownTarget { name: name.to_owned(), suggestion, stages }
        };
        let Some(name) = name else {
            return self.stages.len().checked_sub(1).ok_or_else(|| unknown(""));
        };
        let lower = name.to_lowercase();
        let named = self.stages.iter().rposition(|stage| stage.name.as_ref() == Some(&lower));
        let index = || name.parse().ok().filter(|index| *index < self.stages.len());
        named.or_else(index).ok_or_else(|| unknown(name))
    }

    /// The stages that a build of `target` needs, itself included, in the order of the file.
    pub fn reachable(&self, target: usize) -> Vec<usize> {
        let mut needed = BTreeSet::new();
        let mut open: Vec<usize> = self.stages.get(target).map(|stage| stage.index).into_iter().collect();
        while let Some(stage) = open.pop() {
            if needed.insert(stage) {
                open.extend(self.taken_by(stage).filter_map(|edge| match edge.origin {
                    Origin::Stage(origin) => Some(origin),
                    _ => None,
                }));
            }
        }
        needed.into_iter().collect()
    }

    /// What `stage` takes.
    pub fn taken_by(&self, stage: usize) -> impl Iterator<Item = &Edge> {
        let start = self.edges.partition_point(|edge| edge.stage < stage);
        self.edges.iter().skip(start).take_while(move |edge| edge.stage == stage)
    }

    /// What is taken from `stage`.
    pub fn taken_from(&self, stage: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.origin == Origin::Stage(stage))
    }

    /// The named contexts that nothing takes from: a slip in a name, most often.
    pub fn unused_contexts(&self) -> impl Iterator<Item = &str> {
        let is_used =
            |name: &String| self.edges.iter().any(|edge| edge.origin == Origin::NamedContext(name.clone()));
        self.contexts.keys().filter(move |name| !is_used(name)).map(String::as_str)
    }

    /// The stages whose layers are in `stage`'s image: from the one on an outer base down to itself.
    pub fn chain(&self, stage: usize) -> Vec<usize> {
        let below = |stage: &&Stage| match stage.base {
            Base::Stage(base) => self.stages.get(base),
            _ => None,
        };
        // A base stands before its stage, so this ends.
        let mut chain: Vec<usize> =
            std::iter::successors(self.stages.get(stage), below).map(|stage| stage.index).collect();
        chain.reverse();
        chain
    }
}

fn known(stages: &[String]) -> String {
    if stages.is_empty() {
        return "the file has no stage".to_owned();
    }
    format!("the stages are {}", stages.join(", "))
}
