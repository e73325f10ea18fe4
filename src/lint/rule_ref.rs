//! The rule that a finding is of: one of the catalogue, or one of the team's own.

use std::sync::Arc;

use super::{Category, CustomRule, Rule, page};

/// The rule that a finding is of.
#[derive(Debug, Clone)]
pub enum RuleRef {
    /// One of the catalogue.
    Known(&'static Rule),
    /// One of the team's own, from its configuration.
    Custom(Arc<CustomRule>),
}

impl RuleRef {
    /// The rule of the catalogue that it is, where it is one.
    pub fn known(&self) -> Option<&'static Rule> {
        match self {
            Self::Known(rule) => Some(rule),
            Self::Custom(_) => None,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(rule) => rule.name,
            Self::Custom(rule) => &rule.name,
        }
    }

    /// What it is about.
    pub fn category(&self) -> Category {
        match self {
            Self::Known(rule) => rule.category,
            Self::Custom(_) => Category::Custom,
        }
    }

    /// How grave its findings are, where nothing says otherwise.
    pub fn severity(&self) -> super::Severity {
        match self {
            Self::Known(rule) => rule.severity,
            Self::Custom(rule) => rule.severity,
        }
    }

    /// The names that peers give it.
    pub fn aliases(&self) -> &'static [&'static str] {
        match self {
            Self::Known(rule) => rule.aliases,
            Self::Custom(_) => &[],
        }
    }

    /// Whether peers have that name for something that it reports.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.known().is_some_and(|rule| rule.peers_names().contains(&name))
    }

    /// What it finds, as a phrase.
    pub fn title(&self) -> &str {
        match self {
            Self::Known(rule) => rule.title(),
            Self::Custom(rule) => &rule.message,
        }
    }

    /// Its page, in Markdown.
    pub fn page(&self) -> String {
        match self {
            Self::Known(rule) => page::render(rule),
            Self::Custom(rule) => {
                let help = rule.help.as_ref().map(|help| format!("\n{help}\n")).unwrap_or_default();
                format!("# {}\n\n{}\n{help}", rule.name, rule.message)
            }
        }
    }
}

impl PartialEq for RuleRef {
    /// No two rules of a run have one name.
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}
