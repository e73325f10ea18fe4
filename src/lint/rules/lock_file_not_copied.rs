use std::collections::BTreeSet;

use crate::context::{Listing, select};
use crate::facts::MountKind;
use crate::lint::dependencies::project_install;
use crate::lint::landings::Landing;
use crate::lint::package_calls::{called, shown};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::PackageManager;
use crate::text::TextRange;

declare_rule! {
    /// The project has a lock file, and the install does not get it.
    ///
    /// ## Why it matters
    /// Without its lock file an install works out anew which versions fit, and takes those of the day. What was tested
    /// is not what is built, two builds of one commit differ, and one that comes from the cache differs from both.
    ///
    /// ## Examples
    /// ```context
    /// package.json 612
    /// package-lock.json 204800
    /// server.js 2048
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json ./
    /// RUN npm install --omit=dev
    /// COPY server.js ./
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --omit=dev
    /// COPY server.js ./
    /// ```
    /// Without a build context, and without a lock file, there is nothing to say.
    /// ```context
    /// package.json 612
    /// server.js 2048
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json ./
    /// RUN npm install --omit=dev
    /// ```
    name: "lock-file-not-copied",
    aliases: [],
    category: Reproducibility,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(listing) = input.listing().filter(|listing| !listing.cut_off) else { return };
    for (stage, _) in input.facts.stages.iter().enumerate().filter(|(_, facts)| facts.reached) {
        // Every file that has come from the context so far, and what brought it.
        let mut taken: Vec<(&str, TextRange)> = Vec::new();
        let mut reported: BTreeSet<&str> = BTreeSet::new();
        let chain = input.graph.chain(stage);
        for fact in chain.iter().flat_map(|stage| input.facts.of_stage(input.dockerfile, *stage)) {
            if let Some(landing) = Landing::of(input, fact) {
                let sources = landing.sources(input);
                let known = sources.len() == landing.transfer.sources.len();
                if !landing.from_context || !known {
                    // What comes from elsewhere may be the lock file.
                    break;
                }
                for entry in sources.iter().flat_map(|source| select(listing, source)) {
                    taken.push((&entry.path, fact.instruction.range));
                }
            }
            if fact.facts.mounts.iter().any(|mount| mount.kind == MountKind::Bind) {
                break;
            }
            for occurrence in fact.facts.commands() {
                let Some(install) = project_install(occurrence.command) else { continue };
                let Some(missing) = missing(listing, &taken, install.manager) else { continue };
                if fact.facts.stage != Some(stage) || !reported.insert(missing.lock) {
                    continue;
                }
                found.push(
                    Diagnostic::new(
                        &RULE,
                        called(&install),
                        format!(
                            "`{}` does not see `{}`, and picks versions of its own",
                            shown(&install),
                            missing.lock
                        ),
                    )
                    .label(missing.copy, "this brings the manifest without it")
                    .help(format!("copy `{}` beside `{}`", missing.lock, missing.manifest)),
                );
            }
        }
    }
}

struct Missing<'a> {
    lock: &'a str,
    manifest: &'a str,
    copy: TextRange,
}

/// The lock file that lies beside a copied manifest in the context and was not copied.
fn missing<'a>(
    listing: &'a Listing,
    taken: &[(&'a str, TextRange)],
    manager: PackageManager,
) -> Option<Missing<'a>> {
    let (manifest, locks): (&str, &[&str]) = match manager {
        PackageManager::Npm => ("package.json", &["package-lock.json", "npm-shrinkwrap.json"]),
        PackageManager::Yarn => ("package.json", &["yarn.lock"]),
        PackageManager::Pnpm => ("package.json", &["pnpm-lock.yaml"]),
        PackageManager::Bun => ("package.json", &["bun.lock", "bun.lockb"]),
        PackageManager::Poetry => ("pyproject.toml", &["poetry.lock"]),
        PackageManager::Uv => ("pyproject.toml", &["uv.lock"]),
        PackageManager::Pipenv => ("Pipfile", &["Pipfile.lock"]),
        PackageManager::Bundler => ("Gemfile", &["Gemfile.lock"]),
        PackageManager::Composer => ("composer.json", &["composer.lock"]),
        PackageManager::Cargo => ("Cargo.toml", &["Cargo.lock"]),
        _ => return None,
    };
    let has = |path: &str| taken.iter().any(|(other, _)| *other == path);
    let is_lock = |path: &str| locks.contains(&path.rsplit('/').next().unwrap_or(path));
    // A lock file from anywhere may be meant for it: that of a workspace, say.
    if taken.iter().any(|(path, _)| is_lock(path)) {
        return None;
    }
    taken.iter().find_map(|(path, copy)| {
        let folder =
            path.strip_suffix(manifest).filter(|folder| folder.is_empty() || folder.ends_with('/'))?;
        let lock = locks.iter().find_map(|lock| listing.get(&format!("{folder}{lock}")))?;
        (!has(&lock.path)).then_some(Missing { lock: &lock.path, manifest: path, copy: *copy })
    })
}
