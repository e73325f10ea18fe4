//! Image manifests and indexes: OCI's, and Docker's schema 2, which differ in media types only.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::{Digest, RegistryError};
use crate::bytes::Bytes;

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// A manifest that an engine can push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// One image for one platform.
    Image(ImageManifest),
    /// A list of images, and of attestations about them.
    Index(Index),
}

/// One image: its configuration and its layers, the lowest first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ImageManifest {
    /// The image configuration's blob.
    pub config: Descriptor,
    /// The layers' blobs, the lowest first.
    pub layers: Vec<Descriptor>,
}

/// Images by platform, as engines with the containerd image store push even for one platform.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Index {
    /// The manifests listed.
    pub manifests: Vec<Descriptor>,
}

/// What a manifest says of a blob or of another manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The media type of what is described.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size as stored, so compressed where it is compressed.
    pub size: Bytes,
    /// The platform of an index's entry.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// Free annotations; BuildKit marks attestations here.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// An operating system and a processor, such as `linux/arm64/v8`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Platform {
    /// The operating system, in Go's words.
    pub os: String,
    /// The processor, in Go's words.
    pub architecture: String,
    /// The processor's variant.
    #[serde(default)]
    pub variant: Option<String>,
}

impl Manifest {
    /// Reads a manifest. Its own `mediaType` decides, else `content_type`, which the client sent with it.
    pub fn parse(content_type: Option<&str>, body: &[u8]) -> Result<(Self, String), RegistryError> {
        let invalid =
            |why: String| RegistryError::Invalid { what: format!("manifest {}", Digest::of(body)), why };
        let document: serde_json::Value = serde_json::from_slice(body).map_err(|e| invalid(e.to_string()))?;
        let media_type = document
            .get("mediaType")
            .and_then(serde_json::Value::as_str)
            .or(content_type)
            .ok_or_else(|| invalid("it has no media type".to_owned()))?
            .to_owned();
        let manifest = match media_type.as_str() {
            OCI_MANIFEST | DOCKER_MANIFEST => serde_json::from_value(document).map(Self::Image),
            OCI_INDEX | DOCKER_LIST => serde_json::from_value(document).map(Self::Index),
            other => {
                return Err(invalid(format!(
                    "the media type `{other}` is neither an image's nor an index's"
                )));
            }
        };
        Ok((manifest.map_err(|e| invalid(e.to_string()))?, media_type))
    }
}

impl Index {
    /// The entry for `platform`, attestations left out. A platform without a variant takes any.
    pub fn select(&self, platform: &Platform) -> Option<&Descriptor> {
        self.images().find(|entry| entry.platform.as_ref().is_some_and(|p| platform.accepts(p)))
    }

    /// The entries that are images and not attestations about one (BuildKit, `docs/attestations/attestation-storage.md`).
    pub fn images(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests.iter().filter(|entry| !entry.annotations.contains_key("vnd.docker.reference.type"))
    }
}

impl Platform {
    fn accepts(&self, other: &Self) -> bool {
        self.os == other.os
            && self.architecture == other.architecture
            && (self.variant.is_none() || self.variant == other.variant)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

impl FromStr for Platform {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        let platform = |os: &str, architecture: &str, variant: Option<&str>| Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        };
        match parts.as_slice() {
            _ if parts.contains(&"") => {}
            [os, architecture] => return Ok(platform(os, architecture, None)),
            [os, architecture, variant] => return Ok(platform(os, architecture, Some(variant))),
            _ => {}
        }
        Err(RegistryError::Malformed {
            what: "platform",
            text: text.to_owned(),
            why: "it reads `os/architecture` or `os/architecture/variant`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, Manifest, Platform};

    fn index() -> String {
        let entry = |n: u8, rest: &str| {
            let digest = Digest::of(&[n]);
            format!(
                r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":7,{rest}}}"#
            )
        };
        format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{},{},{}]}}"#,
            entry(
                1,
                r#""platform":{"os":"unknown","architecture":"unknown"},"annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#
            ),
            entry(2, r#""platform":{"os":"linux","architecture":"arm64","variant":"v8"}"#),
            entry(3, r#""platform":{"os":"linux","architecture":"amd64"}"#),
        )
    }

    #[test]
    fn an_index_gives_the_image_of_a_platform_and_never_an_attestation() {
        let (manifest, _) = Manifest::parse(None, index().as_bytes()).unwrap();
        let Manifest::Index(index) = manifest else { panic!("an index") };
        let chosen = |platform: &str| index.select(&platform.parse().unwrap()).map(|entry| entry.digest);
        assert_eq!(chosen("linux/amd64"), Some(Digest::of(&[3])));
        assert_eq!(chosen("linux/arm64"), Some(Digest::of(&[2])));
        assert_eq!(chosen("linux/arm64/v7"), None);
        assert_eq!(chosen("unknown/unknown"), None);
    }

    #[test]
    fn a_manifest_without_a_media_type_takes_the_one_it_was_sent_with() {
        let body = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"c","digest":"{}","size":2}},"layers":[]}}"#,
            Digest::of(b"")
        );
        let oci = "application/vnd.oci.image.manifest.v1+json";
        let (manifest, media_type) = Manifest::parse(Some(oci), body.as_bytes()).unwrap();
        assert!(matches!(manifest, Manifest::Image(_)));
        assert_eq!(media_type, oci);
        assert!(Manifest::parse(None, body.as_bytes()).is_err());
        assert!(Manifest::parse(Some("text/plain"), body.as_bytes()).is_err());
        assert!(Manifest::parse(Some(oci), b"{}").is_err());
    }

    #[test]
    fn platforms_read_back_as_they_print() {
        for text in ["linux/amd64", "linux/arm/v7"] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), text);
        }
        for bad in ["", "linux", "linux/", "a/b/c/d"] {
            assert!(bad.parse::<Platform>().is_err(), "{bad}");
        }
    }
}
