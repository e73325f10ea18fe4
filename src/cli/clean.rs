//! `plimsoll clean`: takes away what runs left.

use std::path::{Path, PathBuf};

use crate::bench::{RUNS, RunFolder, clean_engine};
use crate::engine::RunId;
use crate::report::figures::count;

use super::{Exit, Failure, Printer, engine};

/// Remove every container, image and blob that a run left behind
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only what this run left, by its id; other runs may be under way
    #[arg(value_name = "RUN", value_parser = run_id)]
    run: Option<RunId>,
    /// The folder that `bench --run-dir` named, so that its blobs go too
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
}

fn run_id(text: &str) -> Result<RunId, String> {
    RunId::parse(text)
        .ok_or_else(|| "a run's id is a time and four digits, such as 20261121-050207-3f9a".to_owned())
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    // The blobs first: they go even where no engine answers.
    let registries = remove_registries(arguments)?;
    let cleaned = engine::runtime()?.block_on(async {
        let engine = engine::connect().await?;
        Ok::<_, Failure>(clean_engine(&engine, arguments.run.as_ref()).await?)
    })?;
    printer.note(&format!(
        "removed {}, {} and the blobs of {}",
        count(cleaned.containers, "container"),
        count(cleaned.images, "image"),
        count(registries, "registry"),
    ));
    Ok(Exit::Clean)
}

/// The blobs of the runs that are meant; how many registries there were.
fn remove_registries(arguments: &Arguments) -> Result<usize, Failure> {
    let runs = Path::new(RUNS);
    let kept_here = match &arguments.run {
        Some(run) => RunFolder::remove_registry_at(&runs.join(run.as_str()))?,
        None => RunFolder::remove_registries(runs)?,
    };
    let elsewhere = arguments.run_dir.as_deref().map(RunFolder::remove_registry_at).transpose()?;
    Ok(kept_here + elsewhere.unwrap_or_default())
}
