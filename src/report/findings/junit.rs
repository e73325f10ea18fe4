//! Findings as JUnit's XML: a suite a file, a failed test a finding, and one passed test for a file without any.
//!
//! Source: Jenkins' schema, junit-10.xsd of its xUnit plugin.

use std::fmt::Write;

use super::xml::escaped;
use super::{FileFindings, Findings, cost, plain_path};

/// All findings as one document.
pub fn junit(findings: Findings<'_>) -> String {
    let failures: usize = findings.files.iter().map(|file| file.diagnostics.len()).sum();
    let tests: usize = findings.files.iter().map(tests).sum();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        "<testsuites name=\"plimsoll lint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    );
    for file in findings.files {
        suite(&mut text, findings, file);
    }
    text.push_str("</testsuites>\n");
    text
}

fn tests(file: &FileFindings) -> usize {
    file.diagnostics.len().max(1)
}

fn suite(text: &mut String, findings: Findings<'_>, file: &FileFindings) {
    let path = escaped(&plain_path(file.source.path()));
    let _ = writeln!(
        text,
        "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
        tests(file),
        file.diagnostics.len()
    );
    if file.diagnostics.is_empty() {
        let _ = writeln!(text, "    <testcase name=\"no findings\" classname=\"{path}\"/>");
    }
    for found in findings.of(file) {
        let at = file.source.line_column(found.range.start());
        let rule = escaped(found.rule.name());
        let _ = writeln!(
            text,
            "    <testcase name=\"{rule} at {}:{}\" classname=\"{path}\">",
            at.line, at.column
        );
        let detail = format!(
            "{}:{}:{}: {}{}{}",
            plain_path(file.source.path()),
            at.line,
            at.column,
            found.message,
            found.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default(),
            found
                .impact
                .as_ref()
                .map(|impact| format!("\ncost: {} ({})", cost::words(impact), impact.basis))
                .unwrap_or_default(),
        );
        let _ = writeln!(
            text,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>",
            found.severity.as_str(),
            escaped(&found.message),
            escaped(&detail),
        );
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n");
}
