//! The fix loop: choose, apply, parse and check again, until nothing changes.

use crate::context::BuildContext;
use crate::dockerfile;
use crate::text::{EditSet, SourceFile};

use super::{Diagnostic, Rule, Safety, Settings, check};

/// Rounds after which the loop stops. Each round applies all fixes that don't touch one another, so a file needs as
/// many rounds as its fixes are deep, not as many as they are.
const MOST_ROUNDS: usize = 50;

/// A file after its fixes.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The file as it is now.
    pub source: SourceFile,
    /// What was done, in order.
    pub applied: Vec<Applied>,
    /// What could be fixed and was not, each with the reason.
    pub skipped: Vec<Skipped>,
    /// What is still found.
    pub left: Vec<Diagnostic>,
}

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The rule whose finding it mends.
    pub rule: &'static Rule,
    /// What it did.
    pub title: String,
    /// Whether it keeps behaviour.
    pub safety: Safety,
}

/// A fix that was not applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Skipped {
    /// The rule whose finding it would mend.
    pub rule: &'static Rule,
    /// What it would have done.
    pub title: String,
    /// Why it was not.
    pub reason: SkipReason,
}

/// Why a fix was not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// It can change behaviour, and only safe fixes were asked for.
    Unsafe,
    /// With it the file would no longer parse.
    BreaksSyntax,
    /// The finding came back after every round: the fix does not mend it.
    NeverSettles,
}

/// Applies every fix up to `allowed` until none is left.
pub fn fix(
    source: &SourceFile,
    context: Option<&BuildContext>,
    settings: &Settings,
    allowed: Safety,
) -> Fixed {
    let mut source = source.clone();
    let mut applied = Vec::new();
    let mut breaking: Vec<Skipped> = Vec::new();
    let mut settled = false;
    for _ in 0..MOST_ROUNDS {
        let diagnostics = check(&source, context, settings);
        let (edits, done) = choose(&source, &diagnostics, allowed, &mut breaking);
        if done.is_empty() {
            settled = true;
            break;
        }
        source = source.edited(&edits);
        applied.extend(done);
    }
    let left = check(&source, context, settings);
    let mut skipped = breaking;
    for diagnostic in &left {
        let Some(fix) = &diagnostic.fix else { continue };
        let known = skipped.iter().any(|skip| skip.rule == diagnostic.rule && skip.title == fix.title);
        let reason = match (fix.safety > allowed, settled) {
            (true, _) => SkipReason::Unsafe,
            (false, false) => SkipReason::NeverSettles,
            (false, true) => continue,
        };
        if !known {
            skipped.push(Skipped { rule: diagnostic.rule, title: fix.title.clone(), reason });
        }
    }
    Fixed { source, applied, skipped, left }
}

/// The fixes of one round: those that touch no other and leave the file parsable. The first in the file wins; the
/// others get their turn in the next round.
fn choose(
    source: &SourceFile,
    diagnostics: &[Diagnostic],
    allowed: Safety,
    breaking: &mut Vec<Skipped>,
) -> (EditSet, Vec<Applied>) {
    let errors = dockerfile::parse(source).errors.len();
    let mut parses = |edits: &EditSet| dockerfile::parse(&source.edited(edits)).errors.len() <= errors;
    // Fixes that break a file are rare, so all are tried at once; only where they do is each looked at by itself.
    let (edits, done) = join(source, diagnostics, allowed, breaking, &mut |_| true);
    if parses(&edits) {
        return (edits, done);
    }
    join(source, diagnostics, allowed, breaking, &mut parses)
}

/// Joins the fixes that touch no other, change something, and with those before them are still `sound`. The ones that
/// aren't are added to `breaking`.
fn join(
    source: &SourceFile,
    diagnostics: &[Diagnostic],
    allowed: Safety,
    breaking: &mut Vec<Skipped>,
    sound: &mut dyn FnMut(&EditSet) -> bool,
) -> (EditSet, Vec<Applied>) {
    let mut edits = EditSet::new();
    let mut done = Vec::new();
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fix.as_ref().filter(|fix| fix.safety <= allowed) else { continue };
        let known = breaking.iter().any(|skip| skip.rule == diagnostic.rule && skip.title == fix.title);
        if known || changes_nothing(source, &fix.edits) {
            continue;
        }
        let before = edits.clone();
        if edits.union(&fix.edits).is_err() {
            continue;
        }
        if !sound(&edits) {
            edits = before;
            breaking.push(Skipped {
                rule: diagnostic.rule,
                title: fix.title.clone(),
                reason: SkipReason::BreaksSyntax,
            });
            continue;
        }
        done.push(Applied { rule: diagnostic.rule, title: fix.title.clone(), safety: fix.safety });
    }
    (edits, done)
}

/// Whether all edits write what is there.
fn changes_nothing(source: &SourceFile, edits: &EditSet) -> bool {
    edits.edits().iter().all(|edit| source.slice(edit.range) == edit.text)
}
