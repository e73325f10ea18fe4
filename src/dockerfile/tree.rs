//! The syntax tree: plain data, every part with its range in the file.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::TextRange;

use super::Script;

/// A whole Dockerfile. Its items lie end to end and cover every byte of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile<'a> {
    /// Everything in the file, in order.
    pub items: Vec<Item<'a>>,
    /// The character that continues a line and escapes: `\`, or `` ` `` where an `escape` directive says so.
    pub escape: char,
}

impl<'a> Dockerfile<'a> {
    /// The instructions in order, malformed ones included.
    pub fn instructions(&self) -> impl DoubleEndedIterator<Item = &Instruction<'a>> {
        self.items.iter().filter_map(|item| match item {
            Item::Instruction(instruction) => Some(instruction),
            _ => None,
        })
    }

    /// The parser directives at the file's head.
    pub fn directives(&self) -> impl Iterator<Item = &Directive<'a>> {
        self.items.iter().filter_map(|item| match item {
            Item::Directive(directive) => Some(directive),
            _ => None,
        })
    }

    /// The comments between instructions. Those inside an instruction are in [`Instruction::comments`].
    pub fn comments(&self) -> impl Iterator<Item = &Comment> {
        self.items.iter().filter_map(|item| match item {
            Item::Comment(comment) => Some(comment),
            _ => None,
        })
    }
}

/// One or more whole lines of the file, newlines included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<'a> {
    /// Blank lines, or a byte order mark.
    Blank(TextRange),
    /// A comment line between instructions.
    Comment(Comment),
    /// A parser directive: `# syntax=…`, `# escape=…`, `# check=…`.
    Directive(Directive<'a>),
    /// An instruction with its continuations and heredocs.
    Instruction(Instruction<'a>),
}

impl Item<'_> {
    /// The whole lines the item covers.
    pub fn lines(&self) -> TextRange {
        match self {
            Self::Blank(lines) => *lines,
            Self::Comment(comment) => comment.lines,
            Self::Directive(directive) => directive.lines,
            Self::Instruction(instruction) => instruction.lines,
        }
    }
}

/// A comment on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The whole line, indentation and newline included.
    pub lines: TextRange,
    /// From the `#` to the line's last byte before the newline.
    pub range: TextRange,
}

/// A parser directive at the head of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive<'a> {
    /// The whole line.
    pub lines: TextRange,
    /// The name in lower case: `syntax`, `escape` or `check`.
    pub name: &'static str,
    /// What stands behind the `=`, trimmed.
    pub value: Word<'a>,
}

/// A piece of text as BuildKit sees it before it expands variables: quotes and escapes are still in it,
/// continuations are not. Two kinds of word come without quotes and escapes, as BuildKit reads them: a flag's name and
/// value, and a word of the JSON form. The range takes in what the text leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// Where it stands. Covers the continuation where the word goes over one.
    pub range: TextRange,
    /// The text.
    pub text: Cow<'a, str>,
}

impl Word<'_> {
    /// Where a part of the text stands in the file: to the byte where the text is as it was written, and the whole
    /// word where it goes over a continuation or lost its quotes.
    pub fn place(&self, part: Range<usize>) -> TextRange {
        if self.text.len() == self.range.len() {
            TextRange::from(part).shift(self.range.start())
        } else {
            self.range
        }
    }
}

/// An instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// The whole lines: indentation, continuations, heredocs and the last newline included. For an `ONBUILD`'s
    /// trigger: those of the `ONBUILD`.
    pub lines: TextRange,
    /// From the keyword's first byte to the last byte that is neither blank nor newline, heredocs included.
    pub range: TextRange,
    /// The first word as it was written.
    pub name: Word<'a>,
    /// Which instruction it is; nothing where BuildKit knows none of that name.
    pub keyword: Option<Keyword>,
    /// `--name=value` flags before the arguments.
    pub flags: Vec<Flag<'a>>,
    /// Its arguments.
    pub body: Body<'a>,
    /// The heredocs it brings, in order. Those of an `ONBUILD` are its trigger's.
    pub heredocs: Vec<Heredoc>,
    /// Comment lines inside its continuation, from `#` to the line's end, the carriage return left out. Empty for an
    /// `ONBUILD`'s trigger.
    pub comments: Vec<TextRange>,
}

impl<'a> Instruction<'a> {
    /// The first flag of that name (without dashes).
    pub fn flag(&self, name: &str) -> Option<&Flag<'a>> {
        self.flags.iter().find(|flag| flag.name.text == name)
    }

    /// The value of the first flag of that name, where it has one.
    pub fn flag_value(&self, name: &str) -> Option<&Word<'a>> {
        self.flag(name).and_then(|flag| flag.value.as_ref())
    }
}

/// The instructions BuildKit knows.
/// Source: moby/buildkit, frontend/dockerfile/command/command.go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are the Dockerfile reference's own names")]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
}

impl Keyword {
    /// Every keyword, in alphabetical order.
    pub const ALL: [Self; 18] = [
        Self::Add,
        Self::Arg,
        Self::Cmd,
        Self::Copy,
        Self::Entrypoint,
        Self::Env,
        Self::Expose,
        Self::From,
        Self::Healthcheck,
        Self::Label,
        Self::Maintainer,
        Self::Onbuild,
        Self::Run,
        Self::Shell,
        Self::Stopsignal,
        Self::User,
        Self::Volume,
        Self::Workdir,
    ];

