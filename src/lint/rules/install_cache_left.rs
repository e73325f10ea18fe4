use crate::facts::MountKind;
use crate::lint::package_calls::{called, is_modern_yarn, shown};
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Command, Occurrence, Script, removals};
use crate::text::EditSet;

declare_rule! {
    /// A package manager's cache stays in the layer.
    ///
    /// ## Why it matters
    /// Package managers keep what they download, to be faster the next time. In an image there is no next time: the
    /// cache is pulled by every region and read by nobody. A later `RUN` can't take it out of the layer again.
    ///
    /// Known are the caches of apk, dnf, microdnf, yum, zypper, pip, npm, yarn, conda and composer. pnpm, bun and uv
    /// link their packages from the cache, which so costs next to nothing, and the official Debian and Ubuntu images
    /// empty apt's own.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN apk add curl
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// RUN apk add --no-cache curl
    /// ```
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// COPY requirements.txt .
    /// RUN pip install -r requirements.txt
    /// ```
    /// ```dockerfile,fixed
    /// FROM python:3.14-slim
    /// COPY requirements.txt .
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// ```
    /// ```dockerfile,bad
    /// FROM fedora:43
    /// RUN dnf install -y \
    ///     git \
    ///     nginx
    /// ```
    /// ```dockerfile,fixed
    /// FROM fedora:43
    /// RUN dnf install -y \
    ///     git \
    ///     nginx \
    ///     && dnf clean all
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// RUN npm ci --omit=dev
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// RUN npm ci --omit=dev && npm cache clean --force
    /// ```
    /// A cache mount keeps the cache for the next build, and out of the layer:
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// ENV PIP_NO_CACHE_DIR=1
    /// RUN pip install flask
    /// ```
    ///
    /// ## Fix safety
    /// Safe: what is installed is the same. Unsafe for a yarn that could be of version 2 or later, since its packages
    /// can be used straight from the cache.
    name: "install-cache-left",
    aliases: ["DL3019", "DL3032", "DL3036", "DL3040", "DL3042", "DL3060"],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

/// What one package manager leaves behind, and what keeps it from doing so.
struct Cache {
    manager: PackageManager,
    /// What is left.
    what: &'static str,
    /// Folders, from the root or as parts of a path: whoever removes one or mounts over it leaves nothing.
    folders: &'static [&'static str],
    /// Flags with which nothing is kept, or something is kept elsewhere.
    flags: &'static [&'static str],
    /// Variables that say the same.
    variables: &'static [&'static str],
    /// What to do.
    remedy: Remedy,
}

enum Remedy {
    /// Give the flag to each install.
    Flag(&'static str),
    /// Run the manager with these arguments behind the last install.
    Clean(&'static str),
}

const RPM_FOLDERS: &[&str] = &["/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5", "/var/cache/tdnf"];

const CACHES: &[Cache] = &[
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
];

/// Variables that say where a cache is.
const FOLDER_VARIABLES: &[&str] = &[
    "PIP_CACHE_DIR",
    "NPM_CONFIG_CACHE",
    "YARN_CACHE_FOLDER",
    "CONDA_PKGS_DIRS",
    "COMPOSER_CACHE_DIR",
    "XDG_CACHE_HOME",
];

/// One call that fills a cache.
struct Fill<'a> {
    occurrence: Occurrence<'a>,
    action: Action<'a>,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in RunScript::shipped(input) {
        if !run.script.understood {
            continue;
        }
        for cache in CACHES {
            if is_kept_out(input, &run, cache) {
                continue;
            }
            let fills = fills_left(&run, cache);
            let Some(first) = fills.first() else { continue };
            let mut diagnostic = Diagnostic::new(
                &RULE,
                called(&first.action),
                format!("`{}` leaves {} in the layer", shown(&first.action), cache.what),
            );
            let program = first.action.program;
            diagnostic = match &cache.remedy {
                Remedy::Flag(flag) => diagnostic
                    .help(format!("give it `{flag}`, or mount a cache over {}", folder(cache)))
                    .fix(Safety::Safe, format!("add `{flag}`"), with_flag(input, &run, &fills, flag)),
                Remedy::Clean(arguments) => diagnostic
                    .help(format!(
                        "add `&& {program} {arguments}` to the same RUN, or mount a cache over {}",
                        folder(cache)
                    ))
                    .fix(
                        if is_surely_classic(&fills) { Safety::Safe } else { Safety::Unsafe },
                        format!("run `{program} {arguments}` in the same RUN"),
                        with_clean(&run, cache, &fills, arguments),
                    ),
            };
            found.push(diagnostic);
        }
    }
}

