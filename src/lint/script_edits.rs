//! Edits on the script of a `RUN` that keep what it means and how its author laid it out.
//!
//! Each answers with the edit, or with nothing where the script would come to mean something else, or where a comment
//! would be lost.

use crate::dockerfile::{Body, Command};
use crate::facts::Fact;
use crate::shell::{Element, Join, Script, Statement, Word};
use crate::text::{Edit, SourceFile, TextRange};

use super::Input;

/// A `RUN` whose script a POSIX shell reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunScript<'a> {
    /// The instruction with what holds there.
    pub(super) fact: Fact<'a>,
    /// The script. Where it is not understood, no edit is given.
    pub(super) script: &'a Script,
    source: &'a SourceFile,
    escape: char,
}

/// Whether a command's failure ends the script at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errexit {
    On,
    Off,
    Unknown,
}

/// How commands are written below one another.
struct Layout<'s> {
    /// Blanks before a continued line.
    indent: &'s str,
    /// Whether the operator stands at the head of the line, not at the end of the one before.
    leading: bool,
}

impl<'a> RunScript<'a> {
    /// The script of `fact`; nothing where it is no `RUN`, or where something else than a POSIX shell reads it.
    pub(super) fn of(input: &Input<'a>, fact: Fact<'a>) -> Option<Self> {
        matches!(fact.instruction.body, Body::Run(_)).then(|| Self::of_trigger(input, fact))?
    }

    /// The script of `fact`, or of the `RUN` that its `ONBUILD` triggers. Edits within the script hold for both; those
    /// of whole instructions are for a `RUN` alone.
    pub(super) fn of_trigger(input: &Input<'a>, fact: Fact<'a>) -> Option<Self> {
        let Body::Run(command) = &fact.trigger().body else { return None };
        let script = fact.facts.script()?;
        let run = Self { fact, script, source: input.source, escape: input.dockerfile.escape };
        let is_shell = match (command, run.interpreter()) {
            (Command::Heredoc(_), Some(line)) => {
                let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
                let name = words.find(|word| *word != "env" && !word.starts_with('-')).unwrap_or_default();
                ["sh", "bash", "ash", "dash", "zsh", "ksh"].contains(&name)
            }
            _ => true,
        };
        is_shell.then_some(run)
    }

    /// Those whose layers are in the image, in the order of the file.
    pub(super) fn shipped(input: &Input<'a>) -> Vec<Self> {
        let facts = input.facts.all(input.dockerfile);
        facts.filter(|fact| input.facts.is_shipped(fact)).filter_map(|fact| Self::of(input, fact)).collect()
    }

