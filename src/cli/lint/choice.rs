//! Which rules run on which file, how grave they are, and what fails the run: the command line over the configuration.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{Config, FailOn};
use crate::lint::{
    Choice, CustomRule, InlineIgnores, LabelType, Profile, Selector, Settings, Severity, UnknownRule,
};

use super::Failure;
use super::input::Input;

/// The options that choose rules.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rules")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct Choices {
    /// Which rules run where none is selected; `default` unless the configuration says otherwise
    #[arg(long, value_enum)]
    profile: Option<ProfileName>,
    /// Run only these rules. A rule is named by its name, by a peer's name for it (DL3008), by its category, or by a
    /// glob of any of these (`moving-*`, `DL30*`, `buildkit/*`)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Run these rules too
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    extend_select: Vec<String>,
    /// Don't run these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Make the findings of these rules errors
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    error: Vec<String>,
    /// Make the findings of these rules warnings
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    warning: Vec<String>,
    /// Make the findings of these rules worth knowing only
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    info: Vec<String>,
    /// Make the findings of these rules a matter of style
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    style: Vec<String>,
    /// The least severity that makes the exit code 1; `warning` unless the configuration says otherwise
    #[arg(long, short = 't', value_enum, value_name = "SEVERITY", visible_alias = "failure-threshold")]
    fail_on: Option<Threshold>,
    /// Never exit with 1 for a finding
    #[arg(long)]
    no_fail: bool,
    /// Ask the ShellCheck program about what Plimsoll has no rules of its own for; it has to be installed
    #[arg(long, overrides_with = "no_shellcheck")]
    shellcheck: bool,
    /// Don't ask the ShellCheck program, whatever the configuration says
    #[arg(long)]
    no_shellcheck: bool,
    /// Take comments that silence rules for comments
    #[arg(long, visible_alias = "disable-ignore-pragma")]
    no_inline_ignores: bool,
    /// A registry that images may come from; `*` stands for any characters
    #[arg(long, value_name = "REGISTRY")]
    trusted_registry: Vec<String>,
    /// A label that an image must have, and the form of its value: text, url, rfc3339, spdx, hash, semver or email
    #[arg(long, value_name = "LABEL[:FORM]", value_parser = label)]
    require_label: Vec<(String, LabelType)>,
    /// Allow no other labels
    #[arg(long)]
    strict_labels: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ProfileName {
    /// Rules that hold for nearly every image
    Default,
    /// Also rules of policy and taste
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Threshold {
    Error,
    Warning,
    Info,
    Style,
    /// Never fail for a finding
    #[value(alias = "ignore")]
    None,
}

impl From<Threshold> for FailOn {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Error => Self::Severity(Severity::Error),
            Threshold::Warning => Self::Severity(Severity::Warning),
            Threshold::Info => Self::Severity(Severity::Info),
            Threshold::Style => Self::Severity(Severity::Style),
            Threshold::None => Self::Never,
        }
    }
}

/// What is asked of a file.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) settings: Arc<Settings>,
    pub(super) fail_on: FailOn,
    /// Whether the ShellCheck program is asked.
    pub(super) shellcheck: bool,
}

impl Choices {
    /// What is asked of each file, in the order of `files`. A folder's configuration is read once.
    pub(super) fn wishes(&self, files: &[Input], fixable: &[String]) -> Result<Vec<Wish>, Failure> {
        let mut words = Words::default();
        let mut known: HashMap<PathBuf, Wish> = HashMap::new();
        let mut wishes = Vec::new();
        for file in files {
            let folder = file.place.folder();
            let wish = if let Some(wish) = known.get(&folder) {
                wish.clone()
            } else {
                let wish = self.over(Config::find(&folder)?, fixable, &mut words);
                known.insert(folder, wish.clone());
                wish
            };
            wishes.push(wish);
        }
        if files.is_empty() {
            self.over(Config::default(), fixable, &mut words);
        }
        // A word can be the name of a rule that one folder's configuration brings and another's doesn't.
        match words.unknown.into_iter().find(|unknown| !words.known.contains(&unknown.name)) {
            Some(unknown) => Err(Failure::UnknownRule { name: unknown.name, nearest: unknown.nearest }),
            None => Ok(wishes),
        }
    }

    fn over(&self, config: Config, fixable: &[String], words: &mut Words) -> Wish {
        let custom = config.lint.custom.clone();
        let mut read = |names: &[String]| words.read(names, &custom);
        let severities = [
            (Severity::Error, &self.error),
            (Severity::Warning, &self.warning),
            (Severity::Info, &self.info),
            (Severity::Style, &self.style),
        ];
        let severities: Vec<(Selector, Severity)> = severities
            .into_iter()
            .flat_map(|(severity, names)| read(names).into_iter().map(move |name| (name, severity)))
            .collect();
        let choice = Choice {
            profile: self.profile.map(|profile| match profile {
                ProfileName::Default => Profile::Default,
                ProfileName::All => Profile::All,
            }),
            select: (!self.select.is_empty()).then(|| read(&self.select)),
            extend_select: read(&self.extend_select),
            ignore: read(&self.ignore),
            severities,
        };
        let fixable = (!fixable.is_empty()).then(|| read(fixable));
        let mut settings = Settings { fixable, ..config.lint.overridden(choice) };
        if self.no_inline_ignores {
            settings.inline_ignores = InlineIgnores::Disabled;
        }
        settings.policy.trusted_registries.extend(self.trusted_registry.iter().cloned());
        settings.policy.label_schema.extend(self.require_label.iter().cloned());
        settings.policy.strict_labels |= self.strict_labels;
        let fail_on = self.fail_on.map(FailOn::from).or(config.fail_on);
        let fail_on = fail_on.unwrap_or(FailOn::Severity(Severity::Warning));
        Wish {
            settings: Arc::new(settings),
            fail_on: if self.no_fail { FailOn::Never } else { fail_on },
            shellcheck: self.shellcheck || (config.shellcheck && !self.no_shellcheck),
        }
    }
}

/// The words of the command line that name rules, and those that no configuration knew so far.
#[derive(Debug, Default)]
struct Words {
    known: HashSet<String>,
    unknown: Vec<UnknownRule>,
}

impl Words {
    fn read(&mut self, names: &[String], custom: &[Arc<CustomRule>]) -> Vec<Selector> {
        let mut selectors = Vec::new();
        for name in names {
            match Selector::read(name, custom) {
                Ok(selector) => {
                    self.known.insert(selector.written().to_owned());
                    selectors.push(selector);
                }
                Err(unknown) => self.unknown.push(unknown),
            }
        }
        selectors
    }
}

/// `maintainer`, or `maintainer:email`.
fn label(written: &str) -> Result<(String, LabelType), String> {
    let (name, form) = written.split_once(':').unwrap_or((written, "text"));
    let found = LabelType::ALL.into_iter().find(|known| known.as_str() == form);
    found.map(|form| (name.to_owned(), form)).ok_or_else(|| {
        let known: Vec<&str> = LabelType::ALL.iter().map(|known| known.as_str()).collect();
        format!("`{form}` is no form of a label; it is one of {}", known.join(", "))
    })
}
