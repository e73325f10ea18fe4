//! `plimsoll graph`: the stage graph in the form that is asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{dockerfile, graph};

use super::{Exit, Failure, Printer, read_whole};

/// Show the stages, what they are built on and what they take from one another
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The Dockerfile
    #[arg(default_value = "Dockerfile")]
    dockerfile: PathBuf,
    /// How to draw it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The stage that is built; the last one where none is named
    #[arg(long, value_name = "STAGE")]
    target: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For the terminal
    Text,
    /// A Mermaid flow chart
    Mermaid,
    /// A Graphviz graph
    Dot,
    /// One JSON object
    Json,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let source = read_whole(&arguments.dockerfile)?;
    let graph = graph::resolve(&dockerfile::parse(&source).dockerfile, &BTreeMap::new());
    let target = graph.target(arguments.target.as_deref())?;
    let format = match arguments.format {
        Format::Text => graph::render::Format::Text,
        Format::Mermaid => graph::render::Format::Mermaid,
        Format::Dot => graph::render::Format::Dot,
        Format::Json => graph::render::Format::Json,
    };
    printer.data(&graph::render::render(&graph, target, format));
    Ok(Exit::Clean)
}
