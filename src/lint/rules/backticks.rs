use crate::lint::shell_code::{ShellCode, shell_code};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{Part, PartKind};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// Backticks for the output of a command.
    ///
    /// ## Why it matters
    /// In backticks each backslash and quote has to be escaped once more, and one pair can't stand in another. `$(…)` reads
    /// like any other script.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN make -j`nproc`
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN make -j$(nproc)
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN make -j$(nproc)
    /// ```
    ///
    /// ## Fix safety
    /// Safe: both run the same script. Offered only where no backslash, no comment and no parenthesis is in it, and no quote
    /// where it stands in quotes itself; there the two forms read it differently.
    name: "backticks",
    aliases: ["SC2006"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains('`')) {
        for placed in code.words().filter(|placed| placed.word.text.contains('`')) {
            for part in placed.word.parts() {
                let PartKind::Command { backticks: true } = part.kind else { continue };
                let inner = placed.word.substitutions.iter().find(|inner| inner.range == part.range);
                if inner.is_some_and(|inner| !inner.list.is_empty()) {
                    found.push(
                        Diagnostic::new(&RULE, part.range, "backticks are the old form")
                            .help("$(…) does the same and can stand in another")
                            .fix(Safety::Safe, "write $(…)", in_new_form(&code, part)),
                    );
                }
            }
        }
    }
}

fn in_new_form(code: &ShellCode<'_>, part: Part<'_>) -> Option<EditSet> {
    let (start, end) = (part.range.start(), part.range.end());
    let inside = code.slice(TextRange::new(start + 1, end.checked_sub(1)?));
    let is_plain = !(inside.contains(['\\', '#', '(', ')', '`'])
        || (part.quotes.is_some() && inside.contains(['"', '\''])));
    let edits = vec![
        Edit::replace(TextRange::new(start, start + 1), "$("),
        Edit::replace(TextRange::new(end - 1, end), ")"),
    ];
    is_plain.then(|| EditSet::try_from(edits).ok())?
}
