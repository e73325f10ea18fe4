//! Build arguments that get another value with nearly every build, and the work that they make a builder do again.
//!
//! BuildKit puts all arguments declared so far into the environment of each `RUN` of the stage, read or not.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `dispatchRun`.

use std::collections::BTreeSet;

use crate::dockerfile::{Body, Instruction, Pair, Source, words};
use crate::facts::{Fact, MountKind};
use crate::shell::packages::{self, Verb};
use crate::shell::{Command, Script};
use crate::text::TextRange;

use super::Input;
use super::landings::Landing;
use super::package_calls::shown;

/// A `RUN` that runs again for an argument it does not read.
pub(super) struct Rerun<'a> {
    /// The arguments, declared since the costly `RUN` before it.
    pub(super) arguments: Vec<&'a Pair<'a>>,
    /// What an `ENV` above it sets from one of them.
    pub(super) environment: Vec<&'a Pair<'a>>,
    /// The `RUN`.
    pub(super) fact: Fact<'a>,
    /// Its costly command.
    pub(super) command: TextRange,
    /// That command as one would say it.
    pub(super) shown: String,
}

/// All of them in the stages that are built. A stage is looked at up to the first instruction that changes with each
/// build anyway: one that reads such an argument, or that takes sources.
pub(super) fn needless_reruns<'a>(input: &Input<'a>) -> Vec<Rerun<'a>> {
    let mut found = Vec::new();
    for (stage, _) in input.facts.stages.iter().enumerate().filter(|(_, facts)| facts.reached) {
        let chain = input.graph.chain(stage);
        let (_, parents) = chain.split_last().unwrap_or((&stage, &[]));
        let inherited = parents.iter().flat_map(|parent| input.facts.of_stage(input.dockerfile, *parent));
        if inherited.into_iter().all(|fact| !changes_anyway(input, &fact, &BTreeSet::new())) {
            of_stage(input, stage, &mut found);
        }
    }
    found
}

fn of_stage<'a>(input: &Input<'a>, stage: usize, found: &mut Vec<Rerun<'a>>) {
    // The arguments and all variables that hold one's value.
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let (mut arguments, mut environment) = (Vec::new(), Vec::new());
    for fact in input.facts.of_stage(input.dockerfile, stage) {
        match &fact.instruction.body {
            Body::Arg(pairs) => {
                for pair in pairs {
                    if is_changing(pair, global_default(input, pair).as_deref()) {
                        names.insert(&pair.key.text);
                        arguments.push(pair);
                    } else if takes(input, pair, &names) {
                        names.insert(&pair.key.text);
                    }
                }
            }
            Body::Env(pairs) => {
                let taking: Vec<&Pair> = pairs.iter().filter(|pair| takes(input, pair, &names)).collect();
                names.extend(taking.iter().map(|pair| pair.key.text.as_ref()));
                environment.extend(taking);
            }
            _ if changes_anyway(input, &fact, &names) => return,
            _ if arguments.is_empty() => {}
            _ => {
                let costly = fact.facts.script().and_then(costly);
                if let Some((command, shown)) = costly.filter(|_| is_run(fact.instruction)) {
                    let (arguments, environment) =
                        (std::mem::take(&mut arguments), std::mem::take(&mut environment));
                    found.push(Rerun { arguments, environment, fact, command, shown });
                }
            }
        }
    }
}

/// Whether such an argument mostly has another value than in the build before: a commit, a date, a build's number, or
/// the version of what is built. One whose default is a real version or hash is a choice that stays.
fn is_changing(pair: &Pair, global: Option<&str>) -> bool {
    let name = pair.key.text.to_ascii_uppercase();
    let own = pair.value.as_ref().map(|value| value.text.as_ref());
    let default = own.or(global).unwrap_or_default().trim_matches(['"', '\'']);
    let is_placeholder =
        !default.contains(|ch: char| matches!(ch, '1'..='9' | '$')) && !default.contains('/');
    let is_commit = COMMITS.contains(&name.as_str())
        || ["CI_COMMIT_", "CI_PIPELINE_", "GITHUB_RUN_"].iter().any(|prefix| name.starts_with(prefix));
    let is_version = VERSIONS.contains(&name.as_str()) && !matches!(default, "latest" | "stable");
    is_placeholder && (is_commit || is_version)
}

/// What says which commit is built, when, and as which build.
const COMMITS: &[&str] = &[
    "BUILDDATE",
    "BUILDTIME",
    "BUILD_BUILDID",
    "BUILD_COMMIT",
    "BUILD_DATE",
    "BUILD_ID",
    "BUILD_NUM",
    "BUILD_NUMBER",
    "BUILD_REF",
    "BUILD_REVISION",
    "BUILD_SHA",
    "BUILD_TIME",
    "BUILD_TIMESTAMP",
    "CIRCLE_SHA1",
    "COMMIT",
    "COMMIT_DATE",
    "COMMIT_HASH",
    "COMMIT_ID",
    "COMMIT_REF",
    "COMMIT_SHA",
    "GITHUB_SHA",
    "GIT_COMMIT",
    "GIT_COMMIT_HASH",
    "GIT_COMMIT_ID",
    "GIT_COMMIT_SHA",
    "GIT_DESCRIBE",
    "GIT_HASH",
    "GIT_REV",
    "GIT_REVISION",
    "GIT_SHA",
    "GIT_SHA1",
    "RELEASE_DATE",
    "REVISION",
    "SOURCE_COMMIT",
    "VCS_REF",
    "VCS_REVISION",
];

/// What says which version of itself is built.
const VERSIONS: &[&str] = &["APP_VERSION", "BUILD_VERSION", "IMAGE_VERSION", "RELEASE_VERSION", "VERSION"];

