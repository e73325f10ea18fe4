//! YAML, with the place of what is wrong in it.

use serde::de::DeserializeOwned;

use super::error::Mistake;

/// Reads `text`; one that says nothing is null.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Mistake> {
    serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().and_then(|at| {
            let start = usize::try_from(at.span().byte_offset()?).ok()?.min(text.len());
            let length = usize::try_from(at.span().byte_len().unwrap_or_default()).ok()?;
            Some(start..(start + length).min(text.len()))
        });
        Mistake::new(place.unwrap_or_default(), error.without_snippet().to_string())
    })
}
