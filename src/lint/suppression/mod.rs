//! Comments that silence a rule, in Plimsoll's dialect and in those of hadolint, BuildKit and tally.

mod comment;

use std::sync::Arc;

use crate::dockerfile::{Body, Dockerfile, Instruction, Item};
use crate::text::{SourceFile, TextRange};

use super::{CustomRule, Diagnostic, Selector, Settings, UnknownRule};
use comment::Words;

pub(super) use comment::CheckOptions;

/// A comment that silences rules.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// Whose form it has.
    pub dialect: Dialect,
    /// The comment itself, or the value of BuildKit's directive.
    pub range: TextRange,
    /// How far it speaks.
    pub reach: Reach,
    /// Where it speaks: the lines of an instruction, of a stage, or of the whole file. Empty where nothing is below it.
    pub scope: TextRange,
    /// Which rules.
    pub names: Vec<SilencedName>,
    /// Whether it says why.
    pub has_reason: bool,
}

/// A rule that a comment silences, by the name it gives.
#[derive(Debug, Clone)]
pub struct SilencedName {
    /// Where the name stands.
    pub range: TextRange,
    /// What it means, if anything.
    pub meaning: Result<Selector, UnknownRule>,
}

/// A comment that silences rules, and what it silenced.
#[derive(Debug, Clone)]
pub struct Ignore<'a> {
    /// The comment.
    pub suppression: &'a Suppression,
    /// For each of its names, whether it silenced a finding.
    pub used: Vec<bool>,
}

/// Whose form a comment has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `# plimsoll: ignore=moving-tag -- why`
    Plimsoll,
    /// `# hadolint ignore=DL3006 # why`
    Hadolint,
    /// `# check=skip=JSONArgsRecommended // why`
    Buildkit,
    /// `# tally ignore=DL3006;reason=why`
    Tally,
}

/// How far a comment reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The instruction below it or around it.
    Instruction,
    /// The stage that it stands in, or whose `FROM` is below it.
    Stage,
    /// The file.
    File,
}

impl Suppression {
    /// Whether it silences `found` by one of its names.
    pub fn covers(&self, found: &Diagnostic) -> bool {
        self.names.iter().any(|name| self.covers_by(name, found))
    }

    fn covers_by(&self, name: &SilencedName, found: &Diagnostic) -> bool {
        self.scope.contains_range(found.range)
            && name.meaning.as_ref().is_ok_and(|selector| selector.covers(found))
    }
}

impl<'a> Ignore<'a> {
    pub(super) fn of(suppression: &'a Suppression) -> Self {
        Self { suppression, used: vec![false; suppression.names.len()] }
    }

    /// Whether it silences `found`; remembers by which of its names.
    pub(super) fn silences(&mut self, found: &Diagnostic) -> bool {
        let mut any = false;
        for (name, used) in self.suppression.names.iter().zip(&mut self.used) {
            if self.suppression.covers_by(name, found) {
                *used = true;
                any = true;
            }
        }
        any
    }
}

/// The build argument that takes the place of BuildKit's directive.
const ARGUMENT: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// All suppressions of a file. A comment speaks of the instruction directly
/// below it, alone or in a block of comments, or of the instruction whose continuation it stands in; one of BuildKit's
/// or tally's also of one that blank lines part from it, as theirs do.
pub fn suppressions(source: &SourceFile, dockerfile: &Dockerfile, settings: &Settings) -> Vec<Suppression> {
    let custom = settings.custom.as_slice();
    let file = TextRange::new(0, source.text().len());
    let directive = match argument(settings) {
        // Its names stand nowhere in the file.
        Some(value) => Words::of_directive(value).map(|mut words| {
            words.names.iter_mut().for_each(|(offset, _)| *offset = 0);
            made(&words, TextRange::empty(0), file, custom)
        }),
        None => check_directive(dockerfile).and_then(|range| {
            let words = Words::of_directive(source.slice(range))?;
            Some(made(&words, range, file, custom))
        }),
    };
    let comments = comments(dockerfile).into_iter().filter_map(|comment| {
        let words = Words::of_comment(source.slice(comment.range))?;
        let below = match words.dialect {
            Dialect::Plimsoll | Dialect::Hadolint => comment.owner,
            Dialect::Buildkit | Dialect::Tally => comment.owner.or(comment.next),
        };
        let nowhere = TextRange::empty(comment.range.end());
        let scope = match words.reach {
            Reach::Instruction => below.map_or(nowhere, |instruction| instruction.lines),
            Reach::Stage => {
                let from = below.filter(|instruction| matches!(instruction.body, Body::From(_)));
                let inside = from.map_or(comment.range.start(), |from| from.lines.start());
                stage_around(dockerfile, inside, file)
            }
            Reach::File => file,
        };
        Some(made(&words, comment.range, scope, custom))
    });
    directive.into_iter().chain(comments).collect()
}

