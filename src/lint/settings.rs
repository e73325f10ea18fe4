//! Which rules run on a file.

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

    /// Whether a finding of a rule that runs is shown: those that only the profile `all` has are not news to the rest.
    pub(super) fn shows(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.profile <= self.profile.max(diagnostic.rule.profile)
    }
}
