use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, Severity, declare_rule};
use crate::shell::{CompoundKind, Element, PartKind, Statement, Word};

declare_rule! {
    /// The output of `ls` taken apart.
    ///
    /// ## Why it matters
    /// `ls` prints names for people: one with a blank or a line's end in it comes apart, and what else stands in the line
    /// depends on the program. A pattern (`for file in /opt/*.deb`) and `find` hand over the names themselves.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN for file in $(ls /opt); do chmod +x "/opt/$file"; done
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN ls /opt | wc -l
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN for file in /opt/*; do chmod +x "$file"; done && ls /opt
    /// ```
    name: "parsed-ls",
    aliases: ["SC2010", "SC2011", "SC2012", "SC2045"],
    category: Correctness,
    severity: Warning,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("ls")) {
        for statement in code.statements() {
            of_pipe(statement, found);
            for element in &statement.pipeline {
                let Element::Compound(compound) = element else { continue };
                let CompoundKind::For { words, .. } = &compound.kind else { continue };
                if let [word] = words.as_slice() {
                    of_loop(word, found);
                }
            }
        }
    }
}

/// The name that an element calls, as it is written.
fn called(element: &Element) -> Option<&Word> {
    match element {
        Element::Command(command) => command.words.first(),
        Element::Compound(_) => None,
    }
}

fn of_pipe(statement: &Statement, found: &mut Vec<Diagnostic>) {
    let pairs = || {
        statement.pipeline.windows(2).filter_map(|pair| match pair {
            [first, second] => called(first).filter(|name| name.is("ls")).map(|name| (first, name, second)),
            _ => None,
        })
    };
    let mut special = false;
    for (_, name, reader) in pairs() {
        let reader = called(reader);
        let (known_as, help): (&[&str], _) = if reader.is_some_and(|reader| reader.is("grep")) {
            (&["SC2010"], "use a pattern, or a loop with a condition")
        } else if reader.is_some_and(|reader| reader.is("xargs")) {
            (&["SC2011"], "find … -exec … {} +")
        } else {
            continue;
        };
        special = true;
        found.push(
            Diagnostic::new(&RULE, name.range, "names come apart on the way").help(help).known_as(known_as),
        );
    }
    for (ls, name, _) in pairs().filter(|_| !special) {
        let keeps_names = match ls {
            Element::Command(command) => {
                command.words.iter().any(|word| word.shown().starts_with('-') && word.shown().contains('N'))
            }
            Element::Compound(_) => false,
        };
        if !keeps_names {
            found.push(
                Diagnostic::new(&RULE, name.range, "names come apart on the way")
                    .help("find prints names as they are")
                    .severity(Severity::Info)
                    .known_as(&["SC2012"]),
            );
        }
    }
}

/// `for file in $(ls)`
fn of_loop(word: &Word, found: &mut Vec<Diagnostic>) {
    let parts = word.parts();
    let [part] = parts.as_slice() else { return };
    let ([substitution], PartKind::Command { .. }) = (word.substitutions.as_slice(), part.kind) else {
        return;
    };
    let [statement] = substitution.list.as_slice() else { return };
    let command =
        statement.command().filter(|command| command.words.first().is_some_and(|name| name.is("ls")));
    let Some(command) = command.filter(|_| part.quotes.is_none()) else { return };
    let has_flags = command.invocation().args().iter().any(|word| word.shown().starts_with('-'));
    found.push(
        Diagnostic::new(&RULE, word.range, "a name with a blank in it is two words here")
            .help("for file in folder/*")
            .severity(if has_flags { Severity::Warning } else { Severity::Error })
            .known_as(&["SC2045"]),
    );
}
