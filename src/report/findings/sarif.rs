//! Findings as SARIF 2.1.0, which code scanning takes.
//!
//! Source: OASIS, Static Analysis Results Interchange Format 2.1.0; the part that GitHub's code scanning reads.

use serde::Serialize;

use crate::lint::{Diagnostic, RuleRef, Severity};
use crate::text::{SourceFile, TextRange};

use super::json::Impact;
use super::{Findings, plain_path};

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    id: &'a str,
    short_description: Message<'a>,
    help: Help,
    default_configuration: Configuration,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties<'a> {
    tags: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Cost<'a>>,
}

/// What a result costs: SARIF has no place of its own for it.
#[derive(Serialize)]
struct Cost<'a> {
    impact: Impact<'a>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Text,
    artifact_changes: [Change; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

/// All findings as one SARIF log with a final newline.
pub fn sarif(findings: Findings<'_>) -> String {
    let all = findings.all();
    let mut rules: Vec<&RuleRef> = all.iter().map(|(_, found)| &found.rule).collect();
    rules.sort_by_key(|rule| rule.name());
    rules.dedup();
    let results = all.iter().map(|(source, found)| outcome(source, found, &rules)).collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "plimsoll",
                    version: env!("CARGO_PKG_VERSION"),
                    rules: rules.iter().map(|rule| descriptor(rule)).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    // Serialising plain structs of strings and numbers has no way to fail.
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn descriptor(rule: &RuleRef) -> Descriptor<'_> {
    let markdown = rule.page();
    Descriptor {
        id: rule.name(),
        short_description: Message { text: rule.title() },
        help: Help { text: markdown.clone(), markdown },
        default_configuration: Configuration { level: level(rule.severity()) },
        properties: Properties {
            tags: std::iter::once(rule.category().as_str()).chain(rule.aliases().iter().copied()).collect(),
        },
    }
}

fn outcome<'a>(source: &SourceFile, found: &'a Diagnostic, rules: &[&RuleRef]) -> Outcome<'a> {
    Outcome {
        rule_id: found.rule.name(),
        rule_index: rules.iter().position(|rule| **rule == found.rule).unwrap_or_default(),
        level: level(found.severity),
        message: Text { text: super::message(found) },
        locations: [Location { physical_location: physical(source, found.range), message: None }],
        related_locations: found
            .labels
            .iter()
            .map(|label| Location {
                physical_location: physical(source, label.range),
                message: Some(Text { text: label.text.clone() }),
            })
            .collect(),
        fixes: found.fix.iter().map(|fix| sarif_fix(source, fix)).collect(),
        properties: found.impact.as_ref().map(|impact| Cost { impact: impact.into() }),
    }
}

fn sarif_fix(source: &SourceFile, fix: &crate::lint::Fix) -> Fix {
    Fix {
        description: Text { text: fix.title.clone() },
        artifact_changes: [Change {
            artifact_location: Artifact { uri: uri(source.path()) },
            replacements: fix
                .edits
                .edits()
                .iter()
                .map(|edit| Replacement {
                    deleted_region: region(source, edit.range),
                    inserted_content: Text { text: edit.text.clone() },
                })
                .collect(),
        }],
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "note",
    }
}

fn physical(source: &SourceFile, range: TextRange) -> Physical {
    Physical { artifact_location: Artifact { uri: uri(source.path()) }, region: region(source, range) }
}

fn region(source: &SourceFile, range: TextRange) -> Region {
    let (start, end) = (source.line_column(range.start()), source.line_column(range.end()));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

/// A path as a relative URI reference: separators are `/`, and what a URI may not hold is percent-encoded.
fn uri(path: &str) -> String {
    plain_path(path)
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
