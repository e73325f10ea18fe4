//! What the package managers leave behind in a layer, and what keeps it out.

use crate::shell::packages::PackageManager;

use super::cache_folders::{CacheFolder, RPM_FOLDERS, folders_of};

/// What one package manager leaves behind, and what keeps it from doing so.
#[derive(Debug)]
pub(super) struct Cache {
    /// Whose it is.
    pub(super) manager: PackageManager,
    /// What is left.
    pub(super) what: &'static str,
    /// Parts of a path: whoever removes one with them, or mounts over it, leaves nothing.
    pub(super) traces: &'static [&'static str],
    /// Flags with which nothing is kept, or something is kept elsewhere.
    pub(super) flags: &'static [&'static str],
    /// Variables that say the same.
    pub(super) variables: &'static [&'static str],
    /// What to do.
    pub(super) remedy: Remedy,
}

impl Cache {
    /// Whether what is kept is what a build needs later on: it is in the way only where nothing builds.
    pub(super) fn serves_builds(&self) -> bool {
        matches!(
            self.manager,
            PackageManager::Go
                | PackageManager::Cargo
                | PackageManager::Maven
                | PackageManager::Gradle
                | PackageManager::Dotnet
        )
    }
}

/// What keeps the cache out of the layer.
#[derive(Debug)]
pub(super) enum Remedy {
    /// Give the flag to each install.
    Flag(&'static str),
    /// Run the manager with these arguments behind the last install.
    Clean(&'static str),
    /// Nothing short and sure: this is the advice.
    Advice(&'static str),
}

/// The caches that cost something.
pub(super) const CACHES: &[Cache] = &[
    Cache {
        manager: PackageManager::Apk,
        what: "the package index",
        traces: &["/var/cache/apk", "/etc/apk/cache"],
        flags: &["--no-cache", "--no-network", "-p", "--root", "--cache-dir"],
        variables: &[],
        remedy: Remedy::Flag("--no-cache"),
    },
    Cache {
        manager: PackageManager::Dnf,
        what: "the repositories' metadata",
        traces: RPM_FOLDERS,
        flags: &["--installroot"],
        variables: &[],
        remedy: Remedy::Clean("clean all"),
    },
    Cache {
        manager: PackageManager::Yum,
        what: "the repositories' metadata",
        traces: RPM_FOLDERS,
        flags: &["--installroot"],
        variables: &[],
        remedy: Remedy::Clean("clean all"),
    },
    Cache {
        manager: PackageManager::Zypper,
        what: "the repositories' metadata",
        traces: &["/var/cache/zypp"],
        flags: &["--installroot", "-R", "--root", "--cache-dir", "-C"],
        variables: &[],
        remedy: Remedy::Clean("clean --all"),
    },
    Cache {
        manager: PackageManager::Pip,
        what: "its downloads",
        traces: &[".cache"],
        flags: &["--no-cache-dir", "--no-index", "--cache-dir"],
        variables: &["PIP_NO_CACHE_DIR"],
        remedy: Remedy::Flag("--no-cache-dir"),
    },
    Cache {
        manager: PackageManager::Npm,
        what: "its downloads",
        traces: &[".npm", "_cacache"],
        flags: &["--cache", "--dry-run", "--package-lock-only"],
        variables: &[],
        remedy: Remedy::Clean("cache clean --force"),
    },
    Cache {
        manager: PackageManager::Yarn,
        what: "its downloads",
        traces: &[".cache", "yarn"],
        flags: &["--cache-folder", "--immutable", "--immutable-cache"],
        variables: &["YARN_ENABLE_GLOBAL_CACHE"],
        remedy: Remedy::Clean("cache clean"),
    },
    Cache {
        manager: PackageManager::Conda,
        what: "the packages' archives",
        traces: &["pkgs"],
        flags: &["--dry-run", "--download-only"],
        variables: &[],
        remedy: Remedy::Clean("clean --all --yes"),
    },
    Cache {
        manager: PackageManager::Composer,
        what: "its downloads",
        traces: &[".composer", ".cache", "composer/cache"],
        flags: &["--no-cache", "--dry-run", "--no-install"],
        variables: &["COMPOSER_NO_CACHE"],
        remedy: Remedy::Clean("clear-cache"),
    },
    Cache {
        manager: PackageManager::Poetry,
        what: "its downloads",
        traces: &[".cache"],
        flags: &["--no-cache", "--dry-run"],
        variables: &[],
        remedy: Remedy::Advice("give it `--no-cache`"),
    },
    Cache {
        manager: PackageManager::Pipenv,
        what: "its downloads",
        traces: &[".cache"],
        flags: &[],
        variables: &["PIP_NO_CACHE_DIR"],
        remedy: Remedy::Advice("set `PIP_NO_CACHE_DIR=1`"),
    },
    Cache {
        manager: PackageManager::Bundler,
        what: "the gems' archives",
        traces: &["/cache"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice("remove the folder `cache` of the gems' home in the same RUN"),
    },
    Cache {
        manager: PackageManager::Cargo,
        what: "the registry and the sources of all crates",
        traces: &["registry", ".cargo"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice(
            "remove `$CARGO_HOME/registry` in the same RUN, or build in a stage of its own",
        ),
    },
    Cache {
        manager: PackageManager::Go,
        what: "the sources of all modules",
        traces: &["pkg/mod"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice("build in a stage of its own"),
    },
    Cache {
        manager: PackageManager::Maven,
        what: "its repository of downloads",
        traces: &[".m2"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice("build in a stage of its own"),
    },
    Cache {
        manager: PackageManager::Gradle,
        what: "its downloads",
        traces: &[".gradle"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice("build in a stage of its own"),
    },
    Cache {
        manager: PackageManager::Dotnet,
        what: "NuGet's packages",
        traces: &[".nuget"],
        flags: &["--packages"],
        variables: &[],
        remedy: Remedy::Advice("build in a stage of its own"),
    },
];

/// Variables that say where a cache is.
pub(super) const FOLDER_VARIABLES: &[&str] = &[
    "PIP_CACHE_DIR",
    "NPM_CONFIG_CACHE",
    "YARN_CACHE_FOLDER",
    "CONDA_PKGS_DIRS",
    "COMPOSER_CACHE_DIR",
    "XDG_CACHE_HOME",
];

/// Whether `path`, pattern and all, is the cache, a part of it or a folder around it.
pub(super) fn holds_cache(path: &str, cache: &Cache) -> bool {
    let path = path.trim_end_matches(['/', '*']);
    let folders = folders_of(cache.manager).flat_map(|folder| [folder.usual(), folder.folder]).flatten();
    let mut places = folders.chain(cache.traces.iter().copied());
    places.any(|place| {
        let around = place.strip_prefix(path).is_some_and(|rest| !path.is_empty() && rest.starts_with('/'));
        around || path.contains(place)
    })
}

/// The cache's folder, for people to read.
pub(super) fn folder(cache: &Cache) -> &'static str {
    let known = folders_of(cache.manager).find_map(CacheFolder::usual);
    let traced = || cache.traces.iter().find(|trace| trace.starts_with('/')).copied();
    known.or_else(traced).unwrap_or("its cache")
}

/// Where the cache lies in an image, or for one in a home folder the end of that: what its remedy takes away.
pub(super) fn places(cache: &Cache) -> &'static [&'static str] {
    match cache.manager {
        PackageManager::Apk => &["/var/cache/apk"],
        PackageManager::Dnf | PackageManager::Yum => RPM_FOLDERS,
        PackageManager::Zypper => &["/var/cache/zypp"],
        PackageManager::Pip => &[".cache/pip"],
        PackageManager::Npm => &[".npm/_cacache"],
        PackageManager::Yarn => &[".cache/yarn"],
        PackageManager::Conda => &["pkgs"],
        PackageManager::Composer => &[".composer/cache", ".cache/composer"],
        _ => &[],
    }
}
