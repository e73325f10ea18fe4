//! Plimsoll: the load line for container images.

pub mod bench;
pub mod bytes;
pub mod cli;
pub mod config;
pub mod context;
pub mod dockerfile;
pub mod engine;
pub mod facts;
pub mod graph;
pub mod lint;
pub mod region;
pub mod registry;
pub mod report;
pub mod rewrite;
pub mod shell;
pub mod shellcheck;
pub mod text;
