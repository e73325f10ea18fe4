//! From a syntax tree to the graph of its stages: what each is built on and what it takes from where.
//!
//! In goes a `Dockerfile`, malformed or not, and the build arguments; out comes a [`StageGraph`], with what BuildKit
//! would refuse in it as data. The graph holds no cycle: a stage takes from earlier ones only.

mod issue;
pub mod render;
mod resolve;
mod scope;
mod source;
mod stage_graph;

pub use issue::{GraphIssue, GraphIssueKind};
pub use resolve::resolve;
pub use stage_graph::{Base, Edge, EdgeKind, MountKind, Origin, Platform, Stage, StageGraph, UnknownTarget};

#[cfg(test)]
mod tests;
