//! The linter: source, context listing and settings in, diagnostics and fixed files out.
//!
//! Knows no engine and does no I/O. A rule is one file in `rules/`; its doc comment is its page.

mod base_environment;
mod calls;
mod catalogue;
mod check_options;
mod comments;
mod dependencies;
mod diagnostic;
mod exposed_ports;
mod fix;
mod image_name;
mod label_forms;
mod landings;
mod package_calls;
pub mod page;
mod rule;
mod rules;
mod run;
mod script_edits;
mod settings;
mod suggestion;
mod suppression;

pub use catalogue::{catalogue, find, nearest};
pub use diagnostic::{Category, Diagnostic, Fix, Impact, Label, Safety, Severity};
pub use fix::{Applied, Fixed, SkipReason, Skipped, fix};
pub use rule::{Input, Profile, Rule};
pub use run::check;
pub use settings::{LabelType, Policy, Settings};
pub use suppression::{Silenced, Suppression, suppressions};

pub(crate) use rule::declare_rule;
