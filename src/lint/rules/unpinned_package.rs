use std::collections::BTreeSet;

use crate::dockerfile::Body;
use crate::facts::{Origin, State};
use crate::lint::hadolint_view::{self, Seen};
use crate::lint::package_calls::{Call, PackageRun, package_runs};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::Word;
use crate::shell::packages::{Action, PackageManager};

declare_rule! {
    /// A package is installed in whatever version is current.
    ///
    /// ## Why it matters
    /// The same file gives another image on another day: a build in the failover region need not be what was tested
    /// in the first, and what broke can't be found in the history. A version says what is meant.
    ///
    /// It has a price, which is why this rule speaks only where it is asked to: the archives of Debian, Ubuntu and
    /// Alpine drop a version as soon as they have a newer one, so a pin there fails until somebody moves it. For those
    /// a snapshot of the archive (`snapshot.debian.org`) or a base image by digest serves better. For pip, npm, gem
    /// and go, whose registries keep everything, there is no such price.
    ///
    /// Known are apt, apk, dnf, yum, zypper, pip, pipx, npm, yarn, pnpm, bun, gem, go, cargo, conda and composer.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y curl git=1:2.47.2-0.1 && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// RUN pip install --no-cache-dir flask
    /// ```
    /// ```dockerfile,bad
    /// FROM golang:1.25
    /// RUN go install golang.org/x/tools/cmd/stringer@latest
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// COPY requirements.txt .
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// ```
    /// The project itself and files at hand have the version that they have:
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// RUN pip install --no-cache-dir .[postgres] ./wheels/tool.whl
    /// ```
    /// A variable counts with its value:
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// ARG PACKAGES="curl=8.14.1-r2 git~2.49"
    /// RUN apk add --no-cache $PACKAGES
    /// ```
    name: "unpinned-package",
    aliases: [
        "DL3008", "DL3013", "DL3016", "DL3018", "DL3028", "DL3033", "DL3037", "DL3041", "DL3062", "DF005", "DF051",
        "DF052", "DF053", "DF054",
    ],
    category: Reproducibility,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut arguments: BTreeSet<&str> = BTreeSet::new();
    let mut next = 0;
    for run in package_runs(input) {
        for index in next..run.fact.index {
            let fact = input.facts.get(input.dockerfile, index);
            if let Some(Body::Arg(pairs)) = fact.map(|fact| &fact.instruction.body) {
                arguments.extend(pairs.iter().map(|pair| pair.key.text.as_ref()));
            }
        }
        next = run.fact.index;
        let declared = Declared { state: &run.fact.facts.before, arguments: &arguments };
        for call in &run.calls {
            let unpinned = unpinned(input, run, call, &declared);
            let Some(first) = unpinned.first() else { continue };
            let named = first.shown();
            let message = match unpinned.len() {
                1 => format!("`{named}` has no version"),
                2 => format!("`{named}` and one more have no version"),
                count => format!("`{named}` and {} more have no version", count - 1),
            };
            let (reported, silent) = peers(call.action.manager);
            let seen = hadolint_view::read(call.occurrence.command).filter(|_| call.plain);
            let is_seen = seen.is_some_and(|seen| hadolint_reports(&seen, &declared));
            found.push(
                Diagnostic::new(&RULE, first.range, message)
                    .help(help(call.action.manager))
                    .known_as(if is_seen { reported } else { silent }),
            );
        }
    }
}

/// The variables that the Dockerfile names.
struct Declared<'a> {
    state: &'a State,
    /// Every `ARG` of the file up to here, in whatever stage.
    arguments: &'a BTreeSet<&'a str>,
}

impl Declared<'_> {
    fn has(&self, name: &str) -> bool {
        let variable = self.state.variables.get(name);
        self.arguments.contains(name) || variable.is_some_and(|known| known.origin != Origin::Predefined)
    }
}

