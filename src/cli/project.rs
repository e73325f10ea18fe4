//! The project around a Dockerfile: what of its build context rewrites go by.

use std::path::Path;

use crate::context::BuildContext;
use crate::rewrite::Manifests;

/// Reads the manifests of the context in `root`. One that can't be read is as good as none.
pub(super) fn manifests(root: &Path, context: Option<&BuildContext>) -> Manifests {
    let Some(context) = context else { return Manifests::default() };
    Manifests::wanted(&context.listing)
        .filter_map(|entry| {
            let text = std::fs::read_to_string(root.join(&entry.path)).ok()?;
            Some((entry.path.clone(), text))
        })
        .collect()
}
