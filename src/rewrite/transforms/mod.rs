//! The transforms, one file each.

mod cache_mounts;
mod split;

use super::Transform;

/// All of them, in the order in which their variants stand in a table.
pub const TRANSFORMS: &[Transform] = &[split::SPLIT, split::DISTROLESS, cache_mounts::CACHE_MOUNTS];
