//! What a finding costs, each figure with its basis.
//!
//! A rule says what is wasted, as a [`Waste`]; here alone that becomes bytes in the image and seconds of a rebuild, of a
//! pull and of a start. A figure comes from the build context's listing, from the last run's measured layers or from the
//! tables of this folder, whose rows name their source. Where none of these has one, there is no figure.

mod bases;
mod estimate;
mod figures;
mod files;
mod impact;
mod install;
mod measured;
mod packages;
mod total;

pub(super) use estimate::{Waste, estimate};
pub use figures::REFERENCE_LINK;
pub(super) use files::Files;
pub use impact::{Impact, Precision};
pub use measured::{MeasuredLayer, MeasuredRun};
pub use total::Total;
