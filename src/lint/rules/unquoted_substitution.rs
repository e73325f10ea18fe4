use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{PartKind, Statement};

declare_rule! {
    /// The output of a command that the shell splits into words, since it has no quotes.
    ///
    /// ## Why it matters
    /// Without quotes the shell splits what `$(…)` prints at its blanks, and puts the names of files where `*`, `?` or `[` is
    /// in it. Where the command prints nothing there is no word at all: `[ $(uname -m) = x86_64 ]` is then an error that
    /// the script takes for a no.
    ///
    /// Unasked, this rule speaks of operands of `[`. Elsewhere the words are mostly wanted, as in `apt-get install $(cat
    /// packages)`; on request it shows them all, as ShellCheck does.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN [ $(uname -m) = x86_64 ] || exit 1
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN [ "$(uname -m)" = x86_64 ] || exit 1
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN tar -xf app-$(uname -m).tar
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN machine=$(uname -m) && tar -xf "app-$(uname -m).tar" && kill $(pgrep server)
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: where the output is meant to be several words it is one word afterwards.
    name: "unquoted-substitution",
    aliases: ["SC2046"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("$(") || code.text.contains('`')) {
        for placed in code.words() {
            let word = placed.word;
            if word.substitutions.is_empty() || code.is_quote_free(&placed) {
                continue;
            }
            let parts = word.parts();
            for part in &parts {
                let PartKind::Command { .. } = part.kind else { continue };
                let list = word
                    .substitutions
                    .iter()
                    .find(|inner| inner.range == part.range)
                    .map(|inner| &inner.list);
                let is_left_alone = part.quotes.is_some()
                    || (crate::lint::shell_code::ShellCode::is_program(&placed) && parts.len() == 1)
                    || list.is_none_or(|list| list.is_empty() || lists_numbers(list));
                if is_left_alone {
                    continue;
                }
                let tested = placed.is_tested() && parts.len() == 1 && !placed.is_asked_for_length();
                let message = if tested {
                    "where the command prints nothing, or a blank, this test is an error and counts as a no"
                } else {
                    "the output is split at its blanks, and `*` in it becomes the names of files"
                };
                let diagnostic = Diagnostic::new(&RULE, part.range, message)
                    .help("put it in double quotes")
                    .fix(Safety::Unsafe, "quote it", code.quoted(part.range));
                found.push(if tested { diagnostic } else { diagnostic.on_request() });
            }
        }
    }
}

/// `seq` and `pgrep` print numbers that are meant to be words.
fn lists_numbers(list: &[Statement]) -> bool {
    let [statement] = list else { return false };
    let name = statement.command().and_then(|command| command.invocation().name());
    matches!(name, Some("seq" | "pgrep"))
}
