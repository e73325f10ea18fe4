//! The desk side of the command line as people and programs see it: the real binary in folders of its own.
//!
//! Snapshots are of single rules that are selected by name, so that a new rule changes none of them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what surprises a test fails it"
)]

mod choice;
mod cost;
mod explain;
mod fixes;
mod formats;
mod frames;
mod graph;
mod machine;
mod optimize;
mod paths;
mod sarif;
mod scratch;
mod suppression;
mod syntax;
mod teams;
mod transforms;
mod ways_in;
