//! What a team wants of its own files.

use std::collections::BTreeMap;

/// What a team wants of its own files: the rules of policy hold a file against it, and are silent where it says
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The registries that images may come from, `*` standing for any characters; all where none is named.
    pub trusted_registries: Vec<String>,
    /// The labels that an image must have, each with the form of its value.
    pub label_schema: BTreeMap<String, LabelType>,
    /// Whether an image may have no other labels.
    pub strict_labels: bool,
}

/// The form of a label's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelType {
    /// Any text that isn't empty. Hadolint's own code calls it raw text.
    Text,
    /// A URL.
    Url,
    /// A time as RFC 3339 writes it.
    Rfc3339,
    /// An SPDX licence identifier.
    Spdx,
    /// A git commit's hash, whole or short.
    GitHash,
    /// A semantic version.
    Semver,
    /// An address of electronic mail.
    Email,
}

impl LabelType {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Url, Self::Rfc3339, Self::Spdx, Self::GitHash, Self::Semver, Self::Email];

    /// The name in configuration files, which is hadolint's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Url => "url",
            Self::Rfc3339 => "rfc3339",
            Self::Spdx => "spdx",
            Self::GitHash => "hash",
            Self::Semver => "semver",
            Self::Email => "email",
        }
    }
}
