//! What every fix promises, whatever file it is given.

use std::collections::BTreeMap;
use std::fmt::Debug;

use plimsoll::context::BuildContext;
use plimsoll::dockerfile::{self, Item};
use plimsoll::lint::{
    Applied, Diagnostic, Fixed, Profile, Rule, Safety, Settings, Severity, SkipReason, check, fix,
};
use plimsoll::text::{Edit, EditSet, SourceFile, TextRange};

/// A file, with what its build is given.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) source: &'a SourceFile,
    pub(crate) context: Option<&'a BuildContext>,
}

/// Every rule, those too that run only where they are named.
fn every_rule() -> Settings {
    Settings { profile: Profile::Named, ..Settings::default() }
}

/// Finds the first law that the fixes of `file` break as `--fix` and `--unsafe-fixes` apply them, in either profile.
pub(crate) fn broken_together(file: File<'_>) -> Option<String> {
    let each = |allowed| [Profile::Default, Profile::All].map(|profile| (profile, allowed));
    let all = [Safety::Safe, Safety::Unsafe].into_iter().flat_map(each);
    let all = all.map(|(profile, allowed)| Fixing {
        rule: None,
        settings: Settings { profile, ..Settings::default() },
        allowed,
    });
    first_broken(file, |_| all.collect())
}

/// Finds the first law that the fixes of one rule by itself break, for each rule that brings any.
pub(crate) fn broken_alone(file: File<'_>) -> Option<String> {
    let alone = |(rule, allowed)| Fixing { rule: Some(rule), settings: Settings::only(rule), allowed };
    first_broken(file, |found| fixable(found).into_iter().map(alone).collect())
}

fn first_broken(file: File<'_>, fixings: impl FnOnce(&[Diagnostic]) -> Vec<Fixing>) -> Option<String> {
    let found = check(file.source, file.context, &every_rule());
    let misplaced = found.iter().find_map(|found| misplaced(file.source, found));
    let is_fixable = found.iter().any(|found| found.fix.is_some());
    if misplaced.is_some() || !is_fixable {
        return misplaced;
    }
    let errors = severe(&found);
    fixings(&found).iter().find_map(|fixing| {
        let name = fixing.rule.map_or("all rules", |rule| rule.name);
        let broken = broken_by(file, &errors, fixing)?;
        Some(format!("{name}, {:?}, {:?}: {broken}", fixing.settings.profile, fixing.allowed))
    })
}

/// What is asked of one run over a file.
struct Fixing {
    /// The only rule that is asked for, where one is.
    rule: Option<&'static Rule>,
    settings: Settings,
    allowed: Safety,
}

