//! Comments that silence a rule, in Plimsoll's dialect and in those of hadolint, BuildKit and tally.

use crate::dockerfile::{Body, Dockerfile, Instruction, Item};
use crate::text::{SourceFile, TextRange};

use super::check_options::CheckOptions;
use super::{Diagnostic, Rule};

/// A comment that silences rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Where it speaks: the lines of an instruction, of a stage, or of the whole file.
    pub scope: TextRange,
    /// Which rules.
    pub rules: Silenced,
}

/// The rules that a comment silences, by the names it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silenced {
    /// `all`
    All,
    /// These names or aliases.
    Named(Vec<String>),
}

impl Silenced {
    pub(super) fn covers(&self, rule: &Rule) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|name| rule.is_named(name)),
        }
    }
}

/// How far a comment reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Instruction,
    /// Also where blank lines stand between: so BuildKit reads its own comments.
    NextInstruction,
    Stage,
    File,
}

impl Suppression {
    /// Whether it silences `diagnostic`.
    pub fn covers(&self, diagnostic: &Diagnostic) -> bool {
        self.scope.contains_range(diagnostic.range) && self.rules.covers(diagnostic.rule)
    }
}

/// All suppressions of a file. A comment speaks of the instruction directly below it, alone or in a block of comments,
/// or of the instruction whose continuation it stands in. `check` is the value of the build argument that takes the
/// place of the `check` directive, where it is given.
pub fn suppressions(source: &SourceFile, dockerfile: &Dockerfile, check: Option<&str>) -> Vec<Suppression> {
    let file = TextRange::new(0, source.text().len());
    let for_file = CheckOptions::of(dockerfile, check).skip.map(|skip| (file, skip));
    let from_comments = comments(dockerfile).into_iter().filter_map(|(comment, instruction, is_near)| {
        let (reach, rules) = read(source.slice(comment))?;
        let scope = match reach {
            Reach::Instruction => instruction.filter(|_| is_near)?.lines,
            Reach::NextInstruction => instruction?.lines,
            Reach::Stage => stage_around(dockerfile, comment.start(), file),
            Reach::File => file,
        };
        Some((scope, rules))
    });
    for_file.into_iter().chain(from_comments).map(|(scope, rules)| Suppression { scope, rules }).collect()
}

/// Each comment with the instruction it stands in or above, and whether no blank line is between.
fn comments<'i, 'a>(dockerfile: &'i Dockerfile<'a>) -> Vec<(TextRange, Option<&'i Instruction<'a>>, bool)> {
    let mut found: Vec<(TextRange, Option<&Instruction<'a>>, bool)> = Vec::new();
    let mut block = 0;
    for item in &dockerfile.items {
        match item {
            Item::Comment(comment) => {
                found.push((comment.range, None, true));
                continue;
            }
            Item::Blank(_) => {
                for (_, _, is_near) in found.iter_mut().skip(block) {
                    *is_near = false;
                }
                continue;
            }
            Item::Instruction(instruction) => {
                for (_, owner, _) in found.iter_mut().skip(block) {
                    *owner = Some(instruction);
                }
                found.extend(instruction.comments.iter().map(|comment| (*comment, Some(instruction), true)));
            }
            Item::Directive(_) => {}
        }
        block = found.len();
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

/// Reads one comment: how far it reaches and what it silences.
///
/// `# plimsoll: ignore=a,b -- why` · `# hadolint ignore=DL3008,DL3009 # why` · `# tally ignore=x;reason=why`, each
/// with `global` or `stage` before `ignore`, and BuildKit's `# check=skip=A,B // why`.
fn read(comment: &str) -> Option<(Reach, Silenced)> {
    let text = comment.trim_start().strip_prefix('#')?.trim_start();
    if let Some(check) = text.strip_prefix("check") {
        let rules = CheckOptions::parse(check.trim_start().strip_prefix('=')?.trim_start()).skip?;
        return Some((Reach::NextInstruction, rules));
    }
    let dialect = ["plimsoll", "hadolint", "tally"].into_iter().find_map(|name| text.strip_prefix(name))?;
    let rest = dialect.strip_prefix(':').unwrap_or(dialect).trim_start();
    let (reach, rest) = match rest.split_once(char::is_whitespace) {
        Some(("global" | "file", rest)) => (Reach::File, rest.trim_start()),
        Some(("stage", rest)) => (Reach::Stage, rest.trim_start()),
        _ => (Reach::Instruction, rest),
    };
    let list = rest.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
    Some((reach, names(list)?))
}

/// The names in a comma-separated list that ends where a reason begins.
fn names(list: &str) -> Option<Silenced> {
    let end =
        [" --", "#", ";", "//"].into_iter().filter_map(|mark| list.find(mark)).min().unwrap_or(list.len());
    let names: Vec<String> = list
        .get(..end)?
        .split(',')
        // Words behind a name, with no comma between, are prose.
        .filter_map(|name| name.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    match names.as_slice() {
        [] => None,
        [all] if all.eq_ignore_ascii_case("all") => Some(Silenced::All),
        _ => Some(Silenced::Named(names)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, Silenced, read};

    fn named(names: &[&str]) -> Silenced {
        Silenced::Named(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn every_dialect_is_read() {
        let cases = [
            ("# plimsoll: ignore=a,b -- because", Reach::Instruction, named(&["a", "b"])),
            ("#plimsoll ignore = a, b", Reach::Instruction, named(&["a", "b"])),
            ("# plimsoll: stage ignore=a", Reach::Stage, named(&["a"])),
            ("# hadolint ignore=DL3008,SC2086 # why", Reach::Instruction, named(&["DL3008", "SC2086"])),
            ("# hadolint global ignore=DL3008", Reach::File, named(&["DL3008"])),
            ("# tally ignore=tally/x;reason=why", Reach::Instruction, named(&["tally/x"])),
            ("# tally global ignore=all", Reach::File, Silenced::All),
            (
                "# check=skip=JSONArgsRecommended // why",
                Reach::NextInstruction,
                named(&["JSONArgsRecommended"]),
            ),
        ];
        for (comment, reach, rules) in cases {
            assert_eq!(read(comment), Some((reach, rules)), "{comment}");
        }
    }

    #[test]
    fn other_comments_are_only_comments() {
        for comment in
            ["# ignore=a", "# plimsoll ignores nothing", "# hadolint shell=bash", "# check the version"]
        {
            assert_eq!(read(comment), None, "{comment}");
        }
    }
}
