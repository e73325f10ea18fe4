//! The syntax tree: plain data, every part with its range in the file.

use std::ops::Range;

use crate::text::TextRange;

/// A whole Dockerfile. Its items lie end to end and cover every byte of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile {
    /// Everything in the file, in order.
    pub items: Vec<Item>,
    /// The character that continues a line and escapes: `\`, or `` ` `` where an `escape` directive says so.
    pub escape: char,
}

impl Dockerfile {
    /// The instructions in order, malformed ones included.
    pub fn instructions(&self) -> impl DoubleEndedIterator<Item = &Instruction> {
        self.items.iter().filter_map(|item| match item {
            Item::Instruction(instruction) => Some(instruction),
            _ => None,
        })
    }

    /// The parser directives at the file's head.
    pub fn directives(&self) -> impl Iterator<Item = &Directive> {
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
pub enum Item {
    /// Blank lines, or a byte order mark.
    Blank(TextRange),
    /// A comment line between instructions.
    Comment(Comment),
    /// A parser directive: `# syntax=…`, `# escape=…`, `# check=…`.
    Directive(Directive),
    /// An instruction with its continuations and heredocs.
    Instruction(Instruction),
}

impl Item {
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
pub struct Directive {
    /// The whole line.
    pub lines: TextRange,
    /// The name in lower case: `syntax`, `escape` or `check`.
    pub name: String,
    /// What stands behind the `=`, trimmed.
    pub value: Word,
}

/// A piece of text as BuildKit sees it before it expands variables: quotes and escapes are still in it,
/// continuations are not. Two kinds of word come without quotes and escapes, as BuildKit reads them: a flag's name and
/// value, and a word of the JSON form. The range takes in what the text leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where it stands. Covers the continuation where the word goes over one.
    pub range: TextRange,
    /// The text.
    pub text: String,
}

impl Word {
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
pub struct Instruction {
    /// The whole lines: indentation, continuations, heredocs and the last newline included. For an `ONBUILD`'s
    /// trigger: those of the `ONBUILD`.
    pub lines: TextRange,
    /// From the keyword's first byte to the last byte that is neither blank nor newline, heredocs included.
    pub range: TextRange,
    /// The first word as it was written.
    pub name: Word,
    /// Which instruction it is; nothing where BuildKit knows none of that name.
    pub keyword: Option<Keyword>,
    /// `--name=value` flags before the arguments.
    pub flags: Vec<Flag>,
    /// Its arguments.
    pub body: Body,
    /// The heredocs it brings, in order. Those of an `ONBUILD` are its trigger's.
    pub heredocs: Vec<Heredoc>,
    /// Comment lines inside its continuation, from `#` to the line's end, the carriage return left out. Empty for an
    /// `ONBUILD`'s trigger.
    pub comments: Vec<TextRange>,
}

impl Instruction {
    /// The first flag of that name (without dashes).
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name.text == name)
    }

    /// The value of the first flag of that name, where it has one.
    pub fn flag_value(&self, name: &str) -> Option<&Word> {
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
pub struct Flag {
    /// From the dashes to the value's end.
    pub range: TextRange,
    /// The name without the dashes.
    pub name: Word,
    /// The value, where there is a `=`.
    pub value: Option<Word>,
}

/// An instruction's arguments, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `FROM image [AS name]`
    From(From),
    /// `RUN`
    Run(Command),
    /// `CMD`
    Cmd(Command),
    /// `ENTRYPOINT`
    Entrypoint(Command),
    /// `SHELL ["executable", "parameter", …]`
    Shell(Vec<Word>),
    /// `COPY`
    Copy(Transfer),
    /// `ADD`
    Add(Transfer),
    /// `ENV name=value …` or `ENV name value`
    Env(Vec<Pair>),
    /// `LABEL name=value …` or `LABEL name value`
    Label(Vec<Pair>),
    /// `ARG name[=default] …`
    Arg(Vec<Pair>),
    /// `EXPOSE port …`
    Expose(Vec<Word>),
    /// `VOLUME path …`, in either form
    Volume(Vec<Word>),
    /// `USER name`
    User(Word),
    /// `WORKDIR path`
    Workdir(Word),
    /// `STOPSIGNAL signal`
    Stopsignal(Word),
    /// `HEALTHCHECK`
    Healthcheck(Healthcheck),
    /// `ONBUILD instruction`
    Onbuild(Box<Instruction>),
    /// `MAINTAINER name`
    Maintainer(Word),
    /// What the grammar refuses; the syntax errors say why. The words are there as far as they go.
    Malformed(Vec<Word>),
}

/// What `FROM` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    /// The base: an image, an earlier stage's name, or `scratch`.
    pub image: Word,
    /// The stage's own name.
    pub alias: Option<Word>,
}

/// A command line in one of its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Run by the shell: all behind the flags, and the heredocs that the shell reads.
    Shell(Script),
    /// The JSON form: executed as it is.
    Exec(Vec<Word>),
    /// A `RUN` whose command is one heredoc and nothing else: the heredoc is the script.
    Heredoc(Script),
}

impl Command {
    /// The script, where a shell runs one.
    pub fn script(&self) -> Option<&Script> {
        match self {
            Self::Shell(script) | Self::Heredoc(script) => Some(script),
            Self::Exec(_) => None,
        }
    }
}

/// What a shell reads. With heredocs for the shell: the command line, the heredocs and the last delimiter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// From its first byte to its last. For a heredoc: the heredoc's lines.
    pub range: TextRange,
    /// The script as long as its range, so that an offset in it is an offset in the file less the range's start.
    /// Continuations, and the comment and blank lines that Docker drops inside them, are overwritten with spaces; where
    /// a word goes over them with `\` and newline, whatever the file's escape character is. So a comment that Docker
    /// joins with the next line is one line here too.
    pub text: String,
}

/// What `COPY` and `ADD` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// What is taken, at least one.
    pub sources: Vec<Source>,
    /// Where it goes.
    pub destination: Word,
    /// Whether it is written in the JSON form.
    pub json: bool,
}

/// One source of a `COPY` or `ADD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A path, a URL, a Git address or a pattern.
    Path(Word),
    /// A heredoc: its index in the instruction's, and the word that opens it.
    Heredoc(usize, Word),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// From the key's start to the value's end.
    pub range: TextRange,
    /// The key.
    pub key: Word,
    /// The value with its quotes; none for `ARG name`.
    pub value: Option<Word>,
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
pub enum Healthcheck {
    /// `HEALTHCHECK NONE`
    None,
    /// `HEALTHCHECK CMD …`
    Cmd(Command),
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
