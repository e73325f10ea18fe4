//! What belongs to a run on an engine, and its removal.
//!
//! Containers and images carry the label `io.plimsoll.run`; every name that a run gives an image contains the run's
//! ID. An image goes when both agree: a name that somebody else gave to an image of ours stays, and the image with it.

use std::collections::HashMap;
use std::fmt;

use bollard::query_parameters::{ListContainersOptions, ListImagesOptions};
use time::OffsetDateTime;
use time::macros::format_description;

use super::client::Engine;
use super::error::EngineError;

/// The label that says to which run something belongs.
pub const RUN_LABEL: &str = "io.plimsoll.run";

/// A run's name: a time and some digits, such as `20261121-050207-3f9a`. It can stand in an image's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// A new one.
    pub fn new() -> Self {
        let format = format_description!("[year][month][day]-[hour][minute][second]");
        let stamp = OffsetDateTime::now_utc().format(format).unwrap_or_default();
        Self(format!("{stamp}-{:04x}", rand::random::<u16>()))
    }

    /// Reads one: small letters, digits and hyphens, eight or more of them so that no name holds it by chance.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (text.len() >= 8 && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The label for everything that the run makes.
    pub fn label(&self) -> (String, String) {
        (RUN_LABEL.into(), self.0.clone())
    }

    /// A name for an image of the run: `plimsoll/<run>:<name>`, with what no tag may hold replaced by `-`.
    pub fn image(&self, name: &str) -> String {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-');
        let tag: String =
            name.chars().map(|letter| if fits(letter) { letter } else { '-' }).take(128).collect();
        let tag = tag.trim_start_matches(['.', '-']);
        format!("plimsoll/{}:{}", self.0, if tag.is_empty() { "image" } else { tag })
    }
}

impl Default for RunId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was removed from an engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Containers.
    pub containers: usize,
    /// Images that are gone, or kept by somebody else's name only.
    pub images: usize,
}

impl Engine {
    /// Removes the containers and images of `run`, or of all runs. Layers that the build cache uses stay in it.
    ///
    /// What can't be removed because a container of somebody else's uses it is left.
    pub async fn clean(&self, run: Option<&RunId>) -> Result<Cleaned, EngineError> {
        let label = run.map_or_else(|| RUN_LABEL.to_owned(), |run| format!("{RUN_LABEL}={run}"));
        let filters = Some(HashMap::from([("label".to_owned(), vec![label])]));
        let mut cleaned = Cleaned::default();

        let options =
            ListContainersOptions { all: true, filters: filters.clone(), ..ListContainersOptions::default() };
        let containers = self.docker.list_containers(Some(options)).await;
        for container in containers.map_err(|error| self.fault("list the containers of a run", error))? {
            self.remove_container(&container.id.unwrap_or_default()).await?;
            cleaned.containers += 1;
        }

        let options = ListImagesOptions { filters, digests: true, ..ListImagesOptions::default() };
        let images = self.docker.list_images(Some(options)).await;
        for image in images.map_err(|error| self.fault("list the images of a run", error))? {
            let Some(owner) = image.labels.get(RUN_LABEL).and_then(|id| RunId::parse(id)) else { continue };
            let named = |names: Vec<String>| names.into_iter().filter(|name| !name.contains("<none>"));
            let is_ours = |name: &String| name.contains(owner.as_str());
            let (our_tags, their_tags): (Vec<_>, Vec<_>) = named(image.repo_tags).partition(is_ours);
            let (our_digests, their_digests): (Vec<_>, Vec<_>) = named(image.repo_digests).partition(is_ours);
            // With the last tag of a repository its digests go too.
            let doomed = match (our_tags.is_empty(), our_digests.is_empty()) {
                (false, _) => our_tags,
                (true, false) => our_digests,
                (true, true) if their_tags.is_empty() && their_digests.is_empty() => vec![image.id],
                (true, true) => Vec::new(),
            };
            let mut is_touched = false;
            for name in doomed {
                is_touched |= self.remove_unless_used(&name).await?;
            }
            cleaned.images += usize::from(is_touched);
        }
        Ok(cleaned)
    }

    async fn remove_unless_used(&self, image: &str) -> Result<bool, EngineError> {
        match self.remove_image(image).await {
            Ok(()) => Ok(true),
            Err(EngineError::Refused { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RunId;

    #[test]
    fn an_images_name_holds_its_run_and_nothing_that_is_not_allowed() {
        let run = RunId::parse("20261121-050207-3f9a").unwrap();
        assert_eq!(run.image("a variant/ü"), "plimsoll/20261121-050207-3f9a:a-variant--");
        assert_eq!(run.image(""), "plimsoll/20261121-050207-3f9a:image");
        assert_eq!(run.image(".x"), "plimsoll/20261121-050207-3f9a:x");
    }

    #[test]
    fn a_new_run_has_a_readable_id_of_its_own() {
        let (one, other) = (RunId::new(), RunId::new());
        assert_eq!(RunId::parse(one.as_str()), Some(one.clone()));
        assert_ne!((one.as_str().len(), &one), (0, &other));
    }

    #[test]
    fn what_could_stand_in_any_name_is_no_run() {
        for text in ["", "a", "latest", "A-RUN-20261121", "20261121 050207"] {
            assert_eq!(RunId::parse(text), None);
        }
    }
}
