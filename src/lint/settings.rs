//! Which rules run on a file.

use super::{Profile, Rule};

/// The choice of rules, from the command line and `plimsoll.toml`.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The profile that applies where nothing is selected.
    pub profile: Profile,
    /// Only these rules, where given.
    pub select: Option<Vec<&'static Rule>>,
    /// Never these.
    pub ignore: Vec<&'static Rule>,
}

impl Settings {
    /// Only `rule`.
    pub fn only(rule: &'static Rule) -> Self {
        Self { select: Some(vec![rule]), ..Self::default() }
    }

    /// Whether `rule` runs: it isn't ignored, and it is selected or, where nothing is, in the profile.
    pub fn enables(&self, rule: &'static Rule) -> bool {
        let chosen = match &self.select {
            Some(selected) => selected.contains(&rule),
            None => rule.profile <= self.profile,
        };
        chosen && !self.ignore.contains(&rule)
    }
}
