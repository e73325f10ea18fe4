//! One instruction: its name, its flags, and which parser reads its arguments.

use std::ops::Range;

use crate::text::TextRange;

use super::error::nearest;
use super::json::{self, JsonString, NotStrings};
use super::lines::{LogicalLine, is_separator};
use super::{
    Body, Flag, Heredoc, Instruction, Keyword, Script, SyntaxError, SyntaxErrorKind, Word, command, flags,
    from, healthcheck, pairs, run_flags, transfer,
};

/// An instruction's line, split as far as all instructions are alike.
/// Source: moby/buildkit, frontend/dockerfile/parser/split_command.go, `splitCommand`.
#[derive(Debug)]
pub(super) struct Head {
    name: Range<usize>,
    keyword: Option<Keyword>,
    flags: Vec<Flag>,
    arguments: Range<usize>,
}

impl Head {
    /// Splits `range` of `line`.
    pub(super) fn split(line: &LogicalLine, range: Range<usize>, escape: char) -> Self {
        let range = line.trim(range);
        let text = line.slice(range.clone());
        let name_end = range.start + text.find(is_separator).unwrap_or(text.len());
        let (flags, rest) = flags::split(line, name_end..range.end, escape);
        Self {
            keyword: Keyword::from_name(line.slice(range.start..name_end)),
            name: range.start..name_end,
            flags,
            arguments: line.trim(rest..range.end),
        }
    }

    /// The instruction behind `ONBUILD`.
    pub(super) fn trigger(&self, line: &LogicalLine, escape: char) -> Option<Self> {
        (self.keyword == Some(Keyword::Onbuild) && !self.arguments.is_empty())
            .then(|| Self::split(line, self.arguments.clone(), escape))
    }

    /// Whether BuildKit looks for heredocs.
    /// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `canContainHeredoc`.
    pub(super) fn takes_heredocs(&self, line: &LogicalLine) -> bool {
        matches!(self.keyword, Some(Keyword::Run | Keyword::Copy | Keyword::Add))
            && json::strings(line.slice(self.arguments.clone())).is_err()
    }
}

/// What an instruction is made of, besides its [`Head`].
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// The file's text.
    pub(super) source: &'a str,
    /// The instruction's line.
    pub(super) line: &'a LogicalLine,
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
pub(super) fn parse(
    head: Head,
    trigger: Option<Head>,
    parts: Parts<'_>,
    errors: &mut Vec<SyntaxError>,
) -> Instruction {
    let Parts { source, line, escape, lines, heredocs, comments } = parts;
    let name = line.word(head.name.clone());
    let whole = source.get(lines.start()..lines.end()).unwrap_or_default();
    let end =
        lines.start() + whole.trim_end_matches(|ch: char| ch.is_ascii_whitespace() || ch == '\u{B}').len();
    // An escaped blank can be the last of a heredoc's name.
    let end = heredocs.iter().fold(end, |end, heredoc| end.max(heredoc.opener.end()));
    let range = TextRange::new(name.range.start(), end.max(name.range.end()));
    let instruction = |keyword, body, heredocs| Instruction {
        lines,
        range,
        name: name.clone(),
        keyword,
        flags: head.flags.clone(),
        body,
        heredocs,
        comments,
    };
    let Some(keyword) = head.keyword else {
        errors.push(SyntaxError {
            range: if name.range.is_empty() { range } else { name.range },
            kind: SyntaxErrorKind::UnknownInstruction { name: name.text.clone() },
            suggestion: nearest(&name.text, Keyword::ALL.into_iter().map(Keyword::as_str)),
        });
        return instruction(None, Body::Malformed(line.words(head.arguments)), heredocs);
    };
    let mut arguments = Arguments {
        source,
        line,
        escape,
        keyword,
        name: name.range,
        range: head.arguments,
        heredocs: &heredocs,
        errors,
    };
    // HEALTHCHECK looks at its flags only where it isn't NONE.
    if keyword != Keyword::Healthcheck {
        flags::check(keyword, &head.flags, arguments.errors);
    }
    if keyword == Keyword::Run {
        run_flags::check(&head.flags, arguments.errors);
    }
    if keyword == Keyword::Onbuild {
        let Some(trigger) = trigger else {
            let body = arguments.missing();
            return instruction(Some(keyword), body, heredocs);
        };
        if let Some(refused @ (Keyword::From | Keyword::Maintainer | Keyword::Onbuild)) = trigger.keyword {
            let kind = SyntaxErrorKind::OnbuildTrigger { keyword: refused };
            arguments.refuse_at(line.file_range(trigger.name), kind, None);
            let body = arguments.malformed_words();
            return instruction(Some(keyword), body, heredocs);
        }
        let mut trigger_errors = Vec::new();
        let parts = Parts { source, line, escape, lines, heredocs, comments: Vec::new() };
        let trigger = parse(trigger, None, parts, &mut trigger_errors);
        errors.extend(trigger_errors.into_iter().filter(|error| error.kind.is_found_by_line()));
        return instruction(Some(keyword), Body::Onbuild(Box::new(trigger)), Vec::new());
    }
    let body = arguments.body(&head.flags);
    instruction(Some(keyword), body, heredocs)
}

