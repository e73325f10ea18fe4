//! `plimsoll report`: a finished run again.

use std::path::Path;

use crate::bench::{RUNS, RunFolder};
use crate::report;

use super::{Exit, Failure, Printer};

/// Print a finished run again
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The run: its folder or its id; the latest where none is named
    run: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The ranked table, its details and the winner's diff
    Text,
    /// The result as it was recorded
    Json,
    /// For a pull request
    Markdown,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let runs = Path::new(RUNS);
    let folder = match &arguments.run {
        Some(name) => RunFolder::open(runs, name)?,
        None => RunFolder::latest(runs)?,
    };
    let result = folder.read_result()?;
    let path = folder.path().display().to_string();
    printer.data(&match arguments.format {
        Format::Text => report::text::render(&result, &path, printer.terminal()),
        Format::Json => report::json::render(&result)?,
        Format::Markdown => report::markdown::render(&result, &path),
    });
    Ok(Exit::Clean)
}
