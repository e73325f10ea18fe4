//! One file through the linter, and what its fixes come to.

use crate::config::FailOn;
use crate::lint::{self, Safety, Settings};
use crate::report::findings::FileFindings;
use crate::rewrite::patch;
use crate::text::SourceFile;

use super::choice::Wish;
use super::input::{Input, Place};
use super::measured::LastRun;
use super::{Contexts, Failure, Printer, patch_path};

/// A file before and after its fixes.
pub(super) struct Checked {
    pub(super) original: SourceFile,
    pub(super) place: Place,
    pub(super) fail_on: FailOn,
    applied: usize,
    pub(super) findings: FileFindings,
}

pub(super) fn check(
    file: Input,
    wish: &Wish,
    contexts: &Contexts,
    last_run: Option<&LastRun>,
    allowed: Option<Safety>,
) -> Checked {
    let Input { source, place, context, builds } = file;
    let listing = context.as_ref().and_then(|(path, folder)| match folder {
        Some(folder) => contexts.in_folder(folder, path, &source),
        None => contexts.of(path, &source),
    });
    let listing = listing.as_deref();
    let measured = last_run.zip(place.path()).and_then(|(run, path)| run.of(path));
    let of_file;
    let settings = if builds.is_empty() && measured.is_none() {
        wish.settings.as_ref()
    } else {
        of_file = Settings { builds, measured, ..wish.settings.as_ref().clone() };
        &of_file
    };
    // What stands inside another file can't be written back here.
    let allowed = allowed.filter(|_| !matches!(place, Place::Inline(_)));
    let (after, applied, diagnostics) = match allowed {
        None => (source.clone(), 0, lint::check(&source, listing, settings)),
        Some(allowed) => {
            let fixed = lint::fix(&source, listing, settings, allowed);
            (fixed.source, fixed.applied.len(), fixed.left)
        }
    };
    let parsed = crate::dockerfile::parse(&after).errors.is_empty();
    Checked {
        original: source,
        place,
        fail_on: wish.fail_on,
        applied,
        findings: FileFindings { source: after, parsed, diagnostics },
    }
}

/// Prints what the fixes change.
pub(super) fn print_diffs(checked: &[Checked], printer: Printer) {
    for file in checked {
        let (old, new) = (file.original.bytes(), file.findings.source.bytes());
        printer.patch(&patch(&patch_path(file.original.path()), old, new));
    }
}

/// Writes the fixed files back, and a fixed standard input to standard output. Gives what could not be written.
pub(super) fn write(checked: &[Checked], printer: Printer) -> Vec<Failure> {
    let mut failures = Vec::new();
    for file in checked {
        let fixed = file.findings.source.bytes();
        match &file.place {
            Place::StandardInput(_) => printer.bytes(fixed),
            Place::File(path) if file.original.bytes() != fixed => match std::fs::write(path, fixed) {
                Ok(()) => {
                    let plural = if file.applied == 1 { "fix" } else { "fixes" };
                    printer.note(&format!("{}: {} {plural} applied", path.display(), file.applied));
                }
                Err(source) => failures.push(Failure::Write { path: path.clone(), source }),
            },
            Place::File(_) | Place::Inline(_) => {}
        }
    }
    failures
}