/// An instruction's arguments, for the parser of its family to read.
pub(super) struct Arguments<'a> {
    /// The file's text.
    pub(super) source: &'a str,
    /// The instruction's line.
    pub(super) line: &'a LogicalLine,
    /// The file's escape character.
    pub(super) escape: char,
    /// The instruction.
    pub(super) keyword: Keyword,
    /// Where its name stands.
    pub(super) name: TextRange,
    /// The arguments in the line, without blanks on either side.
    pub(super) range: Range<usize>,
    /// The instruction's heredocs.
    pub(super) heredocs: &'a [Heredoc],
    /// Where errors go.
    pub(super) errors: &'a mut Vec<SyntaxError>,
}

impl<'a> Arguments<'a> {
    fn body(self, flags: &[Flag]) -> Body {
        match self.keyword {
            Keyword::Add => transfer::parse(self, Body::Add),
            Keyword::Arg => pairs::arg(self),
            Keyword::Cmd => self.command(Body::Cmd),
            Keyword::Copy => transfer::parse(self, Body::Copy),
            Keyword::Entrypoint => self.command(Body::Entrypoint),
            Keyword::Env => pairs::parse(self, Body::Env),
            Keyword::Expose => match self.words() {
                ports if ports.is_empty() => self.missing(),
                ports => Body::Expose(ports),
            },
            Keyword::From => from::parse(self),
            Keyword::Healthcheck => healthcheck::parse(self, flags),
            Keyword::Label => pairs::parse(self, Body::Label),
            Keyword::Maintainer => self.one(Body::Maintainer),
            // An ONBUILD comes with its trigger and is read where that is known.
            Keyword::Onbuild => self.missing(),
            Keyword::Run => self.command(Body::Run),
            Keyword::Shell => command::shell(self),
            Keyword::Stopsignal => self.one(Body::Stopsignal),
            Keyword::User => self.one(Body::User),
            Keyword::Volume => transfer::volume(self),
            Keyword::Workdir => self.one(Body::Workdir),
        }
    }

    /// All of them as they stand.
    pub(super) fn text(&self) -> &'a str {
        self.line.slice(self.range.clone())
    }

    /// The words between blanks.
    pub(super) fn words(&self) -> Vec<Word> {
        self.line.words(self.range.clone())
    }

    /// The strings of the JSON form.
    pub(super) fn json(&self) -> Result<Vec<Word>, NotStrings> {
        let start = self.range.start;
        let word = |(range, text): JsonString| Word {
            range: self.line.file_range(start + range.start..start + range.end),
            text,
        };
        Ok(json::strings(self.text())?.into_iter().map(word).collect())
    }

    /// All of them as a script.
    pub(super) fn script(&self) -> Script {
        self.line.script(self.range.clone())
    }

    /// The same for a part of them.
    pub(super) fn part(&mut self, range: Range<usize>) -> Arguments<'_> {
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
    pub(super) fn missing(mut self) -> Body {
        let keyword = self.keyword;
        self.malformed(SyntaxErrorKind::MissingArguments { keyword })
    }

    /// Reports `kind`; the body then has the words as far as they go.
    pub(super) fn malformed(&mut self, kind: SyntaxErrorKind) -> Body {
        self.refuse(kind);
        self.malformed_words()
    }

    /// The words of arguments whose error is already reported.
    pub(super) fn malformed_words(&self) -> Body {
        Body::Malformed(self.words())
    }

    fn one(self, body: fn(Word) -> Body) -> Body {
        if self.range.is_empty() { self.missing() } else { body(self.line.word(self.range.clone())) }
    }

    fn command(mut self, body: fn(super::Command) -> Body) -> Body {
        match command::command(&mut self) {
            Some(command) => body(command),
            None => self.malformed_words(),
        }
    }
}
