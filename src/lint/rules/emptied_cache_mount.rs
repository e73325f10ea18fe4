use crate::facts::{Fact, Mount, MountKind};
use crate::lint::cache_folders::{folders_of, manager_of, rpm_folder};
use crate::lint::cost::Waste;
use crate::lint::landings::is_within;
use crate::lint::package_calls::{called, shown};
use crate::lint::stage_images::lowest_image;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Extent, removals};
use crate::text::TextRange;

declare_rule! {
    /// A cache is mounted, and not used or emptied again.
    ///
    /// ## Why it matters
    /// A cache mount keeps downloads for the next build, and out of the layer. `--no-cache-dir`, `npm cache clean` or
    /// `rm -rf` beside it are left from the time before the mount: with them each build downloads all of it again.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// COPY requirements.txt .
    /// RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir -r requirements.txt
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// COPY package.json package-lock.json ./
    /// RUN --mount=type=cache,target=/root/.npm npm ci && npm cache clean --force
    /// ```
    /// ```dockerfile,bad
    /// FROM fedora:43
    /// RUN --mount=type=cache,target=/var/cache/libdnf5 \
    ///     dnf install -y nginx && rm -rf /var/cache/libdnf5
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// COPY requirements.txt .
    /// RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
    /// ```
    /// Another manager's cache is not in the mount:
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// RUN --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update && apt-get install -y curl && apt-get clean
    /// ```
    name: "emptied-cache-mount",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let is_kept = |mount: &&Mount| mount.kind == MountKind::Cache && mount.target.is_some();
        for mount in fact.facts.mounts.iter().filter(is_kept) {
            let Some((range, reason)) = defeat(input, &fact, mount) else { continue };
            let target = mount.target.as_deref().unwrap_or_default();
            found.push(
                Diagnostic::new(&RULE, range, format!("{reason} the cache that is mounted at `{target}`"))
                    .label(mount.range, "the mount")
                    .help("leave it out: what is in the mount is in no layer, and the next build is faster with it")
                    .wastes(input, &fact, &Waste::DownloadsAgain),
            );
        }
    }
}

/// What keeps the mount from holding anything in the next build.
fn defeat(input: &Input<'_>, fact: &Fact<'_>, mount: &Mount) -> Option<(TextRange, String)> {
    let target = mount.target.as_deref()?;
    fact.facts.commands().iter().filter(|occurrence| occurrence.is_certain()).find_map(|occurrence| {
        let removed = removals(occurrence.command).into_iter().find(|removal| {
            let path = removal.path.shown().trim_end_matches(['*', '/']);
            removal.extent == Extent::Tree && path.starts_with('/') && mount.covers(path)
        });
        if removed.is_some() {
            return Some((occurrence.command.range, "this removes".to_owned()));
        }
        let action = packages::read(occurrence.command)?;
        if !is_its(input, fact, &action, target) {
            return None;
        }
        // `autoclean` leaves what can still be downloaded.
        let is_part = action.subcommand.iter().any(|word| word.shown().starts_with("auto"));
        match action.verb {
            Verb::Clean if !is_part => Some((called(&action), format!("`{}` empties", shown(&action)))),
            Verb::Install => unused(fact, &action),
            _ => None,
        }
    })
}

/// Whether the install says that it wants no cache.
fn unused(fact: &Fact<'_>, action: &Action<'_>) -> Option<(TextRange, String)> {
    let (flags, variable): (&[&str], &str) = match action.manager {
        PackageManager::Pip if action.program == "uv" => (&["--no-cache", "-n"], "UV_NO_CACHE"),
        PackageManager::Uv => (&["--no-cache", "-n"], "UV_NO_CACHE"),
        PackageManager::Pip => (&["--no-cache-dir"], "PIP_NO_CACHE_DIR"),
        PackageManager::Apk | PackageManager::Poetry => (&["--no-cache"], ""),
        PackageManager::Composer => (&["--no-cache"], "COMPOSER_NO_CACHE"),
        _ => return None,
    };
    let flag = action.call.args().iter().find(|word| flags.contains(&word.shown()));
    if let Some(flag) = flag {
        return Some((flag.range, format!("`{}` does not use", flag.shown())));
    }
    let is_on = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "on" | "yes");
    let is_off = fact.facts.before.value(variable).is_some_and(is_on);
    is_off.then(|| (called(action), format!("with {variable} set, `{}` does not use", shown(action))))
}

/// Whether the cache at `target` is the manager's.
fn is_its(input: &Input<'_>, fact: &Fact<'_>, action: &Action<'_>, target: &str) -> bool {
    let manager = manager_of(action);
    // All caches of a home are in `.cache`; what lies beside pip's there is another's.
    let is_whole = manager == PackageManager::Pip && target.trim_end_matches('/').ends_with("/.cache");
    let is_missed = fact
        .facts
        .stage
        .and_then(|stage| lowest_image(input, stage))
        .and_then(|image| rpm_folder(action, image))
        .is_some_and(|folder| !is_within(folder, target) && !is_within(target, folder));
    is_whole || (!is_missed && folders_of(manager).any(|folder| folder.is_meant_by(target)))
}
