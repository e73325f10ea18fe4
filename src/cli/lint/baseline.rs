//! The baseline's file, and what is in it left out of what is reported.

use std::path::Path;

use crate::lint::Baseline;

use super::{Checked, Failure};

/// The rule whose findings are never known: a file that doesn't parse is not linted whole.
const SYNTAX_ERROR: &str = "syntax-error";

pub(super) fn read(path: &Path) -> Result<Baseline, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    Baseline::parse(&text).map_err(|source| Failure::Baseline { path: path.to_owned(), source })
}

/// Records all findings; gives how many, as people say it.
pub(super) fn write(path: &Path, checked: &[Checked]) -> Result<String, Failure> {
    let mut baseline = Baseline::default();
    for file in checked {
        let name = relative(file, path);
        let found = file.findings.diagnostics.iter().filter(|found| found.rule.name() != SYNTAX_ERROR);
        found.for_each(|found| baseline.add(&name, &file.findings.source, found));
    }
    std::fs::write(path, baseline.to_json())
        .map_err(|source| Failure::Write { path: path.to_owned(), source })?;
    Ok(match baseline.len() {
        1 => "1 finding".to_owned(),
        n => format!("{n} findings"),
    })
}

/// Takes the findings that the baseline knows out of what is reported.
pub(super) fn leave_out(baseline: &mut Baseline, path: &Path, checked: &mut [Checked]) {
    for file in checked {
        let name = relative(file, path);
        let findings = &mut file.findings;
        let source = &findings.source;
        findings
            .diagnostics
            .retain(|found| found.rule.name() == SYNTAX_ERROR || !baseline.take(&name, source, found));
    }
}

/// The file's path as seen from the baseline's folder, so that it is the same wherever the command runs.
fn relative(file: &Checked, baseline: &Path) -> String {
    let shown = file.findings.source.path();
    let of = || {
        let folder = match baseline.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.canonicalize().ok()?,
            _ => std::env::current_dir().ok()?.canonicalize().ok()?,
        };
        let path = file.place.path()?.canonicalize().ok()?;
        Some(path.strip_prefix(folder).ok()?.display().to_string())
    };
    of().unwrap_or_else(|| shown.to_owned()).replace('\\', "/")
}
