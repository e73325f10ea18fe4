//! What a shell script does: its commands, arguments and redirections, each with its range.
//!
//! In goes the script of a `RUN`, `CMD`, `ENTRYPOINT` or `HEALTHCHECK`; out comes plain data: the statements as they
//! are nested, every simple command in the order in which it runs, what it changes of the shell's own state, and a
//! typed reading of package managers and removals. Where the grammar does not fit, the piece is left out and the
//! script says that it is not understood. The parser behind it (tree-sitter's bash) never leaves this room.

mod certainty;
mod dialect;
mod effects;
mod exec;
mod invocation;
mod joined;
mod lower;
mod mentions;
pub mod packages;
mod parts;
mod removals;
mod roles;
mod statements;
#[cfg(test)]
mod tests;
mod tree;
mod values;
mod word;

pub use certainty::{Certainty, Occurrence};
pub use dialect::Dialect;
pub use effects::{Effect, EffectKind};
pub use exec::exec;
pub use invocation::Invocation;
pub use mentions::{Mention, MentionKind};
pub use parts::{Parameter, Part, PartKind, brace_expansions, is_name};
pub use removals::{Extent, Removal, removals};
pub use roles::{Placed, Role, words_of};
pub use statements::statements;
pub use tree::{
    Assignment, Branch, CaseItem, Command, Compound, CompoundKind, Element, Heredoc, Join, Redirect,
    RedirectOperator, RedirectTarget, Script, Statement, Substitution, VariableUse, Word,
};
pub use values::Values;

use std::borrow::Cow;

use crate::dockerfile;

/// Reads `text` as a shell does. Ranges are offsets in `text`. Never fails: see [`Script::understood`].
pub fn parse(text: &str) -> Script {
    lower::script(text, lower::Lines::AsWritten, 0)
}

/// Reads the script of an instruction, as the shell gets it from Docker. Ranges are offsets in the file.
/// Nothing for the exec form.
pub fn read(command: &dockerfile::Command) -> Option<Script> {
    let lines = match command {
        dockerfile::Command::Shell(_) => lower::Lines::Joined,
        _ => lower::Lines::AsWritten,
    };
    let (text, start) = text(command)?;
    Some(lower::script(&text, lines, start))
}

/// The text of an instruction's script, as the shell gets it from Docker and as long as it is in the file, and where in
/// the file it starts. Nothing for the exec form.
pub fn text<'a>(command: &dockerfile::Command<'a>) -> Option<(Cow<'a, str>, usize)> {
    match command {
        dockerfile::Command::Shell(script) => {
            Some((joined::as_the_shell_gets_it(&script.text()).into(), script.range.start()))
        }
        dockerfile::Command::Heredoc(script) => Some((script.text(), script.range.start())),
        dockerfile::Command::Exec(_) => None,
    }
}
