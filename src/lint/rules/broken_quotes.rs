use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Part, PartKind, Word};
use crate::text::TextRange;

declare_rule! {
    /// Quotes inside quotes, which end them.
    ///
    /// ## Why it matters
    /// `echo "{"name": "app"}"` prints `{name: app}`: the second quote ends the first, and the shell takes all of them away.
    /// A quote that is to be printed needs a backslash, or single quotes around the whole.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN echo "a "fine" day" > /etc/motd
    /// ```
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN echo "deb [arch="$(dpkg --print-architecture)"] http://deb.example.org trixie main" > /etc/apt/sources.list
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN echo "a \"fine\" day" '{"name": "app"}' "$HOME"/bin:"$HOME"/lib > /etc/motd
    /// ```
    name: "broken-quotes",
    aliases: ["SC2140", "SC2027"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// A piece of a word: all that stands in one pair of double quotes, or something outside of them.
struct Piece<'w> {
    quotes: Option<TextRange>,
    parts: Vec<Part<'w>>,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains('"')) {
        for placed in code.words().filter(|placed| placed.word.text.matches('"').count() > 3) {
            let words = placed.command.map(|command| command.words.as_slice()).unwrap_or_default();
            let at = words.iter().position(|word| word.range == placed.word.range);
            if at.and_then(|at| words.get(at.checked_sub(1)?)).is_none_or(|before| before.text != "=~") {
                of_word(placed.word, found);
            }
        }
    }
}

fn of_word(word: &Word, found: &mut Vec<Diagnostic>) {
    let pieces = pieces(word);
    for three in pieces.windows(3) {
        let [before, between, behind] = three else { continue };
        let (Some(first), Some(last)) = (between.parts.first(), between.parts.last()) else { continue };
        if before.quotes.is_none() || behind.quotes.is_none() || between.quotes.is_some() {
            continue;
        }
        let range = first.range.cover(last.range);
        match first.kind {
            PartKind::Command { backticks: false } | PartKind::Parameter(_) => found.push(
                Diagnostic::new(&RULE, range, "the quotes around this leave it outside: the shell splits it")
                    .help("leave these quotes out, or put a backslash before each")
                    .known_as(&["SC2027"]),
            ),
            PartKind::Literal(_) | PartKind::Escape(_) => {
                let text =
                    word.text.get(range.start() - word.range.start()..range.end() - word.range.start());
                // The items of an array are parted by blanks.
                let parts =
                    |text: &str| ["=", ":", "/"].contains(&text) || text.contains(char::is_whitespace);
                let joins = text.is_some_and(parts);
                if !(joins || (is_one_value(before) && is_one_value(behind))) {
                    found.push(
                        Diagnostic::new(
                            &RULE,
                            range,
                            "this stands outside of the quotes, and they are not printed",
                        )
                        .help("put a backslash before the quotes that are meant, or single quotes around all")
                        .known_as(&["SC2140"]),
                    );
                }
            }
            _ => {}
        }
    }
}

fn pieces(word: &Word) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let is_text = |part: &Part<'_>| matches!(part.kind, PartKind::Literal(_) | PartKind::Escape(_));
    for part in word.parts() {
        match pieces.last_mut() {
            Some(piece) if part.quotes.is_some() && piece.quotes == part.quotes => piece.parts.push(part),
            Some(piece)
                if part.quotes.is_none()
                    && piece.quotes.is_none()
                    && is_text(&part)
                    && piece.parts.iter().all(is_text) =>
            {
                piece.parts.push(part);
            }
            _ => pieces.push(Piece { quotes: part.quotes, parts: vec![part] }),
        }
    }
    pieces
}

/// Whether the quotes hold one variable or one command's output: they were put there on purpose.
fn is_one_value(piece: &Piece<'_>) -> bool {
    matches!(piece.parts.as_slice(), [Part { kind: PartKind::Parameter(_) | PartKind::Command { .. }, .. }])
}
