//! The record of a run: the versioned model of `result.json`, complete enough to print the run again.
//!
//! These are files' shapes, apart from the types that the run itself works with, so that neither binds the other.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::quantity::{Kind, Quantity};
use super::ranking::{Objective, Ranked};
use super::summary::Summary;
use crate::bytes::Bytes;

/// The version of `result.json` that this program writes. Fields may be added within a version; one that changes
/// meaning or goes makes a new version.
pub const RESULT_VERSION: u32 = 1;

/// The name of the variant that is the Dockerfile as it was found.
pub const ORIGINAL: &str = "original";

/// A run, finished or cut off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// [`RESULT_VERSION`].
    pub version: u32,
    /// The run's id, which is its folder's name.
    pub id: String,
    /// When it started.
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// How long it took, in seconds.
    #[serde(with = "seconds")]
    pub took: Duration,
    /// Whether it was interrupted; then it has fewer blocks than planned.
    pub interrupted: bool,
    /// The Dockerfile that the variants come from, as a path.
    pub dockerfile: String,
    /// The seed of the order of measurement and of the bootstrap.
    pub seed: u64,
    /// How many blocks were planned.
    pub blocks: u32,
    /// What the ranking is by.
    pub objective: Objective,
    /// How the ranked figures came about.
    pub kind: Kind,
    /// The engine that built, and that measured where a region has none of its own.
    pub engine: EngineRecord,
    /// The regions, in the order that tables show them.
    pub regions: Vec<RegionRecord>,
    /// The variants, the original first.
    pub variants: Vec<VariantRecord>,
    /// A summary for each quantity that has samples.
    pub summaries: Vec<Summary>,
    /// The variants that were ranked, best first.
    pub ranking: Vec<Ranked>,
    /// What was taken for granted where nothing was configured, each a sentence for people.
    pub assumptions: Vec<String>,
}

/// The engine of a result: its version can turn a ranking round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineRecord {
    /// The engine's version, as in `28.5.1`.
    pub version: String,
    /// The API's version that was spoken, as in `1.51`.
    pub api: String,
    /// Where it keeps layers: a graph driver such as `overlay2`, or `containerd` with its snapshotter.
    pub store: String,
    /// The operating system of its containers, in OCI's names.
    pub os: String,
    /// The architecture of its containers, in OCI's names.
    pub arch: String,
    /// Its number of CPUs.
    pub cpus: u32,
    /// Its memory.
    pub memory: Bytes,
}

/// A region of a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionRecord {
    /// The region's name.
    pub name: String,
    /// What the service does there.
    pub role: RegionRole,
    /// How its figures came about.
    pub kind: Kind,
    /// The emulated or assumed link; none for a region that was measured.
    pub link: Option<LinkRecord>,
}

/// What the service does in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegionRole {
    /// It runs there.
    Primary,
    /// It must be able to start there when the primary region fails.
    Failover,
}

/// A link of a result.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LinkRecord {
    /// The round-trip time, in seconds.
    #[serde(with = "seconds")]
    pub rtt: Duration,
    /// Bits per second towards the engine.
    pub bandwidth: u64,
    /// How much the round-trip time varies, in seconds.
    #[serde(with = "seconds")]
    pub jitter: Duration,
    /// The share of packets that are lost, from 0 to 1.
    pub loss: f64,
}

/// A variant of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantRecord {
    /// The variant's name.
    pub name: String,
    /// What became of it.
    pub status: VariantStatus,
    /// Why it failed or was dropped, in a sentence; none for one that is ok.
    pub reason: Option<String>,
    /// The last lines of what failed: of the build's log, or the container's.
    pub log: Vec<String>,
    /// The Dockerfile it is built from, as a path.
    pub dockerfile: String,
    /// The stage it stops at; none for the last one.
    pub target: Option<String>,
    /// The unified diff from the original's Dockerfile to this one's; empty for the original.
    pub diff: String,
    /// What was built; none for a build that failed.
    pub image: Option<ImageRecord>,
}

/// What became of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VariantStatus {
    /// It was measured in every block that the run got to.
    Ok,
    /// It didn't build, or its container never got ready.
    Failed,
    /// It was left out of later blocks as it could no longer win.
    Dropped,
}

/// An image of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRecord {
    /// The digest of its manifest, before any salt.
    pub digest: String,
    /// What a region downloads: the sum of the layers' compressed sizes.
    pub compressed: Bytes,
    /// The sum of the layers' uncompressed sizes.
    pub uncompressed: Bytes,
    /// The layers, the lowest first.
    pub layers: Vec<LayerRecord>,
}

/// A layer of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerRecord {
    /// The digest of its compressed blob, before any salt.
    pub digest: String,
    /// The blob's size.
    pub compressed: Bytes,
    /// The size of its tar.
    pub uncompressed: Bytes,
    /// The line of its instruction in the variant's Dockerfile, from 1; none for a layer of the base image.
    pub line: Option<usize>,
    /// That instruction as it was written; none in the results of a program that did not record it.
    #[serde(default)]
    pub instruction: Option<String>,
}

impl RunResult {
    /// The summary of one quantity of a variant in a region (or in none, for one that is not by region), of the kind
    /// that the run is about if there are several.
    pub fn summary(&self, variant: &str, region: Option<&str>, quantity: Quantity) -> Option<&Summary> {
        let of_cell = |summary: &&Summary| {
            summary.variant == variant && summary.region.as_deref() == region && summary.quantity == quantity
        };
        self.summaries.iter().filter(of_cell).min_by_key(|summary| summary.kind != self.kind)
    }

    /// The variant of that name.
    pub fn variant(&self, name: &str) -> Option<&VariantRecord> {
        self.variants.iter().find(|variant| variant.name == name)
    }

    /// The variants that have no rank: those that failed, and those that the run never measured wholly.
    pub fn unranked(&self) -> impl Iterator<Item = &VariantRecord> {
        self.variants
            .iter()
            .filter(|variant| !self.ranking.iter().any(|ranked| ranked.variant == variant.name))
    }
}

/// Durations as a number of seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
pub(crate) use example::{example, example_by_size, example_with};

#[cfg(test)]
mod example;

#[cfg(test)]
mod tests {
    use super::{RunResult, example};
    use crate::bench::{Kind, Quantity};

    #[test]
    fn the_form_of_a_result_is_held() {
        let mut result = example();
        result.regions.truncate(1);
        result.variants.drain(1..4);
        result.summaries.truncate(2);
        result.ranking.truncate(1);
        insta::assert_json_snapshot!(result);
    }

    #[test]
    fn fields_that_a_later_program_of_this_version_adds_are_no_error() {
        let mut json = serde_json::to_value(example()).unwrap();
        json["weather"] = "fine".into();
        json["engine"]["colour"] = "blue".into();
        assert_eq!(serde_json::from_value::<RunResult>(json).unwrap(), example());
    }

    #[test]
    fn a_summary_of_the_kind_that_the_run_is_about_comes_first() {
        let mut result = example();
        let cell = |result: &RunResult| {
            result.summary("safe", Some("far"), Quantity::PullCold).map(|summary| summary.kind)
        };
        let mut predicted = result.summary("safe", Some("far"), Quantity::PullCold).unwrap().clone();
        predicted.kind = Kind::Predicted;
        result.summaries.insert(0, predicted);
        assert_eq!(cell(&result), Some(Kind::Emulated));
        result.kind = Kind::Predicted;
        assert_eq!(cell(&result), Some(Kind::Predicted));
        assert_eq!(result.summary("safe", None, Quantity::PullCold), None);
    }
}
