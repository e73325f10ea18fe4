use std::sync::LazyLock;

use regex::Regex;

use crate::lint::shell_code::{program, shell_code};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, PartKind, Placed, Role, Word};

declare_rule! {
    /// A `$` in single quotes, which the shell leaves as it is.
    ///
    /// ## Why it matters
    /// Nothing is put into single quotes: `echo 'version: $VERSION'` writes those very letters. Often that is meant, as in a
    /// line for somebody's `.bashrc`; where it isn't, the file is wrong and nobody is told.
    ///
    /// Programs that read such words themselves (`sh -c`, `awk`, `perl`, `jq`, `trap` and the like) are left alone.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// ARG VERSION=1
    /// RUN echo 'version: $VERSION' > /etc/app.yaml
    /// ```
    /// ```dockerfile,good
    /// FROM debian:trixie-slim
    /// ARG VERSION=1
    /// RUN echo "version: $VERSION" > /etc/app.yaml && awk '{ print $1 }' /etc/passwd && sed -i '$d' /etc/app.yaml
    /// ```
    name: "single-quoted-expansion",
    aliases: ["SC2016"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

/// What would be put in outside of the quotes.
static EXPANSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$[{(0-9a-zA-Z_]|`[^`]+`").ok());

/// `$` as an address of sed's, with its command.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$[{dpsaic](?:$|[^a-zA-Z])").ok());

/// Programs that read a `$` themselves.
const READERS: [&str; 18] = [
    "trap",
    "sh",
    "bash",
    "ksh",
    "zsh",
    "ssh",
    "eval",
    "xprop",
    "alias",
    "sudo",
    "doas",
    "run0",
    "docker",
    "podman",
    "oc",
    "dpkg-query",
    "jq",
    "rename",
];

/// Variables that the shell reads again.
const PROMPTS: [&str; 5] = ["PS1", "PS2", "PS3", "PS4", "PROMPT_COMMAND"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(expansion), Some(address)) = (EXPANSION.as_ref(), ADDRESS.as_ref()) else { return };
    for code in shell_code(input).filter(|code| code.text.contains('\'') && code.text.contains(['$', '`'])) {
        for placed in code.words().filter(|placed| placed.word.text.contains('\'')) {
            for part in placed.word.parts() {
                let PartKind::SingleQuoted(text) = part.kind else { continue };
                if !expansion.is_match(text) {
                    continue;
                }
                let reader = placed.command.and_then(reader).unwrap_or_default();
                let is_meant = if reader == "sed" {
                    address.is_match(text)
                } else {
                    reads(reader) || is_prompt(&placed)
                };
                if !is_meant {
                    found.push(
                        Diagnostic::new(&RULE, part.range, "in single quotes the `$` stays a `$`")
                            .help("use double quotes where the value is wanted"),
                    );
                }
            }
        }
    }
}

/// The program that reads the command's words.
fn reader(command: &Command) -> Option<&str> {
    let name = command.invocation().from(program(&command.words)).name()?;
    let words: Vec<&str> = command.words.iter().map(Word::shown).collect();
    Some(match name {
        "find" => {
            let at = words.iter().position(|word| ["-exec", "-execdir", "-ok", "-okdir"].contains(word));
            at.and_then(|at| words.get(at + 1)).copied().unwrap_or(name)
        }
        "git" if words.get(1) == Some(&"filter-branch") => "eval",
        _ => name,
    })
}

fn reads(name: &str) -> bool {
    READERS.contains(&name)
        || matches!(name, "rg" | "unset")
        || name.ends_with("awk")
        || name.starts_with("perl")
}

fn is_prompt(placed: &Placed<'_>) -> bool {
    let Some(command) = placed.command else { return false };
    if placed.role == Role::Value {
        let assigned =
            command.assignments.iter().find(|assignment| assignment.value.range == placed.word.range);
        return assigned.is_some_and(|assignment| PROMPTS.contains(&assignment.name.as_str()));
    }
    let before = command.words.iter().rev().find(|word| word.range.end() <= placed.word.range.start());
    placed.word.declaration().is_some_and(|(name, ..)| PROMPTS.contains(&name))
        || before.is_some_and(|word| word.is("-v"))
}
