//! What is measured: a fixed list of names, each with its unit and its meaning.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A measured quantity of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// Sum of the compressed layer sizes in the manifest: what a region downloads.
    SizeCompressed,
    /// Sum of the uncompressed layer sizes.
    SizeUncompressed,
    /// Bytes in a layer that a later layer overwrites or deletes.
    SizeWasted,
    /// Number of layers.
    Layers,
    /// Wall time of a build with no cache.
    BuildCold,
    /// Wall time of a build after one line of application source changed.
    BuildWarm,
    /// Wall time of a build with nothing changed.
    BuildNoop,
    /// From the pull request to the image usable, no layer present.
    PullCold,
    /// The same for the next release where the previous one is present.
    PullDelta,
    /// From the create request to the container created.
    StartCreate,
    /// From the start request to the process started.
    StartRun,
    /// From the process started to the first successful readiness answer.
    StartReady,
    /// From nothing on the host to the first successful answer, timed as one interval.
    ServeCold,
}

/// The unit of a quantity's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Bytes.
    #[serde(rename = "bytes")]
    Bytes,
    /// A number of things.
    #[serde(rename = "count")]
    Count,
}

/// How a figure came about. No ranking mixes two kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// By a region's own engine and registry, or counted.
    Measured,
    /// By the local engine through the emulated link.
    Emulated,
    /// By the model alone, with no pull and no start.
    Predicted,
}

/// A name that is no quantity's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no quantity; did you mean `{nearest}`? (all: {})", names())]
pub struct UnknownQuantity {
    /// The name as given.
    pub name: String,
    /// The nearest quantity there is.
    pub nearest: Quantity,
}

impl Quantity {
    /// Every quantity, in the order that tables show them.
    pub const ALL: [Self; 13] = [
        Self::SizeCompressed,
        Self::SizeUncompressed,
        Self::SizeWasted,
        Self::Layers,
        Self::BuildCold,
        Self::BuildWarm,
        Self::BuildNoop,
        Self::PullCold,
        Self::PullDelta,
        Self::StartCreate,
        Self::StartRun,
        Self::StartReady,
        Self::ServeCold,
    ];

    /// The name in files, options and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::SizeCompressed => "size.compressed",
            Self::SizeUncompressed => "size.uncompressed",
            Self::SizeWasted => "size.wasted",
            Self::Layers => "layers",
            Self::BuildCold => "build.cold",
            Self::BuildWarm => "build.warm",
            Self::BuildNoop => "build.noop",
            Self::PullCold => "pull.cold",
            Self::PullDelta => "pull.delta",
            Self::StartCreate => "start.create",
            Self::StartRun => "start.run",
            Self::StartReady => "start.ready",
            Self::ServeCold => "serve.cold",
        }
    }

    /// The unit of its values.
    pub fn unit(self) -> Unit {
        match self {
            Self::SizeCompressed | Self::SizeUncompressed | Self::SizeWasted => Unit::Bytes,
            Self::Layers => Unit::Count,
            Self::BuildCold
            | Self::BuildWarm
            | Self::BuildNoop
            | Self::PullCold
            | Self::PullDelta
            | Self::StartCreate
            | Self::StartRun
            | Self::StartReady
            | Self::ServeCold => Unit::Seconds,
        }
    }

    /// What it is, in a phrase for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::SizeCompressed => "what a region downloads",
            Self::SizeUncompressed => "what the layers take on disk",
            Self::SizeWasted => "bytes that a later layer overwrites or deletes",
            Self::Layers => "the number of layers",
            Self::BuildCold => "a build with no cache",
            Self::BuildWarm => "a build after one line of source changed",
            Self::BuildNoop => "a build with nothing changed",
            Self::PullCold => "from the pull request to the image usable, no layer present",
            Self::PullDelta => "a pull where the previous release is present",
            Self::StartCreate => "from the create request to the container created",
            Self::StartRun => "from the start request to the process started",
            Self::StartReady => "from the process started to the first good answer",
            Self::ServeCold => "from nothing on the host to the first good answer",
        }
    }

    /// Whether it is sampled in each region (a pull, a start) or once for the variant (a size, a build).
    pub fn per_region(self) -> bool {
        match self {
            Self::PullCold
            | Self::PullDelta
            | Self::StartCreate
            | Self::StartRun
            | Self::StartReady
            | Self::ServeCold => true,
            Self::SizeCompressed
            | Self::SizeUncompressed
            | Self::SizeWasted
            | Self::Layers
            | Self::BuildCold
            | Self::BuildWarm
            | Self::BuildNoop => false,
        }
    }
}

impl Unit {
    /// Whether values are whole numbers that are known exactly, so that no statistics apply.
    pub fn exact(self) -> bool {
        match self {
            Self::Seconds => false,
            Self::Bytes | Self::Count => true,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Quantity {
    type Err = UnknownQuantity;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if let Some(quantity) = Self::ALL.into_iter().find(|quantity| quantity.name() == name) {
            return Ok(quantity);
        }
        let near = |quantity: Self| strsim::jaro_winkler(quantity.name(), name);
        let nearest = Self::ALL.into_iter().max_by(|a, b| near(*a).total_cmp(&near(*b)));
        Err(UnknownQuantity { name: name.to_owned(), nearest: nearest.unwrap_or(Self::ServeCold) })
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Measured => "measured",
            Self::Emulated => "emulated",
            Self::Predicted => "predicted",
        })
    }
}

fn names() -> String {
    Quantity::ALL.map(Quantity::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Quantity, Unit};

    #[test]
    fn every_quantity_parses_from_the_name_it_prints() {
        for quantity in Quantity::ALL {
            assert_eq!(quantity.to_string().parse(), Ok(quantity));
        }
    }

    #[test]
    fn the_quantities_are_listed_once_and_in_order() {
        assert!(Quantity::ALL.is_sorted_by(|a, b| a < b), "a duplicate or a quantity out of order");
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_right_one() {
        let error = "serve-cold".parse::<Quantity>().unwrap_err();
        assert_eq!(error.nearest, Quantity::ServeCold);
        insta::assert_snapshot!(error, @"`serve-cold` is no quantity; did you mean `serve.cold`? (all: size.compressed, size.uncompressed, size.wasted, layers, build.cold, build.warm, build.noop, pull.cold, pull.delta, start.create, start.run, start.ready, serve.cold)");
    }

    #[test]
    fn pulls_and_starts_are_seconds_by_region_and_sizes_are_exact() {
        for quantity in Quantity::ALL {
            if quantity.per_region() {
                assert_eq!(quantity.unit(), Unit::Seconds, "{quantity}");
            }
        }
        assert!(Quantity::SizeWasted.unit().exact() && Quantity::Layers.unit().exact());
        assert!(!Quantity::BuildWarm.unit().exact());
    }
}
