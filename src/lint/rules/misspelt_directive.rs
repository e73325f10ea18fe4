use crate::dockerfile::{Item, nearest};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::text::TextRange;

declare_rule! {
    /// A comment that was meant to be a parser directive.
    ///
    /// ## Why it matters
    /// `# syntax=`, `# escape=` and `# check=` are directives only where they are spelt so and stand above everything
    /// else: behind a comment, a blank line or an instruction they are comments, and so are those below a misspelt one.
    /// BuildKit says nothing, and reads the file with another frontend or another escape character than was meant.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// # sytnax=docker/dockerfile:1
    /// FROM debian:trixie-slim
    /// ```
    /// ```dockerfile,bad
    /// # The image of the shop.
    /// # escape=`
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2025
    /// ```
    /// ```dockerfile,good
    /// # syntax=docker/dockerfile:1
    /// # check=skip=JSONArgsRecommended
    /// # The image of the shop, built with target=release.
    /// FROM debian:trixie-slim
    /// ```
    name: "misspelt-directive",
    aliases: ["tally/syntax-directive-typo"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

const NAMES: [&str; 3] = ["syntax", "escape", "check"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut misspelt = false;
    for item in &input.dockerfile.items {
        let comment = match item {
            Item::Directive(_) | Item::Blank(_) => continue,
            Item::Comment(comment) => comment,
            Item::Instruction(_) => return,
        };
        let text = input.source.slice(comment.range);
        let Some((name, value)) = text.trim_start_matches('#').split_once('=') else { continue };
        let start = comment.range.start() + (text.len() - text.trim_start_matches('#').trim_start().len());
        let name = name.trim();
        // A sentence is none.
        if name.is_empty() || name.contains(char::is_whitespace) || value.trim().contains(char::is_whitespace)
        {
            continue;
        }
        let place = TextRange::new(start, start + name.len());
        let Some(meant) = nearest(name, NAMES) else { continue };
        if !name.eq_ignore_ascii_case(&meant) {
            misspelt = true;
            found.push(
                Diagnostic::new(
                    &RULE,
                    place,
                    format!("no directive is named `{name}`, so this is a comment"),
                )
                .help(format!("did you mean `{meant}`?")),
            );
        // What stands below a misspelt one is right once that one is.
        } else if !misspelt {
            found.push(
                Diagnostic::new(
                    &RULE,
                    place,
                    format!("`{name}` stands too low for a directive, so this is a comment"),
                )
                .help("move it above everything else in the file"),
            );
        }
    }
}
