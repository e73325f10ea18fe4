//! The fix loop: choose, apply, parse and check again, until nothing changes.

use std::collections::BTreeMap;

use crate::context::BuildContext;
use crate::dockerfile;
use crate::text::{EditSet, SourceFile};

use super::{Diagnostic, Fix, Profile, Rule, Safety, Settings, Severity, check};

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
    /// With it a finding of severity error would be there that wasn't.
    RaisesError,
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
    let mending = Mending { context, settings, everything: everything(settings), allowed };
    let mut state = mending.look_at(source.clone());
    let mut applied = Vec::new();
    let mut breaking: Vec<Skipped> = Vec::new();
    let mut settled = false;
    for _ in 0..MOST_ROUNDS {
        let (next, done) = mending.round(&state, &mut breaking);
        if done.is_empty() {
            settled = true;
            break;
        }
        state = next;
        applied.extend(done);
    }
    let left = check(&state.source, context, settings);
    let mut skipped = breaking;
    for diagnostic in &left {
        let (Some(fix), Some(rule)) = (&diagnostic.fix, diagnostic.rule.known()) else { continue };
        let known = skipped.iter().any(|skip| skip.rule == rule && skip.title == fix.title);
        let reason = match (fix.safety > allowed, settled) {
            (true, _) => SkipReason::Unsafe,
            (false, false) => SkipReason::NeverSettles,
            (false, true) => continue,
        };
        if !known {
            skipped.push(Skipped { rule, title: fix.title.clone(), reason });
        }
    }
    Fixed { source: state.source, applied, skipped, left }
}

/// The same settings with every rule that isn't ignored: a fix must not break what an unselected rule looks at.
fn everything(settings: &Settings) -> Settings {
    Settings { profile: Profile::Every, select: None, ..settings.clone() }
}

/// What all rounds of a file share.
struct Mending<'a> {
    context: Option<&'a BuildContext>,
    settings: &'a Settings,
    everything: Settings,
    allowed: Safety,
}

/// A file and all that is found in it.
struct State {
    source: SourceFile,
    syntax_errors: usize,
    found: Vec<Diagnostic>,
}

impl State {
    /// How many findings of severity error each rule has.
    fn errors(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for found in self.found.iter().filter(|found| found.severity == Severity::Error) {
            *counts.entry(found.rule.name()).or_default() += 1;
        }
        counts
    }
}

impl Mending<'_> {
    fn look_at(&self, source: SourceFile) -> State {
        let syntax_errors = dockerfile::parse(&source).errors.len();
        let found = check(&source, self.context, &self.everything);
        State { source, syntax_errors, found }
    }

    /// One round: the fixes that touch no other and break nothing. The first in the file wins; the others get their
    /// turn in the next round.
    fn round(&self, before: &State, breaking: &mut Vec<Skipped>) -> (State, Vec<Applied>) {
        // Fixes that break a file are rare, so all are tried at once; only where they do is each looked at by itself.
        let (edits, done) = self.join(before, breaking, &mut |_| None);
        let after = self.look_at(before.source.edited(&edits));
        if what_breaks(before, &after).is_none() {
            return (after, done);
        }
        let mut breaks = |edits: &EditSet| what_breaks(before, &self.look_at(before.source.edited(edits)));
        let (edits, done) = self.join(before, breaking, &mut breaks);
        (self.look_at(before.source.edited(&edits)), done)
    }

    /// Joins the fixes that touch no other, change something, and with those before them break nothing. The ones that
    /// do are added to `breaking`.
    fn join(
        &self,
        state: &State,
        breaking: &mut Vec<Skipped>,
        breaks: &mut dyn FnMut(&EditSet) -> Option<SkipReason>,
    ) -> (EditSet, Vec<Applied>) {
        let mut edits = EditSet::new();
        let mut done = Vec::new();
        for (rule, fix) in self.fixes(state) {
            let known = breaking.iter().any(|skip| skip.rule == rule && skip.title == fix.title);
            if known || changes_nothing(&state.source, &fix.edits) {
                continue;
            }
            let before = edits.clone();
            if edits.union(&fix.edits).is_err() {
                continue;
            }
            if let Some(reason) = breaks(&edits) {
                edits = before;
                breaking.push(Skipped { rule, title: fix.title.clone(), reason });
                continue;
            }
            done.push(Applied { rule, title: fix.title.clone(), safety: fix.safety });
        }
        (edits, done)
    }

    /// The fixes that are asked for.
    fn fixes<'a>(&self, state: &'a State) -> impl Iterator<Item = (&'static Rule, &'a Fix)> {
        let asked = |found: &&Diagnostic| self.settings.keeps(found) && self.settings.may_fix(found);
        let fixes = state.found.iter().filter(asked);
        fixes
            .filter_map(|found| Some((found.rule.known()?, found.fix.as_ref()?)))
            .filter(|(_, fix)| fix.safety <= self.allowed)
    }
}

/// What the later state has that the earlier one had not and nobody wants.
fn what_breaks(before: &State, after: &State) -> Option<SkipReason> {
    if after.syntax_errors > before.syntax_errors {
        return Some(SkipReason::BreaksSyntax);
    }
    let had = before.errors();
    let is_new = |(rule, count): (&str, usize)| count > had.get(rule).copied().unwrap_or_default();
    after.errors().into_iter().any(is_new).then_some(SkipReason::RaisesError)
}

/// Whether all edits write what is there.
fn changes_nothing(source: &SourceFile, edits: &EditSet) -> bool {
    edits.edits().iter().all(|edit| source.slice(edit.range) == edit.text)
}
