use crate::facts::{Fact, Mount, MountKind, Value};
use crate::lint::cache_folders::{CACHE_FOLDERS, CacheFolder, folders_of, manager_of, rpm_folder};
use crate::lint::cost::Waste;
use crate::lint::image_name::official;
use crate::lint::landings::is_within;
use crate::lint::package_calls::{called, is_modern_yarn, shown};
use crate::lint::stage_images::lowest_image;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Command, Occurrence};

declare_rule! {
    /// A cache is mounted where the program does not keep it.
    ///
    /// ## Why it matters
    /// The mount stays empty, the downloads go into the layer, and the next build downloads them again. Which folder it
    /// is depends on the user, on his home and on variables: the mount that was right for root is not right any more
    /// below a `USER`.
    ///
    /// Known are the folders of pip, npm, yarn 1, Go, Cargo, uv, Poetry, Pipenv, Maven and NuGet, for root in images that
    /// start as root, and those of yum and dnf: yum is dnf by another name since RHEL 8, and so is dnf 5 since Fedora
    /// 41. The rule is silent where a variable or a flag names another folder that is not known. It also reports a cache
    /// of the distribution's packages where the `RUN` installs none of them.
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
    /// ```dockerfile,bad
    /// FROM registry.access.redhat.com/ubi9/ubi:9.6
    /// RUN --mount=type=cache,target=/var/cache/yum yum install -y nginx
    /// ```
    /// ```dockerfile,bad
    /// FROM fedora:43
    /// COPY tool.rpm /tmp/
    /// RUN --mount=type=cache,target=/var/cache/libdnf5 rpm -i /tmp/tool.rpm
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

/// The variables that move caches as a whole.
const SHARED: &[&str] = &["XDG_CACHE_HOME", "HOME", "GOPATH"];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let mounts = fact.facts.mounts.iter().filter(|mount| mount.kind == MountKind::Cache);
        let targets: Vec<(&Mount, &str)> = mounts
            .filter_map(|mount| Some((mount, mount.target.as_deref()?.trim_end_matches('/'))))
            .collect();
        if targets.is_empty() || sets_variables(&fact) {
            continue;
        }
        let commands = fact.facts.commands();
        let actions: Vec<Action<'_>> =
            commands.iter().filter_map(|occurrence| packages::read(occurrence.command)).collect();
        for (mount, target) in &targets {
            if is_idle(&fact, &commands, target) {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        mount.range,
                        format!("nothing in this RUN uses the cache that is mounted at `{target}`"),
                    )
                    .help("leave the mount out"),
                );
                continue;
            }
            let missed = actions.iter().find_map(|action| {
                let place = missed(input, &fact, action, target)?;
                let is_there = |target: &str| {
                    !place.is_empty() && (is_within(&place, target) || is_within(target, &place))
                };
                (!targets.iter().any(|(_, target)| is_there(target))).then_some((action, place))
            });
            if let Some((action, place)) = missed {
                let diagnostic = report(mount, target, action, &place);
                found.push(diagnostic.wastes(input, &fact, &Waste::DownloadsAgain));
            }
        }
    }
}

fn report(mount: &Mount, target: &str, action: &Action<'_>, place: &str) -> Diagnostic {
    let (shown_place, help) = if place.is_empty() {
        (
            "below its user's home".to_owned(),
            "mount the cache below the home of the user that runs it".to_owned(),
        )
    } else {
        (format!("at `{place}`"), format!("mount it there: `target={place}`"))
    };
    Diagnostic::new(
        &RULE,
        mount.range,
        format!("`{}` keeps its cache {shown_place}, not at `{target}`", shown(action)),
    )
    .label(called(action), "this does not use the mount")
    .help(help)
}

/// Whether the cache is one of the distribution's package managers, and all that the `RUN` calls is known to be
/// something else.
fn is_idle(fact: &Fact<'_>, commands: &[Occurrence<'_>], target: &str) -> bool {
    const OTHERS: &[&str] = &[
        "[", "cat", "cd", "chmod", "chown", "cp", "curl", "dpkg", "echo", "export", "find", "ln", "ls",
        "mkdir", "mv", "printf", "rm", "rpm", "sed", "set", "tar", "test", "touch", "unzip", "wget",
    ];
    let is_of_system = CACHE_FOLDERS
        .iter()
        .any(|folder| folder.manager.is_system() && folder.marks.iter().any(|mark| is_within(target, mark)));
    let is_other = |command: &Command| {
        let names = command.words.iter().chain(command.args()).any(|word| word.text.contains(target));
        !names && command.name().is_some_and(|name| OTHERS.contains(&name))
    };
    is_of_system
        && fact.facts.script().is_some_and(|script| script.understood)
        && !commands.is_empty()
        && commands.iter().all(|occurrence| is_other(occurrence.command))
}

/// Where the call has the cache that a mount at `target` is meant for, as `place` says it.
fn missed(input: &Input<'_>, fact: &Fact<'_>, action: &Action<'_>, target: &str) -> Option<String> {
    if matches!(action.verb, Verb::Clean | Verb::Remove) {
        return None;
    }
    let meant = || folders_of(manager_of(action)).filter(|folder| folder.is_meant_by(target));
    let image = lowest_image(input, fact.facts.stage?)?;
    if let Some(folder) = rpm_folder(action, image).filter(|_| meant().next().is_some()) {
        return Some(folder.to_owned());
    }
    meant().find_map(|cache| place(input, fact, cache, action, target))
}

/// Where the call has its cache: empty where that is in the home of a user other than root; nothing where it is not
/// known.
fn place(
    input: &Input<'_>,
    fact: &Fact<'_>,
    cache: &CacheFolder,
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
    cache.folder.map(str::to_owned)
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
