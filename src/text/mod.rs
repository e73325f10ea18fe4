//! Source files, byte ranges, lines, and edits that can't overlap.
//!
//! The lowest room: it knows nothing of Dockerfiles.

mod edit;
mod line_index;
mod range;
mod source;

pub use edit::{Edit, EditSet, Overlap};
pub use line_index::{LineColumn, LineIndex};
pub use range::TextRange;
pub use source::SourceFile;
