//! An image's configuration, kept as the JSON it came as.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Digest, RegistryError};

/// An image configuration. Only its diff IDs are ever changed; every other field, known or not, survives in its
/// place.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageConfig {
    document: Map<String, Value>,
    diff_ids: Vec<Digest>,
}

/// One step of an image's history.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HistoryEntry {
    /// The instruction, as the builder recorded it.
    #[serde(default)]
    pub created_by: String,
    /// Whether the step left no layer.
    #[serde(default)]
    pub empty_layer: bool,
}

impl ImageConfig {
    /// Reads a configuration.
    pub fn parse(body: &[u8]) -> Result<Self, RegistryError> {
        let invalid = |why: String| RegistryError::Invalid {
            what: format!("image configuration {}", Digest::of(body)),
            why,
        };
        let document: Map<String, Value> =
            serde_json::from_slice(body).map_err(|e| invalid(e.to_string()))?;
        let diff_ids = document.get("rootfs").and_then(|rootfs| rootfs.get("diff_ids")).cloned();
        let diff_ids = diff_ids.ok_or_else(|| invalid("it has no `rootfs.diff_ids`".to_owned()))?;
        let diff_ids =
            serde_json::from_value(diff_ids).map_err(|e| invalid(format!("`rootfs.diff_ids`: {e}")))?;
        Ok(Self { document, diff_ids })
    }

    /// The digests of the layers' uncompressed tars, the lowest first.
    pub fn diff_ids(&self) -> &[Digest] {
        &self.diff_ids
    }

    /// The steps that made the image, the oldest first; empty where the builder recorded none.
    pub fn history(&self) -> Vec<HistoryEntry> {
        let history = self.document.get("history").cloned().unwrap_or_default();
        serde_json::from_value(history).unwrap_or_default()
    }

    /// The whole document.
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// The same configuration over other layers.
    #[must_use]
    pub fn with_diff_ids(mut self, diff_ids: Vec<Digest>) -> Self {
        if let Some(rootfs) = self.document.get_mut("rootfs").and_then(Value::as_object_mut) {
            rootfs.insert("diff_ids".to_owned(), diff_ids.iter().map(Digest::to_string).collect());
        }
        self.diff_ids = diff_ids;
        self
    }

    /// The configuration as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        Value::Object(self.document.clone()).to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, ImageConfig};

    #[test]
    fn unknown_fields_survive_a_change_of_the_diff_ids() {
        let (old, new) = (Digest::of(b"old"), Digest::of(b"new"));
        let json = |digest: Digest| {
            format!(
                r#"{{"zeta":{{"big":9007199254740993}},"config":{{"Env":["A=b"]}},"rootfs":{{"type":"layers","diff_ids":["{digest}"]}},"alpha":[1.5,null]}}"#
            )
        };
        let config = ImageConfig::parse(json(old).as_bytes()).unwrap();
        assert_eq!(config.diff_ids(), [old]);
        let changed = config.with_diff_ids(vec![new]);
        assert_eq!(String::from_utf8(changed.to_json()).unwrap(), json(new));
        assert_eq!(changed.diff_ids(), [new]);
    }

    #[test]
    fn a_configuration_without_diff_ids_is_refused() {
        for body in ["", "[]", "{}", r#"{"rootfs":{"diff_ids":["sha256:1"]}}"#] {
            assert!(ImageConfig::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
