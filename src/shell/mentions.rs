//! Where a script sets its variables and where it uses them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::parts::{PartKind, is_name};
use super::roles::words_of;
use super::statements::statements;
use super::tree::{Command, Compound, CompoundKind, Element, Script, Statement, Word};
use crate::text::TextRange;

/// A variable's name in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The name.
    pub name: String,
    /// Where: the assignment, the loop, or what is put in.
    pub range: TextRange,
    /// What is done there.
    pub kind: MentionKind,
}

/// What is done with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MentionKind {
    /// It is set, or declared.
    Set,
    /// A loop or `read` sets it: what there is to go through needs a name, used or not.
    Counted,
    /// The script asks whether it is set.
    Asked,
    /// Its value is used.
    Used,
    /// Its value is used where there is one, in braces that say what holds if not, or in those of another variable.
    Guarded,
    /// It is handed to the programs that are called.
    Exported,
}

/// What stands in `$((…))` and `((…))` and sets a variable.
static SETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:([A-Za-z_]\w*)\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?:[^=]|$)))|(?:(?:\+\+|--)\s*([A-Za-z_]\w*))",
    )
    .ok()
});

/// A name in arithmetic, and the sign before it.
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(^|[^\w$#{])([A-Za-z_]\w*)").ok());

/// What prompts are made of, once they are shown.
const PROMPTS: [&str; 5] = ["PS1", "PS2", "PS3", "PS4", "PROMPT_COMMAND"];

/// A `$name` in text.
static LATER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$\{?(\w+)").ok());

impl Script {
    /// Every variable's mention, where `text` is the script. Complete only where the script is understood.
    pub fn mentions(&self, text: &str) -> Vec<Mention> {
        let mut finder = Finder {
            text,
            start: self.range.start(),
            nested: Vec::new(),
            names: BTreeMap::new(),
            found: Vec::new(),
        };
        for statement in statements(&self.list) {
            finder.statement(statement);
        }
        finder.uses(self);
        finder.found
    }
}

/// The names that arithmetic sets.
pub(super) fn set_in_arithmetic(text: &str) -> Vec<&str> {
    let found = SETS.as_ref().into_iter().flat_map(|sets| sets.captures_iter(text));
    found.filter_map(|found| found.get(1).or_else(|| found.get(2))).map(|name| name.as_str()).collect()
}

/// What of `text` is arithmetic: to the `))` that ends it, without the commands whose output is put in.
fn reckoning(text: &str) -> String {
    let mut reckoned = String::with_capacity(text.len());
    // How deep the parentheses are, and how deep they were where a command began.
    let (mut depth, mut command) = (0_usize, None);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '(' => {
                if before == '$'
                    && command.is_none()
                    && !text.get(at..).is_some_and(|rest| rest.starts_with("(("))
                {
                    command = Some(depth);
                }
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_hidden = command.is_some();
        reckoned.extend(std::iter::repeat_n(' ', if is_hidden { c.len_utf8() } else { 0 }));
        if !is_hidden {
            reckoned.push(c);
        }
        if c == ')' {
            command = command.filter(|start| *start < depth);
            if depth == 0 {
                break;
            }
        }
        before = c;
    }
    reckoned
}

struct Finder<'t> {
    text: &'t str,
    start: usize,
    /// What stands in the braces behind a name, where other variables are put in only in some cases.
    nested: Vec<TextRange>,
    /// The names that are put in or reckoned with, by where they start.
    names: BTreeMap<usize, String>,
    found: Vec<Mention>,
}

impl Finder<'_> {
    fn put(&mut self, name: &str, range: TextRange, kind: MentionKind) {
        if is_name(name) {
            self.found.push(Mention { name: name.to_owned(), range, kind });
        }
    }

    /// The text from `from` to `to`, offsets of the file.
    fn slice(&self, from: usize, to: usize) -> &str {
        let within = |offset: usize| offset.saturating_sub(self.start);
        self.text.get(within(from)..within(to)).unwrap_or_default()
    }

    fn statement(&mut self, statement: &Statement) {
        for placed in words_of(statement) {
            self.word(placed.word);
        }
        for element in &statement.pipeline {
            match element {
                Element::Command(command) => self.command(command),
                Element::Compound(compound) => self.compound(compound),
            }
        }
    }

    fn compound(&mut self, compound: &Compound) {
        match &compound.kind {
            CompoundKind::For { variable: Some(name), .. } => {
                self.put(name, compound.range, MentionKind::Counted);
            }
            CompoundKind::For { variable: None, body, .. } => {
                let end = body.first().map_or(compound.range.end(), |first| first.range.start());
                self.arithmetic(TextRange::new(compound.range.start(), end));
            }
            CompoundKind::Arithmetic => self.arithmetic(compound.range),
            _ => {}
        }
    }

    fn arithmetic(&mut self, range: TextRange) {
        let text = reckoning(self.slice(range.start(), range.end()));
        let (Some(sets), Some(names)) = (SETS.as_ref(), NAME.as_ref()) else { return };
        let mut set = Vec::new();
        for found in sets.captures_iter(&text) {
            if let Some(name) = found.get(1).or_else(|| found.get(2)) {
                self.put(name.as_str(), range, MentionKind::Set);
                // What is only set is not used; `+=` and `++` use it first.
                if found.get(0).is_some_and(|all| {
                    all.as_str().trim_start_matches(name.as_str()).trim_start().starts_with('=')
                }) {
                    set.push(name.start());
                }
            }
        }
        for name in names.captures_iter(&text).filter_map(|found| found.get(2)) {
            if !set.contains(&name.start()) {
                self.names.insert(range.start() + name.start(), name.as_str().to_owned());
            }
        }
    }

    fn word(&mut self, word: &Word) {
        if !word.text.contains('$') {
            return;
        }
        for part in word.parts() {
            match part.kind {
                PartKind::Arithmetic => self.arithmetic(part.range),
                PartKind::Parameter(parameter) if is_name(parameter.name) => {
                    let end = part.range.end();
                    let before = 1 + usize::from(parameter.braced) + parameter.before.len();
                    self.names.insert(part.range.start() + before, parameter.name.to_owned());
                    if parameter.behind.is_empty() {
                        continue;
                    }
                    let behind = TextRange::new(end - 1 - parameter.behind.len(), end);
                    self.nested.push(behind);
                    self.later(parameter.behind, behind);
                    self.index(parameter.behind, behind);
                    if parameter.behind.starts_with('=') || parameter.behind.starts_with(":=") {
                        self.put(parameter.name, part.range, MentionKind::Set);
                    }
                }
                _ => {}
            }
        }
    }

    /// `[index]`: the names in it are used, if it is a list's.
    fn index(&mut self, text: &str, range: TextRange) {
        let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let names = NAME
            .as_ref()
            .zip(inside)
            .into_iter()
            .flat_map(|(names, (inside, _))| names.captures_iter(inside));
        for name in names.filter_map(|found| found.get(2)) {
            self.put(name.as_str(), range, MentionKind::Guarded);
        }
    }

    fn command(&mut self, command: &Command) {
        if command.words.is_empty() {
            for assignment in &command.assignments {
                let name = assignment.name.split('[').next().unwrap_or_default();
                self.put(name, assignment.range, MentionKind::Set);
                self.names.remove(&assignment.range.start());
                if PROMPTS.contains(&name) {
                    self.later(&assignment.value.text, assignment.value.range);
                }
                self.index(assignment.name.trim_start_matches(name), assignment.range);
                if assignment.append {
                    self.put(name, assignment.range, MentionKind::Used);
                }
            }
            return;
        }
        let mut call = command.invocation();
        while call.name() == Some("builtin") {
            call = call.from(1);
        }
        let args = call.args();
        let gives = |flag: char| {
            let options = args.iter().map(Word::shown).filter(|word| word.starts_with('-'));
            options.into_iter().any(|word| word.contains(flag))
        };
        match call.name() {
            Some(name @ ("export" | "readonly" | "declare" | "typeset" | "local")) => {
                if gives('f') || (gives('F') && name != "export") || (gives('p') && name == "readonly") {
                    return;
                }
                let exports = name == "export" || (name != "readonly" && (gives('x') || gives('p')));
                for word in args {
                    let declared = word.declaration().map(|(name, ..)| name);
                    let Some(name) = declared.or(word.value.as_deref()).filter(|name| is_name(name)) else {
                        continue;
                    };
                    let name = name.to_owned();
                    self.put(&name, word.range, MentionKind::Set);
                    if exports {
                        self.put(&name, word.range, MentionKind::Exported);
                    }
                }
            }
            Some("read" | "mapfile" | "readarray") => {
                let valued = ["-d", "-i", "-n", "-N", "-O", "-p", "-s", "-t", "-u", "-C", "-c"];
                self.names(call.positionals(&valued).into_iter(), MentionKind::Counted);
            }
            Some("getopts") => self.names(args.get(1).into_iter(), MentionKind::Counted),
            Some("printf") if args.first().is_some_and(|word| word.is("-v")) => {
                self.names(args.get(1).into_iter(), MentionKind::Set);
            }
            Some("wait") if args.first().is_some_and(|word| word.is("-p")) => {
                self.names(args.get(1).into_iter(), MentionKind::Set);
            }
            Some("let") => args.iter().for_each(|word| self.arithmetic(word.range)),
            Some("trap" | "alias") => {
                let texts: Vec<(String, TextRange)> =
                    args.iter().map(|word| (word.shown().to_owned(), word.range)).collect();
                for (text, range) in &texts {
                    let names = LATER.as_ref().into_iter().flat_map(|later| later.captures_iter(text));
                    for name in names.filter_map(|found| found.get(1)) {
                        self.put(name.as_str(), *range, MentionKind::Used);
                    }
                }
            }
            Some("[" | "[[" | "test") => {
                if call.name() == Some("[[") {
                    self.compared(args);
                }
                self.test(args);
            }
            _ => {}
        }
    }

    /// The variables in text that nobody but the shell reads, and that later or only in part.
    fn later(&mut self, text: &str, range: TextRange) {
        let found = LATER.as_ref().into_iter().flat_map(|later| later.captures_iter(text));
        for name in found.filter_map(|found| found.get(1)) {
            self.put(name.as_str(), range, MentionKind::Guarded);
        }
    }

    fn names<'w>(&mut self, words: impl Iterator<Item = &'w Word>, kind: MentionKind) {
        for word in words {
            if let Some(name) = &word.value {
                self.put(name.split('[').next().unwrap_or_default(), word.range, kind);
            }
        }
    }

    /// `-v name`, `-n "$name"`, `-z "$name"` and `"$name"` alone.
    fn test(&mut self, args: &[Word]) {
        let operands: Vec<&Word> =
            args.iter().filter(|word| !matches!(word.text.as_str(), "]" | "]]")).collect();
        let is_connective =
            |word: &&Word| matches!(word.text.as_str(), "&&" | "||" | "-a" | "-o" | "(" | ")" | "!");
        for group in operands.split(is_connective) {
            match group {
                [operator, operand] if operator.is("-v") => {
                    self.names([*operand].into_iter(), MentionKind::Asked);
                }
                [operator, operand] if operator.is("-n") || operator.is("-z") => self.asked(operand),
                [operand] => self.asked(operand),
                _ => {}
            }
        }
    }

    /// `name -eq 1` in `[[ … ]]`, which reckons with names.
    fn compared(&mut self, args: &[Word]) {
        for three in args.windows(3) {
            if let [left, operator, right] = three
                && ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"].contains(&operator.text.as_str())
            {
                self.names([left, right].into_iter(), MentionKind::Used);
            }
        }
    }

    fn asked(&mut self, word: &Word) {
        for part in word.parts() {
            if let PartKind::Parameter(parameter) = part.kind {
                self.put(parameter.name, part.range, MentionKind::Asked);
            }
        }
    }

    /// What is put in anywhere, heredocs and arithmetic included.
    fn uses(&mut self, script: &Script) {
        for used in &script.variables {
            self.names.insert(used.range.start(), used.name.clone());
        }
        // An array's name before its index is no use of it where that item is set.
        let set: Vec<usize> = self
            .found
            .iter()
            .filter(|found| found.kind == MentionKind::Set)
            .map(|found| found.range.start())
            .collect();
        for (start, name) in std::mem::take(&mut self.names) {
            if set.contains(&start) {
                continue;
            }
            let end = start + name.len();
            let before = self.slice(self.start, start);
            let sign = before.trim_end_matches(['#', '!']);
            let braced = sign.ends_with("${");
            let opened =
                if braced { sign.len() - 2 } else { before.len() - usize::from(before.ends_with('$')) };
            let lists_names = braced && before.ends_with('!');
            let range = TextRange::new(self.start + opened, end);
            let behind = self.slice(end, script.range.end());
            let lists_names = lists_names && behind.starts_with(['*', '@']);
            let index = behind.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let behind = index.map_or(behind, |(_, behind)| behind);
            let behind = behind.strip_prefix(':').unwrap_or(behind);
            let is_guarded = (braced && behind.starts_with(['-', '?', '+']))
                || lists_names
                || self.nested.iter().any(|nested| nested.contains_range(TextRange::new(start, end)));
            let kind = if is_guarded { MentionKind::Guarded } else { MentionKind::Used };
            self.found.push(Mention { name, range, kind });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::MentionKind::{self, Asked, Counted, Exported, Guarded, Set, Used};

    fn mentions(script: &str) -> Vec<(String, MentionKind, usize)> {
        let found = parse(script).mentions(script);
        found.into_iter().map(|found| (found.name, found.kind, found.range.start())).collect()
    }

    #[test]
    fn what_is_set_and_what_is_used_are_told_apart() {
        type Mentions = [(&'static str, MentionKind, usize)];
        let cases: [(&str, &Mentions); 12] = [
            ("a=1", &[("a", Set, 0)]),
            ("a=1 b", &[]),
            ("a+=1", &[("a", Set, 0), ("a", Used, 0)]),
            ("export a=1 b", &[("a", Set, 7), ("a", Exported, 7), ("b", Set, 11), ("b", Exported, 11)]),
            ("for a in b; do :; done", &[("a", Counted, 0)]),
            ("read -r a b", &[("a", Counted, 8), ("b", Counted, 10)]),
            ("echo $a \"${b}\"", &[("a", Used, 5), ("b", Used, 9)]),
            ("echo ${a:-1} ${b?x}", &[("a", Guarded, 5), ("b", Guarded, 13)]),
            ("echo ${a#$b}", &[("b", Guarded, 8), ("a", Used, 5)]),
            ("[ -n \"$a\" ]", &[("a", Asked, 6), ("a", Used, 6)]),
            ("((a++))", &[("a", Set, 0), ("a", Used, 2)]),
            ("trap 'rm $a' EXIT", &[("a", Used, 5)]),
        ];
        for (script, expected) in cases {
            let found = mentions(script);
            let found: Vec<(&str, MentionKind, usize)> =
                found.iter().map(|(name, kind, start)| (name.as_str(), *kind, *start)).collect();
            assert_eq!(found, expected, "{script}");
        }
    }

    #[test]
    fn a_heredoc_uses_what_is_in_it() {
        assert_eq!(mentions("cat <<E\n$a\nE"), [("a".to_owned(), Used, 8)]);
    }
}
