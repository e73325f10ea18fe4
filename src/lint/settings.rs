//! What is asked of a run: which rules speak and how gravely, what may be fixed, and for which builds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{
    CustomRule, Diagnostic, MeasuredRun, Policy, Profile, Rule, RuleRef, Selector, Severity, Verdicts,
};

/// The choice of rules and all else that a run is told, from the command line and the configuration.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The profile that applies where nothing is selected.
    pub profile: Profile,
    /// Only these rules, where given.
    pub select: Option<Vec<Selector>>,
    /// These beside the profile or the selection.
    pub extend_select: Vec<Selector>,
    /// Never these.
    pub ignore: Vec<Selector>,
    /// How grave findings are that would be of another severity; the last that covers a finding counts.
    pub severities: Vec<(Selector, Severity)>,
    /// Only the fixes of these, where given.
    pub fixable: Option<Vec<Selector>>,
    /// Whether comments that silence rules are heeded.
    pub inline_ignores: InlineIgnores,
    /// The team's own rules.
    pub custom: Vec<Arc<CustomRule>>,
    /// What the rules of policy hold a file against.
    pub policy: Policy,
    /// What the ShellCheck program says of the file's scripts, where it was asked.
    pub verdicts: Option<Arc<Verdicts>>,
    /// The builds that the file is for. What any of them gives a reason to say is said; where there is none, the
    /// file's last stage is built without arguments.
    pub builds: Vec<Build>,
    /// What the last run measured of the file.
    pub measured: Option<Arc<MeasuredRun>>,
}

/// Whether comments that silence rules are heeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InlineIgnores {
    /// They are.
    #[default]
    Heeded,
    /// They are comments like any other.
    Disabled,
}

/// What a build is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Build {
    /// The stage; the last where none is named.
    pub target: Option<String>,
    /// The build arguments.
    pub args: BTreeMap<String, String>,
    /// The names that stand for build contexts of the build's own.
    pub contexts: BTreeSet<String>,
}

/// A choice that stands over another, as the command line's over the configuration's.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Another profile.
    pub profile: Option<Profile>,
    /// Another selection.
    pub select: Option<Vec<Selector>>,
    /// More rules beside the selection.
    pub extend_select: Vec<Selector>,
    /// Fewer rules.
    pub ignore: Vec<Selector>,
    /// Other severities.
    pub severities: Vec<(Selector, Severity)>,
}

impl Settings {
    /// Only `rule`.
    pub fn only(rule: &'static Rule) -> Self {
        Self { select: Some(vec![Selector::of(rule)]), ..Self::default() }
    }

    /// These settings with others over them. A profile or a selection takes the place of both: whoever names rules, or
    /// asks for all, wants those. A rule that is selected outright, by a name and not by a category or a glob, runs
    /// also where it was ignored; what is newly ignored is ignored beside the rest.
    #[must_use]
    pub fn overridden(mut self, over: Choice) -> Self {
        if let Some(profile) = over.profile {
            self.profile = profile;
            self.select = None;
        }
        let outright = over.select.iter().flatten().chain(&over.extend_select);
        let outright: Vec<&Selector> = outright.filter(|selector| selector.is_outright()).collect();
        self.ignore.retain(|ignored| !outright.iter().any(|selector| selector.means_the_same_as(ignored)));
        if let Some(select) = over.select {
            self.select = Some(select);
        }
        self.extend_select.extend(over.extend_select);
        self.ignore.extend(over.ignore);
        self.severities.extend(over.severities);
        self
    }

    /// Whether `rule` runs: some of its findings could be chosen.
    pub fn enables(&self, rule: &'static Rule) -> bool {
        let selected = |selectors: &[Selector]| selectors.iter().any(|selector| selector.touches(rule));
        let chosen = match &self.select {
            Some(select) => selected(select),
            None => rule.profile <= self.profile,
        };
        (chosen || selected(&self.extend_select)) && !self.ignores_all_of(rule)
    }

    /// Whether a finding is chosen: it isn't ignored, and it is selected or, where nothing is, in the profile.
    pub fn keeps(&self, found: &Diagnostic) -> bool {
        let covered = |selectors: &[Selector]| selectors.iter().any(|selector| selector.covers(found));
        let chosen = match (&self.select, &found.rule) {
            (Some(select), _) => covered(select),
            (None, RuleRef::Known(_)) => found.profile <= self.profile,
            (None, RuleRef::Custom(_)) => true,
        };
        (chosen || covered(&self.extend_select)) && !self.ignores(found)
    }

    pub(super) fn ignores_all_of(&self, rule: &'static Rule) -> bool {
        self.ignore.iter().any(|selector| selector.takes_all_of(rule))
    }

    pub(super) fn ignores(&self, found: &Diagnostic) -> bool {
        self.ignore.iter().any(|selector| selector.covers(found))
    }

    /// Whether the finding's fix may be applied, as far as it depends on the rule.
    pub fn may_fix(&self, found: &Diagnostic) -> bool {
        self.fixable.as_ref().is_none_or(|fixable| fixable.iter().any(|selector| selector.covers(found)))
    }

    /// How grave the finding is.
    pub(super) fn severity(&self, found: &Diagnostic) -> Severity {
        let set = self.severities.iter().rev().find(|(selector, _)| selector.covers(found));
        set.map_or(found.severity, |(_, severity)| *severity)
    }
}
