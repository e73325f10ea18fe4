//! `plimsoll graph`: the stage graph in the form that is asked for.

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
    /// A build argument; without a value it takes the environment's (repeatable)
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]")]
    build_args: Vec<String>,
    /// A named build context: a folder, an address or `docker-image://…` (repeatable)
    #[arg(long = "build-context", value_name = "NAME=WHERE", value_parser = name_and_value)]
    build_contexts: Vec<(String, String)>,
    /// The platform that is built for; this machine's where none is named
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<String>,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    parts
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "write it as NAME=WHERE".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For the terminal
    Text,
    /// A Mermaid flow chart
    Mermaid,
    /// A Graphviz graph
    Dot,
    /// A picture for a document or a browser
    Svg,
    /// One JSON object
    Json,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let source = read_whole(&arguments.dockerfile)?;
    // As `docker build` does it: a name alone means the variable of that name, where there is one.
    let argument = |text: &String| match text.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => Some((text.clone(), std::env::var(text).ok()?)),
    };
    let build = graph::Build {
        args: arguments.build_args.iter().filter_map(argument).collect(),
        platform: arguments.platform.clone(),
        target: arguments.target.clone(),
        contexts: arguments.build_contexts.iter().cloned().collect(),
    };
    let graph = graph::resolve_build(&dockerfile::parse(&source).dockerfile, &build);
    let target = graph.target(arguments.target.as_deref())?;
    let format = match arguments.format {
        Format::Text => graph::render::Format::Text,
        Format::Mermaid => graph::render::Format::Mermaid,
        Format::Dot => graph::render::Format::Dot,
        Format::Svg => graph::render::Format::Svg,
        Format::Json => graph::render::Format::Json,
    };
    printer.data(&graph::render::render(&graph, &source, target, format));
    Ok(Exit::Clean)
}
