use crate::facts::MountKind;
use crate::lint::cost::Waste;
use crate::lint::dependencies::project_install;
use crate::lint::package_caches::{CACHES, folder};
use crate::lint::package_calls::{called, package_runs, shown};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::PackageManager;

declare_rule! {
    /// One changed dependency downloads all of them again.
    ///
    /// ## Why it matters
    /// When a manifest or a lock file changes, the install runs again from nothing. A cache mount keeps what was
    /// downloaded on the builder, out of the layer, and only the new comes over the network.
    ///
    /// It helps where builds run on the same builder; on a fresh one for each build the mount is empty, which is why
    /// this rule speaks only where it is asked to.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN --mount=type=cache,target=/root/.npm npm ci
    /// ```
    /// What is given by name is installed once, and its layer seldom built again:
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// RUN apk add --no-cache curl
    /// ```
    name: "install-without-cache-mount",
    aliases: [
        "tally/prefer-package-cache-mounts", "tally/ruby/prefer-bundler-cache-mount", "tally/js/node-gyp-cache-mounts",
    ],
    category: Cache,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in package_runs(input).filter(|run| input.facts.is_reached(&run.fact)) {
        if run.fact.facts.mounts.iter().any(|mount| mount.kind == MountKind::Cache) {
            continue;
        }
        // One mount would serve all calls of a manager.
        let mut reported: Vec<PackageManager> = Vec::new();
        for call in &run.calls {
            let manager = call.action.manager;
            if project_install(call.occurrence.command).is_none() || reported.contains(&manager) {
                continue;
            }
            reported.push(manager);
            let known = CACHES.iter().find(|cache| cache.manager == manager).map(folder);
            let place = known.or(match manager {
                PackageManager::Pnpm => Some("/root/.local/share/pnpm/store"),
                PackageManager::Uv => Some("/root/.cache/uv"),
                PackageManager::Bun => Some("/root/.bun/install/cache"),
                _ => None,
            });
            let peers: &[&str] = match manager {
                PackageManager::Bundler => &["tally/ruby/prefer-bundler-cache-mount"],
                PackageManager::Npm | PackageManager::Yarn | PackageManager::Pnpm => {
                    &["tally/prefer-package-cache-mounts", "tally/js/node-gyp-cache-mounts"]
                }
                _ => &["tally/prefer-package-cache-mounts"],
            };
            let target = place.unwrap_or("its cache");
            found.push(
                Diagnostic::new(
                    &RULE,
                    called(&call.action),
                    format!("`{}` downloads all again when one dependency changes", shown(&call.action)),
                )
                .help(format!("mount a cache: `RUN --mount=type=cache,target={target} …`"))
                .known_as(peers)
                .wastes(input, &run.fact, &Waste::DownloadsAgain),
            );
        }
    }
}
