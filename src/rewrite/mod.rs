//! From a Dockerfile to its variants: the original, what fixes and transforms make of it, and the user's own.
//!
//! Each variant carries its whole text and the unified diff that makes it from the original. A transform is a change
//! larger than a rule's fix: one file each in `transforms/`, a function of a [`Subject`] alone. [`proof`] builds a variant
//! and holds its image against the original's.

mod diff;
mod kept;
mod manifests;
pub mod proof;
mod subject;
mod transform;
mod transforms;
mod variant;

pub use diff::{patch, unified_diff};
pub use manifests::Manifests;
pub use subject::{Project, Subject};
pub use transform::{Abstention, Aspect, Change, Outcome, Transform, Transformed, attempt};
pub use transforms::TRANSFORMS;
pub use variant::{Abstained, Candidate, Origin, Request, Rewrite, UserVariant, Variant, Variants, variants};
