//! What several rules say of a call of a package manager.

use crate::shell::packages::Action;
use crate::text::TextRange;

use super::Input;

/// Where the call says what it does: from the manager's name to its subcommand.
pub(super) fn called(action: &Action<'_>) -> TextRange {
    let words = action.call.words().first().into_iter().chain(action.subcommand.iter().copied());
    words.map(|word| word.range).reduce(TextRange::cover).unwrap_or_default()
}

/// The manager's name and subcommand, as one would say them: `npm cache clean`.
pub(super) fn shown(action: &Action<'_>) -> String {
    let words = action.subcommand.iter().map(|word| word.shown());
    std::iter::once(action.program).chain(words).collect::<Vec<_>>().join(" ")
}

/// Whether the file shows that its yarn is of version 2 or later: it has other flags than yarn 1, and may run packages
/// from their archives in its cache.
pub(super) fn is_modern_yarn(input: &Input<'_>) -> bool {
    let signs =
        ["corepack", ".yarnrc.yml", ".yarn/", ".pnp", "--immutable", "set version", "workspaces focus"];
    signs.iter().any(|sign| input.source.text().contains(sign))
}

#[cfg(test)]
mod tests {
    use super::{called, shown};
    use crate::shell::{packages, parse};
    use crate::text::TextRange;

    #[test]
    fn a_call_is_named_without_its_flags_and_without_what_starts_it() {
        let script = parse("sudo npm --silent cache clean --force");
        let commands = script.commands();
        let action = packages::read(commands[0].command).unwrap();
        assert_eq!(shown(&action), "npm cache clean");
        assert_eq!(called(&action), TextRange::new(5, 29));
    }
}
