//! One file through the linter, and what its fixes come to.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::FailOn;
use crate::context::BuildContext;
use crate::lint::{self, Build, Safety, Settings, Verdicts};
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
    context: Option<(PathBuf, Option<PathBuf>)>,
    pub(super) builds: Vec<Build>,
    pub(super) fail_on: FailOn,
    applied: usize,
    pub(super) findings: FileFindings,
}

/// What is known beside the files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The last run of this folder.
    pub(super) last_run: Option<&'a LastRun>,
    /// What ShellCheck says of the scripts, where it was asked.
    pub(super) verdicts: Option<&'a Arc<Verdicts>>,
}

pub(super) fn check(
    file: Input,
    wish: &Wish,
    contexts: &Contexts,
    known: Known<'_>,
    allowed: Option<Safety>,
) -> Checked {
    let Input { source, place, context, builds } = file;
    let listing = listing(context.as_ref(), contexts, &source);
    let listing = listing.as_deref();
    let settings = settings(wish, &builds, &place, known);
    // What stands inside another file can't be written back here.
    let allowed = allowed.filter(|_| !matches!(place, Place::Inline(_)));
    let (after, applied, diagnostics) = match allowed {
        None => (source.clone(), 0, lint::check(&source, listing, &settings)),
        Some(allowed) => {
            let fixed = lint::fix(&source, listing, &settings, allowed);
            (fixed.source, fixed.applied.len(), fixed.left)
        }
    };
    let parsed = crate::dockerfile::parse(&after).errors.is_empty();
    Checked {
        original: source,
        place,
        context,
        builds,
        fail_on: wish.fail_on,
        applied,
        findings: FileFindings { source: after, parsed, diagnostics },
    }
}

/// What is asked of the file, for its builds, with what was measured of it and what ShellCheck says.
fn settings<'w>(wish: &'w Wish, builds: &[Build], place: &Place, known: Known<'_>) -> Cow<'w, Settings> {
    let verdicts = known.verdicts.filter(|_| wish.shellcheck).cloned();
    let measured = known.last_run.zip(place.path()).and_then(|(run, path)| run.of(path));
    if builds.is_empty() && verdicts.is_none() && measured.is_none() {
        return Cow::Borrowed(&wish.settings);
    }
    Cow::Owned(Settings { builds: builds.to_vec(), verdicts, measured, ..wish.settings.as_ref().clone() })
}

/// The context of a file: what it is given, or what it seems to be written for.
fn listing(
    context: Option<&(PathBuf, Option<PathBuf>)>,
    contexts: &Contexts,
    source: &SourceFile,
) -> Option<Arc<BuildContext>> {
    let (path, folder) = context?;
    match folder {
        Some(folder) => contexts.in_folder(folder, path, source),
        None => contexts.of(path, source),
    }
}

impl Checked {
    /// Whether fixes have changed the file.
    pub(super) fn is_changed(&self) -> bool {
        self.original.bytes() != self.findings.source.bytes()
    }

    /// What is left where fixes have changed the file, now that ShellCheck has seen it too.
    pub(super) fn look_again(&mut self, wish: &Wish, contexts: &Contexts, known: Known<'_>) {
        if !wish.shellcheck || !self.is_changed() {
            return;
        }
        let source = &self.findings.source;
        let listing = listing(self.context.as_ref(), contexts, source);
        let settings = settings(wish, &self.builds, &self.place, known);
        self.findings.diagnostics = lint::check(source, listing.as_deref(), &settings);
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
            Place::File(path) if file.is_changed() => match std::fs::write(path, fixed) {
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
