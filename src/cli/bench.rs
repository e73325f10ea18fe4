//! `plimsoll bench`: builds the variants, measures them in every region, ranks them.

mod plan;

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::bench::{self, Objective, RUNS, RunFolder, RunRequest, RunResult, VariantStatus};
use crate::rewrite::Origin;

use super::build::BuildOptions;
use super::progress::{Progress, minutes};
use super::report::{Format, print};
use super::{Exit, Failure, Printer, engine};

/// Build the variants, measure them in every region, and rank them
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The Dockerfile, and others to race against it
    #[arg(default_value = "Dockerfile", value_name = "DOCKERFILE")]
    dockerfiles: Vec<PathBuf>,
    #[command(flatten)]
    build: BuildOptions,
    /// Measure each rewrite by itself, too
    #[arg(long)]
    ablate: bool,
    /// Only these variants; without it all but `distroless`, `dependencies-first` and `cache-mounts`
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    variants: Vec<String>,
    /// How often each variant is measured in each region
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    blocks: Option<u32>,
    /// What to rank by: a quantity, or a weighted sum such as `0.7*serve.cold+0.3*pull.cold`
    #[arg(long)]
    objective: Option<Objective>,
    /// The seed of the order and of the intervals; printed with every result
    #[arg(long)]
    seed: Option<u64>,
    /// The run's folder; a new one in `.plimsoll/runs` where none is named
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
    /// Print the plan and how long it should take, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let request = plan::request(arguments)?;
    if arguments.dry_run {
        printer.data(&plan::describe(&request));
        return Ok(Exit::Clean);
    }
    let runtime = engine::runtime()?;
    let engine = runtime.block_on(engine::connect())?;
    let folder = match &arguments.run_dir {
        Some(path) => RunFolder::create_at(path)?,
        None => RunFolder::create(Path::new(RUNS), &request.id)?,
    };
    let stop = CancellationToken::new();
    let mut progress = Progress::new(printer);
    let outcome = runtime.block_on(async {
        let interrupt = tokio::spawn(cancel_on_interrupt(stop.clone()));
        let outcome = bench::run(&engine, &request, &folder, &mut |event| progress.show(event), &stop).await;
        interrupt.abort();
        outcome
    });
    progress.finish();
    let result = outcome?;
    print(&result, &folder, arguments.format, printer)?;
    Ok(exit(&result, &request))
}

/// The first interrupt ends the run in order; the run cleans up and keeps what it has.
async fn cancel_on_interrupt(stop: CancellationToken) {
    super::interrupted().await;
    stop.cancel();
}

/// A rewrite that doesn't build is a finding of the run; the user's own that doesn't is a failure.
fn exit(result: &RunResult, request: &RunRequest) -> Exit {
    let made_here = |name: &str| {
        request.candidates.iter().any(|candidate| {
            let variant = &candidate.variant;
            variant.name == name && !matches!(variant.origin, Origin::Original | Origin::User)
        })
    };
    let failed = |variant: &crate::bench::VariantRecord| {
        variant.status == VariantStatus::Failed && !made_here(&variant.name)
    };
    if result.interrupted {
        Exit::Interrupted
    } else if result.variants.iter().any(failed) {
        Exit::Unreachable
    } else {
        Exit::Clean
    }
}
