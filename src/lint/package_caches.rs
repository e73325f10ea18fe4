//! The caches of the package managers: where they lie and what keeps them out of a layer.

use crate::shell::packages::PackageManager;

/// What one package manager leaves behind, and what keeps it from doing so.
#[derive(Debug)]
pub(super) struct Cache {
    /// Whose it is.
    pub(super) manager: PackageManager,
    /// What is left.
    pub(super) what: &'static str,
    /// Folders, from the root or as parts of a path: whoever removes one or mounts over it leaves nothing.
    pub(super) folders: &'static [&'static str],
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

const RPM_FOLDERS: &[&str] = &["/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5", "/var/cache/tdnf"];

/// The caches that cost something.
pub(super) const CACHES: &[Cache] = &[
    Cache {
        manager: PackageManager::Apk,
        what: "the package index",
        folders: &["/var/cache/apk", "/etc/apk/cache"],
        flags: &["--no-cache", "--no-network", "-p", "--root", "--cache-dir"],
        variables: &[],
        remedy: Remedy::Flag("--no-cache"),
    },
    Cache {
        manager: PackageManager::Dnf,
        what: "the repositories' metadata",
        folders: RPM_FOLDERS,
        flags: &["--installroot"],
        variables: &[],
        remedy: Remedy::Clean("clean all"),
    },
    Cache {
        manager: PackageManager::Yum,
        what: "the repositories' metadata",
        folders: RPM_FOLDERS,
        flags: &["--installroot"],
        variables: &[],
        remedy: Remedy::Clean("clean all"),
    },
    Cache {
        manager: PackageManager::Zypper,
        what: "the repositories' metadata",
        folders: &["/var/cache/zypp"],
        flags: &["--installroot", "-R", "--root", "--cache-dir", "-C"],
        variables: &[],
        remedy: Remedy::Clean("clean --all"),
    },
    Cache {
        manager: PackageManager::Pip,
        what: "its downloads",
        folders: &[".cache", "/root/.cache/pip"],
        flags: &["--no-cache-dir", "--no-index", "--cache-dir"],
        variables: &["PIP_NO_CACHE_DIR"],
        remedy: Remedy::Flag("--no-cache-dir"),
    },
    Cache {
        manager: PackageManager::Npm,
        what: "its downloads",
        folders: &[".npm", "_cacache", "/root/.npm"],
        flags: &["--cache", "--dry-run", "--package-lock-only"],
        variables: &[],
        remedy: Remedy::Clean("cache clean --force"),
    },
    Cache {
        manager: PackageManager::Yarn,
        what: "its downloads",
        folders: &[".cache", "yarn", "/usr/local/share/.cache/yarn"],
        flags: &["--cache-folder", "--immutable", "--immutable-cache"],
        variables: &["YARN_ENABLE_GLOBAL_CACHE"],
        remedy: Remedy::Clean("cache clean"),
    },
    Cache {
        manager: PackageManager::Conda,
        what: "the packages' archives",
        folders: &["pkgs"],
        flags: &["--dry-run", "--download-only"],
        variables: &[],
        remedy: Remedy::Clean("clean --all --yes"),
    },
    Cache {
        manager: PackageManager::Composer,
        what: "its downloads",
        folders: &[".composer", ".cache", "composer/cache", "/tmp/cache"],
        flags: &["--no-cache", "--dry-run", "--no-install"],
        variables: &["COMPOSER_NO_CACHE"],
        remedy: Remedy::Clean("clear-cache"),
    },
    Cache {
        manager: PackageManager::Poetry,
        what: "its downloads",
        folders: &[".cache", "/root/.cache/pypoetry"],
        flags: &["--no-cache", "--dry-run"],
        variables: &[],
        remedy: Remedy::Advice("give it `--no-cache`"),
    },
    Cache {
        manager: PackageManager::Pipenv,
        what: "its downloads",
        folders: &[".cache", "/root/.cache/pipenv"],
        flags: &[],
        variables: &["PIP_NO_CACHE_DIR"],
        remedy: Remedy::Advice("set `PIP_NO_CACHE_DIR=1`"),
    },
    Cache {
        manager: PackageManager::Bundler,
        what: "the gems' archives",
        folders: &["/cache", "/usr/local/bundle/cache"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice("remove the folder `cache` of the gems' home in the same RUN"),
    },
    Cache {
        manager: PackageManager::Cargo,
        what: "the registry and the sources of all crates",
        folders: &["registry", "/usr/local/cargo/registry", ".cargo"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice(
            "remove `$CARGO_HOME/registry` in the same RUN, or build in a stage of its own",
        ),
    },
    Cache {
        manager: PackageManager::Go,
        what: "the sources of all modules",
        folders: &["/go/pkg/mod", "/root/.cache/go-build", "pkg/mod"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice("build in a stage of its own"),
    },
    Cache {
        manager: PackageManager::Maven,
        what: "its repository of downloads",
        folders: &["/root/.m2", ".m2"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice("build in a stage of its own"),
    },
    Cache {
        manager: PackageManager::Gradle,
        what: "its downloads",
        folders: &["/root/.gradle", ".gradle"],
        flags: &[],
        variables: &[],
        remedy: Remedy::Advice("build in a stage of its own"),
    },
    Cache {
        manager: PackageManager::Dotnet,
        what: "NuGet's packages",
        folders: &["/root/.nuget/packages", ".nuget"],
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
    cache.folders.iter().any(|folder| {
        let around = folder.strip_prefix(path).is_some_and(|rest| !path.is_empty() && rest.starts_with('/'));
        around || path.contains(folder)
    })
}

/// The cache's folder, for people to read.
pub(super) fn folder(cache: &Cache) -> &'static str {
    cache.folders.iter().find(|folder| folder.starts_with('/')).copied().unwrap_or("its cache")
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
