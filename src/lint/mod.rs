//! The linter: source, context listing and settings in, diagnostics and fixed files out.
//!
//! Knows no engine and does no I/O. A rule is one file in `rules/`; its doc comment is its page.

mod base_environment;
mod baseline;
mod cache_folders;
mod calls;
mod catalogue;
mod changing_arguments;
mod comments;
mod cost;
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
mod label_forms;
mod landings;
mod layers;
mod moving_address;
mod package_caches;
mod package_calls;
pub mod page;
mod piped_scripts;
mod policy;
mod rule;
mod rule_ref;
mod rules;
mod run;
mod script_edits;
mod selector;
mod settings;
mod stage_images;
mod start;
mod suggestion;
mod suppression;
mod unwanted_files;

pub use baseline::{Baseline, BaselineError, content};
pub use catalogue::{catalogue, find, nearest};
pub use cost::{Impact, MeasuredLayer, MeasuredRun, Precision, REFERENCE_LINK, Total};
pub use custom::{CustomPattern, CustomRule};
pub use diagnostic::{Category, Diagnostic, Effect, Fix, Label, Safety, Severity};
pub use fix::{Applied, Fixed, SkipReason, Skipped, fix};
pub use policy::{LabelType, Policy};
pub use rule::{Check, Input, Profile, Readings, Rule};
pub use rule_ref::RuleRef;
pub use run::check;
pub use selector::{Selector, UnknownRule};
pub use settings::{Build, Choice, InlineIgnores, Settings};
pub use suppression::{Dialect, Ignore, Reach, SilencedName, Suppression, suppressions};

pub(crate) use comments::{to_delete, with_comments};
pub(crate) use dependencies::project_install;
pub(crate) use image_name::official;
pub(crate) use rule::declare_rule;
pub(crate) use stage_images::tag;
