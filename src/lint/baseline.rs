//! The findings that a project already has: recorded once, and then not reported, so that only new ones are.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::text::{SourceFile, TextRange};

use super::Diagnostic;

/// The version of the file's form.
const VERSION: u32 = 1;

/// Findings that are known, and how many of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    counts: BTreeMap<Known, usize>,
}

/// What makes two findings the same: not the line's number, so that a finding stays known while lines move.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    path: String,
    rule: String,
    /// The hash of what the lines say. Lines can hold secrets, so they are not kept themselves.
    lines: String,
}

/// A baseline that can't be used.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It is no JSON of this form.
    #[error("it is no baseline: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of a later version.
    #[error("it is of version {0}, and this Plimsoll reads version {VERSION}")]
    Version(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    rule: String,
    lines: String,
    count: usize,
}

impl Baseline {
    /// Reads what [`Self::to_json`] wrote.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let file: File = serde_json::from_str(text)?;
        if file.version != VERSION {
            return Err(BaselineError::Version(file.version));
        }
        let mut counts = BTreeMap::new();
        for entry in file.findings {
            let known = Known { path: entry.path, rule: entry.rule, lines: entry.lines };
            *counts.entry(known).or_default() += entry.count;
        }
        Ok(Self { counts })
    }

    /// The file's text, with a final newline.
    pub fn to_json(&self) -> String {
        let findings = self.counts.iter().map(|(known, count)| Entry {
            path: known.path.clone(),
            rule: known.rule.clone(),
            lines: known.lines.clone(),
            count: *count,
        });
        let file = File { version: VERSION, findings: findings.collect() };
        // Serialising plain structs of strings and numbers has no way to fail.
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Records a finding in the file at `path`, which is relative to the baseline's folder.
    pub fn add(&mut self, path: &str, source: &SourceFile, found: &Diagnostic) {
        *self.counts.entry(Known::of(path, source, found)).or_default() += 1;
    }

    /// Whether the finding is known. Each one that is recorded stands for one.
    pub fn take(&mut self, path: &str, source: &SourceFile, found: &Diagnostic) -> bool {
        match self.counts.get_mut(&Known::of(path, source, found)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// How many findings are recorded and not taken.
    pub fn len(&self) -> usize {
        self.counts.values().sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Known {
    fn of(path: &str, source: &SourceFile, found: &Diagnostic) -> Self {
        let digest = Sha256::digest(content(source, found.range).as_bytes());
        let lines = digest.iter().take(16).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self { path: path.to_owned(), rule: found.rule.name().to_owned(), lines }
    }
}

/// What the lines of a range say, whatever their indentation and the width of their blanks.
pub fn content(source: &SourceFile, range: TextRange) -> String {
    let lines = source.lines();
    let last = lines.line(range.end().max(range.start() + 1) - 1);
    let whole = TextRange::new(lines.line_start(lines.line(range.start())), lines.line_start(last + 1));
    let said = source.slice(whole).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    said.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, check, find};
    use super::Baseline;
    use crate::text::SourceFile;

    fn found(text: &str) -> (SourceFile, Vec<super::Diagnostic>) {
        let source = SourceFile::new("Dockerfile", text);
        let found = check(&source, None, &Settings::only(find("moving-tag").unwrap()));
        (source, found)
    }

    fn new(baseline: &Baseline, text: &str) -> usize {
        let (mut baseline, (source, found)) = (baseline.clone(), found(text));
        found.iter().filter(|found| !baseline.take("Dockerfile", &source, found)).count()
    }

    #[test]
    fn what_is_recorded_is_known_also_where_it_moved_and_counts_are_kept() {
        let (source, all) = found("FROM node\n");
        let mut baseline = Baseline::default();
        for found in &all {
            baseline.add("Dockerfile", &source, found);
        }
        let baseline = Baseline::parse(&baseline.to_json()).unwrap();
        assert_eq!(new(&baseline, "# a line more\n\nFROM   node\n"), 0);
        assert_eq!(new(&baseline, "FROM node AS a\n"), 1);
        assert_eq!(new(&baseline, "FROM node\nFROM node\n"), 1);
    }

    #[test]
    fn a_baseline_of_another_form_is_refused() {
        assert!(Baseline::parse("{\"version\": 2, \"findings\": []}").is_err());
        assert!(Baseline::parse("[]").is_err());
    }
}
