//! The script as plain data.

use crate::text::TextRange;

/// A script, or what could be read of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The whole script.
    pub range: TextRange,
    /// The statements at top level, in order.
    pub list: Vec<Statement>,
    /// Every variable that is used anywhere in it, by range.
    pub variables: Vec<VariableUse>,
    /// Whether all of it was read. Where not, statements may be missing: report with care, rewrite nothing.
    pub understood: bool,
}

impl Script {
    /// Whether it is nothing but commands joined by `&&`.
    pub fn is_chain(&self) -> bool {
        self.understood
            && self.list.iter().all(|statement| {
                matches!(statement.join, Join::Start | Join::And)
                    && !statement.background
                    && !statement.negated
            })
    }
}

/// A pipeline, mostly of a single command, and how it is joined to the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// From its first word to its last word or redirection. The lines of heredocs are not in it.
    pub range: TextRange,
    /// How it is joined to the statement before it in the same list.
    pub join: Join,
    /// The operator or newline that joins it; none where it is the first of its list.
    pub operator: Option<TextRange>,
    /// `!` before it.
    pub negated: bool,
    /// `&` after it, or after the `&&` list that it is in.
    pub background: bool,
    /// What is piped into each other, at least one.
    pub pipeline: Vec<Element>,
}

impl Statement {
    /// The command, where the statement is a single simple one.
    pub fn command(&self) -> Option<&Command> {
        match self.pipeline.as_slice() {
            [Element::Command(command)] => Some(command),
            _ => None,
        }
    }
}

/// How a statement is joined to the one before it in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// It is the first.
    Start,
    /// `;`, `&` or a newline
    Next,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// One part of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// A simple command.
    Command(Command),
    /// A subshell, a loop and the like.
    Compound(Compound),
}

impl Element {
    /// Where it stands.
    pub fn range(&self) -> TextRange {
        match self {
            Self::Command(command) => command.range,
            Self::Compound(compound) => compound.range,
        }
    }
}

/// A compound command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compound {
    /// From its first word to its last word or redirection.
    pub range: TextRange,
    /// What it is.
    pub kind: CompoundKind,
    /// The redirections behind it.
    pub redirects: Vec<Redirect>,
}

/// The compound commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompoundKind {
    /// `( … )`
    Subshell(Vec<Statement>),
    /// `{ …; }`
    Group(Vec<Statement>),
    /// `if …; then …; elif …; then …; else …; fi`
    If {
        /// `if` and every `elif`.
        branches: Vec<Branch>,
        /// What stands behind `else`.
        otherwise: Vec<Statement>,
    },
    /// `while` and `until`
    Loop(Branch),
    /// `for` and `select`
    For {
        /// The variable; none for `for ((…))`.
        variable: Option<String>,
        /// What it goes through.
        words: Vec<Word>,
        /// What is done.
        body: Vec<Statement>,
    },
    /// `case word in … esac`
    Case {
        /// What is looked at.
        word: Word,
        /// What is done in each case.
        items: Vec<CaseItem>,
    },
    /// A function's definition; it runs nothing.
    Function {
        /// Its name.
        name: String,
        /// What a call would do.
        body: Vec<Statement>,
    },
    /// `(( … ))`
    Arithmetic,
}

/// What a `case` does where a pattern fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseItem {
    /// The patterns.
    pub patterns: Vec<Word>,
    /// What is done.
    pub body: Vec<Statement>,
}

/// A condition and what depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The commands whose status decides.
    pub condition: Vec<Statement>,
    /// The commands it decides on.
    pub body: Vec<Statement>,
}

/// A simple command: assignments, words, redirections. `[`, `[[`, `export` and `unset` are commands here too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// From its first byte to its last. The lines of heredocs are not in it.
    pub range: TextRange,
    /// `NAME=value` before the name; all there is where the command only assigns.
    pub assignments: Vec<Assignment>,
    /// The name and the arguments; empty where the command only assigns or redirects.
    pub words: Vec<Word>,
    /// The redirections.
    pub redirects: Vec<Redirect>,
    /// The script within, where this is `sh -c '…'` and the script is a literal.
    pub inner: Vec<Statement>,
}

/// `name=value` or `name+=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// All of it.
    pub range: TextRange,
    /// The variable; with its index where it is an array's item.
    pub name: String,
    /// Whether it is `+=`.
    pub append: bool,
    /// The value, empty where there is none.
    pub value: Word,
}

/// A word as the shell splits them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Where it stands.
    pub range: TextRange,
    /// As it is written, quotes, escapes and continuations included.
    pub text: String,
    /// What it says once quotes and escapes are gone; nothing where a variable, a substitution or braces would have to
    /// be expanded first.
    pub value: Option<String>,
    /// Whether an unquoted `*`, `?`, `[` or a leading `~` is in it, so that it stands for the paths it matches.
    pub pattern: bool,
    /// The names of the variables in it, in order.
    pub variables: Vec<String>,
    /// The commands whose output is put into it.
    pub substitutions: Vec<Substitution>,
}

impl Word {
    /// The value where it is literal, else the text as written.
    pub fn shown(&self) -> &str {
        self.value.as_deref().unwrap_or(&self.text)
    }

    /// Whether it is literally `text`.
    pub fn is(&self, text: &str) -> bool {
        self.value.as_deref() == Some(text)
    }
}

/// `$(…)`, `` `…` ``, `<(…)` or `>(…)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitution {
    /// With its parentheses.
    pub range: TextRange,
    /// The statements within.
    pub list: Vec<Statement>,
    /// Whether it only runs in some cases, as in `${x:-$(…)}`.
    pub conditional: bool,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// From the descriptor or the operator to the target's end. A heredoc's lines are not in it.
    pub range: TextRange,
    /// The descriptor before the operator.
    pub descriptor: Option<u32>,
    /// What it does.
    pub operator: RedirectOperator,
    /// Where it leads.
    pub target: RedirectTarget,
}

/// The redirection operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectOperator {
    /// `<`
    Read,
    /// `>`
    Write,
    /// `>|`
    Clobber,
    /// `>>`
    Append,
    /// `&>`
    WriteBoth,
    /// `&>>`
    AppendBoth,
    /// `<&`
    DuplicateInput,
    /// `>&`
    DuplicateOutput,
    /// `<<` and `<<-`
    Heredoc,
    /// `<<<`
    HereString,
}

/// Where a redirection leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectTarget {
    /// A file, a descriptor's number or a here-string.
    Word(Word),
    /// Lines of the script.
    Heredoc(Heredoc),
    /// Nowhere: the descriptor is closed.
    Closed,
}

/// The lines of a heredoc inside a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The delimiter as written, quotes included.
    pub delimiter: String,
    /// The lines between.
    pub body: TextRange,
    /// Whether variables are expanded in it: not where the delimiter is quoted.
    pub expand: bool,
    /// The commands whose output is put into it.
    pub substitutions: Vec<Substitution>,
}

/// A variable's use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableUse {
    /// The name's own range.
    pub range: TextRange,
    /// The name.
    pub name: String,
}
