//! A finished run for its readers: terminal, JSON, Markdown.
//!
//! Formats what others made and computes nothing: every figure is in [`crate::bench::RunResult`].

pub mod diff;
pub mod figures;
pub mod findings;
pub mod invalidation;
pub mod json;
pub mod markdown;
mod notes;
pub mod proof;
mod ranking_table;
pub mod rewrites;
mod style;
mod table;
pub mod text;

pub use style::{Ink, Style};
