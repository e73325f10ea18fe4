//! Findings as Markdown, for a comment on a pull request or a job's summary.

use std::fmt::Write;

use crate::lint::{Diagnostic, Severity};
use crate::text::SourceFile;

use super::{Findings, cost, plain_path};

/// All findings as one table, under a line that counts them.
pub fn markdown(findings: Findings<'_>) -> String {
    let all = findings.all();
    let files = match findings.files.len() {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    if all.is_empty() {
        return format!("Nothing found in {files}.\n");
    }
    let plural = if all.len() == 1 { "finding" } else { "findings" };
    let counts = Severity::ALL.map(|severity| (severity.as_str(), findings.count(severity)));
    let counts: Vec<String> =
        counts.iter().filter(|(_, n)| *n > 0).map(|(name, n)| format!("{n} {name}")).collect();
    let mut text = format!("**{} {plural}** in {files} ({})\n\n", all.len(), counts.join(", "));
    text.push_str("| place | severity | rule | finding |\n|---|---|---|---|\n");
    for (source, found) in all {
        row(&mut text, source, found);
    }
    text
}

fn row(text: &mut String, source: &SourceFile, found: &Diagnostic) {
    let at = source.line_column(found.range.start());
    let help = found.help.as_ref().map(|help| format!("<br>{}", cell(help))).unwrap_or_default();
    let cost = found.impact.as_ref().map(|impact| format!("<br>costs {}", cost::words(impact)));
    let _ = writeln!(
        text,
        "| {}:{}:{} | {} | {} | {}{help}{} |",
        cell(&plain_path(source.path())),
        at.line,
        at.column,
        found.severity.as_str(),
        cell(found.rule.name()),
        cell(&found.message),
        cost.unwrap_or_default(),
    );
}

/// Text in a cell: on one line, and with nothing that Markdown or HTML would take for its own. Code between backticks
/// stays code.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    let mut in_code = false;
    for character in text.chars() {
        match character {
            '`' => {
                in_code = !in_code;
                escaped.push('`');
            }
            '|' => escaped.push_str("\\|"),
            '\n' => escaped.push_str("<br>"),
            '\r' => {}
            '\0'..='\u{1F}' => escaped.push('\u{FFFD}'),
            other if in_code => escaped.push(other),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '*' | '_' | '[' | ']' | '\\' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}
