//! A Dockerfile's text as a lossless syntax tree, to BuildKit's grammar.
//!
//! Parsing never fails: whatever the bytes, there is a tree and a list of errors. Knows no room but `text`.

mod blanks;
mod command;
mod directives;
mod error;
mod flags;
mod from;
mod headline;
mod healthcheck;
mod heredoc;
mod instruction;
mod json;
mod lines;
mod pairs;
mod parse;
mod run_flags;
mod script;
#[cfg(test)]
mod tests;
mod transfer;
mod tree;
pub mod words;

pub use error::{SyntaxError, SyntaxErrorKind, nearest};
pub use parse::{Parsed, parse};
pub use script::Script;
pub use tree::{
    Body, Command, Comment, Directive, Dockerfile, Flag, From, Healthcheck, Heredoc, Instruction, Item,
    Keyword, Pair, Separator, Source, Transfer, Word,
};