/// The calls of the cache's manager behind which nothing empties it.
fn fills_left<'a>(run: &RunScript<'a>, cache: &Cache) -> Vec<Fill<'a>> {
    let mut fills: Vec<Fill<'a>> = Vec::new();
    for occurrence in run.script.commands() {
        match packages::read(occurrence.command) {
            Some(action) if action.manager == cache.manager && action.program != "uv" => match action.verb {
                Verb::Clean => fills.clear(),
                Verb::Install | Verb::Upgrade if !keeps_nothing(&action, cache) => {
                    fills.push(Fill { occurrence, action });
                }
                Verb::Update if cache.manager.is_system() && !keeps_nothing(&action, cache) => {
                    fills.push(Fill { occurrence, action });
                }
                _ => {}
            },
            _ if empties(occurrence.command, cache) => fills.clear(),
            _ => {}
        }
    }
    fills
}

fn keeps_nothing(action: &Action<'_>, cache: &Cache) -> bool {
    let local = |text: &str| text.starts_with(['.', '/']) || text.contains(".whl");
    let downloads_nothing = action.manager == PackageManager::Pip
        && action.has_flag(&["--no-deps"])
        && action.packages.iter().all(|word| local(word.shown()));
    // `yarn --version`, `npm install --help`
    downloads_nothing || action.has_flag(cache.flags) || action.has_flag(&["--help", "--version"])
}

/// Whether a mount, a variable or the manager's own configuration keeps the cache out of the layer.
fn is_kept_out(input: &Input<'_>, run: &RunScript<'_>, cache: &Cache) -> bool {
    let facts = run.fact.facts;
    let set = |name: &str| {
        let assigned = run.script.commands().iter().any(|occurrence| {
            let command = occurrence.command;
            command.assignments.iter().any(|assignment| assignment.name.eq_ignore_ascii_case(name))
                || command
                    .words
                    .iter()
                    .any(|word| word.text.split('=').next().is_some_and(|key| key.eq_ignore_ascii_case(name)))
        });
        assigned || facts.before.variables.keys().any(|key| key.eq_ignore_ascii_case(name))
    };
    if cache.variables.iter().any(|name| set(name)) {
        return true;
    }
    let places: Vec<String> = facts
        .before
        .variables
        .iter()
        .filter(|(name, _)| FOLDER_VARIABLES.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .filter_map(|(_, variable)| variable.value.known().map(str::to_owned))
        .collect();
    let mounted = facts.mounts.iter().any(|mount| {
        let target = mount.target.as_deref().unwrap_or_default();
        matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs)
            && (holds_cache(target, cache)
                || target.contains('$')
                || places.iter().any(|place| mount.covers(place)))
    });
    mounted
        || is_configured(input, run, cache)
        || (cache.manager == PackageManager::Yarn && is_modern_yarn(input))
}

/// Whether pip's configuration says that nothing is kept, or may say so.
fn is_configured(input: &Input<'_>, run: &RunScript<'_>, cache: &Cache) -> bool {
    let Some(index) = Some(run.fact.index).filter(|_| cache.manager == PackageManager::Pip) else {
        return false;
    };
    let before = input.facts.all(input.dockerfile).take(index + 1);
    before.map(|fact| input.source.slice(fact.instruction.range)).any(|text| {
        text.contains("pip.conf") || (text.contains("config set") && text.contains("no-cache-dir"))
    })
}

/// Whether the command empties the cache, or may well do so.
fn empties(command: &Command, cache: &Cache) -> bool {
    let is_cleaner = command.name().is_some_and(|name| name.contains("clean"));
    let variable = format!("{:?}", cache.manager).to_uppercase();
    let by_variable = |path: &str| path.contains('$') && (path.contains(&variable) || path.contains("CACHE"));
    let removed = |path: &str| holds_cache(path, cache) || by_variable(path);
    is_cleaner || removals(command).iter().any(|removal| removed(removal.path.shown()))
}

