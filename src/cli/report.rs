//! `plimsoll report`: a finished run again.

use std::path::Path;

use crate::bench::{RUNS, RunFolder, RunResult};
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

/// The forms of a run's report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
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
    print(&folder.read_result()?, &folder, arguments.format, printer)?;
    Ok(Exit::Clean)
}

/// Prints a run's result.
pub(super) fn print(
    result: &RunResult,
    folder: &RunFolder,
    format: Format,
    printer: Printer,
) -> Result<(), Failure> {
    let path = folder.path().display().to_string();
    printer.data(&match format {
        Format::Text => report::text::render(result, &path, printer.terminal()),
        Format::Json => report::json::render(result)?,
        Format::Markdown => report::markdown::render(result, &path),
    });
    Ok(())
}
