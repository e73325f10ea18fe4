//! The command line: arguments in, library calls, output and exit code out. One file a subcommand.

mod bench;
mod build;
mod clean;
mod contexts;
mod discover;
mod engine;
mod exit;
mod explain;
mod failure;
mod graph;
mod lint;
mod optimize;
mod printer;
mod progress;
mod project;
mod report;
mod rules;

use std::ffi::OsString;
use std::path::{Component, Path};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::dockerfile;
use crate::text::SourceFile;

use exit::Exit;
use failure::Failure;
use printer::{Colour, Printer};

/// The load line for container images.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, about, propagate_version = true, disable_help_subcommand = true)]
struct Cli {
    /// When to colour the output
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Lint(lint::Arguments),
    Rules(rules::Arguments),
    Explain(explain::Arguments),
    Graph(graph::Arguments),
    Optimize(optimize::Arguments),
    Bench(bench::Arguments),
    Report(report::Arguments),
    Clean(clean::Arguments),
}

/// Runs one command line and gives the process's exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Clap decides between standard output (help, version) and standard error, and says 0 or 2.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Clean.into() };
        }
    };
    let printer = Printer::new(cli.color);
    let result = match &cli.command {
        Command::Lint(arguments) => lint::run(arguments, printer),
        Command::Rules(arguments) => rules::run(arguments, printer),
        Command::Explain(arguments) => explain::run(arguments, printer),
        Command::Graph(arguments) => graph::run(arguments, printer),
        Command::Optimize(arguments) => optimize::run(arguments, printer),
        Command::Bench(arguments) => bench::run(arguments, printer),
        Command::Report(arguments) => report::run(arguments, printer),
        Command::Clean(arguments) => clean::run(arguments, printer),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            printer.failure(&failure);
            failure.exit().into()
        }
    }
}

/// Reads a Dockerfile that has to be whole: a rewrite of half a file would be a guess.
fn read_whole(path: &Path) -> Result<SourceFile, Failure> {
    let bytes = std::fs::read(path).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    let source = SourceFile::new(path.display().to_string(), bytes);
    if let Some(error) = dockerfile::parse(&source).errors.first() {
        let at = source.line_column(error.range.start());
        return Err(Failure::Syntax {
            path: source.path().to_owned(),
            line: at.line,
            column: at.column,
            message: error.kind.to_string(),
        });
    }
    Ok(source)
}

/// The path that a diff names: relative to the folder the command runs in, where `git apply` looks for it, or to its
/// repository's root where the file is not below that folder. A path that can't be said so stays as it is.
fn patch_path(written: &str) -> String {
    let path = Path::new(written);
    let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if path.components().all(plain) {
        return written.to_owned();
    }
    let relative = || {
        // The file itself may be a link, and stays the one that was named.
        let folder = path.parent()?.canonicalize().ok()?;
        let path = folder.join(path.file_name()?);
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok()?;
        let root = || folder.ancestors().find(|above| above.join(".git").exists());
        let relative = path.strip_prefix(&here).ok().or_else(|| path.strip_prefix(root()?).ok())?;
        Some(relative.display().to_string())
    };
    relative().unwrap_or_else(|| written.to_owned())
}

/// Waits for the user or the system to end this process: an interrupt or, where there is one, a request to terminate.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler the system ends the process by itself.
    let _ = tokio::signal::ctrl_c().await;
}