    /// What runs on top of it: the later instructions of its stage, and those of the stages built on that.
    pub(super) fn later(&self, input: &Input<'a>) -> Vec<Fact<'a>> {
        let heirs = self.fact.facts.stage.map(|stage| input.facts.heirs(stage)).unwrap_or_default();
        let facts = input.facts.all(input.dockerfile);
        facts
            .filter(|fact| fact.index > self.fact.index)
            .filter(|fact| fact.facts.stage.is_some_and(|stage| heirs.contains(&stage)))
            .collect()
    }

    /// Adds `command` behind the script's last one, to run only where that succeeded.
    pub(super) fn append(&self, command: &str) -> Option<Edit> {
        let last = self.script.list.last().filter(|_| self.script.understood)?;
        let ends = last.command().and_then(|command| command.invocation().name());
        if last.background || matches!(ends, Some("exec" | "exit" | "return")) {
            return None;
        }
        let errexit = self.errexit();
        let plain = last.pipeline.iter().all(|element| matches!(element, Element::Command(_)));
        let sequence = matches!(last.join, Join::Start | Join::Next);
        // `set -e` does not hold inside a compound that `&&` follows.
        let operator = match errexit {
            Errexit::On if sequence && !last.negated && self.joins_by_sequence() => ";",
            Errexit::Off => "&&",
            _ if plain => "&&",
            Errexit::On if sequence && !last.negated => ";",
            Errexit::On | Errexit::Unknown => return None,
        };
        if self.is_heredoc() {
            return self.append_line(last, operator, command);
        }
        let at = last.range.end();
        let Some(layout) = self.layout(last) else {
            let glue = if operator == ";" { "; " } else { " && " };
            return Some(Edit::insert(at, format!("{glue}{command}")));
        };
        let (escape, newline, indent) = (self.escape, self.newline(), layout.indent);
        let text = match (operator, layout.leading) {
            (";", false) => format!("; {escape}{newline}{indent}{command}"),
            (_, true) => format!(" {escape}{newline}{indent}{operator} {command}"),
            _ => format!(" {operator} {escape}{newline}{indent}{command}"),
        };
        Some(Edit::insert(at, text))
    }

    /// Puts `command` before the top-level statement at `index`, which then runs only where `command` succeeds.
    pub(super) fn insert_before(&self, index: usize, command: &str) -> Option<Edit> {
        let statement = self.script.list.get(index).filter(|_| self.script.understood)?;
        let next = self.script.list.get(index + 1).map(|next| next.join);
        let plain = statement.pipeline.iter().all(|element| matches!(element, Element::Command(_)));
        if statement.join == Join::Or || next == Some(Join::Or) || statement.negated || !plain {
            return None;
        }
        Some(Edit::insert(statement.range.start(), format!("{command} && ")))
    }

    /// Deletes the top-level statement at `index` with the operator that joins it to the others. Nothing where it is
    /// the only one: then the instruction goes.
    pub(super) fn delete_statement(&self, index: usize) -> Option<Edit> {
        let list = &self.script.list;
        let statement = list.get(index).filter(|_| self.script.understood)?;
        let (before, next) = (index.checked_sub(1).and_then(|before| list.get(before)), list.get(index + 1));
        let to_next = |next: &Statement| TextRange::new(statement.range.start(), next.range.start());
        let range = match (before, next, next.map(|next| next.join)) {
            _ if statement.background || has_heredoc(statement) => return None,
            (_, _, Some(Join::Or)) => return None,
            (None, Some(next), _) => to_next(next),
            (Some(before), _, _) if statement.join == Join::And => {
                TextRange::new(before.range.end(), statement.range.end())
            }
            (Some(_), Some(next), _) if statement.join == Join::Next => to_next(next),
            _ => return None,
        };
        let newlines = self.source.slice(range).matches('\n').count();
        // In a heredoc, comments are the shell's: they are not listed, but they take lines.
        let loses_comment = self.fact.instruction.comments.iter().any(|comment| comment.intersects(range))
            || (self.is_heredoc() && newlines > 1)
            || self.source.slice(range).contains(" #");
        (!loses_comment).then(|| Edit::delete(range))
    }

    /// Deletes the whole instruction, with the blank line behind it where one is before it too.
    pub(super) fn delete_instruction(&self) -> Option<Edit> {
        let instruction = self.fact.instruction;
        if !instruction.comments.is_empty() {
            return None;
        }
        let lines = instruction.lines;
        let text = self.source.text();
        let before = text.get(..lines.start()).unwrap_or_default();
        let after = text.get(lines.end()..).unwrap_or_default();
        let blank = ["\n", "\r\n"].into_iter().find(|newline| after.starts_with(newline)).map_or(0, str::len);
        let doubled = before.ends_with("\n\n") || before.ends_with("\n\r\n");
        let end = if doubled { lines.end() + blank } else { lines.end() };
        Some(Edit::delete(TextRange::new(lines.start(), end)))
    }

    /// Joins the script of `next`, the `RUN` behind this one, to this one by `&&`, so that both are one instruction.
    /// Nothing where either is more than a chain of `&&`, or where a comment stands between them. What the first
    /// script leaves of its shell is the caller's to look at.
    pub(super) fn join(&self, next: &Self) -> Option<Edit> {
        let is_line = |run: &Self| run.fact.instruction.heredocs.is_empty() && run.script.is_chain();
        let (last, first) = (self.script.list.last()?, next.script.list.first()?);
        let gap = TextRange::new(last.range.end(), first.range.start());
        // What else stands behind the last command, a `;` or a comment, would swallow what is joined to it.
        let tail = self.source.slice(TextRange::new(last.range.end(), self.fact.instruction.range.end()));
        let between = self
            .source
            .slice(TextRange::new(self.fact.instruction.range.end(), next.fact.instruction.range.start()));
        let comments = next.fact.instruction.comments.iter().any(|comment| gap.contains_range(*comment));
        if !is_line(self)
            || !is_line(next)
            || !tail.trim().is_empty()
            || !between.trim().is_empty()
            || comments
        {
            return None;
        }
        let (escape, newline) = (self.escape, self.newline());
        let next_last = next.script.list.last()?;
        let text = match self.layout(last).or_else(|| next.layout(next_last)) {
            Some(Layout { indent, leading: true }) => format!(" {escape}{newline}{indent}&& "),
            Some(Layout { indent, leading: false }) => format!(" && {escape}{newline}{indent}"),
            None => format!(" && {escape}{newline}    "),
        };
        Some(Edit::replace(gap, text))
    }

    /// Inserts `text` as a word of its own behind `word`.
    pub(super) fn insert_word(&self, word: &Word, text: &str) -> Option<Edit> {
        let in_place = self.script.understood && self.source.slice(word.range) == word.text;
        in_place.then(|| Edit::insert(word.range.end(), format!(" {text}")))
    }

    /// The text of a range of the script on one line; nothing where it goes over several.
    pub(super) fn on_one_line(&self, range: TextRange) -> Option<&'a str> {
        Some(self.source.slice(range)).filter(|text| !text.is_empty() && !text.contains('\n'))
    }

