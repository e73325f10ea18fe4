use crate::lint::shell_code::{DECLARING, shell_code};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Word};
use crate::text::TextRange;

declare_rule! {
    /// A blank behind the `=` of an assignment.
    ///
    /// ## Why it matters
    /// `VERSION= 1.2` sets nothing: it runs the program `1.2` with an empty `VERSION`. Where an empty value is meant,
    /// `VERSION=''` says so.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN VERSION= 1.2 && echo "$VERSION"
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN VERSION=1.2 && CFLAGS='' make "$VERSION" && EMPTY=
    /// ```
    name: "space-after-equals",
    aliases: ["SC1007"],
    category: Correctness,
    severity: Warning,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input)
        .filter(|code| code.text.contains("= ") || code.text.contains("=\t") || code.text.contains("=\\"))
    {
        for statement in code.statements() {
            let commands = statement.pipeline.iter().filter_map(|element| match element {
                crate::shell::Element::Command(command) => Some(command),
                crate::shell::Element::Compound(_) => None,
            });
            for command in commands {
                for end in empty_values(command) {
                    let blanks = command.range.end() > end;
                    if blanks {
                        let place = TextRange::new(end, end + 1);
                        found.push(
                            Diagnostic::new(
                                &RULE,
                                place,
                                "the variable is set to nothing, and what follows is another word",
                            )
                            .help("leave the blank out, or write '' for an empty value"),
                        );
                    }
                }
            }
        }
    }
}

/// Where the empty values of a command stand that something follows.
fn empty_values(command: &Command) -> Vec<usize> {
    let assigned = command
        .assignments
        .iter()
        .filter(|assignment| assignment.value.text.is_empty() && assignment.name != "IFS");
    let mut found: Vec<usize> = assigned.map(|assignment| assignment.range.end()).collect();
    if command.words.first().is_some_and(|name| DECLARING.contains(&name.shown())) {
        let is_empty = |word: &&Word| {
            word.declaration().is_some_and(|(name, _, parts)| parts.is_empty() && name != "IFS")
        };
        found.extend(command.words.iter().skip(1).filter(is_empty).map(|word| word.range.end()));
    }
    found
}
