//! From a source file to its tree.

use crate::text::{SourceFile, TextRange};

use super::directives::{self, Head as Directives};
use super::instruction::{self, Head, Parts};
use super::lines::{Line, Lines, LogicalLine, MAX_LINE, before_continuation};
use super::{Comment, Dockerfile, Instruction, Item, Keyword, SyntaxError, SyntaxErrorKind, heredoc};

/// A tree, and what BuildKit refuses in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// The tree of all of the file, malformed places included.
    pub dockerfile: Dockerfile<'a>,
    /// Every syntax error, in the order of the file; empty where BuildKit takes the file.
    pub errors: Vec<SyntaxError>,
}

/// Parses a Dockerfile. Takes any bytes, in time linear in their number.
///
/// A file is free of errors where BuildKit's parser and its instruction parser take it and it has a stage.
/// Source: moby/buildkit, frontend/dockerfile/parser/parser.go, `Parse`.
pub fn parse(source: &SourceFile) -> Parsed<'_> {
    let text = source.text();
    let byte_order_mark = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let mut parser = Parser {
        text,
        lines: Lines::new(text, byte_order_mark),
        line: LogicalLine::new(text),
        escape: '\\',
        items: Vec::with_capacity(text.len() / BYTES_PER_ITEM + 1),
        errors: Vec::new(),
    };
    if byte_order_mark > 0 {
        parser.items.push(Item::Blank(TextRange::new(0, byte_order_mark)));
    }
    let mut directives = Directives::default();
    while let Some(line) = parser.next_line() {
        if let Some((directive, refused)) = directives.read(line) {
            parser.escape =
                directives::escape(&directive).filter(|_| refused.is_none()).unwrap_or(parser.escape);
            parser.errors.extend(refused);
            parser.items.push(Item::Directive(directive));
        } else if line.is_comment() {
            parser.items.push(Item::Comment(Comment { lines: line.range, range: line.indented_range() }));
        } else if line.is_blank() {
            parser.push_blank(line, byte_order_mark);
        } else {
            parser.push_instruction(line);
        }
    }
    let dockerfile = Dockerfile { items: parser.items, escape: parser.escape };
    let mut errors = parser.errors;
    check_order(&dockerfile, text.len(), &mut errors);
    errors.sort_by_key(|error| error.range.start());
    Parsed { dockerfile, errors }
}

/// How many bytes of a file make an item of its tree, and rather too few: room is cheaper than moving.
const BYTES_PER_ITEM: usize = 48;

struct Parser<'a> {
    text: &'a str,
    lines: Lines<'a>,
    line: LogicalLine<'a>,
    escape: char,
    items: Vec<Item<'a>>,
    errors: Vec<SyntaxError>,
}

impl<'a> Parser<'a> {
    #[inline]
    fn next_line(&mut self) -> Option<Line<'a>> {
        let line = self.lines.next()?;
        if line.is_too_long(self.text) {
            let range = TextRange::new(line.range.start(), line.range.start() + line.content.len());
            self.errors.push(SyntaxError { range, kind: SyntaxErrorKind::LineTooLong, suggestion: None });
        }
        Some(line)
    }

    fn push_blank(&mut self, line: Line<'a>, byte_order_mark: usize) {
        match self.items.last_mut() {
            Some(Item::Blank(lines)) if lines.end() != byte_order_mark => *lines = lines.cover(line.range),
            _ => self.items.push(Item::Blank(line.range)),
        }
    }

    fn push_instruction(&mut self, first: Line<'a>) {
        let start = first.range.start();
        let indented = first.indented_range();
        self.line.restart(indented.start());
        let mut comments = Vec::new();
        let mut goes_on = self.push_content(first.indented, indented.start());
        while goes_on {
            let Some(next) = self.next_line() else { break };
            if next.is_comment() {
                comments.push(next.indented_range());
            } else if !next.is_blank() {
                goes_on = self.push_content(next.content, next.range.start());
            }
        }
        let line = &self.line;
        let head = Head::split(line, 0..line.len(), self.escape);
        let trigger = head.trigger(line, self.escape);
        let mut heredocs = Vec::new();
        if trigger.as_ref().unwrap_or(&head).takes_heredocs(line) {
            for opener in heredoc::openers(line, &mut self.errors) {
                let heredoc = heredoc::read(opener, line, &mut self.lines, &mut self.errors);
                check_length(self.text, heredoc.body, &mut self.errors);
                heredocs.push(heredoc);
            }
        }
        let lines = TextRange::new(start, self.lines.offset());
        let parts = Parts { source: self.text, line, escape: self.escape, lines, heredocs, comments };
        let instruction = instruction::parse(head, trigger, parts, &mut self.errors);
        self.items.push(Item::Instruction(instruction));
    }

    /// Appends a line's content to the logical line; whether that goes on in the next.
    fn push_content(&mut self, content: &'a str, file: usize) -> bool {
        let before = before_continuation(content, self.escape);
        self.line.push(file, before.unwrap_or(content));
        before.is_some()
    }
}

/// Reports lines of a heredoc that are too long.
fn check_length(text: &str, body: TextRange, errors: &mut Vec<SyntaxError>) {
    if body.len() <= MAX_LINE {
        return;
    }
    let lines = Lines::new(text.get(..body.end()).unwrap_or_default(), body.start());
    for line in lines.filter(|line| line.is_too_long(text)) {
        let range = TextRange::new(line.range.start(), line.range.start() + line.content.len());
        errors.push(SyntaxError { range, kind: SyntaxErrorKind::LineTooLong, suggestion: None });
    }
}

/// Reports instructions before the first stage, and a file without any.
/// Source: moby/buildkit, frontend/dockerfile/instructions/parse.go, `Parse`, `CurrentStage`.
fn check_order(dockerfile: &Dockerfile<'_>, length: usize, errors: &mut Vec<SyntaxError>) {
    let Some(first) = dockerfile.instructions().next() else {
        let range = TextRange::empty(length);
        errors.push(SyntaxError { range, kind: SyntaxErrorKind::Empty, suggestion: None });
        return;
    };
    let is_from = |instruction: &&Instruction<'_>| instruction.keyword == Some(Keyword::From);
    if !dockerfile.instructions().any(|instruction| is_from(&instruction)) {
        // A misspelt FROM is already reported, and all else follows from it.
        if !errors.iter().any(|error| error.suggestion.as_deref() == Some(Keyword::From.as_str())) {
            let range = first.name.range;
            errors.push(SyntaxError { range, kind: SyntaxErrorKind::NoStage, suggestion: None });
        }
        return;
    }
    for instruction in dockerfile.instructions().take_while(|instruction| !is_from(instruction)) {
        if let Some(keyword) = instruction.keyword.filter(|keyword| *keyword != Keyword::Arg) {
            let range = instruction.name.range;
            errors.push(SyntaxError {
                range,
                kind: SyntaxErrorKind::BeforeFrom { keyword },
                suggestion: None,
            });
        }
    }
}