/// The packages of the call that could be of any version.
fn unpinned<'a>(
    input: &Input<'_>,
    run: &PackageRun<'_>,
    call: &Call<'a>,
    declared: &Declared<'_>,
) -> Vec<&'a Word> {
    let Some(packages) = named(&call.action) else { return Vec::new() };
    let manager = call.action.manager;
    let subcommand: Vec<&str> = call.action.subcommand.iter().map(|word| word.shown()).collect();
    let is_module = subcommand.first() == Some(&"module");
    let is_pinned = |text: &str| match manager {
        _ if text.is_empty() => true,
        PackageManager::Yum | PackageManager::Dnf if is_module => text.contains(':'),
        _ => is_pinned(manager, text, declared),
    };
    let escape = input.dockerfile.escape;
    let mut found = packages;
    found.retain(|word| !says(word, &run.fact.facts.before, escape).iter().all(|text| is_pinned(text)));
    found
}

/// What a word comes to: several words, where an unquoted variable holds several.
fn says(word: &Word, state: &State, escape: char) -> Vec<String> {
    if let Some(value) = &word.value {
        return vec![value.clone()];
    }
    let expanded = state.expand(&word.text, escape).filter(|_| word.substitutions.is_empty());
    match expanded {
        Some(text) if word.text.starts_with('"') => vec![text],
        Some(text) => text.split_whitespace().map(str::to_owned).collect(),
        None => vec![word.text.replace(['"', '\''], "")],
    }
}

/// The packages that the call names, where it installs by name and nothing else says which version.
fn named<'a>(action: &Action<'a>) -> Option<Vec<&'a Word>> {
    let verb: Vec<&str> = action.subcommand.iter().map(|word| word.shown()).collect();
    let call = action.call;
    let mut packages = action.packages.clone();
    let installs = match action.manager {
        PackageManager::Apt => matches!(verb.as_slice(), ["install" | "reinstall"]),
        PackageManager::Apk | PackageManager::Pnpm => verb == ["add"],
        PackageManager::Yum | PackageManager::Dnf => {
            matches!(verb.as_slice(), ["install" | "in"] | ["module", "install"])
        }
        PackageManager::Zypper => matches!(verb.as_slice(), ["install" | "in"]),
        PackageManager::Pip => {
            verb == ["install"]
                && call.flag_values(&["-r", "--requirement", "-c", "--constraint"]).is_empty()
                && !call.args().iter().any(|word| {
                    word.is(".") || matches!(word.shown(), "-r" | "--requirement" | "-c" | "--constraint")
                })
        }
        PackageManager::Pipx => matches!(verb.as_slice(), ["install" | "inject"]),
        PackageManager::Npm => matches!(verb.as_slice(), ["install" | "i" | "in" | "add"]),
        PackageManager::Yarn => matches!(verb.as_slice(), ["add"] | ["global", "add"]),
        PackageManager::Bun => matches!(verb.as_slice(), ["add" | "a"]),
        PackageManager::Gem => {
            // Behind `--` stand options of the build.
            let end = call.args().iter().find(|word| word.is("--")).map(|word| word.range.start());
            packages.retain(|word| end.is_none_or(|end| word.range.start() < end) && !word.is("true"));
            matches!(verb.as_slice(), ["install" | "i"]) && !call.has_flag(&["-v", "--version"])
        }
        PackageManager::Go if verb == ["run"] => {
            packages.truncate(1);
            true
        }
        PackageManager::Go => matches!(verb.as_slice(), ["install" | "get"]),
        PackageManager::Cargo => {
            matches!(verb.as_slice(), ["install" | "binstall"])
                && !call.has_flag(&["--version", "--vers", "--path", "--git"])
        }
        PackageManager::Conda => {
            matches!(verb.as_slice(), ["install" | "create"]) && !call.has_flag(&["-f", "--file", "--clone"])
        }
        PackageManager::Composer => matches!(verb.as_slice(), ["require"] | ["global", "require"]),
        _ => false,
    };
    installs.then_some(packages)
}

