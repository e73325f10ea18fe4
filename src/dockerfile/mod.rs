//! A Dockerfile's text as a lossless syntax tree, to BuildKit's grammar.
//!
//! Parsing never fails: whatever the bytes, there is a tree and a list of errors. Knows no room but `text`.

mod tree;

pub use tree::{
    Body, Command, Comment, Directive, Dockerfile, Flag, From, Healthcheck, Heredoc, Instruction, Item,
    Keyword, Pair, Script, Separator, Source, Transfer, Word,
};