    fn is_heredoc(&self) -> bool {
        matches!(&self.fact.trigger().body, Body::Run(Command::Heredoc(_)))
    }

    /// What stands behind `#!` in the first line.
    fn interpreter(&self) -> Option<&'a str> {
        self.source.slice(self.script.range).lines().next()?.strip_prefix("#!")
    }

    /// A line of its own behind the last command in a heredoc.
    fn append_line(&self, last: &Statement, operator: &str, command: &str) -> Option<Edit> {
        let end = last.range.end();
        if operator == "&&" {
            return Some(Edit::insert(end, format!(" && {command}")));
        }
        if has_heredoc(last) {
            return None;
        }
        let rest = self.source.slice(TextRange::new(end, self.script.range.end()));
        let line = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let indent = self.indent(last.range.start());
        Some(Edit::insert(end + line, format!("{}{indent}{command}", self.newline())))
    }

    /// Whether the statements follow one another by `;` or newlines.
    fn joins_by_sequence(&self) -> bool {
        self.script.list.last().is_some_and(|last| last.join == Join::Next)
    }

    fn errexit(&self) -> Errexit {
        let of_shell = self.fact.facts.before.shell.words().iter().any(|word| sets_errexit(word));
        if of_shell || self.interpreter().is_some_and(|line| line.split_whitespace().any(sets_errexit)) {
            return Errexit::On;
        }
        let occurrences = self.script.commands();
        let mut state = Errexit::Off;
        for occurrence in &occurrences {
            if occurrence.command.invocation().name() != Some("set") {
                continue;
            }
            let mut args = occurrence.command.args().iter().map(Word::shown);
            let touches = args.any(|word| {
                sets_errexit(word) || word == "errexit" || (word.starts_with('+') && word.contains('e'))
            });
            let sets = occurrence.command.args().iter().all(|word| !word.shown().starts_with('+'));
            state = match (touches, sets && occurrence.top_level && state != Errexit::Unknown) {
                (false, _) => state,
                (true, true) => Errexit::On,
                (true, false) => Errexit::Unknown,
            };
        }
        state
    }

    /// How the script is laid out at `last`; nothing where it stands on one line.
    fn layout(&self, last: &Statement) -> Option<Layout<'a>> {
        let head = TextRange::new(self.fact.instruction.range.start(), last.range.end());
        if !self.source.slice(head).contains('\n') {
            return None;
        }
        let mut from_last = self.script.list.iter().rev();
        let layout = from_last.find_map(|statement| self.layout_of(statement));
        Some(layout.unwrap_or(Layout { indent: self.indent(last.range.end()), leading: true }))
    }

    /// What the operator before `statement` says about the layout; nothing where both are on one line.
    fn layout_of(&self, statement: &Statement) -> Option<Layout<'a>> {
        let operator = statement.operator?;
        let line_start = self.line_start(operator.start());
        if self.source.slice(TextRange::new(line_start, operator.start())).trim().is_empty() {
            return Some(Layout { indent: self.indent(operator.start()), leading: true });
        }
        let between = self.source.slice(TextRange::new(operator.end(), statement.range.start()));
        let below = between.contains('\n');
        below.then(|| Layout { indent: self.indent(statement.range.start()), leading: false })
    }

    fn line_start(&self, offset: usize) -> usize {
        self.source.lines().line_start(self.source.lines().line(offset))
    }

    /// The blanks at the head of the line that `offset` is in.
    fn indent(&self, offset: usize) -> &'a str {
        let line = self.source.slice(TextRange::new(self.line_start(offset), offset));
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..blanks).unwrap_or_default()
    }

    fn newline(&self) -> &'static str {
        if self.source.slice(self.fact.instruction.lines).contains("\r\n") { "\r\n" } else { "\n" }
    }
}