/// The default that an argument without one takes from above the first `FROM`.
fn global_default(input: &Input<'_>, pair: &Pair) -> Option<String> {
    let globals = input.facts.all(input.dockerfile).take_while(|fact| fact.facts.stage.is_none());
    let defaults = globals.filter_map(|fact| match &fact.instruction.body {
        Body::Arg(pairs) => pairs.iter().rfind(|global| global.key.text == pair.key.text).cloned(),
        _ => None,
    });
    defaults.last()?.value.map(|value| value.text.into_owned())
}

fn takes(input: &Input<'_>, pair: &Pair, names: &BTreeSet<&str>) -> bool {
    pair.value.as_ref().is_some_and(|value| reads(input, &value.text, names))
}

fn reads(input: &Input<'_>, word: &str, names: &BTreeSet<&str>) -> bool {
    word.contains('$')
        && words::references(word, input.dockerfile.escape)
            .iter()
            .any(|reference| names.contains(reference.name.as_str()))
}

fn is_run(instruction: &Instruction) -> bool {
    matches!(instruction.body, Body::Run(_))
}

/// Whether the instruction's result, or that of a later one, changes with each build whatever is declared above it:
/// it reads one of `names`, may read it unseen, or takes what changes with each commit.
fn changes_anyway(input: &Input<'_>, fact: &Fact<'_>, names: &BTreeSet<&str>) -> bool {
    match &fact.instruction.body {
        Body::Run(_) => {
            let flags = fact.instruction.flags.iter().filter_map(|flag| flag.value.as_ref());
            let takes_files = fact.facts.mounts.iter().any(|mount| mount.kind == MountKind::Bind);
            takes_files
                || flags.into_iter().any(|value| reads(input, &value.text, names))
                || fact.facts.script().is_none_or(|script| {
                    let is_read =
                        script.variables.iter().any(|variable| names.contains(variable.name.as_str()));
                    is_read || (!names.is_empty() && may_read(script))
                })
        }
        Body::Copy(_) | Body::Add(_) => Landing::of(input, *fact).is_none_or(|landing| {
            let mut words = landing.transfer.sources.iter().filter_map(|source| match source {
                Source::Path(word) => Some(word),
                Source::Heredoc(..) => None,
            });
            let is_own = landing.from_context && words.clone().all(|word| is_settled_file(&word.text));
            let is_images = !landing.from_context && landing.from_stage.is_none();
            words.any(|word| reads(input, &word.text, names))
                || reads(input, &landing.transfer.destination.text, names)
                || !(is_own || is_images)
        }),
        Body::Workdir(path) => reads(input, &path.text, names),
        Body::Onbuild(_) => true,
        _ => false,
    }
}

/// Whether the path names a file that seldom changes: a manifest, a lock file, a script or a configuration.
fn is_settled_file(path: &str) -> bool {
    const ENDS: &[&str] = &[
        ".asc", ".cfg", ".conf", ".gpg", ".ini", ".json", ".key", ".list", ".lock", ".lockb", ".mod",
        ".repo", ".sh", ".sum", ".toml", ".txt", ".xml", ".yaml", ".yml",
    ];
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches('*');
    path.contains("://") || name.starts_with("Gemfile") || ENDS.iter().any(|end| name.ends_with(end))
}

/// The first command that takes its time and reads nothing but what it is told.
fn costly(script: &Script) -> Option<(TextRange, String)> {
    script.commands().iter().find_map(|occurrence| {
        let command = occurrence.command;
        let action = packages::read(command)
            .filter(|action| matches!(action.verb, Verb::Install | Verb::Update | Verb::Upgrade));
        let name = command.name()?;
        let is_clone = name == "git" && command.args().first().is_some_and(|word| word.is("clone"));
        match action {
            Some(action) => Some((command.range, shown(&action))),
            None if is_clone => Some((command.range, "git clone".to_owned())),
            None if matches!(name, "curl" | "wget") => Some((command.range, name.to_owned())),
            None => None,
        }
    })
}

/// Whether something in the script may read a variable that the script doesn't name: a program or script of the
/// project's own, a build.
fn may_read(script: &Script) -> bool {
    !script.understood || script.commands().iter().any(|occurrence| may_read_unseen(occurrence.command))
}

fn may_read_unseen(command: &Command) -> bool {
    const PLAIN: &[&str] = &[
        "[",
        "[[",
        ":",
        "addgroup",
        "adduser",
        "apt-key",
        "apt-mark",
        "awk",
        "basename",
        "cat",
        "cd",
        "chmod",
        "chown",
        "command",
        "corepack",
        "cp",
        "curl",
        "cut",
        "dirname",
        "dpkg",
        "dpkg-reconfigure",
        "echo",
        "exit",
        "export",
        "false",
        "file",
        "find",
        "git",
        "gpg",
        "grep",
        "groupadd",
        "gunzip",
        "head",
        "install",
        "ldconfig",
        "ln",
        "locale-gen",
        "ls",
        "mkdir",
        "mktemp",
        "mv",
        "printf",
        "rm",
        "rpm",
        "sed",
        "set",
        "sha256sum",
        "sha512sum",
        "shopt",
        "sleep",
        "sort",
        "tar",
        "tee",
        "test",
        "touch",
        "tr",
        "true",
        "uname",
        "unset",
        "unzip",
        "update-alternatives",
        "update-ca-certificates",
        "update-locale",
        "useradd",
        "usermod",
        "wc",
        "wget",
        "which",
        "xargs",
        "xz",
    ];
    if command.words.is_empty() {
        return false;
    }
    let Some(name) = command.name() else { return true };
    match packages::read(command) {
        Some(action) => action.verb == Verb::Other,
        None => !PLAIN.contains(&name),
    }
}