/// What BuildKit's directive at the head of the file, or the build argument in its place, asks for beside silence.
pub(super) fn check_options<'a>(
    source: &'a SourceFile,
    dockerfile: &Dockerfile,
    settings: &'a Settings,
) -> CheckOptions<'a> {
    let directive = || check_directive(dockerfile).map(|range| source.slice(range));
    argument(settings).or_else(directive).map(CheckOptions::read).unwrap_or_default()
}

/// The options that a build is given for its checks.
fn argument(settings: &Settings) -> Option<&str> {
    settings.builds.iter().find_map(|build| build.args.get(ARGUMENT)).map(String::as_str)
}

/// The shells that comments name (`# hadolint shell=bash`), each with the place from which it is the stage's; before the
/// first `FROM` it is every stage's.
pub(super) fn shells<'a>(source: &'a SourceFile, dockerfile: &Dockerfile) -> Vec<(usize, &'a str)> {
    let comments = dockerfile.comments();
    comments
        .filter_map(|comment| Some((comment.range.start(), comment::shell(source.slice(comment.range))?)))
        .collect()
}

fn check_directive(dockerfile: &Dockerfile) -> Option<TextRange> {
    dockerfile.directives().find(|directive| directive.name == "check").map(|directive| directive.value.range)
}

fn made(words: &Words<'_>, range: TextRange, scope: TextRange, custom: &[Arc<CustomRule>]) -> Suppression {
    let name = |(offset, name): &(usize, &str)| {
        let place = TextRange::new(*offset, *offset + name.len()).shift(range.start());
        let meaning = match words.dialect {
            Dialect::Buildkit => of_buildkit(name),
            _ => Selector::read(name, custom),
        };
        SilencedName { range: place, meaning }
    };
    Suppression {
        dialect: words.dialect,
        range,
        reach: words.reach,
        scope,
        names: words.names.iter().map(name).collect(),
        has_reason: words.has_reason,
    }
}

/// BuildKit's names count only as they are written: `jsonargsrecommended` skips nothing there.
fn of_buildkit(name: &str) -> Result<Selector, UnknownRule> {
    let selector = Selector::read(name, &[])?;
    let spelt = |rule: &super::Rule| {
        let known = std::iter::once(rule.name).chain(rule.aliases.iter().copied());
        known.map(str::to_owned).find(|known| known.eq_ignore_ascii_case(name))
    };
    let right = selector.rules().find_map(spelt);
    match right {
        Some(right) if right != name => Err(UnknownRule { name: name.to_owned(), nearest: Some(right) }),
        _ => Ok(selector),
    }
}

/// A comment and the instruction it belongs to.
struct Placed<'a> {
    range: TextRange,
    /// The instruction directly below it, or around it.
    owner: Option<&'a Instruction<'a>>,
    /// The next instruction, blank lines between or not.
    next: Option<&'a Instruction<'a>>,
}

fn comments<'i>(dockerfile: &'i Dockerfile<'i>) -> Vec<Placed<'i>> {
    let mut found: Vec<Placed<'i>> = Vec::new();
    // Comments before these have their owner, and their next instruction.
    let (mut owned, mut followed) = (0, 0);
    for item in &dockerfile.items {
        match item {
            Item::Comment(comment) => {
                found.push(Placed { range: comment.range, owner: None, next: None });
                continue;
            }
            Item::Instruction(instruction) => {
                found.iter_mut().skip(owned).for_each(|comment| comment.owner = Some(instruction));
                found.iter_mut().skip(followed).for_each(|comment| comment.next = Some(instruction));
                let (owner, next) = (Some(instruction), Some(instruction));
                found.extend(instruction.comments.iter().map(|range| Placed { range: *range, owner, next }));
                followed = found.len();
            }
            Item::Blank(_) | Item::Directive(_) => {}
        }
        owned = found.len();
    }
    found
}

/// The lines of the stage that `offset` lies in; the whole file before the first `FROM`.
fn stage_around(dockerfile: &Dockerfile, offset: usize, file: TextRange) -> TextRange {
    let starts: Vec<usize> = dockerfile
        .instructions()
        .filter(|instruction| matches!(instruction.body, Body::From(_)))
        .map(|instruction| instruction.lines.start())
        .collect();
    match starts.iter().rposition(|start| *start <= offset) {
        Some(at) => {
            let start = starts.get(at).copied().unwrap_or(file.start());
            TextRange::new(start, starts.get(at + 1).copied().unwrap_or(file.end()))
        }
        None => file,
    }
}
