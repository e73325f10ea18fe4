//! Findings as Checkstyle's XML, which Jenkins and many review tools take.
//!
//! Source: Checkstyle, XMLLogger: `checkstyle` holds a `file` each, that an `error` each. Its severities are `error`,
//! `warning`, `info` and `ignore`.

use std::fmt::Write;

use crate::lint::{Diagnostic, Severity};
use crate::text::SourceFile;

use super::xml::escaped;
use super::{Findings, message, plain_path};

/// All findings as one document.
pub fn checkstyle(findings: Findings<'_>) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
    for file in findings.files {
        let _ = writeln!(text, "  <file name=\"{}\">", escaped(&plain_path(file.source.path())));
        for found in findings.of(file) {
            error(&mut text, &file.source, found);
        }
        text.push_str("  </file>\n");
    }
    text.push_str("</checkstyle>\n");
    text
}

fn error(text: &mut String, source: &SourceFile, found: &Diagnostic) {
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "info",
    };
    let at = source.line_column(found.range.start());
    let _ = writeln!(
        text,
        "    <error line=\"{}\" column=\"{}\" severity=\"{severity}\" message=\"{}\" source=\"plimsoll.{}\"/>",
        at.line,
        at.column,
        escaped(&message(found)),
        escaped(found.rule.name()),
    );
}