fn is_pinned(manager: PackageManager, text: &str, declared: &Declared<'_>) -> bool {
    let has = |signs: &[char]| text.contains(signs);
    match manager {
        PackageManager::Apt => has(&['=', '/']) || is_file(text, ".deb"),
        PackageManager::Apk => has(&['=', '~', '<', '>']) || is_file(text, ".apk"),
        PackageManager::Yum | PackageManager::Dnf => {
            text.starts_with('@') || text.contains("://") || is_rpm_version(text, declared)
        }
        PackageManager::Zypper => has(&['=', '<', '>']) || is_file(text, ".rpm"),
        PackageManager::Pip | PackageManager::Pipx => is_pinned_for_pip(text) || text.starts_with('.'),
        PackageManager::Npm | PackageManager::Yarn | PackageManager::Pnpm | PackageManager::Bun => {
            is_pinned_for_npm(text)
        }
        PackageManager::Gem => has(&[':']) || is_file(text, ".gem"),
        PackageManager::Go => is_pinned_for_go(text) || is_file(text, ".go"),
        PackageManager::Cargo => has(&['@']),
        PackageManager::Conda => has(&['=', '<', '>', '/']),
        PackageManager::Composer => has(&[':', '=']),
        _ => true,
    }
}

/// Whether the word is a file, by the ending of its name.
fn is_file(text: &str, ending: &str) -> bool {
    text.ends_with(ending)
}

/// `name-version` and `name-version-release`, with an epoch or not, or a package's file.
fn is_rpm_version(text: &str, declared: &Declared<'_>) -> bool {
    let Some((_, version)) = text.split_once('-') else { return false };
    if is_file(text, ".rpm") {
        return true;
    }
    if text.contains('$') {
        let names = text.split('$').skip(1).map(|behind| {
            let behind = behind.strip_prefix('{').unwrap_or(behind);
            behind.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
        });
        return names.into_iter().any(|name| declared.has(name));
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".~^_:+-".contains(c);
    version.chars().all(is_part)
        && version.split('-').any(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}

/// The schemes of version control that pip knows.
/// Source: pip's documentation, "VCS Support".
const VCS: [&str; 4] = ["git", "hg+", "svn", "bzr+"];

fn is_pinned_for_pip(text: &str) -> bool {
    let is_vcs = VCS.iter().any(|scheme| text.starts_with(scheme));
    text.contains("==")
        || text.contains(['<', '>'])
        || text.contains("!=")
        || text.contains("~=")
        || is_file(text, ".whl")
        || is_file(text, ".tar.gz")
        || (is_vcs && text.contains('@'))
        || (!is_vcs && text.contains('/'))
}

fn is_pinned_for_npm(text: &str) -> bool {
    if ["git://", "git+ssh://", "git+http://", "git+https://"].iter().any(|scheme| text.starts_with(scheme)) {
        return text.contains('#');
    }
    let is_archive = [".tar", ".tar.gz", ".tgz"].iter().any(|ending| text.ends_with(ending));
    let is_path = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start));
    let name = text.strip_prefix('@').unwrap_or(text);
    is_archive || is_path || name.contains('@')
}

fn is_pinned_for_go(text: &str) -> bool {
    let is_moving = text.ends_with("@latest") || text.ends_with("@none");
    text.starts_with(['.', '/']) || (text.contains('@') && !is_moving)
}

