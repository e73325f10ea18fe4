//! The transforms, one file each.

mod cache_mounts;
mod dependencies_first;
mod split;
#[cfg(test)]
mod tests;

use super::Transform;

/// All of them, in the order in which their variants stand in a table.
pub const TRANSFORMS: &[Transform] =
    &[split::SPLIT, split::DISTROLESS, DEPENDENCIES_FIRST, cache_mounts::CACHE_MOUNTS];

pub(super) use dependencies_first::DEPENDENCIES_FIRST;
