use crate::facts::{Fact, MountKind, Value};
use crate::lint::cost::Waste;
use crate::lint::image_name::official;
use crate::lint::landings::is_within;
use crate::lint::package_calls::{called, is_modern_yarn, shown};
use crate::lint::stage_images::lowest_image;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};

declare_rule! {
    /// A cache is mounted where the program does not keep it.
    ///
    /// ## Why it matters
    /// The mount stays empty, the downloads go into the layer, and the next build downloads them again. Which folder it
    /// is depends on the user, on his home and on variables: the mount that was right for root is not right any more
    /// below a `USER`.
    ///
    /// Known are the folders of pip, npm, yarn 1, Go, Cargo, uv, Poetry, Maven and NuGet, for root in images that start
    /// as root. The rule is silent where a variable or a flag names another folder that is not known.
    ///
    /// ## Examples
    /// As root, yarn 1 keeps its cache in /usr/local/share:
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// COPY package.json yarn.lock ./
    /// RUN --mount=type=cache,target=/root/.cache/yarn yarn install --frozen-lockfile
    /// ```
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// USER app
    /// COPY requirements.txt .
    /// RUN --mount=type=cache,target=/root/.cache/pip,uid=1000 pip install -r requirements.txt
    /// ```
    /// ```dockerfile,bad
    /// FROM golang:1.25
    /// COPY go.mod go.sum ./
    /// RUN --mount=type=cache,target=/root/go/pkg/mod go mod download
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// COPY package.json yarn.lock ./
    /// RUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn install --frozen-lockfile
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// ENV PIP_CACHE_DIR=/cache/pip
    /// COPY requirements.txt .
    /// RUN --mount=type=cache,target=/cache/pip pip install -r requirements.txt
    /// ```
    name: "misplaced-cache-mount",
    aliases: [],
    category: Cache,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// One of a manager's caches.
struct Cache {
    manager: PackageManager,
    /// What is in the path of a mount that is meant for it.
    mark: &'static str,
    /// The variables that name the folder itself.
    variables: &'static [&'static str],
    /// The flags that name it.
    flags: &'static [&'static str],
    /// Where it is, below the home of the user.
    below_home: &'static str,
    /// The official image that has it elsewhere, and where.
    image: Option<(&'static str, &'static str)>,
}

const CACHES: &[Cache] = &[
    Cache {
        manager: PackageManager::Pip,
        mark: "/pip",
        variables: &["PIP_CACHE_DIR"],
        flags: &["--cache-dir", "--no-cache-dir"],
        below_home: ".cache/pip",
        image: None,
    },
    Cache {
        manager: PackageManager::Uv,
        mark: "/uv",
        variables: &["UV_CACHE_DIR"],
        flags: &["--cache-dir", "--no-cache"],
        below_home: ".cache/uv",
        image: None,
    },
    Cache {
        manager: PackageManager::Poetry,
        mark: "/pypoetry",
        variables: &["POETRY_CACHE_DIR"],
        flags: &["--no-cache"],
        below_home: ".cache/pypoetry",
        image: None,
    },
    Cache {
        manager: PackageManager::Npm,
        mark: "npm",
        variables: &["NPM_CONFIG_CACHE", "npm_config_cache"],
        flags: &["--cache"],
        below_home: ".npm",
        image: None,
    },
    Cache {
        manager: PackageManager::Yarn,
        mark: "yarn",
        variables: &["YARN_CACHE_FOLDER"],
        flags: &["--cache-folder", "--preferred-cache-folder", "--immutable"],
        below_home: ".cache/yarn",
        image: None,
    },
    Cache {
        manager: PackageManager::Go,
        mark: "go-build",
        variables: &["GOCACHE"],
        flags: &[],
        below_home: ".cache/go-build",
        image: None,
    },
    Cache {
        manager: PackageManager::Go,
        mark: "pkg/mod",
        variables: &["GOMODCACHE"],
        flags: &[],
        below_home: "go/pkg/mod",
        image: Some(("golang", "/go/pkg/mod")),
    },
    Cache {
        manager: PackageManager::Cargo,
        mark: "cargo/registry",
        variables: &["CARGO_HOME"],
        flags: &["--config"],
        below_home: ".cargo/registry",
        image: Some(("rust", "/usr/local/cargo/registry")),
    },
    Cache {
        manager: PackageManager::Maven,
        mark: ".m2",
        variables: &["MAVEN_OPTS", "MAVEN_ARGS", "MAVEN_CONFIG"],
        flags: &["-s", "--settings", "-gs"],
        below_home: ".m2",
        image: None,
    },
    Cache {
        manager: PackageManager::Dotnet,
        mark: ".nuget",
        variables: &["NUGET_PACKAGES"],
        flags: &["--packages"],
        below_home: ".nuget",
        image: None,
    },
];

