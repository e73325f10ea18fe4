use crate::lint::shell_code::shell_code;
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// Several blanks between words that `echo` prints as one.
    ///
    /// ## Why it matters
    /// The shell takes the blanks between two words away, and `echo` puts a single one there. A line that was laid out by
    /// hand comes out otherwise.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN echo deb     http://deb.example.org     trixie > /etc/apt/sources.list.d/example.list
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// RUN echo 'deb     http://deb.example.org     trixie' > /etc/apt/sources.list.d/example.list
    /// ```
    name: "collapsed-blanks",
    aliases: ["SC2291"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for code in shell_code(input).filter(|code| code.text.contains("echo")) {
        for command in code.commands().filter(|command| command.invocation().name() == Some("echo")) {
            let collapses = command.invocation().args().windows(2).any(|pair| {
                let [first, second] = pair else { return false };
                let between =
                    code.slice(crate::text::TextRange::new(first.range.end(), second.range.start()));
                // Continued lines are laid out for the reader of the Dockerfile.
                between.len() >= 4 && between.bytes().all(|byte| byte == b' ' || byte == b'\t')
            });
            if collapses {
                found.push(
                    Diagnostic::new(&RULE, command.range, "of the blanks between these words one is printed")
                        .help("put the line in quotes to keep them"),
                );
            }
        }
    }
}
