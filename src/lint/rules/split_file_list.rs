use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, CompoundKind, Element, PartKind, Word};

declare_rule! {
    /// The output of `find` taken apart at its blanks.
    ///
    /// ## Why it matters
    /// `find … | xargs rm` and `for file in $(find …)` take a name with a blank in it for two. `find … -exec rm {} +` hands
    /// over each name whole, and so does `find … -print0 | xargs -0 rm`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN find /opt -name '*.pyc' | xargs rm
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN for file in $(find /opt -name '*.pyc'); do rm "$file"; done
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN find /opt -name '*.pyc' -exec rm {} + && find /opt -name '*.a' -print0 | xargs -0 rm
    /// ```
    name: "split-file-list",
    aliases: ["SC2038", "SC2044"],
    category: Correctness,
    severity: Warning,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("find")) {
        for statement in code.statements() {
            for pair in statement.pipeline.windows(2) {
                if let [Element::Command(find), Element::Command(xargs)] = pair
                    && is_call(find, "find")
                    && is_call(xargs, "xargs")
                    && !find.words.iter().chain(&xargs.words).any(parts_by_nul)
                {
                    found.push(
                        Diagnostic::new(&RULE, find.range, "`xargs` takes a name with a blank in it for two")
                            .help("find … -exec … {} +, or -print0 and xargs -0")
                            .known_as(&["SC2038"]),
                    );
                }
            }
            for element in &statement.pipeline {
                let Element::Compound(compound) = element else { continue };
                let CompoundKind::For { words, .. } = &compound.kind else { continue };
                if let [word] = words.as_slice()
                    && lists_files(word)
                {
                    found.push(
                        Diagnostic::new(
                            &RULE,
                            word.range,
                            "the loop takes a name with a blank in it for two",
                        )
                        .help("find … -exec … {} +")
                        .known_as(&["SC2044"]),
                    );
                }
            }
        }
    }
}

fn is_call(command: &Command, name: &str) -> bool {
    command.words.first().is_some_and(|word| word.is(name))
}

/// Whether the word is an option that parts names by a character that is in none.
fn parts_by_nul(word: &Word) -> bool {
    let text = word.shown();
    let Some(option) = text.strip_prefix('-') else {
        return ["null", "print0", "printf"].iter().any(|name| text.starts_with(name));
    };
    let option = option.trim_start_matches('-');
    text.contains('0') || ["null", "print0", "printf"].iter().any(|name| option.starts_with(name))
}

/// Whether the word is nothing but `$(find …)`.
fn lists_files(word: &Word) -> bool {
    let parts = word.parts();
    let [part] = parts.as_slice() else { return false };
    let is_command = part.quotes.is_none() && matches!(part.kind, PartKind::Command { .. });
    let [substitution] = word.substitutions.as_slice() else { return false };
    let [statement] = substitution.list.as_slice() else { return false };
    is_command && statement.command().is_some_and(|command| is_call(command, "find"))
}
