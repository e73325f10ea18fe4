//! Findings as GitHub workflow commands, which GitHub shows in the pull request's files.
//!
//! Source: GitHub's reference of workflow commands, "Setting a warning message".

use std::fmt::Write;

use crate::lint::{Diagnostic, Severity};
use crate::text::SourceFile;

use super::{Findings, message};

/// One `::level …::message` line a finding.
pub fn github(findings: Findings<'_>) -> String {
    let mut text = String::new();
    for (source, diagnostic) in findings.all() {
        command(&mut text, source, diagnostic);
    }
    text
}

fn command(text: &mut String, source: &SourceFile, diagnostic: &Diagnostic) {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "notice",
    };
    let start = source.line_column(diagnostic.range.start());
    let end = source.line_column(diagnostic.range.end());
    let _ = writeln!(
        text,
        "::{level} file={},line={},endLine={},col={},endColumn={},title={}::{}",
        property(source.path()),
        start.line,
        end.line,
        start.column,
        end.column,
        property(diagnostic.rule.name()),
        data(&message(diagnostic)),
    );
}

/// Escapes a message as the runner reads it back.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, in which `:` and `,` mean something too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
