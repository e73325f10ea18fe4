//! Findings as GitLab's code quality report, which it shows in the merge request.
//!
//! Source: GitLab's documentation, "Code Quality report format".

use std::collections::HashMap;
use std::fmt::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::lint::{Severity, content};

use super::{Findings, message, plain_path};

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// All findings as one JSON array. A fingerprint stays while lines move: it is of the rule, the path and what the lines
/// say, and counts those that are alike.
pub fn gitlab(findings: Findings<'_>) -> String {
    let mut alike: HashMap<String, usize> = HashMap::new();
    // The count goes by the place whatever the order shown, so that the order changes no fingerprint.
    let mut fingerprints = HashMap::new();
    for file in findings.files {
        for found in &file.diagnostics {
            let path = plain_path(file.source.path());
            let key = format!("{}\0{path}\0{}", found.rule.name(), content(&file.source, found.range));
            let nth = alike.entry(key.clone()).or_default();
            fingerprints.insert(std::ptr::from_ref(found), hash(&format!("{key}\0{nth}")));
            *nth += 1;
        }
    }
    let all = findings.all().into_iter();
    let issues: Vec<Issue<'_>> = all
        .map(|(source, found)| Issue {
            description: message(found),
            check_name: found.rule.name(),
            fingerprint: fingerprints.remove(&std::ptr::from_ref(found)).unwrap_or_default(),
            severity: severity(found.severity),
            location: Location {
                path: plain_path(source.path()),
                lines: Lines {
                    begin: source.line_column(found.range.start()).line,
                    end: source.line_column(found.range.end()).line,
                },
            },
        })
        .collect();
    // Serialising plain structs of strings and numbers has no way to fail.
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "minor",
        Severity::Style => "info",
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}
