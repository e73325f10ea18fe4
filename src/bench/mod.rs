//! From samples to a ranking: what is measured, in which order, what the values say, and the record of it all.
//!
//! In goes a list of variants and regions; out come a plan of blocks, a line in `samples.jsonl` for each value,
//! medians with intervals, ranks with ties, and the run's folder. Talks to no engine by itself.

mod observations;
mod quantity;
mod sample;
pub mod statistics;
mod summary;

pub use quantity::{Kind, Quantity, Unit, UnknownQuantity};
pub use sample::{Sample, SampleLog, SampleLogError};
pub use summary::{Summary, summarise};
