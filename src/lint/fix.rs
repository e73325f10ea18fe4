//! The fix loop: choose, apply, parse and check again, until nothing changes.

use std::collections::BTreeMap;

use crate::context::BuildContext;
use crate::dockerfile;
use crate::text::{EditSet, SourceFile};

use super::{Diagnostic, Effect, Fix, Profile, Rule, Safety, Settings, Severity, check};

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
    /// The edits of each round, to what the round before it left.
    pub rounds: Vec<EditSet>,
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
    /// What in the image it is there to change.
    pub effects: Vec<Effect>,
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
    let (mut applied, mut rounds) = (Vec::new(), Vec::new());
    let mut breaking: Vec<Skipped> = Vec::new();
    let mut settled = false;
    for _ in 0..MOST_ROUNDS {
        let Some(round) = mending.round(&state, &mut breaking) else {
            settled = true;
            break;
        };
        state = round.after;
        applied.extend(round.applied);
        rounds.push(round.edits);
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
    Fixed { source: state.source, applied, rounds, skipped, left }
}

/// The same settings with every rule that isn't ignored: a fix must not break what an unselected rule looks at.
fn everything(settings: &Settings) -> Settings {
    Settings { profile: Profile::Named, select: None, ..settings.clone() }
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

/// What a round comes to.
struct Round {
    after: State,
    applied: Vec<Applied>,
    edits: EditSet,
}

impl Mending<'_> {
    fn look_at(&self, source: SourceFile) -> State {
        let syntax_errors = dockerfile::parse(&source).errors.len();
        let found = check(&source, self.context, &self.everything);
        State { source, syntax_errors, found }
    }

    /// One round: the fixes that touch no other and break nothing; none where there is no such fix. The first in the
    /// file wins; the others get their turn in the next round.
    fn round(&self, before: &State, breaking: &mut Vec<Skipped>) -> Option<Round> {
        let fixes = self.fixes(before, breaking);
        if fixes.is_empty() {
            return None;
        }
        // Fixes that break a file are rare, so all are tried at once; only where they do are they halved until the
        // ones that do are alone.
        let (mut edits, mut kept) = (EditSet::new(), Vec::new());
        let mut waiting = vec![fixes.as_slice()];
        let mut after = None;
        while let Some(some) = waiting.pop() {
            let mut tried = edits.clone();
            if some.iter().any(|(_, fix)| tried.union(&fix.edits).is_err()) {
                // They touched no other before, so they do not now.
                continue;
            }
            let state = self.look_at(before.source.edited(&tried));
            match (what_breaks(before, &state), some) {
                (None, _) => {
                    edits = tried;
                    kept.extend(some);
                    after = Some(state);
                }
                (Some(reason), [(rule, fix)]) => {
                    breaking.push(Skipped { rule, title: fix.title.clone(), reason });
                }
                (Some(_), _) => {
                    let (first, rest) = some.split_at(some.len() / 2);
                    waiting.extend([rest, first]);
                }
            }
        }
        let applied = |(rule, fix): &(&'static Rule, &Fix)| Applied {
            rule,
            title: fix.title.clone(),
            safety: fix.safety,
            effects: fix.effects.clone(),
        };
        Some(Round { after: after?, applied: kept.iter().map(applied).collect(), edits })
    }

    /// The fixes of this round: asked for, changing something, not known to break the file, and touching no other.
    fn fixes<'a>(&self, state: &'a State, breaking: &[Skipped]) -> Vec<(&'static Rule, &'a Fix)> {
        let mut edits = EditSet::new();
        let is_free = |(rule, fix): &(&'static Rule, &Fix)| {
            let known = breaking.iter().any(|skip| skip.rule == *rule && skip.title == fix.title);
            !known && !changes_nothing(&state.source, &fix.edits) && edits.union(&fix.edits).is_ok()
        };
        self.asked_for(state).filter(is_free).collect()
    }

    fn asked_for<'a>(&self, state: &'a State) -> impl Iterator<Item = (&'static Rule, &'a Fix)> {
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

#[cfg(test)]
mod tests {
    use super::super::{Diagnostic, Profile, Safety, Selector, Settings, Severity, find};
    use super::{Mending, SkipReason, Skipped, State, everything};
    use crate::text::{Edit, EditSet, SourceFile, TextRange};

    /// A finding whose fix replaces the first `old` in `text`.
    fn fixable(text: &str, title: &str, old: &str, new: &str) -> Diagnostic {
        let start = text.find(old).unwrap();
        let range = TextRange::new(start, start + old.len());
        let edits = EditSet::try_from(vec![Edit::replace(range, new)]).ok();
        Diagnostic::new(find("moving-tag").unwrap(), range, "wrong").fix(Safety::Safe, title, edits)
    }

    /// One round over `text` with these findings: the text behind it, and what was skipped.
    fn round(text: &str, settings: &Settings, found: Vec<Diagnostic>) -> (String, Vec<Skipped>) {
        let mending =
            Mending { context: None, settings, everything: everything(settings), allowed: Safety::Safe };
        let state = State { found, ..mending.look_at(SourceFile::new("Dockerfile", text)) };
        let mut breaking = Vec::new();
        let after = mending.round(&state, &mut breaking).map_or(state.source, |round| round.after.source);
        (after.text().to_owned(), breaking)
    }

    #[test]
    fn a_fix_that_breaks_the_syntax_is_left_out_and_the_others_are_applied() {
        let text = "FROM node:22\nUSER app\nRUN make\n";
        let found = vec![
            fixable(text, "break it", "USER app", "USRE app"),
            fixable(text, "mend it", "RUN make", "RUN make all"),
        ];
        let (after, skipped) = round(text, &Settings::default(), found);
        assert_eq!(after, "FROM node:22\nUSER app\nRUN make all\n");
        let reasons: Vec<_> = skipped.iter().map(|skip| (skip.title.as_str(), skip.reason)).collect();
        assert_eq!(reasons, [("break it", SkipReason::BreaksSyntax)]);
    }

    #[test]
    fn a_fix_that_raises_an_error_is_left_out_also_where_its_rule_is_not_selected() {
        let text = "FROM node:22\nRUN make\n";
        let rule = find("moving-tag").unwrap();
        let settings = Settings {
            profile: Profile::Default,
            select: Some(vec![Selector::of(rule), Selector::of(find("root-user").unwrap())]),
            severities: vec![(Selector::of(rule), Severity::Error)],
            ..Settings::default()
        };
        let found = vec![
            fixable(text, "move it", "node:22", "node"),
            fixable(text, "mend it", "RUN make", "RUN make all"),
        ];
        let (after, skipped) = round(text, &settings, found);
        assert_eq!(after, "FROM node:22\nRUN make all\n");
        let reasons: Vec<_> = skipped.iter().map(|skip| (skip.title.as_str(), skip.reason)).collect();
        assert_eq!(reasons, [("move it", SkipReason::RaisesError)]);
    }

    #[test]
    fn of_fixes_that_touch_each_other_the_first_is_applied() {
        let text = "FROM node:22\nRUN make\n";
        let found = vec![fixable(text, "one", "make", "one"), fixable(text, "two", "RUN make", "RUN two")];
        assert_eq!(round(text, &Settings::default(), found).0, "FROM node:22\nRUN one\n");
    }

    #[test]
    fn only_the_fixes_that_are_asked_for_are_applied() {
        let text = "FROM node:22\nRUN make\n";
        let settings =
            Settings { fixable: Some(vec![Selector::of(find("root-user").unwrap())]), ..Settings::default() };
        let (after, _) = round(text, &settings, vec![fixable(text, "mend it", "make", "one")]);
        assert_eq!(after, text);
    }
}
