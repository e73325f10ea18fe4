use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, Severity, declare_rule};
use crate::shell::{CompoundKind, Element, Part, PartKind, Word, brace_expansions};

declare_rule! {
    /// A loop that can only run once.
    ///
    /// ## Why it matters
    /// `for package in "$PACKAGES"` goes through one word, however many are in it, and `for x in a,b,c` through one that is
    /// named `a,b,c`.
    ///
    /// Unasked, this rule speaks where several words were surely meant. A loop over one fixed word, which is mostly a list
    /// that has become short, is shown on request.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// ARG PACKAGES="curl git"
    /// RUN for package in "$PACKAGES"; do apt-get install -y "$package"; done
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN for key in 6A010C5166006599AA17F08146C2130DFD2497F5; do gpg --recv-keys "$key"; done
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ARG PACKAGES="curl git"
    /// RUN for package in $PACKAGES; do apt-get install -y "$package"; done; for file in *.deb; do dpkg -i "$file"; done
    /// ```
    name: "loop-over-one",
    aliases: ["SC2043", "SC2066", "SC2041", "SC2042"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("for")) {
        for statement in code.statements() {
            for element in &statement.pipeline {
                let Element::Compound(compound) = element else { continue };
                let CompoundKind::For { words, variable: Some(_), .. } = &compound.kind else { continue };
                if let [word] = words.as_slice() {
                    found.extend(once(word));
                }
            }
        }
    }
}

fn once(word: &Word) -> Option<Diagnostic> {
    let parts = word.parts();
    let is_quoted = word.text.starts_with('"') && parts.iter().all(|part| part.quotes == Some(word.range));
    let would_be_pattern = is_quoted && word.value.as_ref().is_some_and(|value| value.contains('*'));
    if would_be_pattern || (is_quoted && parts.iter().any(is_expansion) && !parts.iter().any(is_list)) {
        return Some(
            Diagnostic::new(&RULE, word.range, "in quotes this is one word, however many are in it")
                .help("leave the quotes out where the words are to be parted")
                .severity(Severity::Error)
                .known_as(&["SC2066"]),
        );
    }
    if let [Part { kind: PartKind::SingleQuoted(_), .. }] = parts.as_slice() {
        return Some(
            Diagnostic::new(&RULE, word.range, "in quotes this is one word and no command")
                .help("$(…) runs a command")
                .known_as(&["SC2041"]),
        );
    }
    let is_bare = parts.iter().all(|part| part.quotes.is_none() && matches!(part.kind, PartKind::Literal(_)));
    if is_bare && word.value.as_ref().is_some_and(|value| value.contains(',')) {
        return Some(
            Diagnostic::new(&RULE, word.range, "a comma parts no words")
                .help("part them by blanks")
                .known_as(&["SC2042"]),
        );
    }
    let may_be_more = word.is_pattern()
        || !brace_expansions(word).is_empty()
        || parts.iter().any(|part| is_list(part) || (part.quotes.is_none() && is_expansion(part)));
    (!may_be_more).then(|| {
        Diagnostic::new(&RULE, word.range, "there is one word to go through")
            .help("leave the loop out, or let the word come to several")
            .known_as(&["SC2043"])
            .on_request()
    })
}

fn is_expansion(part: &Part<'_>) -> bool {
    matches!(part.kind, PartKind::Parameter(_) | PartKind::Command { .. })
}

/// `"$@"` and `"${list[@]}"` are many words even in quotes.
fn is_list(part: &Part<'_>) -> bool {
    match part.kind {
        PartKind::Parameter(parameter) => {
            parameter.name == "@" || parameter.behind.contains("[@]") || parameter.before == "!"
        }
        _ => false,
    }
}
