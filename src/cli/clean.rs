//! `plimsoll clean`: takes away what runs left.

use std::path::Path;

use crate::bench::{RUNS, RunFolder};

use super::{Exit, Failure, Printer, engine};

/// Remove every container, image and blob that a run left behind
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    // The blobs first: they go even where no engine answers.
    let registries = RunFolder::remove_registries(Path::new(RUNS))?;
    let cleaned = engine::runtime()?
        .block_on(async { Ok::<_, Failure>(engine::connect().await?.clean(None).await?) })?;
    let count = |n: usize, name: &str| match n {
        1 => format!("1 {name}"),
        _ => format!(
            "{n} {}",
            name.strip_suffix('y').map_or_else(|| format!("{name}s"), |stem| format!("{stem}ies"))
        ),
    };
    printer.note(&format!(
        "removed {}, {} and the blobs of {}",
        count(cleaned.containers, "container"),
        count(cleaned.images, "image"),
        count(registries, "registry"),
    ));
    Ok(Exit::Clean)
}
