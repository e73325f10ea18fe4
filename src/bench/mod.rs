//! From samples to a ranking: what is measured, in which order, what the values say, and the record of it all.
//!
//! In goes a list of variants and regions; out come a plan of blocks, a line in `samples.jsonl` for each value,
//! medians with intervals, ranks with ties, and the run's folder. Only `run` talks to an engine.

mod observations;
mod plan;
mod quantity;
mod ranking;
mod result;
mod run;
mod run_folder;
mod sample;
pub mod statistics;
mod summary;

pub use plan::{Block, Pace, Plan, Step};
pub use quantity::{Kind, Quantity, Unit, UnknownQuantity};
pub use ranking::{
    MARGIN, Objective, ObjectiveError, Ranked, RankedRegion, RankingError, RankingInput, RankingRegion,
    RankingVariant, Term, rank,
};
pub use result::{
    EngineRecord, ImageRecord, LayerRecord, LinkRecord, ORIGINAL, RESULT_VERSION, RegionRecord, RegionRole,
    RunResult, VariantRecord, VariantStatus,
};
pub use run::{RunError, RunEvent, RunRequest, clean_engine, expected_time, random_seed, run};
pub use run_folder::{RUNS, RunFolder, RunFolderError};
pub use sample::{Sample, SampleLog, SampleLogError};
pub use summary::{Summary, summarise};

#[cfg(test)]
pub(crate) use result::{example, example_by_size, example_with};
