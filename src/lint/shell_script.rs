//! The scripts of a file as ShellCheck is given them.
//!
//! A script is handed over as the shell gets it, behind a head of two lines: the shell, and an `export` of the variables
//! that the Dockerfile sets, so that none of them is taken for one that nobody assigns. Every character keeps its place:
//! an offset in the script is one in the file less the script's start.

use crate::dockerfile::{Body, Command, Dockerfile, Healthcheck};
use crate::facts::{Fact, Facts};
use crate::shell::{self, Dialect};
use crate::text::TextRange;

/// The lines that stand before a script.
const HEAD: usize = 2;

/// What BuildKit lets every step see without an `ARG`.
/// Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `proxyEnvFromBuildArgs`.
pub(super) const PROXIES: [&str; 9] = [
    "ALL_PROXY",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// A script with its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellScript {
    /// What ShellCheck reads.
    pub text: String,
    /// Where the script itself starts in the file.
    pub start: usize,
}

/// The scripts of the file that ShellCheck can read.
pub(super) fn shell_scripts(dockerfile: &Dockerfile, facts: &Facts) -> Vec<ShellScript> {
    facts.all(dockerfile).filter_map(|fact| ShellScript::of(&fact)).collect()
}

impl ShellScript {
    /// The script of `fact`; nothing where there is none, or none that ShellCheck can read.
    pub(super) fn of(fact: &Fact<'_>) -> Option<Self> {
        let dialect = fact.facts.dialect.filter(|dialect| *dialect != Dialect::Zsh)?;
        let (script, start) = shell::text(command(fact)?)?;
        let own = script.lines().next().filter(|line| line.starts_with("#!"));
        let flags = match own {
            Some(line) => line.split_whitespace().filter(|word| word.starts_with('-')).collect(),
            None => flags(fact.facts.before.shell.words()),
        };
        let mut text = format!("#!/bin/{} {}", dialect.name(), flags.join(" ")).trim_end().to_owned();
        text.push_str("\nexport");
        for name in variables(fact) {
            text.push(' ');
            text.push_str(&name);
            text.push_str("=1");
        }
        text.push('\n');
        match own {
            // Below the head it would only be a comment that ShellCheck finds out of place.
            Some(line) => {
                text.extend(line.chars().map(|_| ' '));
                text.push_str(script.get(line.len()..).unwrap_or_default());
            }
            None => text.push_str(&script),
        }
        Some(Self { text, start })
    }

    /// Where in the file something stands that is at these lines and columns of the text, both counted from 1, columns in
    /// characters. Nothing for what stands in the head.
    pub(super) fn range(&self, from: (usize, usize), to: (usize, usize)) -> Option<TextRange> {
        let start = self.offset(from)?;
        let end = self.offset(to).filter(|end| *end > start).unwrap_or(start + 1);
        Some(TextRange::new(start, end))
    }

    fn offset(&self, (line, column): (usize, usize)) -> Option<usize> {
        let index = line.checked_sub(HEAD + 1)?;
        let mut lines = self.text.split_inclusive('\n').skip(HEAD);
        let before: usize = lines.by_ref().take(index).map(str::len).sum();
        let content = lines.next().unwrap_or_default();
        let within = content.char_indices().nth(column.checked_sub(1)?).map_or(content.len(), |(at, _)| at);
        Some(self.start + before + within)
    }
}

/// What the instruction, or its trigger, gives a shell.
fn command<'a>(fact: &Fact<'a>) -> Option<&'a Command<'a>> {
    match &fact.trigger().body {
        Body::Run(command)
        | Body::Cmd(command)
        | Body::Entrypoint(command)
        | Body::Healthcheck(Healthcheck::Cmd(command)) => Some(command),
        _ => None,
    }
}

/// What a `SHELL` asks of its shell, beside reading a script.
fn flags(shell: &[String]) -> Vec<&str> {
    let words = shell.iter().skip(1).map(String::as_str);
    words.filter(|word| *word != "-c" && !word.contains(char::is_whitespace)).collect()
}

/// The variables that are set where the script runs. What is started later sees no build arguments.
fn variables(fact: &Fact<'_>) -> Vec<String> {
    let variables = &fact.facts.before.variables;
    let mut names: Vec<String> = if matches!(fact.trigger().body, Body::Run(_)) {
        variables.keys().cloned().collect()
    } else {
        variables.env().map(|(name, _)| name.clone()).collect()
    };
    names.extend(PROXIES.map(str::to_owned));
    names.retain(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    names.sort();
    names.dedup();
    names
}
