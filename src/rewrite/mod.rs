//! From a Dockerfile to its variants: the original, what the fixes make of it, and the user's own.
//!
//! Each variant carries its whole text and the unified diff that makes it from the original; [`proof`] builds
//! it and holds its image against the original's.

mod diff;
pub mod proof;
mod variant;

pub use diff::{patch, unified_diff};
pub use variant::{Candidate, Origin, Rewrite, UserVariant, Variant, variants};