/// The rules that bring fixes, with each safety that their fixes have.
fn fixable(found: &[Diagnostic]) -> Vec<(&'static Rule, Safety)> {
    let mut rules: Vec<(&'static Rule, Safety)> =
        found.iter().filter_map(|found| Some((found.rule.known()?, found.fix.as_ref()?.safety))).collect();
    rules.sort_by_key(|(rule, safety)| (rule.name, *safety));
    rules.dedup();
    rules
}

fn misplaced(source: &SourceFile, found: &Diagnostic) -> Option<String> {
    let name = found.rule.name();
    let is_outside = |range: TextRange| source.text().get(range.start()..range.end()).is_none();
    if is_outside(found.range) || found.labels.iter().any(|label| is_outside(label.range)) {
        return Some(format!("{name} points outside of the file or into a character: {:?}", found.range));
    }
    let mut end = 0;
    for edit in found.fix.iter().flat_map(|fix| fix.edits.edits()) {
        if edit.range.start() < end || is_outside(edit.range) {
            return Some(format!("{name} makes edits that overlap or cut a character: {edit:?}"));
        }
        end = edit.range.end();
    }
    None
}

fn broken_by(file: File<'_>, errors: &BTreeMap<String, usize>, fixing: &Fixing) -> Option<String> {
    let File { source, context } = file;
    let &Fixing { rule, ref settings, allowed } = fixing;
    let once = fix(source, context, settings, allowed);
    if let Some(skip) = once.skipped.iter().find(|skip| skip.reason != SkipReason::Unsafe) {
        return Some(format!("`{}` of {} is not applied: {:?}", skip.title, skip.rule.name, skip.reason));
    }
    let stray =
        |applied: &&Applied| applied.safety > allowed || rule.is_some_and(|rule| applied.rule != rule);
    if let Some(stray) = once.applied.iter().find(stray) {
        return Some(format!("`{}` of {} was not asked for", stray.title, stray.rule.name));
    }
    if once.rounds.is_empty() {
        return (once.source != *source).then(|| "the file changes without an edit".to_owned());
    }
    let broken = new_syntax_error(source, &once.source)
        .or_else(|| lost_comment(source, &once.source))
        .or_else(|| new_error(errors, file, &once))
        .or_else(|| neighbour_changed(source, &once))
        .or_else(|| second_fix(context, settings, allowed, &once.source))?;
    let titles: Vec<&str> = once.applied.iter().map(|applied| applied.title.as_str()).collect();
    Some(format!("{broken}\n  applied: {}\n{}", titles.join(", "), once.source.text()))
}

fn new_syntax_error(before: &SourceFile, after: &SourceFile) -> Option<String> {
    let kinds = |file: &SourceFile| {
        count(dockerfile::parse(file).errors.iter().map(|error| format!("{:?}", error.kind)))
    };
    more(&kinds(before), &kinds(after)).map(|kind| format!("no longer parses: {kind}"))
}

/// A comment line that is gone: between instructions, in a continuation, or in a heredoc.
fn lost_comment(before: &SourceFile, after: &SourceFile) -> Option<String> {
    let comments = |file: &SourceFile| {
        count(file.text().lines().map(str::trim).filter(|line| line.starts_with('#')).map(str::to_owned))
    };
    more(&comments(after), &comments(before)).map(|comment| format!("lost the comment `{comment}`"))
}

/// A finding of severity error that was not there, by any rule, selected or not.
fn new_error(errors: &BTreeMap<String, usize>, file: File<'_>, fixed: &Fixed) -> Option<String> {
    let after = severe(&check(&fixed.source, file.context, &every_rule()));
    more(errors, &after).map(|rule| format!("raises an error of {rule}"))
}

fn severe(found: &[Diagnostic]) -> BTreeMap<String, usize> {
    let errors = found.iter().filter(|found| found.severity == Severity::Error);
    count(errors.map(|found| found.rule.name().to_owned()))
}

/// An instruction that no edit touches and that nonetheless reads otherwise afterwards: a neighbour swallowed it, or
/// gave it lines.
fn neighbour_changed(source: &SourceFile, fixed: &Fixed) -> Option<String> {
    let mut before = source.clone();
    for edits in &fixed.rounds {
        let after = before.edited(edits);
        let parsed = dockerfile::parse(&after);
        let items: Vec<TextRange> = parsed.dockerfile.items.iter().map(Item::lines).collect();
        for item in &dockerfile::parse(&before).dockerfile.items {
            let was = item.lines();
            let is_touched = edits.edits().iter().any(|edit| touches(edit, was, before.text()));
            let Some(now) = moved(was, edits).filter(|_| matches!(item, Item::Instruction(_)) && !is_touched)
            else {
                continue;
            };
            if items.binary_search(&now).is_err() || before.slice(was) != after.slice(now) {
                return Some(format!("an instruction that no edit touches changes: {}", before.slice(was)));
            }
        }
        before = after;
    }
    (before != fixed.source).then(|| "the rounds' edits don't give the fixed file".to_owned())
}

/// Whether the edit changes something in whole lines of `text`. What is put in before or behind them does not, but
/// behind a last line that no newline ends.
fn touches(edit: &Edit, lines: TextRange, text: &str) -> bool {
    let (edit, is_open) = (edit.range, !text.get(..lines.end()).is_some_and(|text| text.ends_with('\n')));
    if edit.is_empty() {
        return lines.start() < edit.start()
            && (edit.start() < lines.end() || (is_open && edit.start() == lines.end()));
    }
    edit.intersects(lines)
}

/// Where a range is after edits that don't touch it.
fn moved(range: TextRange, edits: &EditSet) -> Option<TextRange> {
    let before = edits.edits().iter().take_while(|edit| edit.range.end() <= range.start());
    let shift: isize =
        before.map(|edit| edit.text.len().cast_signed() - edit.range.len().cast_signed()).sum();
    let at = |offset: usize| offset.checked_add_signed(shift);
    Some(TextRange::new(at(range.start())?, at(range.end())?))
}

fn second_fix(
    context: Option<&BuildContext>,
    settings: &Settings,
    allowed: Safety,
    fixed: &SourceFile,
) -> Option<String> {
    let twice = fix(fixed, context, settings, allowed);
    if twice.source == *fixed && twice.applied.is_empty() {
        return None;
    }
    let again: Vec<&str> = twice.applied.iter().map(|applied| applied.rule.name).collect();
    Some(format!("a second fix changes more: {}\n{}", again.join(", "), twice.source.text()))
}

fn count<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

/// What `after` has more of than `before`.
fn more<'a, T: Ord + Debug>(before: &BTreeMap<T, usize>, after: &'a BTreeMap<T, usize>) -> Option<&'a T> {
    let has_more = |(item, count): &(&T, &usize)| **count > before.get(*item).copied().unwrap_or_default();
    after.iter().find(has_more).map(|(item, _)| item)
}
