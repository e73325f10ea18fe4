//! What a shell script does: its commands, arguments and redirections, each with its range.
//!
//! In goes the script of a `RUN`, `CMD`, `ENTRYPOINT` or `HEALTHCHECK`; out comes plain data: the statements as they
//! are nested, every simple command in the order in which it runs, what it changes of the shell's own state, and a
//! typed reading of package managers and removals. Where the grammar does not fit, the piece is left out and the
//! script says that it is not understood. The parser behind it (tree-sitter's bash) never leaves this room.

mod certainty;
mod effects;
mod exec;
mod invocation;
mod joined;
mod lower;
pub mod packages;
mod removals;
mod statements;
#[cfg(test)]
mod tests;
mod tree;
mod word;

pub use certainty::{Certainty, Occurrence};
pub use effects::{Effect, EffectKind};
pub use exec::exec;
pub use invocation::Invocation;
pub use removals::{Extent, Removal, removals};
pub use statements::statements;
pub use tree::{
    Assignment, Branch, Command, Compound, CompoundKind, Element, Heredoc, Join, Redirect, RedirectOperator,
    RedirectTarget, Script, Statement, Substitution, VariableUse, Word,
};

use crate::dockerfile;

/// Reads `text` as a shell does. Ranges are offsets in `text`. Never fails: see [`Script::understood`].
pub fn parse(text: &str) -> Script {
    lower::script(text, lower::Lines::AsWritten, 0)
}

/// Reads the script of an instruction, as the shell gets it from Docker. Ranges are offsets in the file.
/// Nothing for the exec form.
pub fn read(command: &dockerfile::Command) -> Option<Script> {
    match command {
        dockerfile::Command::Shell(script) => {
            let text = joined::as_the_shell_gets_it(&script.text());
            Some(lower::script(&text, lower::Lines::Joined, script.range.start()))
        }
        dockerfile::Command::Heredoc(script) => {
            Some(lower::script(&script.text(), lower::Lines::AsWritten, script.range.start()))
        }
        dockerfile::Command::Exec(_) => None,
    }
}
