//! What a command fetches from the web: the calls of curl and wget.

use crate::shell::{Command, CompoundKind, Element, Statement, Word};

/// A call of curl or wget with at least one address.
#[derive(Debug, Clone)]
pub(super) struct Download<'a> {
    /// Its addresses, variables not put in.
    pub(super) addresses: Vec<&'a Word>,
    /// The file that it is told to write.
    pub(super) output: Option<&'a Word>,
    /// Whether it writes to its standard output.
    pub(super) to_stdout: bool,
}

impl<'a> Download<'a> {
    /// Reads a command; nothing where it fetches nothing.
    pub(super) fn of(command: &'a Command) -> Option<Self> {
        let call = command.effective();
        let program = call.name().filter(|name| matches!(*name, "curl" | "wget"))?;
        let is_address = |word: &&Word| {
            let text = word.text.trim_start_matches(['"', '\'']);
            ["http://", "https://", "ftp://"].iter().any(|scheme| text.starts_with(scheme))
        };
        let addresses: Vec<&Word> = call.args().iter().filter(is_address).collect();
        if addresses.is_empty() {
            return None;
        }
        let flags: &[&str] =
            if program == "curl" { &["-o", "--output"] } else { &["-O", "--output-document"] };
        let output = output(call.args(), flags);
        let to_stdout = match (program, output) {
            (_, Some(word)) => word.is("-"),
            ("curl", None) => !call.has_flag(&["-O", "--remote-name", "--remote-name-all"]),
            (_, None) => call.args().iter().any(|word| {
                let short = word.shown().strip_prefix('-').filter(|letters| !letters.starts_with('-'));
                short.is_some_and(|letters| letters.ends_with("O-"))
            }),
        };
        Some(Self { addresses, output, to_stdout })
    }
}

/// The word behind the last of `flags`, also where its letter ends a cluster: `-fsSLo file`.
fn output<'a>(args: &'a [Word], flags: &[&str]) -> Option<&'a Word> {
    let ends = |word: &Word| {
        let shown = word.shown();
        let letter = flags.first().and_then(|flag| flag.chars().nth(1)).unwrap_or_default();
        let is_cluster = shown.starts_with('-') && !shown.starts_with("--") && shown.ends_with(letter);
        flags.contains(&shown) || is_cluster
    };
    args.windows(2).rev().find_map(|pair| match pair {
        [flag, value] if ends(flag) => Some(value),
        _ => None,
    })
}

/// The host of an address as it is written, without user and password.
pub(super) fn host(address: &Word) -> &str {
    let text = address.text.trim_matches(['"', '\'']);
    let behind = text.split_once("://").map_or(text, |(_, behind)| behind);
    let authority = behind.split(['/', '?', '#']).next().unwrap_or(behind);
    authority.rsplit('@').next().unwrap_or(authority)
}

/// What a script has in it that holds a download against something known: digests, signatures, digests of a lock.
const CHECKS: &[&str] = &[
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "shasum",
    "md5sum",
    "b2sum",
    "cksum",
    "openssl dgst",
    "gpg ",
    "gpgv",
    "gpg2",
    "cosign",
    "minisign",
    "signify",
    "sha256 ",
    "--checksum",
    "jarsigner",
    "rpm --checksig",
];

/// Whether the text has such a check in it.
pub(super) fn holds_check(text: &str) -> bool {
    CHECKS.iter().any(|check| text.contains(check))
}

/// The statements of a list and of the compound commands in it, in the order of the file.
pub(super) fn statements(list: &[Statement]) -> Vec<&Statement> {
    let mut found = Vec::new();
    for statement in list {
        found.push(statement);
        for element in &statement.pipeline {
            match element {
                Element::Command(command) => found.extend(statements(&command.inner)),
                Element::Compound(compound) => {
                    for body in bodies(&compound.kind) {
                        found.extend(statements(body));
                    }
                }
            }
        }
    }
    found
}

fn bodies(kind: &CompoundKind) -> Vec<&[Statement]> {
    match kind {
        CompoundKind::Subshell(list) | CompoundKind::Group(list) => vec![list],
        CompoundKind::If { branches, otherwise } => branches
            .iter()
            .flat_map(|branch| [branch.condition.as_slice(), branch.body.as_slice()])
            .chain([otherwise.as_slice()])
            .collect(),
        CompoundKind::Loop(branch) => vec![&branch.condition, &branch.body],
        CompoundKind::For { body, .. } | CompoundKind::Function { body, .. } => vec![body],
        CompoundKind::Case { items, .. } => items.iter().map(|item| item.body.as_slice()).collect(),
        CompoundKind::Arithmetic => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::Download;
    use crate::shell::{Word, parse};

    #[test]
    fn a_download_goes_to_a_file_or_to_the_pipe() {
        let cases = [
            ("curl -fsSL https://a/b", None, true),
            ("curl -fsSLo /tmp/b https://a/b", Some("/tmp/b"), false),
            ("curl -fsSLO https://a/b", None, false),
            ("wget https://a/b", None, false),
            ("wget -qO- https://a/b", None, true),
            ("wget -qO - https://a/b", Some("-"), true),
            ("wget -O /tmp/b https://a/b", Some("/tmp/b"), false),
        ];
        for (text, output, to_stdout) in cases {
            let script = parse(text);
            let commands = script.commands();
            let download = Download::of(commands[0].command).unwrap();
            assert_eq!(download.output.map(Word::shown), output, "{text}");
            assert_eq!(download.to_stdout, to_stdout, "{text}");
        }
    }
}
