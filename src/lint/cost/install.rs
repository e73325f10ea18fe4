//! What an install costs: what it downloads, what it leaves, and how long it is at it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::bytes::Bytes;
use crate::context::Entry;
use crate::facts::Fact;
use crate::lint::Input;
use crate::lint::dependencies::project_install;
use crate::lint::stage_images::lowest_image;
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Command, Word};

use super::Precision;
use super::bases::{SLIM, brought};
use super::figures::{
    APT_PACKAGE, APT_READS, APT_UNPACKS, NPM_CACHED, NPM_DOWNLOAD, NPM_LOCKED, NPM_PACKAGE, PACKAGES_PACKED,
    PIP_CALL, PIP_UNPACKS, PYTHON_PACKED, at, on_the_link, scaled,
};
use super::packages::{DEBIAN, PYPI, Recommends, Sizes};

/// Installs, as far as their packages are known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Install {
    /// What comes over the network.
    pub(super) download: Bytes,
    /// What it leaves in the manager's cache where nobody clears it.
    pub(super) cached: Bytes,
    /// What it leaves, and what a pull downloads of that; none where nobody knows.
    pub(super) installed: Option<(Bytes, Bytes)>,
    /// How long one core is at it.
    work: Duration,
    pub(super) precision: Precision,
    pub(super) basis: String,
}

impl Install {
    /// How long it takes, the download over the reference link.
    pub(super) fn time(&self) -> Duration {
        on_the_link(self.download) + self.work
    }

    fn and(self, other: &Self) -> Self {
        Self {
            download: self.download + other.download,
            cached: self.cached + other.cached,
            installed: self
                .installed
                .zip(other.installed)
                .map(|((bytes, packed), (more, more_packed))| (bytes + more, packed + more_packed)),
            work: self.work + other.work,
            precision: self.precision.max(other.precision),
            basis: format!("{}, {}", self.basis, other.basis),
        }
    }
}

/// The installs of an instruction; nothing where none of them is of known packages.
pub(super) fn of_fact(input: &Input<'_>, fact: &Fact<'_>) -> Option<Install> {
    let commands = fact.facts.commands();
    of_commands(input, fact, commands.iter().map(|occurrence| occurrence.command))
}