/// The variables that move caches as a whole.
const SHARED: &[&str] = &["XDG_CACHE_HOME", "HOME", "GOPATH"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let mounts = fact.facts.mounts.iter().filter(|mount| mount.kind == MountKind::Cache);
        let targets: Vec<_> = mounts
            .filter_map(|mount| Some((mount, mount.target.as_deref()?.trim_end_matches('/'))))
            .collect();
        if targets.is_empty() || sets_variables(&fact) {
            continue;
        }
        let commands = fact.facts.commands();
        let actions: Vec<Action<'_>> =
            commands.iter().filter_map(|occurrence| packages::read(occurrence.command)).collect();
        for (mount, target) in &targets {
            let meant = CACHES.iter().filter(|cache| target.contains(cache.mark));
            let pairs = meant.flat_map(|cache| actions.iter().map(move |action| (cache, action)));
            let missed =
                pairs.filter(|(cache, action)| is_call_of(cache, action)).find_map(|(cache, action)| {
                    let place = place(input, &fact, cache, action, target)?;
                    let is_there = |target: &str| {
                        !place.is_empty() && (is_within(&place, target) || is_within(target, &place))
                    };
                    (!targets.iter().any(|(_, target)| is_there(target))).then_some((action, place))
                });
            let Some((action, place)) = missed else { continue };
            let place_shown =
                if place.is_empty() { "below its user's home".to_owned() } else { format!("at `{place}`") };
            found.push(
                Diagnostic::new(
                    &RULE,
                    mount.range,
                    format!("`{}` keeps its cache {place_shown}, not at `{target}`", shown(action)),
                )
                .label(called(action), "this does not use the mount")
                .help(if place.is_empty() {
                    "mount the cache below the home of the user that runs it".to_owned()
                } else {
                    format!("mount it there: `target={place}`")
                })
                .wastes(input, &fact, &Waste::DownloadsAgain),
            );
        }
    }
}

fn is_call_of(cache: &Cache, action: &Action<'_>) -> bool {
    let manager = if action.program == "uv" { PackageManager::Uv } else { action.manager };
    manager == cache.manager && !matches!(action.verb, Verb::Clean | Verb::Remove)
}

/// Where the call has its cache: empty where that is in the home of a user other than root; nothing where it is not
/// known.
fn place(
    input: &Input<'_>,
    fact: &Fact<'_>,
    cache: &Cache,
    action: &Action<'_>,
    target: &str,
) -> Option<String> {
    let state = &fact.facts.before;
    let has_flag = action.has_flag(cache.flags)
        || action.call.args().iter().any(|word| word.shown().contains("maven.repo.local"));
    if has_flag || (cache.manager == PackageManager::Yarn && is_modern_yarn(input)) {
        return None;
    }
    if cache.variables.iter().chain(SHARED).any(|name| state.variables.contains_key(name)) {
        let named = cache
            .variables
            .first()
            .filter(|name| cache.manager == PackageManager::Pip || name.ends_with("CACHE_DIR"));
        let value = state.value(named?)?.trim_end_matches('/');
        return value.starts_with('/').then(|| value.to_owned());
    }
    let base = lowest_image(input, fact.facts.stage?)?;
    let image = official(base)?;
    match &state.user {
        Value::Known(user) if !matches!(user.split(':').next(), Some("root" | "0")) => {
            let is_roots = is_within(target, "/root") && cache.image.is_none_or(|(name, _)| name != image);
            return is_roots.then(String::new);
        }
        Value::Unknown => return None,
        _ => {}
    }
    // These start as another user than root, or know where another's cache is.
    if matches!(image, "gradle" | "composer" | "jenkins" | "solr" | "elasticsearch") {
        return None;
    }
    if let Some((_, place)) = cache.image.filter(|(name, _)| *name == image) {
        return Some(place.to_owned());
    }
    // With Go or Rust from somewhere else, its home may be anywhere.
    if cache.image.is_some() {
        return None;
    }
    if cache.manager == PackageManager::Yarn {
        return Some("/usr/local/share/.cache/yarn".to_owned());
    }
    Some(format!("/root/{}", cache.below_home))
}

/// Whether the script sets a variable that may name a cache, or configures a manager.
fn sets_variables(fact: &Fact<'_>) -> bool {
    fact.facts.commands().iter().any(|occurrence| {
        let names = occurrence.command.assignments.iter().map(|assignment| assignment.name.as_str());
        let is_cache = |name: &str| name.contains("CACHE") || name.contains("HOME") || name.contains("PATH");
        let words = occurrence.command.words.iter().map(crate::shell::Word::shown);
        names.into_iter().any(is_cache)
            || words.into_iter().any(|word| {
                matches!(word, "config" | "export")
                    || word.split_once('=').is_some_and(|(name, _)| is_cache(name))
            })
    })
}
