//! The linter: source, context listing and settings in, diagnostics and fixed files out.
//!
//! Knows no engine and does no I/O. A rule is one file in `rules/`; its doc comment is its page.

mod base_environment;
mod baseline;
mod bashisms;
mod calls;
mod catalogue;
mod changing_arguments;
mod comments;
mod custom;
mod dependencies;
mod development;
mod diagnostic;
mod downloads;
mod end_of_life;
mod exposed_ports;
mod fix;
mod hadolint_view;
mod image_name;
mod image_shell;
mod label_forms;
mod landings;
mod layers;
mod package_caches;
mod package_calls;
pub mod page;
mod policy;
mod rule;
mod rule_ref;
mod rules;
mod run;
mod script_edits;
mod selector;
mod settings;
mod shell_code;
mod shell_script;
mod shell_variables;
mod shellcheck_codes;
mod stage_images;
mod start;
mod suggestion;
mod suppression;
mod unwanted_files;
mod verdicts;

pub use baseline::{Baseline, BaselineError, content};
pub use catalogue::{catalogue, find, nearest};
pub use custom::{CustomPattern, CustomRule};
pub use diagnostic::{Category, Diagnostic, Fix, Impact, Label, Safety, Severity};
pub use fix::{Applied, Fixed, SkipReason, Skipped, fix};
pub use policy::{LabelType, Policy};
pub use rule::{Check, Input, Profile, Rule};
pub use rule_ref::RuleRef;
pub use run::{check, shell_scripts};
pub use selector::{Selector, UnknownRule};
pub use settings::{Build, Choice, InlineIgnores, Settings};
pub use shell_script::ShellScript;
pub use suppression::{Dialect, Ignore, Reach, SilencedName, Suppression, suppressions};
pub use verdicts::{Remark, Verdicts};

pub(crate) use rule::declare_rule;