    /// The keyword in capitals, as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Arg => "ARG",
            Self::Cmd => "CMD",
            Self::Copy => "COPY",
            Self::Entrypoint => "ENTRYPOINT",
            Self::Env => "ENV",
            Self::Expose => "EXPOSE",
            Self::From => "FROM",
            Self::Healthcheck => "HEALTHCHECK",
            Self::Label => "LABEL",
            Self::Maintainer => "MAINTAINER",
            Self::Onbuild => "ONBUILD",
            Self::Run => "RUN",
            Self::Shell => "SHELL",
            Self::Stopsignal => "STOPSIGNAL",
            Self::User => "USER",
            Self::Volume => "VOLUME",
            Self::Workdir => "WORKDIR",
        }
    }

    /// The keyword that `name` spells, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|keyword| keyword.as_str().eq_ignore_ascii_case(name))
    }
}

/// `--name` or `--name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag<'a> {
    /// From the dashes to the value's end.
    pub range: TextRange,
    /// The name without the dashes.
    pub name: Word<'a>,
    /// The value, where there is a `=`.
    pub value: Option<Word<'a>>,
}

/// An instruction's arguments, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body<'a> {
    /// `FROM image [AS name]`
    From(From<'a>),
    /// `RUN`
    Run(Command<'a>),
    /// `CMD`
    Cmd(Command<'a>),
    /// `ENTRYPOINT`
    Entrypoint(Command<'a>),
    /// `SHELL ["executable", "parameter", …]`
    Shell(Vec<Word<'a>>),
    /// `COPY`
    Copy(Transfer<'a>),
    /// `ADD`
    Add(Transfer<'a>),
    /// `ENV name=value …` or `ENV name value`
    Env(Vec<Pair<'a>>),
    /// `LABEL name=value …` or `LABEL name value`
    Label(Vec<Pair<'a>>),
    /// `ARG name[=default] …`
    Arg(Vec<Pair<'a>>),
    /// `EXPOSE port …`
    Expose(Vec<Word<'a>>),
    /// `VOLUME path …`, in either form
    Volume(Vec<Word<'a>>),
    /// `USER name`
    User(Word<'a>),
    /// `WORKDIR path`
    Workdir(Word<'a>),
    /// `STOPSIGNAL signal`
    Stopsignal(Word<'a>),
    /// `HEALTHCHECK`
    Healthcheck(Healthcheck<'a>),
    /// `ONBUILD instruction`
    Onbuild(Box<Instruction<'a>>),
    /// `MAINTAINER name`
    Maintainer(Word<'a>),
    /// What the grammar refuses; the syntax errors say why. The words are there as far as they go.
    Malformed(Vec<Word<'a>>),
}

/// What `FROM` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From<'a> {
    /// The base: an image, an earlier stage's name, or `scratch`.
    pub image: Word<'a>,
    /// The stage's own name.
    pub alias: Option<Word<'a>>,
}

/// A command line in one of its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command<'a> {
    /// Run by the shell: all behind the flags, and the heredocs that the shell reads.
    Shell(Script<'a>),
    /// The JSON form: executed as it is.
    Exec(Vec<Word<'a>>),
    /// A `RUN` whose command is one heredoc and nothing else: the heredoc is the script.
    Heredoc(Script<'a>),
}

impl<'a> Command<'a> {
    /// The script, where a shell runs one.
    pub fn script(&self) -> Option<&Script<'a>> {
        match self {
            Self::Shell(script) | Self::Heredoc(script) => Some(script),
            Self::Exec(_) => None,
        }
    }
}

/// What `COPY` and `ADD` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// What is taken, at least one.
    pub sources: Vec<Source<'a>>,
    /// Where it goes.
    pub destination: Word<'a>,
    /// Whether it is written in the JSON form.
    pub json: bool,
}

/// One source of a `COPY` or `ADD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    /// A path, a URL, a Git address or a pattern.
    Path(Word<'a>),
    /// A heredoc: its index in the instruction's, and the word that opens it.
    Heredoc(usize, Word<'a>),
}

impl<'a> Source<'a> {
    /// The word that names it.
    pub fn into_word(self) -> Word<'a> {
        match self {
            Self::Path(word) | Self::Heredoc(_, word) => word,
        }
    }
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair<'a> {
    /// From the key's start to the value's end.
    pub range: TextRange,
    /// The key.
    pub key: Word<'a>,
    /// The value with its quotes; none for `ARG name`.
    pub value: Option<Word<'a>>,
    /// What stands between the two.
    pub separator: Separator,
}

/// What joins a key to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `key=value`, or a key alone
    Equals,
    /// The legacy form `ENV key value`
    Space,
}

/// What `HEALTHCHECK` says; its intervals are flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Healthcheck<'a> {
    /// `HEALTHCHECK NONE`
    None,
    /// `HEALTHCHECK CMD …`
    Cmd(Command<'a>),
}

/// A here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The `<<` word in the instruction's line.
    pub opener: TextRange,
    /// The delimiter without quotes.
    pub name: String,
    /// Whether variables are expanded in it: not where the delimiter is quoted.
    pub expand: bool,
    /// `<<-`: leading tabs are dropped from each line.
    pub strip_tabs: bool,
    /// The lines between opener and delimiter, the last newline included.
    pub body: TextRange,
    /// The line of the delimiter without its newline; empty where the file ends before it.
    pub terminator: TextRange,
}
