//! A command as hadolint reads it, so that a finding bears a DL code exactly where hadolint reports one.
//!
//! hadolint looks at the first word alone, not behind `sudo` or `env`, nor into `sh -c`, and takes every word with a
//! dash for a flag whose value it mostly does not know.
//! Source: hadolint/hadolint, src/Hadolint/Shell.hs.

use std::borrow::Cow;

use crate::dockerfile::Body;
use crate::facts::{Fact, MountKind};
use crate::shell::{Command, Occurrence, Word};

use super::Input;

/// A command in hadolint's eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen<'a> {
    /// The command it is.
    pub(super) command: &'a Command,
    name: &'a str,
    args: Vec<Cow<'a, str>>,
}

/// Those of `commands` that hadolint sees.
pub(super) fn seen<'a>(commands: &[Occurrence<'a>]) -> Vec<Seen<'a>> {
    let mut within = 0;
    let mut found = Vec::with_capacity(commands.len());
    for occurrence in commands {
        let command = occurrence.command;
        if command.range.start() < within {
            continue;
        }
        if !command.inner.is_empty() {
            within = command.range.end();
        }
        found.extend(read(command));
    }
    found
}

/// The command in hadolint's eyes; nothing where its name is not literal.
pub(super) fn read(command: &Command) -> Option<Seen<'_>> {
    let name = name(command)?.value.as_deref()?;
    let args = command.words.iter().skip(1).map(simplified).collect();
    Some(Seen { command, name, args })
}

/// The word that hadolint takes for the name of the program: the first, or the one behind a word that it looks past.
/// Source: koalaman/shellcheck, src/ShellCheck/ASTLib.hs, `getCommandNameAndToken`.
pub(super) fn name(command: &Command) -> Option<&Word> {
    let (first, rest) = command.words.split_first()?;
    let looks_past =
        matches!(first.value.as_deref(), Some("busybox" | "builtin" | "command" | "run" | "exec"));
    let is_name = |word: &&Word| word.value.as_deref().is_some_and(|value| !value.starts_with('-'));
    Some(rest.first().filter(|word| looks_past && is_name(word)).unwrap_or(first))
}

/// Whether a cache or a tmpfs is mounted at a place with `part` in its path.
pub(super) fn mounts_cache(fact: &Fact<'_>, part: &str) -> bool {
    fact.facts.mounts.iter().any(|mount| {
        matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs)
            && mount.target.as_deref().is_some_and(|target| target.contains(part))
    })
}

/// Whether what the instruction leaves behind counts: its stage is the last, or written as the last one is, or another
/// is built on it; or it is an `ONBUILD`.
pub(super) fn counts_stage(input: &Input<'_>, fact: &Fact<'_>) -> bool {
    if matches!(fact.instruction.body, Body::Onbuild(_)) {
        return true;
    }
    let stages = &input.facts.stages;
    let Some(stage) = fact.facts.stage else { return stages.is_empty() };
    let from = |stage: usize| {
        let index = stages.get(stage)?.instructions.first()?;
        Some(input.facts.get(input.dockerfile, *index)?.instruction)
    };
    let text = |stage: usize| from(stage).map(|from| input.source.slice(from.range));
    let last = stages.len().saturating_sub(1);
    if stage == last || text(stage) == text(last) {
        return true;
    }
    // A name that a variable is part of is not followed.
    let name = input.graph.stages.get(stage).and_then(|stage| stage.name.as_deref());
    let is_named = |other: usize| match from(other).map(|from| &from.body) {
        Some(Body::From(from)) => Some(from.image.text.as_ref()) == name,
        _ => false,
    };
    stages.get(stage).is_some_and(|stage| stage.inherited) && (stage + 1..=last).any(is_named)
}

impl Seen<'_> {
    /// The program's name as written, its folder included.
    pub(super) fn name(&self) -> &str {
        self.name
    }

    /// All words behind the first.
    pub(super) fn args(&self) -> impl Iterator<Item = &str> {
        self.args.iter().map(AsRef::as_ref)
    }

    /// Whether it calls one of `names` with any of `args` anywhere.
    pub(super) fn calls(&self, names: &[&str], args: &[&str]) -> bool {
        names.contains(&self.name) && self.args().any(|arg| args.contains(&arg))
    }

    /// Whether one of `flags`, without their dashes, is given. A cluster of letters gives each of them.
    pub(super) fn has_flag(&self, flags: &[&str]) -> bool {
        self.args().any(|arg| gives(arg, flags))
    }

    /// How often the flag is given.
    pub(super) fn count_flag(&self, flag: &str) -> usize {
        let each = self.args().map(|arg| match (arg.strip_prefix("--"), arg.strip_prefix('-')) {
            (Some(long), _) => usize::from(long.split('=').next() == Some(flag)),
            (None, Some(letters)) => letters.chars().filter(|c| flag.chars().eq([*c])).count(),
            (None, None) => 0,
        });
        each.sum()
    }

    /// The words that are no flags, without those behind one of `valued`.
    pub(super) fn operands(&self, valued: &[&str]) -> Vec<&str> {
        let mut found = Vec::new();
        let mut skip = false;
        for arg in self.args() {
            let is_value = std::mem::replace(&mut skip, gives(arg, valued) && !arg.contains('='));
            if !is_value && !is_flag(arg) {
                found.push(arg);
            }
        }
        found
    }

    /// Whether it is `pip install`, `pip3 install`, `pipx install` or `python -m pip install`.
    pub(super) fn is_pip_install(&self) -> bool {
        let args: Vec<&str> = self.args().collect();
        let as_program =
            self.name.starts_with("pip") && !self.name.starts_with("pipenv") && args.contains(&"install");
        let as_module =
            self.name.starts_with("python") && args.windows(3).any(|three| three == ["-m", "pip", "install"]);
        as_program || as_module
    }
}

