//! From a Dockerfile to its variants: the original, what the fixes make of it, and the user's own.
//!
//! Each variant carries its whole text and the unified diff that makes it from the original.

mod diff;
mod variant;

pub use diff::{patch, unified_diff};
pub use variant::{Origin, Rewrite, UserVariant, Variant, variants};
