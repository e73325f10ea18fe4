//! `plimsoll rules`: the catalogue.

use std::fmt::Write;

use crate::lint::{Safety, catalogue};

use super::{Exit, Failure, Printer};

/// List every rule
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// How to print the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line a rule
    Text,
    /// One JSON array
    Json,
}

#[expect(clippy::unnecessary_wraps, reason = "every command has this form")]
pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    match arguments.format {
        Format::Text => printer.data(&text()),
        Format::Json => printer.data(&json()),
    }
    Ok(Exit::Clean)
}

fn text() -> String {
    let width = catalogue().iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for rule in catalogue() {
        let fix = rule.fix.map_or("-", Safety::as_str);
        let _ = writeln!(
            text,
            "{:width$}  {:15} {:8} {fix:7} {}",
            rule.name,
            rule.category.as_str(),
            rule.severity.as_str(),
            rule.title()
        );
    }
    text
}

fn json() -> String {
    let rules: Vec<serde_json::Value> = catalogue()
        .iter()
        .map(|rule| {
            serde_json::json!({
                "name": rule.name,
                "aliases": rule.aliases,
                "category": rule.category.as_str(),
                "severity": rule.severity.as_str(),
                "fix": rule.fix.map(Safety::as_str),
                "title": rule.title(),
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(rules))
}
