use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, Severity, declare_rule};
use crate::shell::{PartKind, Role};
use crate::text::TextRange;

declare_rule! {
    /// A pattern like `[standard]`, which stands for one character.
    ///
    /// ## Why it matters
    /// `pip install uvicorn[standard]` works because no file named `uvicorns` is there; where one is, the shell puts its name
    /// in the place. A letter that stands twice in the brackets says that a word was meant. `[:digit:]` alone is the
    /// letters of the word, and `[[:digit:]]` is a digit.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.13-slim
    /// RUN pip install uvicorn[standard]
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.13-slim
    /// RUN pip install 'uvicorn[standard]' && rm -f /tmp/[0-9]
    /// ```
    name: "repeated-in-brackets",
    aliases: ["SC2102", "SC2101"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains('[')) {
        for placed in code.words().filter(|placed| placed.word.is_pattern()) {
            let name =
                placed.command.and_then(|command| command.words.first()).map(crate::shell::Word::shown);
            if matches!(name, Some("tr" | "read" | "[[")) || placed.role == Role::Value {
                continue;
            }
            for part in placed.word.parts() {
                let PartKind::Literal(text) = part.kind else { continue };
                if part.quotes.is_none() {
                    of_text(text, part.range.start(), found);
                }
            }
        }
    }
}

fn of_text(text: &str, start: usize, found: &mut Vec<Diagnostic>) {
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|rest| rest.find('[')).map(|at| from + at) {
        let Some(close) = closing(text, open) else { return };
        from = close + 1;
        let inside = text.get(open + 1..close).unwrap_or_default();
        let inside = inside.strip_prefix(['!', '^']).unwrap_or(inside);
        let range = TextRange::new(open, close + 1).shift(start);
        if inside.len() > 1 && inside.starts_with(':') && inside.ends_with(':') {
            found.push(
                Diagnostic::new(&RULE, range, "this stands for the letters of the word")
                    .help("a class has brackets of its own: [[:digit:]]")
                    .severity(Severity::Warning)
                    .known_as(&["SC2101"]),
            );
        } else if !inside.contains('[') && repeats(inside) {
            found.push(
                Diagnostic::new(
                    &RULE,
                    range,
                    "this stands for one character, and some of them are there twice",
                )
                .help("put it in quotes where the brackets are meant")
                .known_as(&["SC2102"]),
            );
        }
    }
}

/// The bracket that closes the one at `open`; a class within has its own.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut at = open + 1;
    // The first of all can be a bracket itself.
    at += usize::from(text.get(at..)?.starts_with(['!', '^']));
    at += usize::from(text.get(at..)?.starts_with(']'));
    loop {
        let rest = text.get(at..)?;
        if rest.starts_with("[:") {
            at += rest.find(":]")? + 2;
            continue;
        }
        let next = rest.chars().next()?;
        if next == ']' {
            return Some(at);
        }
        at += next.len_utf8();
    }
}

fn repeats(text: &str) -> bool {
    let mut seen: Vec<char> = Vec::new();
    text.chars().filter(|c| *c != '-').any(|c| {
        let again = seen.contains(&c);
        seen.push(c);
        again
    })
}