/// Whether hadolint reports the call.
/// Source: hadolint/hadolint, src/Hadolint/Rule/DL3008.hs and those of the other managers.
fn hadolint_reports(seen: &Seen<'_>, declared: &Declared<'_>) -> bool {
    let any = |valued: &[&str], subcommands: &[&str], is_pinned: &dyn Fn(&str) -> bool| {
        seen.operands(valued).iter().any(|text| !subcommands.contains(text) && !is_pinned(text))
    };
    let is_rpm = |text: &str| is_rpm_version(text, declared);
    let is_module = |text: &str| text.contains(':');
    match seen.name() {
        "apt-get" if seen.calls(&["apt-get"], &["install"]) => {
            let is_pinned = |text: &str| text.contains(['=', '/']) || is_file(text, ".deb");
            any(&["t", "target-release"], &["install"], &is_pinned)
        }
        "apk" if seen.calls(&["apk"], &["add"]) => {
            let is_pinned = |text: &str| text.contains(['=', '~', '<', '>']) || is_file(text, ".apk");
            any(&["t", "virtual", "repository", "X"], &["add"], &is_pinned)
        }
        name @ ("yum" | "dnf" | "microdnf") if seen.calls(&[name], &["install"]) => {
            match (seen.calls(&[name], &["module"]), name != "yum" && seen.calls(&[name], &["group"])) {
                (true, _) => any(&[], &["install", "module"], &is_module),
                (false, true) => false,
                (false, false) => any(&[], &["install"], &is_rpm),
            }
        }
        "zypper" if seen.calls(&["zypper"], &["install", "in"]) => {
            let is_pinned = |text: &str| text.contains(['=', '<', '>']) || is_file(text, ".rpm");
            any(&[], &["install", "in"], &is_pinned)
        }
        "npm" => {
            let operands = seen.operands(&["loglevel", "registry"]);
            operands.first() == Some(&"install")
                && !operands.iter().skip(1).all(|text| is_pinned_for_npm(text))
        }
        "gem" if seen.calls(&["gem"], &["install", "i"]) => {
            let is_told =
                seen.args().any(|arg| matches!(arg, "-v" | "--version") || arg.starts_with("--version="));
            // It takes the word behind every flag for the flag's value.
            let mut args = seen.args().take_while(|arg| *arg != "--");
            let mut bare = false;
            while let Some(arg) = args.next() {
                if arg.starts_with('-') {
                    args.next();
                } else {
                    bare |= !matches!(arg, "install" | "i") && !arg.contains(':');
                }
            }
            bare && !is_told
        }
        "go" if seen.calls(&["go"], &["run"]) => {
            let operands = seen.operands(&[]);
            operands.iter().take(2).any(|text| *text != "run" && !is_pinned_for_go(text))
        }
        "go" if seen.calls(&["go"], &["install", "get"]) => {
            any(&[], &["install", "get", "tool"], &is_pinned_for_go)
        }
        _ if seen.is_pip_install() => {
            let is_listed = seen.args().any(|arg| matches!(arg, "-r" | "--requirement" | "."));
            let operands = seen.operands(PIP_VALUED);
            let mut packages = operands.iter().skip_while(|text| **text != "install").skip(1);
            !is_listed
                && !seen.has_flag(&["constraint", "c"])
                && packages.any(|text| *text != "install" && !is_pinned_for_pip(text))
        }
        _ => false,
    }
}

/// The flags of pip whose values hadolint knows.
const PIP_VALUED: &[&str] = &[
    "abi",
    "b",
    "build",
    "e",
    "editable",
    "extra-index-url",
    "f",
    "find-links",
    "i",
    "index-url",
    "implementation",
    "no-binary",
    "only-binary",
    "platform",
    "prefix",
    "progress-bar",
    "proxy",
    "python",
    "python-version",
    "root",
    "root-user-action",
    "src",
    "t",
    "target",
    "trusted-host",
    "upgrade-strategy",
];

/// The peers' names for the finding: where hadolint reports the call, and where it doesn't.
fn peers(manager: PackageManager) -> (&'static [&'static str], &'static [&'static str]) {
    match manager {
        PackageManager::Apt => (&["DL3008", "DF005"], &["DF005"]),
        PackageManager::Apk => (&["DL3018", "DF052"], &["DF052"]),
        PackageManager::Yum => (&["DL3033"], &[]),
        PackageManager::Dnf => (&["DL3041"], &[]),
        PackageManager::Zypper => (&["DL3037"], &[]),
        PackageManager::Pip | PackageManager::Pipx => (&["DL3013", "DF051"], &["DF051"]),
        PackageManager::Npm => (&["DL3016"], &[]),
        PackageManager::Gem => (&["DL3028", "DF053"], &["DF053"]),
        PackageManager::Go => (&["DL3062", "DF054"], &["DF054"]),
        _ => (&[], &[]),
    }
}

fn help(manager: PackageManager) -> &'static str {
    match manager {
        PackageManager::Apt => "write `name=version`, or install from a snapshot of the archive",
        PackageManager::Apk => "write `name=version`, or `name~version` to take its fixes",
        PackageManager::Yum | PackageManager::Dnf => "write `name-version`",
        PackageManager::Pip | PackageManager::Pipx => {
            "write `name==version`, or install from a requirements file with hashes"
        }
        PackageManager::Zypper => "write `name=version`, in quotes where it is a comparison",
        PackageManager::Gem => "write `name:version`, or give `--version`",
        PackageManager::Conda => "write `name=version`, or install from a lock file",
        PackageManager::Composer => "write `name:version`",
        PackageManager::Cargo => "write `name@version`, with `--locked`",
        _ => "write `name@version`",
    }
}
