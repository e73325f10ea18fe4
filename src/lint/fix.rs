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
    let mut edits = EditSet::new();
    let mut done = Vec::new();
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fix.as_ref().filter(|fix| fix.safety <= allowed) else { continue };
        if breaking.iter().any(|skip| skip.rule == diagnostic.rule && skip.title == fix.title) {
            continue;
        }
        let mut joined = edits.clone();
        if joined.union(&fix.edits).is_err() {
            continue;
        }
        let result = source.edited(&joined);
        if result.bytes() == source.edited(&edits).bytes() {
            continue;
        }
        if dockerfile::parse(&result).errors.len() > errors {
            breaking.push(Skipped {
                rule: diagnostic.rule,
                title: fix.title.clone(),
                reason: SkipReason::BreaksSyntax,
            });
            continue;
        }
        edits = joined;
        done.push(Applied { rule: diagnostic.rule, title: fix.title.clone(), safety: fix.safety });
    }
    (edits, done)
}
