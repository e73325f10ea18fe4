//! From a syntax tree to the graph of its stages: what each is built on and what it takes from where.
//!
//! In goes a `Dockerfile`, malformed or not, and what the [`Build`] is told; out comes a [`StageGraph`], with what
//! BuildKit would refuse in it as data. The graph holds no cycle: a stage takes from earlier ones only, and what would
//! go in a circle is an issue.

mod build;
mod circle;
mod issue;
mod mount;
mod order;
mod reference;
pub mod render;
mod resolve;
mod shared_map;
mod source;
mod stage_graph;
mod takes;
mod variables;
mod workdir;

pub use build::{Build, PREDEFINED};
pub use issue::{GraphIssue, GraphIssueKind};
pub use mount::{Mount, MountKind, Sharing, csv_fields, mounts};
pub use order::Link;
pub use resolve::{resolve, resolve_build};
pub use shared_map::SharedMap;
pub use stage_graph::{Base, Edge, EdgeKind, Origin, Platform, Stage, StageGraph, UnknownTarget};
pub use variables::{Origin as VariableOrigin, Value, Variable, Variables};
pub use workdir::absolute;

#[cfg(test)]
mod tests;
