//! Which paths a command removes.

use super::tree::{Command, Word};

/// A path that a command removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal<'a> {
    /// The path as the command names it; a pattern where [`Word::pattern`] says so.
    pub path: &'a Word,
    /// How much of it goes.
    pub extent: Extent,
}

/// How much is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The path and all below it: `rm -r`.
    Tree,
    /// The path itself, a file: `rm`, `unlink`.
    File,
    /// Some of what is below it: `find … -delete`.
    Matching,
}

/// What `rm`, `unlink` and `find … -delete` (or `-exec rm`) remove. Anything else removes nothing that is known here.
pub fn removals(command: &Command) -> Vec<Removal<'_>> {
    let invocation = command.effective();
    match invocation.name() {
        Some("rm") => {
            let extent =
                if invocation.has_flag(&["-r", "-R", "--recursive"]) { Extent::Tree } else { Extent::File };
            invocation.positionals(&[]).into_iter().map(|path| Removal { path, extent }).collect()
        }
        Some("unlink") => invocation
            .positionals(&[])
            .into_iter()
            .map(|path| Removal { path, extent: Extent::File })
            .collect(),
        Some("find") => {
            let args = invocation.args();
            let deletes = args.iter().any(|word| word.is("-delete"))
                || args.windows(2).any(|pair| match pair {
                    [exec, program] => {
                        matches!(exec.shown(), "-exec" | "-execdir" | "-ok")
                            && matches!(program.shown().rsplit('/').next(), Some("rm" | "unlink"))
                    }
                    _ => false,
                });
            let roots = args
                .iter()
                .skip_while(|word| matches!(word.shown(), "-H" | "-L" | "-P"))
                .take_while(|word| !word.shown().starts_with(['-', '(', '!']));
            let removed = roots.map(|path| Removal { path, extent: Extent::Matching });
            if deletes { removed.collect() } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}