fn is_flag(arg: &str) -> bool {
    arg.starts_with('-') && !matches!(arg, "-" | "--")
}

fn gives(arg: &str, flags: &[&str]) -> bool {
    if !is_flag(arg) {
        return false;
    }
    match arg.strip_prefix("--") {
        Some(long) => long.split('=').next().is_some_and(|name| flags.contains(&name)),
        None => arg.chars().skip(1).any(|letter| flags.iter().any(|flag| flag.chars().eq([letter]))),
    }
}

/// What hadolint makes of a word: quotes off, a variable as `${name}`, a substitution as `${…}`, braces left out.
fn simplified(word: &Word) -> Cow<'_, str> {
    if let Some(value) = &word.value {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(word.text.len() + 2);
    let mut rest = word.text.as_str();
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = behind;
        match c {
            '"' => quoted = !quoted,
            '\'' if !quoted => {
                let (inside, after) = behind.split_once('\'').unwrap_or((behind, ""));
                out.push_str(inside);
                rest = after;
            }
            '\\' => {
                let next = behind.chars().next();
                out.extend(next.filter(|next| *next != '\n'));
                rest = behind.get(next.map_or(0, char::len_utf8)..).unwrap_or_default();
            }
            '`' => {
                out.push_str("${VAR}");
                rest = behind.split_once('`').map_or("", |(_, after)| after);
            }
            '$' if behind.starts_with(['{', '(']) => {
                let (inside, after) = balanced(behind);
                out.push_str("${");
                out.push_str(inside);
                out.push('}');
                rest = after;
            }
            '$' if behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
                let end =
                    behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(behind.len());
                let (name, after) = behind.split_at(end);
                out.push_str("${");
                out.push_str(name);
                out.push('}');
                rest = after;
            }
            '{' if !quoted
                && behind.split_once('}').is_some_and(|(inside, _)| inside.contains([',', '.'])) =>
            {
                rest = behind.split_once('}').map_or("", |(_, after)| after);
            }
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// What stands in the brackets that `text` opens with, and what behind them.
fn balanced(text: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return (text.get(1..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        }
    }
    (text.get(1..).unwrap_or_default(), "")
}

#[cfg(test)]
mod tests {
    use super::seen;
    use crate::shell::parse;

    fn each(script: &str, wanted: impl Fn(&super::Seen<'_>) -> bool) -> Vec<bool> {
        let script = parse(script);
        seen(&script.commands()).iter().map(wanted).collect()
    }

    #[test]
    fn only_the_first_word_counts_and_nothing_within_a_script_of_sh() {
        let apt = |seen: &super::Seen<'_>| seen.calls(&["apt-get"], &["install"]);
        assert_eq!(
            each("sudo apt-get install x; apt-get -y install x; command apt-get install x", apt),
            [false, true, true]
        );
        assert_eq!(each("sh -c 'apt-get install x' && true", apt), [false, false]);
    }

    #[test]
    fn a_word_keeps_its_variables_by_name() {
        let script = parse("x a=$b \"${c:-d}\"e $(f g) `h` 'i'j {k,l}m");
        let seen = seen(&script.commands());
        let args: Vec<&str> = seen.last().unwrap().args().collect();
        assert_eq!(args, ["a=${b}", "${c:-d}e", "${f g}", "${VAR}", "ij", "m"]);
    }

    #[test]
    fn flags_come_in_clusters_and_take_a_value_only_where_that_is_known() {
        let script = parse("x -qy -t v --long=1 --other 2 a -- b -");
        let seen = seen(&script.commands());
        let command = seen.first().unwrap();
        assert!(command.has_flag(&["y"]) && command.has_flag(&["long"]) && !command.has_flag(&["v"]));
        assert_eq!(command.operands(&["t"]), ["2", "a", "--", "b", "-"]);
        assert_eq!(command.count_flag("q"), 1);
    }
}
