//! One instruction: its name, its flags, and which parser reads its arguments.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::TextRange;

use super::blanks::is_separator;
use super::error::nearest;
use super::json::{self, JsonString, NotStrings};
use super::lines::LogicalLine;
use super::{
    Body, Flag, Heredoc, Instruction, Keyword, Script, SyntaxError, SyntaxErrorKind, Word, command, flags,
    from, healthcheck, pairs, run_flags, transfer,
};

/// An instruction's line, split as far as all instructions are alike.
/// Source: moby/buildkit, frontend/dockerfile/parser/split_command.go, `splitCommand`.
#[derive(Debug)]
pub(super) struct Head<'a> {
    name: Range<usize>,
    keyword: Option<Keyword>,
    flags: Vec<Flag<'a>>,
    arguments: Range<usize>,
}

impl<'a> Head<'a> {
    /// Splits `range` of `line`.
    pub(super) fn split(line: &LogicalLine<'a>, range: Range<usize>, escape: char) -> Self {
        let range = line.trim(range);
        let text = line.slice(range.clone());
        let name_end = range.start + text.bytes().position(is_separator).unwrap_or(text.len());
        let (flags, rest) = flags::split(line, name_end..range.end, escape);
        Self {
            keyword: Keyword::from_name(line.slice(range.start..name_end)),
            name: range.start..name_end,
            flags,
            arguments: line.trim(rest..range.end),
        }
    }

    /// The instruction behind `ONBUILD`.
    pub(super) fn trigger(&self, line: &LogicalLine<'a>, escape: char) -> Option<Self> {
        (self.keyword == Some(Keyword::Onbuild) && !self.arguments.is_empty())
            .then(|| Self::split(line, self.arguments.clone(), escape))
    }

    /// Whether BuildKit takes it behind no `ONBUILD`.
    fn is_refused(&self) -> bool {
        matches!(self.keyword, Some(Keyword::From | Keyword::Maintainer | Keyword::Onbuild))
    }

    /// Whether the line may open heredocs. JSON is looked at last, since it is read again for the body.
    /// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `canContainHeredoc`.
    pub(super) fn takes_heredocs(&self, line: &LogicalLine<'_>) -> bool {
        matches!(self.keyword, Some(Keyword::Run | Keyword::Copy | Keyword::Add))
            && line.text().contains("<<")
            && json::strings(line.slice(self.arguments.clone())).is_err()
    }
}

/// What an instruction is made of, besides its [`Head`].
#[derive(Debug)]
pub(super) struct Parts<'l, 'a> {
    /// The file's text.
    pub(super) source: &'a str,
    /// The instruction's line.
    pub(super) line: &'l LogicalLine<'a>,
    /// The file's escape character.
    pub(super) escape: char,
    /// The whole lines it takes.
    pub(super) lines: TextRange,
    /// Its heredocs.
    pub(super) heredocs: Vec<Heredoc>,
    /// The comment lines in it.
    pub(super) comments: Vec<TextRange>,
}

/// Reads the instruction and reports what BuildKit refuses in it.
pub(super) fn parse<'a>(
    head: Head<'a>,
    trigger: Option<Head<'a>>,
    parts: Parts<'_, 'a>,
    errors: &mut Vec<SyntaxError>,
) -> Instruction<'a> {
    let Parts { source, line, escape, lines, mut heredocs, comments } = parts;
    let Head { name, keyword, flags, arguments } = head;
    let name = line.word(name);
    let whole = source.get(lines.start()..lines.end()).unwrap_or_default();
    let last = whole.bytes().rposition(|byte| !matches!(byte, b'\t'..=b'\r' | b' '));
    let end = lines.start() + last.map_or(0, |last| last + 1);
    // An escaped blank can be the last of a heredoc's name.
    let end = heredocs.iter().fold(end, |end, heredoc| end.max(heredoc.opener.end()));
    let range = TextRange::new(name.range.start(), end.max(name.range.end()));
    check_flags(keyword, &flags, errors);
    let body = match (keyword, trigger) {
        (None, _) => {
            errors.push(SyntaxError {
                range: if name.range.is_empty() { range } else { name.range },
                kind: SyntaxErrorKind::UnknownInstruction { name: name.text.to_string() },
                suggestion: nearest(&name.text, Keyword::ALL.into_iter().map(Keyword::as_str)),
            });
            Body::Malformed(line.words(arguments).collect())
        }
        (Some(Keyword::Onbuild), Some(trigger)) if !trigger.is_refused() => {
            let heredocs = std::mem::take(&mut heredocs);
            let parts = Parts { source, line, escape, lines, heredocs, comments: Vec::new() };
            onbuild(trigger, parts, errors)
        }
        (Some(keyword), trigger) => {
            let (name, heredocs) = (name.range, heredocs.as_slice());
            let arguments =
                Arguments { source, line, escape, keyword, name, range: arguments, heredocs, errors };
            match trigger {
                Some(refused) => arguments.refused_trigger(refused),
                None => arguments.body(&flags),
            }
        }
    };
    Instruction { lines, range, name, keyword, flags, body, heredocs, comments }
}

fn check_flags(keyword: Option<Keyword>, flags: &[Flag<'_>], errors: &mut Vec<SyntaxError>) {
    match keyword {
        // HEALTHCHECK looks at its flags only where it isn't NONE.
        None | Some(Keyword::Healthcheck) => {}
        Some(keyword) => flags::check(keyword, flags, errors),
    }
    if keyword == Some(Keyword::Run) {
        run_flags::check(flags, errors);
    }
}

fn onbuild<'a>(trigger: Head<'a>, parts: Parts<'_, 'a>, errors: &mut Vec<SyntaxError>) -> Body<'a> {
    let mut trigger_errors = Vec::new();
    let trigger = parse(trigger, None, parts, &mut trigger_errors);
    errors.extend(trigger_errors.into_iter().filter(|error| error.kind.is_found_by_line()));
    Body::Onbuild(Box::new(trigger))
}

