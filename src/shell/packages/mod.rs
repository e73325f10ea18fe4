//! Package managers: which one a command calls, what it does, and with which packages.

mod grammar;

use super::invocation::Invocation;
use super::tree::{Command, Word};

/// The package managers that are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are the programs' own names")]
pub enum PackageManager {
    /// `apt-get`, `apt` and `aptitude`
    Apt,
    Apk,
    /// `dnf`, `microdnf` and `tdnf`
    Dnf,
    Yum,
    Zypper,
    Pacman,
    /// `pip`, `pip3`, `python -m pip` and `uv pip`
    Pip,
    Pipx,
    Uv,
    Poetry,
    Pipenv,
    /// `conda`, `mamba` and `micromamba`
    Conda,
    Npm,
    Yarn,
    Pnpm,
    Bun,
    Gem,
    Bundler,
    Composer,
    Go,
    Cargo,
    Maven,
    Gradle,
    Dotnet,
}

impl PackageManager {
    /// Whether it installs the distribution's packages, not a language's.
    pub fn is_system(self) -> bool {
        matches!(self, Self::Apt | Self::Apk | Self::Dnf | Self::Yum | Self::Zypper | Self::Pacman)
    }
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// The package index is fetched: `apt-get update`, `dnf makecache`.
    Update,
    /// Packages or a project's dependencies are installed or downloaded.
    Install,
    /// What is installed is brought to newer versions: `apt-get upgrade`, `dnf update`.
    Upgrade,
    /// Packages are removed.
    Remove,
    /// The manager's caches or indexes are removed: `apt-get clean`, `npm cache clean`.
    Clean,
    /// Anything else: a query, a build, a script.
    Other,
}

/// A call of a package manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action<'a> {
    /// Which one.
    pub manager: PackageManager,
    /// The manager's name as called: `apt`, `pip3`, `microdnf`.
    pub program: &'a str,
    /// What is done.
    pub verb: Verb,
    /// The words that say it, as `["cache", "clean"]`; empty where it is implied, as in a bare `yarn`.
    pub subcommand: Vec<&'a Word>,
    /// The packages named, versions and all. Variables are among them as written. Files that list packages are not.
    pub packages: Vec<&'a Word>,
    /// The call itself, from the manager's name on, to ask for flags.
    pub call: Invocation<'a>,
}

impl Action<'_> {
    /// Whether the call says so: one of `flags`, long or short, combined or with a value.
    pub fn has_flag(&self, flags: &[&str]) -> bool {
        self.call.has_flag(flags)
    }
}

/// Reads a command as a call of a package manager. Nothing where it calls none, or one that is not literal.
pub fn read(command: &Command) -> Option<Action<'_>> {
    let call = past_launcher(command.effective());
    let program = call.name()?;
    let grammar = grammar::of(program)?;
    // `uv pip install` is pip's grammar behind uv's name.
    let words = positionals(call, grammar);
    if grammar.manager == PackageManager::Uv && words.first().is_some_and(|word| word.is("pip")) {
        let at = call.words().iter().position(|word| word.is("pip"))?;
        return action(call.from(at), grammar::of("pip")?, program);
    }
    if grammar.manager == PackageManager::Pacman {
        return Some(pacman(call, program));
    }
    action(call, grammar, program)
}

fn action<'a>(call: Invocation<'a>, grammar: &grammar::Grammar, program: &'a str) -> Option<Action<'a>> {
    let words = positionals(call, grammar);
    let matching = |path: &[&str]| {
        words.len() >= path.len() && words.iter().zip(path).all(|(word, expected)| word.is(expected))
    };
    let longest = grammar.verbs.iter().filter(|(path, _)| matching(path)).max_by_key(|(path, _)| path.len());
    let (length, verb) = match longest {
        Some((path, verb)) => (path.len(), *verb),
        None if words.is_empty() && grammar.bare.is_some() && !asks(call) => (0, grammar.bare?),
        None => (words.len().min(1), Verb::Other),
    };
    let (subcommand, packages) = words.split_at_checked(length)?;
    Some(Action {
        manager: grammar.manager,
        program,
        verb,
        subcommand: subcommand.to_vec(),
        packages: packages.to_vec(),
        call,
    })
}

fn positionals<'a>(call: Invocation<'a>, grammar: &grammar::Grammar) -> Vec<&'a Word> {
    let mut words = call.positionals(grammar.valued);
    // `cargo +nightly install …`
    words.retain(|word| grammar.manager != PackageManager::Cargo || !word.shown().starts_with('+'));
    words
}

/// `--version` and `--help` install nothing.
fn asks(call: Invocation<'_>) -> bool {
    call.args().iter().any(|word| matches!(word.shown(), "--version" | "--help" | "-v" | "-V" | "-h"))
}

/// `python -m pip …` is pip, `php composer.phar …` is composer, `corepack yarn …` is yarn.
fn past_launcher(call: Invocation<'_>) -> Invocation<'_> {
    let Some(name) = call.name() else { return call };
    let is_python = name.strip_prefix("python").is_some_and(is_version);
    if is_python {
        let module = call.words().windows(2).position(|pair| match pair {
            [flag, module] => flag.shown() == "-m" && module.value.is_some(),
            _ => false,
        });
        // Only interpreter flags may stand before `-m`.
        let plain =
            |at: usize| call.words().iter().take(at).skip(1).all(|word| word.shown().starts_with('-'));
        return module.filter(|at| plain(*at)).map_or(call, |at| call.from(at + 1));
    }
    let next = call.from(1).name();
    match (name, next) {
        ("php", Some("composer" | "composer.phar")) | ("corepack", Some("yarn" | "pnpm" | "npm")) => {
            call.from(1)
        }
        _ => call,
    }
}

/// Whether `text` is a version as in `pip3.12`, or nothing.
fn is_version(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// pacman's operations are flags: `-S` with `y`, `u` and `c`, `-R`, `-U`.
fn pacman<'a>(call: Invocation<'a>, program: &'a str) -> Action<'a> {
    let packages =
        call.positionals(&["-b", "-r", "--dbpath", "--root", "--config", "--cachedir", "--ignore"]);
    let sync = call.has_flag(&["-S", "--sync"]);
    let verb = if call.has_flag(&["-R", "--remove"]) {
        Verb::Remove
    } else if call.has_flag(&["-U", "--upgrade"]) {
        Verb::Install
    } else if !sync || call.has_flag(&["-s", "-i", "-l", "-g", "--search", "--info", "--list", "--groups"]) {
        Verb::Other
    } else if call.has_flag(&["-c", "--clean"]) {
        Verb::Clean
    } else if !packages.is_empty() {
        Verb::Install
    } else if call.has_flag(&["-u", "--sysupgrade"]) {
        Verb::Upgrade
    } else if call.has_flag(&["-y", "--refresh"]) {
        Verb::Update
    } else {
        Verb::Other
    };
    Action { manager: PackageManager::Pacman, program, verb, subcommand: Vec::new(), packages, call }
}
