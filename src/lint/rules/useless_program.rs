use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Element, PartKind, RedirectOperator, Statement, Word, brace_expansions};

declare_rule! {
    /// A program that only hands on what another prints: `echo $(date)`, `cat file | grep x`.
    ///
    /// ## Why it matters
    /// `date` prints without `echo` just as well, and its line's ends and blanks stay. `grep x file` opens the file itself; a
    /// process less, and where it isn't there the pipe fails.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN echo $(date)
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN cat /etc/passwd | cut -d: -f1
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN date && cut -d: -f1 /etc/passwd && cat /etc/*.conf | sort && echo "built $(date)"
    /// ```
    name: "useless-program",
    aliases: ["SC2005", "SC2002"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("echo") || code.text.contains("cat")) {
        for (_, args) in code.calls(&["echo"]) {
            if let [word] = args
                && is_output(word)
            {
                found.push(
                    Diagnostic::new(&RULE, word.range, "the command prints this by itself")
                        .help("leave `echo` out")
                        .known_as(&["SC2005"]),
                );
            }
        }
        for statement in code.statements() {
            if let [Element::Command(command), _, ..] = statement.pipeline.as_slice()
                && let Some(file) = only_file(command)
            {
                found.push(
                    Diagnostic::new(&RULE, file.range, "the next program can read this file itself")
                        .help("name the file there, or use `<`")
                        .known_as(&["SC2002"]),
                );
            }
        }
    }
}

/// Whether the word is nothing but one command's output.
fn is_output(word: &Word) -> bool {
    let parts = word.parts();
    let ([part], [substitution]) = (parts.as_slice(), word.substitutions.as_slice()) else { return false };
    let [statement] = substitution.list.as_slice() else { return false };
    matches!(part.kind, PartKind::Command { .. }) && !only_redirects(statement)
}

fn only_redirects(statement: &Statement) -> bool {
    statement.command().is_some_and(|command| {
        command.words.is_empty()
            && command.redirects.iter().any(|redirect| redirect.operator == RedirectOperator::Read)
    })
}

/// The one file that `cat` prints.
fn only_file(command: &Command) -> Option<&Word> {
    let [name, file] = command.words.as_slice() else { return None };
    let may_be_more = file.is_pattern()
        || !brace_expansions(file).is_empty()
        || file.parts().iter().any(|part| match part.kind {
            PartKind::Parameter(parameter) => {
                part.quotes.is_none() || parameter.name == "@" || parameter.behind.contains("[@]")
            }
            _ => false,
        });
    (name.is("cat") && !may_be_more && !file.shown().starts_with('-')).then_some(file)
}
