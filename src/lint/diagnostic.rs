//! What a rule says of a file: where, what, why it costs, and how to mend it.

use std::sync::Arc;

use crate::facts::Fact;
use crate::text::{EditSet, TextRange};

use super::cost::{Impact, Waste, estimate};
use super::selector::namespace;
use super::{CustomRule, Input, Profile, Rule, RuleRef};

/// How grave a finding is, from what stops a build to what is a matter of taste.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Taste.
    Style,
    /// Worth knowing.
    Info,
    /// Costs size, time or safety.
    Warning,
    /// Breaks the build or the image.
    Error,
}

impl Severity {
    /// All of them, the gravest first.
    pub const ALL: [Self; 4] = [Self::Error, Self::Warning, Self::Info, Self::Style];

    /// The name in options and in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Style => "style",
        }
    }
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The build's result is wrong or the build fails.
    Correctness,
    /// Bytes that every region downloads for nothing.
    Size,
    /// Work that a build does again for nothing.
    Cache,
    /// Time between the start of a container and its first answer, and its orderly end.
    Start,
    /// What the same file gives tomorrow, or on another machine.
    Reproducibility,
    /// What an attacker would be glad of.
    Security,
    /// What a team's own rules ask for.
    Custom,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Correctness,
        Self::Size,
        Self::Cache,
        Self::Start,
        Self::Reproducibility,
        Self::Security,
        Self::Custom,
    ];

    /// The name in the catalogue and in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correctness => "correctness",
            Self::Size => "size",
            Self::Cache => "cache",
            Self::Start => "start",
            Self::Reproducibility => "reproducibility",
            Self::Security => "security",
            Self::Custom => "custom",
        }
    }
}

/// Whether a fix can change what the image does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// The image behaves as before: `--fix` applies it.
    Safe,
    /// Files or behaviour can change: only `--unsafe-fixes` applies it.
    Unsafe,
}

impl Safety {
    /// The name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// A mend: applied whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// Whether it keeps behaviour.
    pub safety: Safety,
    /// The edits.
    pub edits: EditSet,
    /// What in the image it is there to change; all else stays as it was, if it is safe.
    pub effects: Vec<Effect>,
}

/// What a fix changes in the image, on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// What lies at this path or below it is not there any more. A path without a slash at its start can be anywhere.
    Removes(String),
    /// The file at this path has another content, or is not there any more.
    Rewrites(String),
    /// This setting is written in another way, by the name of its instruction.
    Setting(&'static str),
}

/// A second place that a finding speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub range: TextRange,
    /// What is there.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The rule that made it.
    pub rule: RuleRef,
    /// How grave it is here; the rule's own severity unless the rule says otherwise.
    pub severity: Severity,
    /// The exact place.
    pub range: TextRange,
    /// What is wrong, as a sentence without the full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What it costs.
    pub impact: Option<Impact>,
    /// The mend.
    pub fix: Option<Fix>,
    /// Which of the rule's aliases stand for this very finding: peers draw the lines between their rules elsewhere.
    pub aliases: &'static [&'static str],
    /// From which profile on it is shown; the rule's own unless the rule says otherwise. Whoever selects the rule sees
    /// it in any case.
    pub profile: Profile,
}

impl Diagnostic {
    /// A finding of `rule` at `range`.
    pub fn new(rule: &'static Rule, range: TextRange, message: impl Into<String>) -> Self {
        Self {
            rule: RuleRef::Known(rule),
            severity: rule.severity,
            range,
            message: message.into(),
            help: None,
            labels: Vec::new(),
            impact: None,
            fix: None,
            aliases: rule.aliases,
            profile: rule.profile,
        }
    }

    /// What a team's own `rule` found at `range`.
    pub(super) fn custom(rule: Arc<CustomRule>, range: TextRange) -> Self {
        Self {
            severity: rule.severity,
            range,
            message: rule.message.clone(),
            help: rule.help.clone(),
            labels: Vec::new(),
            impact: None,
            fix: None,
            aliases: &[],
            profile: Profile::Default,
            rule: RuleRef::Custom(rule),
        }
    }

    /// Whether BuildKit's own checks report this very place.
    pub(super) fn is_of_buildkit(&self) -> bool {
        self.aliases.iter().any(|alias| namespace(alias) == Some("buildkit"))
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the peers' rules that report this very place, where that is not all of the rule's aliases; none where no
    /// peer would.
    #[must_use]
    pub fn known_as(mut self, aliases: &'static [&'static str]) -> Self {
        debug_assert!(aliases.iter().all(|alias| self.rule.has_name(alias)), "an alias of the rule");
        self.aliases = aliases;
        self
    }

    /// Says that it is of another severity than most of the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Shows it only in the profile `all`, or where the rule is selected: a place that a peer's rule reports, and that
    /// most people are right to leave as it is.
    #[must_use]
    pub fn on_request(mut self) -> Self {
        self.profile = Profile::All;
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn label(mut self, range: TextRange, text: impl Into<String>) -> Self {
        self.labels.push(Label { range, text: text.into() });
        self
    }

    /// Says what it costs.
    #[must_use]
    pub fn costs(mut self, impact: Impact) -> Self {
        self.impact = Some(impact);
        self
    }

    /// Says what `fact`'s instruction wastes; it costs what is known of that.
    #[must_use]
    pub(super) fn wastes(mut self, input: &Input<'_>, fact: &Fact<'_>, waste: &Waste<'_>) -> Self {
        self.impact = estimate(input, fact, waste);
        self
    }

    /// Brings a mend, where `edits` could be made without a conflict.
    #[must_use]
    pub fn fix(mut self, safety: Safety, title: impl Into<String>, edits: Option<EditSet>) -> Self {
        self.fix = edits.filter(|edits| !edits.is_empty()).map(|edits| Fix {
            title: title.into(),
            safety,
            edits,
            effects: Vec::new(),
        });
        self
    }

    /// Says what in the image the mend is there to change, where there is one.
    #[must_use]
    pub fn effects(mut self, effects: impl IntoIterator<Item = Effect>) -> Self {
        if let Some(fix) = &mut self.fix {
            fix.effects.extend(effects);
        }
        self
    }
}