fn has_heredoc(statement: &Statement) -> bool {
    use crate::shell::{Redirect, RedirectTarget};
    let lines = |redirects: &[Redirect]| {
        redirects.iter().any(|redirect| matches!(redirect.target, RedirectTarget::Heredoc(_)))
    };
    statement.pipeline.iter().any(|element| match element {
        Element::Command(command) => lines(&command.redirects),
        // What is inside is not looked through.
        Element::Compound(_) => true,
    })
}

/// Whether an argument of a shell or of `set` is a cluster of options with `e` in it.
fn sets_errexit(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|letters| {
        !letters.starts_with('-') && letters.contains('e') && letters.chars().all(|c| c.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::RunScript;
    use crate::lint::Input;
    use crate::text::{Edit, EditSet, SourceFile};
    use crate::{dockerfile, facts, graph};

    /// `run` as a whole file after the edit that `make` gives for its `RUN`.
    fn edited(run: &str, make: impl Fn(&RunScript<'_>) -> Option<Edit>) -> Option<String> {
        let source = SourceFile::new("Dockerfile", run);
        let parsed = dockerfile::parse(&source);
        let graph = graph::resolve(&parsed.dockerfile, &std::collections::BTreeMap::new());
        let facts = facts::derive(&parsed.dockerfile, &graph);
        let input = Input {
            source: &source,
            dockerfile: &parsed.dockerfile,
            errors: &parsed.errors,
            graph: &graph,
            facts: &facts,
            context: None,
            policy: &crate::lint::Policy::default(),
            measured: None,
            readings: &crate::lint::Readings::default(),
        };
        let run = facts.all(&parsed.dockerfile).find_map(|fact| RunScript::of(&input, fact))?;
        let edits = EditSet::try_from(vec![make(&run)?]).unwrap();
        let after = source.edited(&edits);
        assert!(dockerfile::parse(&after).errors.is_empty(), "{}", after.text());
        Some(after.text().to_owned())
    }

    fn appended(run: &str) -> Option<String> {
        edited(run, |run| run.append("z"))
    }

    #[test]
    fn an_appended_command_follows_the_layout() {
        let cases = [
            ("RUN a", "RUN a && z"),
            ("RUN a; b;", "RUN a; b && z;"),
            ("RUN a || b", "RUN a || b && z"),
            ("RUN a | b # why", "RUN a | b && z # why"),
            ("RUN a \\\n  x \\\n  y\n", "RUN a \\\n  x \\\n  y \\\n  && z\n"),
            ("RUN a \\\n\t&& b \\\n\t\tx\n", "RUN a \\\n\t&& b \\\n\t\tx \\\n\t&& z\n"),
            ("RUN a && \\\n    b \\\n      x\n", "RUN a && \\\n    b \\\n      x && \\\n    z\n"),
            ("RUN a && b \\\n  # why\n  x\n", "RUN a && b \\\n  # why\n  x \\\n  && z\n"),
            ("RUN a \\\r\n && b\r\n", "RUN a \\\r\n && b \\\r\n && z\r\n"),
            ("# escape=`\nRUN a `\n && b\n", "# escape=`\nRUN a `\n && b `\n && z\n"),
            ("RUN set -ex; \\\n\ta; \\\n\tb;\n", "RUN set -ex; \\\n\ta; \\\n\tb; \\\n\tz;\n"),
            ("RUN set -e; a; if b; then c; fi", "RUN set -e; a; if b; then c; fi; z"),
            ("RUN cat <<E > x\ny\nE\n", "RUN cat <<E > x && z\ny\nE\n"),
            ("RUN <<E\na\nb\nE\n", "RUN <<E\na\nb && z\nE\n"),
            ("RUN <<E\nset -e\n  b # why\nE\n", "RUN <<E\nset -e\n  b # why\n  z\nE\n"),
        ];
        for (before, after) in cases {
            let head = "FROM x\n";
            let (before, after) = match before.strip_prefix("# escape=`\n") {
                Some(rest) => {
                    (format!("# escape=`\n{head}{rest}"), after.replace("`\nRUN", "`\nFROM x\nRUN"))
                }
                None => (format!("{head}{before}"), format!("{head}{after}")),
            };
            assert_eq!(appended(&before).as_deref(), Some(after.as_str()), "{before}");
        }
    }

    #[test]
    fn nothing_is_appended_where_it_would_change_what_fails() {
        let cases = [
            "RUN set -e; a && { b; c; }",
            "RUN a; if x; then set -e; fi; (b; c)",
            "RUN a &",
            "RUN a && exec b",
            "RUN a && exit 0",
            "RUN [\"a\"]",
            "RUN <<E\n#!/usr/bin/env python3\nprint(1)\nE",
            "RUN a (",
        ];
        for run in cases {
            assert_eq!(appended(&format!("FROM x\n{run}\n")), None, "{run}");
        }
    }

    #[test]
    fn a_command_is_put_before_another() {
        let before = |run: &str, at| edited(&format!("FROM x\n{run}"), |run| run.insert_before(at, "z"));
        assert_eq!(before("RUN a \\\n && b", 1).as_deref(), Some("FROM x\nRUN a \\\n && z && b"));
        assert_eq!(before("RUN a; b | c", 1).as_deref(), Some("FROM x\nRUN a; z && b | c"));
        assert_eq!(before("RUN a || b", 1), None);
        assert_eq!(before("RUN a || b", 0), None);
        assert_eq!(before("RUN { a; }", 0), None);
    }

    #[test]
    fn a_command_goes_with_its_operator() {
        let cases = [
            ("RUN a && b && c", 0, Some("RUN b && c")),
            ("RUN a && b && c", 2, Some("RUN a && b")),
            ("RUN a \\\n && b \\\n && c", 1, Some("RUN a \\\n && c")),
            ("RUN a && \\\n  b && \\\n  c", 1, Some("RUN a && \\\n  c")),
            ("RUN a; b && c", 1, Some("RUN a; c")),
            ("RUN a \\\n# why\n && b", 1, None),
            ("RUN a || b", 0, None),
            ("RUN a; b", 1, None),
            ("RUN a", 0, None),
        ];
        for (before, at, after) in cases {
            let result = edited(&format!("FROM x\n{before}"), |run| run.delete_statement(at));
            assert_eq!(result, after.map(|after| format!("FROM x\n{after}")), "{before}");
        }
    }

    #[test]
    fn an_instruction_goes_with_one_of_the_blank_lines_around_it() {
        fn delete(run: &RunScript<'_>) -> Option<Edit> {
            run.delete_instruction()
        }
        let deleted = |text: &str| edited(text, delete);
        assert_eq!(deleted("FROM x\n\nRUN a\n\nCMD b\n").as_deref(), Some("FROM x\n\nCMD b\n"));
        assert_eq!(deleted("FROM x\nRUN a\n\nCMD b\n").as_deref(), Some("FROM x\n\nCMD b\n"));
        assert_eq!(deleted("FROM x\nRUN a \\\n# why\n b\n"), None);
    }

    #[test]
    fn a_word_is_put_behind_another_even_in_a_script_within() {
        let first_argument = |run: &RunScript<'_>| {
            let commands = run.script.commands();
            run.insert_word(commands.last()?.command.words.get(1)?, "--z")
        };
        assert_eq!(edited("FROM x\nRUN a b c", first_argument).as_deref(), Some("FROM x\nRUN a b --z c"));
        assert_eq!(
            edited("FROM x\nRUN sh -c 'a b c'", first_argument).as_deref(),
            Some("FROM x\nRUN sh -c 'a b --z c'")
        );
    }

    #[test]
    fn two_runs_become_one_where_nothing_stands_between_them() {
        let joined = |file: &str| {
            let source = SourceFile::new("Dockerfile", format!("FROM x\n{file}"));
            let parsed = dockerfile::parse(&source);
            let graph = graph::resolve(&parsed.dockerfile, &std::collections::BTreeMap::new());
            let facts = facts::derive(&parsed.dockerfile, &graph);
            let input = Input {
                source: &source,
                dockerfile: &parsed.dockerfile,
                errors: &parsed.errors,
                graph: &graph,
                facts: &facts,
                context: None,
                policy: &crate::lint::Policy::default(),
                measured: None,
                readings: &crate::lint::Readings::default(),
            };
            let runs: Vec<RunScript<'_>> =
                facts.all(&parsed.dockerfile).filter_map(|fact| RunScript::of(&input, fact)).collect();
            let edits = EditSet::try_from(vec![runs[0].join(&runs[1])?]).unwrap();
            Some(source.edited(&edits).text().trim_start_matches("FROM x\n").to_owned())
        };
        let cases = [
            ("RUN a\nRUN b\n", Some("RUN a && \\\n    b\n")),
            ("RUN a\r\n\r\nRUN b\r\n", Some("RUN a && \\\r\n    b\r\n")),
            ("RUN a \\\n  && b\nRUN c\n", Some("RUN a \\\n  && b \\\n  && c\n")),
            ("RUN a\nRUN b && \\\n  c\n", Some("RUN a && \\\n  b && \\\n  c\n")),
            ("RUN --network=none a\nRUN --network=none b\n", Some("RUN --network=none a && \\\n    b\n")),
            ("RUN a;\nRUN b\n", None),
            ("RUN a # why\nRUN b\n", None),
            ("RUN a\n# why\nRUN b\n", None),
            ("RUN a\nRUN b; c\n", None),
            ("RUN a || b\nRUN c\n", None),
            ("RUN a\nRUN <<E\nb\nE\n", None),
        ];
        for (before, after) in cases {
            assert_eq!(joined(before).as_deref(), after, "{before}");
        }
    }
}
