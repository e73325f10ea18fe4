//! Which rules run on a file, and what the team wants of its files.

use std::collections::BTreeMap;

use super::{Diagnostic, Profile, Rule};

/// The choice of rules, from the command line and `plimsoll.toml`.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The profile that applies where nothing is selected.
    pub profile: Profile,
    /// Only these rules, where given.
    pub select: Option<Vec<&'static Rule>>,
    /// Never these.
    pub ignore: Vec<&'static Rule>,
    /// The build arguments that the build is given.
    pub build_args: BTreeMap<String, String>,
    /// What the rules of policy hold a file against.
    pub policy: Policy,
}

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

impl Settings {
    /// Only `rule`.
    pub fn only(rule: &'static Rule) -> Self {
        Self { select: Some(vec![rule]), ..Self::default() }
    }

    /// These settings with others over them. A profile or a selection takes the place of both: whoever names rules, or
    /// asks for all, wants those. Rules named in a selection run also where they were ignored; what is newly
    /// ignored is ignored beside the rest.
    #[must_use]
    pub fn overridden(
        mut self,
        profile: Option<Profile>,
        select: Option<&[&'static Rule]>,
        ignore: &[&'static Rule],
    ) -> Self {
        if let Some(profile) = profile {
            self.profile = profile;
            self.select = None;
        }
        if let Some(select) = select {
            self.ignore.retain(|ignored| !select.contains(ignored));
            self.select = Some(select.to_vec());
        }
        self.ignore.extend(ignore);
        self
    }

    /// Whether `rule` runs: it isn't ignored, and it is selected or, where nothing is, in the profile.
    pub fn enables(&self, rule: &'static Rule) -> bool {
        let chosen = match &self.select {
            Some(selected) => selected.contains(&rule),
            None => rule.profile <= self.profile,
        };
        chosen && !self.ignore.contains(&rule)
    }

    /// Whether a finding of a rule that runs is shown: its rule is selected, or it is in the profile.
    pub(super) fn shows(&self, diagnostic: &Diagnostic) -> bool {
        self.select.is_some() || diagnostic.profile <= self.profile.max(diagnostic.rule.profile)
    }
}