/// An instruction's arguments, for the parser of its family to read.
pub(super) struct Arguments<'l, 'a> {
    /// The file's text.
    pub(super) source: &'a str,
    /// The instruction's line.
    pub(super) line: &'l LogicalLine<'a>,
    /// The file's escape character.
    pub(super) escape: char,
    /// The instruction.
    pub(super) keyword: Keyword,
    /// Where its name stands.
    pub(super) name: TextRange,
    /// The arguments in the line, without blanks on either side.
    pub(super) range: Range<usize>,
    /// The instruction's heredocs.
    pub(super) heredocs: &'l [Heredoc],
    /// Where errors go.
    pub(super) errors: &'l mut Vec<SyntaxError>,
}

impl<'l, 'a> Arguments<'l, 'a> {
    fn body(self, flags: &[Flag<'a>]) -> Body<'a> {
        match self.keyword {
            Keyword::Add => transfer::parse(self, Body::Add),
            Keyword::Arg => pairs::arg(self),
            Keyword::Cmd => self.command(Body::Cmd),
            Keyword::Copy => transfer::parse(self, Body::Copy),
            Keyword::Entrypoint => self.command(Body::Entrypoint),
            Keyword::Env => pairs::parse(self, Body::Env),
            Keyword::Expose if self.range.is_empty() => self.missing(),
            Keyword::Expose => Body::Expose(self.words().collect()),
            Keyword::From => from::parse(self),
            Keyword::Healthcheck => healthcheck::parse(self, flags),
            Keyword::Label => pairs::parse(self, Body::Label),
            Keyword::Maintainer => self.one(Body::Maintainer),
            // With a trigger it is read where that is known.
            Keyword::Onbuild => self.missing(),
            Keyword::Run => self.command(Body::Run),
            Keyword::Shell => command::shell(self),
            Keyword::Stopsignal => self.one(Body::Stopsignal),
            Keyword::User => self.one(Body::User),
            Keyword::Volume => transfer::volume(self),
            Keyword::Workdir => self.one(Body::Workdir),
        }
    }

    fn refused_trigger(mut self, trigger: Head<'a>) -> Body<'a> {
        if let Some(keyword) = trigger.keyword {
            let range = self.line.file_range(trigger.name);
            self.refuse_at(range, SyntaxErrorKind::OnbuildTrigger { keyword }, None);
        }
        self.malformed_words()
    }

    /// All of them as they stand.
    pub(super) fn text(&self) -> &'l str {
        self.line.slice(self.range.clone())
    }

    /// The words between blanks.
    pub(super) fn words(&self) -> impl Iterator<Item = Word<'a>> + use<'l, 'a> {
        self.line.words(self.range.clone())
    }

    /// The strings of the JSON form.
    pub(super) fn json(&self) -> Result<Vec<Word<'a>>, NotStrings> {
        let start = self.range.start;
        let word = |JsonString { range, decoded }: JsonString| {
            let (from, to) = (start + range.start, start + range.end);
            let text = decoded.map_or_else(|| self.line.part(from + 1..to - 1), Cow::Owned);
            Word { range: self.line.file_range(from..to), text }
        };
        Ok(json::strings(self.text())?.into_iter().map(word).collect())
    }

    /// All of them as a script.
    pub(super) fn script(&self) -> Script<'a> {
        let range = self.line.file_range(self.range.clone());
        Script::command_line(self.source, range, self.escape)
    }

    /// The same for a part of them.
    pub(super) fn part(&mut self, range: Range<usize>) -> Arguments<'_, 'a> {
        Arguments { range, errors: &mut *self.errors, ..*self }
    }

    /// Reports `kind` on the name and the arguments.
    pub(super) fn refuse(&mut self, kind: SyntaxErrorKind) {
        let range = self.name.cover(self.line.file_range(self.range.clone()));
        self.refuse_at(range, kind, None);
    }

    /// Reports `kind` on `range`.
    pub(super) fn refuse_at(&mut self, range: TextRange, kind: SyntaxErrorKind, suggestion: Option<String>) {
        self.errors.push(SyntaxError { range, kind, suggestion });
    }

    /// Reports that there are none.
    pub(super) fn missing(mut self) -> Body<'a> {
        let keyword = self.keyword;
        self.malformed(SyntaxErrorKind::MissingArguments { keyword })
    }

    /// Reports `kind`; the body then has the words as far as they go.
    pub(super) fn malformed(&mut self, kind: SyntaxErrorKind) -> Body<'a> {
        self.refuse(kind);
        self.malformed_words()
    }

    /// The words of arguments whose error is already reported.
    pub(super) fn malformed_words(&self) -> Body<'a> {
        Body::Malformed(self.words().collect())
    }

    fn one(self, body: fn(Word<'a>) -> Body<'a>) -> Body<'a> {
        if self.range.is_empty() { self.missing() } else { body(self.line.word(self.range.clone())) }
    }

    fn command(mut self, body: fn(super::Command<'a>) -> Body<'a>) -> Body<'a> {
        match command::command(&mut self) {
            Some(command) => body(command),
            None => self.malformed_words(),
        }
    }
}