/// The same of some commands of an instruction.
pub(super) fn of_commands<'a>(
    input: &Input<'_>,
    fact: &Fact<'_>,
    commands: impl IntoIterator<Item = &'a Command>,
) -> Option<Install> {
    let calls: Vec<(&Command, Action<'_>)> = commands
        .into_iter()
        .filter_map(|command| Some((command, packages::read(command)?)))
        .filter(|(_, action)| action.verb == Verb::Install)
        .collect();
    let of = |manager| calls.iter().map(|(_, action)| action).filter(move |action| action.manager == manager);
    let apt = of_apt(input, fact, &of(PackageManager::Apt).collect::<Vec<_>>());
    let pip = of_pip(&of(PackageManager::Pip).collect::<Vec<_>>());
    let npm = calls.iter().find_map(|(command, _)| {
        project_install(command).filter(|install| install.manager == PackageManager::Npm)
    });
    let npm = npm.and_then(|_| of_npm(input, fact));
    [apt, pip, npm].into_iter().flatten().reduce(|sum, one| sum.and(&one))
}

fn of_apt(input: &Input<'_>, fact: &Fact<'_>, actions: &[&Action<'_>]) -> Option<Install> {
    let mut found = BTreeSet::new();
    let mut precision = Precision::About;
    for action in actions {
        let recommends =
            if leaves_recommends_out(action) { Recommends::LeftOut } else { Recommends::Installed };
        let (new, sure) = debian(input, fact, &named(action), recommends);
        found.extend(new);
        precision = precision.max(sure);
    }
    let sizes = DEBIAN.sizes(&found);
    let packed = scaled(sizes.installed, PACKAGES_PACKED);
    (sizes.count > 0).then(|| Install {
        download: sizes.download,
        cached: sizes.download,
        installed: Some((sizes.installed, packed)),
        work: APT_READS + APT_PACKAGE * sizes.count + at(sizes.installed, APT_UNPACKS),
        precision,
        basis: of_debian(sizes),
    })
}

fn of_pip(actions: &[&Action<'_>]) -> Option<Install> {
    let names: Vec<String> =
        actions.iter().flat_map(|action| &action.packages).filter_map(|word| python_name(word)).collect();
    let found = PYPI.closure(names.iter().map(String::as_str), Recommends::LeftOut, &BTreeSet::new());
    let sizes = PYPI.sizes(&found);
    (sizes.count > 0).then(|| Install {
        download: sizes.download,
        cached: sizes.download,
        installed: Some((sizes.installed, scaled(sizes.installed, PYTHON_PACKED))),
        work: PIP_CALL + at(sizes.installed, PIP_UNPACKS),
        precision: Precision::About,
        basis: format!("{} {} of {}", sizes.count, plural(sizes.count), PYPI.source),
    })
}

/// What `npm ci` installs, by the size of the lock file.
fn of_npm(input: &Input<'_>, fact: &Fact<'_>) -> Option<Install> {
    let lock = lock(input, fact)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of packages")]
    let count = (lock.size.as_f64() / NPM_LOCKED).round().min(1e6) as u32;
    (count > 0).then(|| Install {
        download: Bytes(NPM_DOWNLOAD.0 * u64::from(count)),
        cached: Bytes(NPM_CACHED.0 * u64::from(count)),
        // From one project to the next a package is of 40 to 480 kB: nothing to go by.
        installed: None,
        work: NPM_PACKAGE * count,
        precision: Precision::About,
        basis: format!("some {} by the size of `{}`", packages_in_tens(count), lock.path),
    })
}

/// The project's lock file: the one in the folder that the working directory is named for, else the one in the root,
/// else the only one.
fn lock<'a>(input: &Input<'a>, fact: &Fact<'_>) -> Option<&'a Entry> {
    let entries = &input.listing()?.entries;
    let workdir = fact.facts.before.workdir.known().unwrap_or_default().trim_end_matches('/');
    let locks: Vec<(&str, &Entry)> = entries
        .iter()
        .filter(|entry| !entry.path.contains("node_modules/"))
        .filter_map(|entry| Some((entry.path.strip_suffix("package-lock.json")?, entry)))
        .filter(|(folder, _)| folder.is_empty() || folder.ends_with('/'))
        .collect();
    let is_named = |folder: &str| {
        let above = workdir.strip_suffix(folder.trim_end_matches('/'));
        !folder.is_empty() && above.is_some_and(|above| above.ends_with('/'))
    };
    let named = locks.iter().find(|(folder, _)| is_named(folder));
    let in_root = || locks.iter().find(|(folder, _)| folder.is_empty());
    let only = || locks.first().filter(|_| locks.len() == 1);
    named.or_else(in_root).or_else(only).map(|(_, lock)| *lock)
}

/// Nobody counts them more exactly than that.
fn packages_in_tens(count: u32) -> String {
    format!("{} npm packages", (count + 5) / 10 * 10)
}

/// The packages of Debian's that come with `names` on top of what is there.
pub(super) fn debian(
    input: &Input<'_>,
    fact: &Fact<'_>,
    names: &[&str],
    recommends: Recommends,
) -> (BTreeSet<&'static str>, Precision) {
    let image = fact.facts.stage.and_then(|stage| lowest_image(input, stage));
    let (there, precision) = match brought(image) {
        Some(there) => (there, Precision::About),
        None => (&SLIM, Precision::AtMost),
    };
    (DEBIAN.closure(names.iter().copied(), recommends, there.all()), precision)
}

/// How such a figure is known.
pub(super) fn of_debian(sizes: Sizes) -> String {
    format!("{} {} of {}", sizes.count, plural(sizes.count), DEBIAN.source)
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "package" } else { "packages" }
}

/// The packages that a call names, without versions, releases and architectures.
fn named<'a>(action: &Action<'a>) -> Vec<&'a str> {
    let known = action.packages.iter().filter_map(|word| word.value.as_deref());
    known.map(bare).collect()
}

/// A package's name, its version, release and architecture off.
pub(super) fn bare(package: &str) -> &str {
    package.split(['=', '/', ':']).next().unwrap_or(package)
}

/// A Python package's name as PyPI writes it.
fn python_name(word: &Word) -> Option<String> {
    let name = word.value.as_deref()?.split(['=', '<', '>', '~', '!', ';', '[', '@', ' ']).next()?;
    Some(name.to_ascii_lowercase().replace(['_', '.'], "-"))
}

fn leaves_recommends_out(action: &Action<'_>) -> bool {
    action.has_flag(&["--no-install-recommends", "--without-recommends"])
        || action
            .call
            .flag_values(&["-o", "--option"])
            .iter()
            .any(|option| option.to_ascii_lowercase().contains("install-recommends"))
}