/// Whether `path`, pattern and all, is the cache, a part of it or a folder around it.
fn holds_cache(path: &str, cache: &Cache) -> bool {
    let path = path.trim_end_matches(['/', '*']);
    cache.folders.iter().any(|folder| {
        let around = folder.strip_prefix(path).is_some_and(|rest| !path.is_empty() && rest.starts_with('/'));
        around || path.contains(folder)
    })
}

/// The cache's folder, for people to read.
fn folder(cache: &Cache) -> &'static str {
    cache.folders.iter().find(|folder| folder.starts_with('/')).copied().unwrap_or("its cache")
}

fn with_flag(input: &Input<'_>, run: &RunScript<'_>, fills: &[Fill<'_>], flag: &str) -> Option<EditSet> {
    let mut edits = EditSet::new();
    for fill in fills {
        let edit = if fill.action.verb == Verb::Update {
            let own = fill.occurrence.top_level && is_fetched_again(input, run);
            own.then(|| run.delete_statement(fill.occurrence.statement))??
        } else {
            run.insert_word(fill.action.subcommand.last()?, flag)?
        };
        edits.insert(edit).ok()?;
    }
    Some(edits)
}

/// Whether the script's own installs fetch the index that `apk update` fetches, and nothing else asks for it.
fn is_fetched_again(input: &Input<'_>, run: &RunScript<'_>) -> bool {
    let here = run.script.commands();
    let later = run.later(input);
    let later = later.iter().filter_map(|fact| fact.facts.script()).flat_map(Script::commands);
    let of_apk = |occurrence: &Occurrence<'_>| {
        let is_apk = occurrence.command.name() == Some("apk");
        is_apk
            && packages::read(occurrence.command)
                .is_some_and(|action| action.verb == Verb::Other || action.has_flag(&["--no-network"]))
    };
    let installs = |occurrence: &Occurrence<'_>| {
        packages::read(occurrence.command).is_some_and(|action| {
            action.manager == PackageManager::Apk && matches!(action.verb, Verb::Install | Verb::Upgrade)
        })
    };
    here.iter().any(installs) && !here.iter().any(of_apk) && !later.into_iter().any(|other| of_apk(&other))
}

fn with_clean(run: &RunScript<'_>, cache: &Cache, fills: &[Fill<'_>], arguments: &str) -> Option<EditSet> {
    let last = fills.last()?;
    let command = last.occurrence.command;
    let moved = |name: &str| FOLDER_VARIABLES.iter().any(|known| known.eq_ignore_ascii_case(name));
    // In a branch, or uninstalled again, the manager may not be there; with a folder given to this call alone, its
    // cache is not where it looks for it.
    if !last.occurrence.is_certain()
        || (is_removed(run, last) && !cache.manager.is_system())
        || command.assignments.iter().any(|assignment| moved(&assignment.name))
    {
        return None;
    }
    // With `sudo`, `php` or whatever else starts it.
    let program = command.words.first()?.range.cover(last.action.call.words().first()?.range);
    let edit = run.append(&format!("{} {arguments}", run.on_one_line(program)?))?;
    EditSet::try_from(vec![edit]).ok()
}

/// Whether something is uninstalled behind the call, or the manager's own files are removed.
fn is_removed(run: &RunScript<'_>, fill: &Fill<'_>) -> bool {
    let behind = run
        .script
        .commands()
        .into_iter()
        .filter(|other| other.command.range.start() > fill.occurrence.command.range.start());
    behind.into_iter().any(|other| {
        let uninstalls = packages::read(other.command).is_some_and(|action| action.verb == Verb::Remove);
        let names =
            |path: &str| path.contains(fill.action.program) || path.contains("bin") || path.contains('$');
        uninstalls || removals(other.command).iter().any(|removal| names(removal.path.shown()))
    })
}

/// Whether the installs are no yarn's, or surely those of yarn 1, which copies its packages out of its cache.
fn is_surely_classic(fills: &[Fill<'_>]) -> bool {
    let flags = [
        "--frozen-lockfile",
        "--pure-lockfile",
        "--production",
        "--prod",
        "--non-interactive",
        "--network-timeout",
    ];
    fills.iter().all(|fill| {
        fill.action.manager != PackageManager::Yarn
            || fill.action.has_flag(&flags)
            || fill.action.subcommand.iter().any(|word| word.is("global"))
    })
}
