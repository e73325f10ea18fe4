use std::cell::OnceCell;

use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::lint::dependencies::project_install;
use crate::lint::landings::{Landing, is_everything};
use crate::lint::layers::below;
use crate::lint::package_calls::{Call, PackageRun, called, is_modern_yarn, package_runs, shown};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::PackageManager;
use crate::text::{Edit, EditSet};

declare_rule! {
    /// The lock file is there, and the install may overrule it.
    ///
    /// ## Why it matters
    /// `npm install` takes the lock file for a proposal: where it does not fit `package.json`, other versions are
    /// installed than were tested, and nobody is told. The commands that hold to the lock file fail instead, in the
    /// pull request that forgot it. They are faster, too, since nothing is left to work out.
    ///
    /// Known are npm, yarn, pnpm, bun, uv, pipenv and bundler. Reported is what surely has its lock file: one that is
    /// copied by name, or with a context that has it.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm install --omit=dev
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --omit=dev
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json yarn.lock ./
    /// RUN yarn install --production
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json yarn.lock ./
    /// RUN yarn install --frozen-lockfile --production
    /// ```
    /// ```dockerfile,bad
    /// FROM ruby:3.4-slim
    /// WORKDIR /app
    /// COPY Gemfile Gemfile.lock ./
    /// RUN bundle install
    /// ```
    /// ```dockerfile,good
    /// FROM ruby:3.4-slim
    /// ENV BUNDLE_DEPLOYMENT=1
    /// WORKDIR /app
    /// COPY Gemfile Gemfile.lock ./
    /// RUN bundle install
    /// ```
    /// Where no lock file is known to be there, `npm ci` would fail:
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json ./
    /// RUN npm install --omit=dev
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: where the lock file does not fit, the build fails, which is what it is for. `npm ci` also removes a
    /// `node_modules` that is there already.
    name: "unlocked-install",
    aliases: ["DF031", "tally/ruby/missing-bundle-deployment"],
    category: Reproducibility,
    severity: Info,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

/// How one package manager holds to its lock file.
struct Lock {
    manager: PackageManager,
    /// The subcommands that may overrule it; empty for a call without one.
    subcommands: &'static [&'static str],
    files: &'static [&'static str],
    /// Flags that hold to it, or that say on purpose what else is wanted.
    flags: &'static [&'static str],
    /// Variables that do.
    variables: &'static [&'static str],
    remedy: Remedy,
}

enum Remedy {
    /// This subcommand in the place of the one that is there.
    Subcommand(&'static str),
    Flag(&'static str),
    /// This variable, set for all the stage.
    Variable(&'static str),
}

const LOCKS: &[Lock] = &[
    Lock {
        manager: PackageManager::Npm,
        subcommands: &["install", "i"],
        files: &["package-lock.json", "npm-shrinkwrap.json"],
        flags: &["--package-lock-only", "--no-package-lock", "--package-lock", "-g", "--global", "--dry-run"],
        variables: &["NPM_CONFIG_PACKAGE_LOCK"],
        remedy: Remedy::Subcommand("ci"),
    },
    Lock {
        manager: PackageManager::Yarn,
        subcommands: &["install", ""],
        files: &["yarn.lock"],
        flags: &[
            "--frozen-lockfile",
            "--pure-lockfile",
            "--no-lockfile",
            "--immutable",
            "--immutable-cache",
            "--mode",
        ],
        variables: &["YARN_ENABLE_IMMUTABLE_INSTALLS", "CI"],
        remedy: Remedy::Flag("--frozen-lockfile"),
    },
    Lock {
        manager: PackageManager::Pnpm,
        subcommands: &["install", "i"],
        files: &["pnpm-lock.yaml"],
        flags: &[
            "--frozen-lockfile",
            "--no-frozen-lockfile",
            "--no-lockfile",
            "--lockfile-only",
            "-g",
            "--global",
        ],
        variables: &["CI", "NPM_CONFIG_FROZEN_LOCKFILE"],
        remedy: Remedy::Flag("--frozen-lockfile"),
    },
    Lock {
        manager: PackageManager::Bun,
        subcommands: &["install", "i"],
        files: &["bun.lock", "bun.lockb"],
        flags: &["--frozen-lockfile", "--no-save", "--lockfile-only", "-g", "--global"],
        variables: &[],
        remedy: Remedy::Flag("--frozen-lockfile"),
    },
    Lock {
        manager: PackageManager::Uv,
        subcommands: &["sync"],
        files: &["uv.lock"],
        flags: &["--locked", "--frozen", "--upgrade", "-U", "--check"],
        variables: &["UV_LOCKED", "UV_FROZEN"],
        remedy: Remedy::Flag("--locked"),
    },
    Lock {
        manager: PackageManager::Pipenv,
        subcommands: &["install"],
        files: &["Pipfile.lock"],
        flags: &["--deploy", "--ignore-pipfile", "--skip-lock", "-r", "--requirements"],
        variables: &["PIPENV_SKIP_LOCK", "PIPENV_IGNORE_PIPFILE"],
        remedy: Remedy::Flag("--deploy"),
    },
    Lock {
        manager: PackageManager::Bundler,
        subcommands: &["install", ""],
        files: &["Gemfile.lock", "gems.locked"],
        flags: &["--deployment", "--frozen", "--local"],
        variables: &["BUNDLE_DEPLOYMENT", "BUNDLE_FROZEN"],
        remedy: Remedy::Variable("BUNDLE_DEPLOYMENT=1"),
    },
];

/// What the layers so far have brought of it.
#[derive(Debug, Clone, Default)]
struct Brought {
    /// The names of the lock files that are surely there.
    files: Vec<&'static str>,
    /// Whether a command has configured bundler.
    bundler: bool,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut brought: Option<Vec<Brought>> = None;
    let modern_yarn = OnceCell::new();
    for run in package_runs(input).filter(|run| input.facts.is_reached(&run.fact)) {
        for call in &run.calls {
            let Some(lock) = LOCKS.iter().find(|lock| lock.manager == call.action.manager) else { continue };
            if !may_overrule(lock, run, call) {
                continue;
            }
            let brought = brought
                .get_or_insert_with(|| below(input, &Brought::default(), |sum, fact| take(input, sum, fact)));
            let Some(brought) = brought.get(run.fact.index) else { continue };
            let Some(file) = lock.files.iter().find(|file| brought.files.contains(file)) else { continue };
            let configures = configures_bundler(input, &run.fact);
            if lock.manager == PackageManager::Bundler && (brought.bundler || configures) {
                continue;
            }
            found.push(report(&|| *modern_yarn.get_or_init(|| is_modern_yarn(input)), run, call, lock, file));
        }
    }
}

fn report(
    is_modern_yarn: &dyn Fn() -> bool,
    run: &PackageRun<'_>,
    call: &Call<'_>,
    lock: &Lock,
    file: &str,
) -> Diagnostic {
    let action = &call.action;
    let peers: &[&str] = match lock.manager {
        PackageManager::Npm => &["DF031"],
        PackageManager::Bundler => &["tally/ruby/missing-bundle-deployment"],
        _ => &[],
    };
    let diagnostic = Diagnostic::new(
        &RULE,
        called(action),
        format!("`{}` may install other versions than `{file}` says", shown(action)),
    )
    .known_as(peers);
    let one = |edit: Option<Edit>| edit.and_then(|edit| EditSet::try_from(vec![edit]).ok());
    let word = action.subcommand.last().copied().or(action.call.words().first());
    match lock.remedy {
        Remedy::Subcommand(subcommand) => {
            let script = run.script.as_ref().filter(|script| script.script.understood);
            let edit = script.zip(action.subcommand.last()).and_then(|(script, word)| {
                script.on_one_line(word.range).filter(|text| *text == word.shown())?;
                Some(Edit::replace(word.range, subcommand))
            });
            let title = format!("call `{} {subcommand}`", action.program);
            diagnostic.help(format!("call `{} {subcommand}`, which holds to it", action.program)).fix(
                Safety::Unsafe,
                title,
                one(edit),
            )
        }
        Remedy::Flag(flag) => {
            let is_modern = lock.manager == PackageManager::Yarn && is_modern_yarn();
            let flag = if is_modern { "--immutable" } else { flag };
            let edit =
                run.script.as_ref().zip(word).and_then(|(script, word)| script.insert_word(word, flag));
            diagnostic.help(format!("give it `{flag}`, which holds to it")).fix(
                Safety::Unsafe,
                format!("add `{flag}`"),
                one(edit),
            )
        }
        Remedy::Variable(variable) => diagnostic.help(format!("set `{variable}`, which holds to it")),
    }
}

/// Whether the call installs what its project declares and nothing in it holds to the lock file.
fn may_overrule(lock: &Lock, run: &PackageRun<'_>, call: &Call<'_>) -> bool {
    let action = &call.action;
    let subcommand = action.subcommand.last().map_or("", |word| word.shown());
    let varies = action.call.args().iter().any(|word| word.text.starts_with('$'));
    lock.subcommands.contains(&subcommand)
        && project_install(call.occurrence.command).is_some()
        && !varies
        && !action.has_flag(lock.flags)
        && !action.has_flag(&["--help", "--version"])
        && !lock.variables.iter().any(|name| run.sets(name))
}

/// Takes in what the instruction brings, and forgets what it removes.
fn take(input: &Input<'_>, brought: &mut Brought, fact: Fact<'_>) {
    let all = || LOCKS.iter().flat_map(|lock| lock.files);
    if let Some(landing) = Landing::of(input, fact).filter(|landing| landing.from_context) {
        let sources = landing.sources(input);
        for file in all() {
            let listed = || input.listing().is_some_and(|listing| listing.get(file).is_some());
            let is_brought = sources.iter().any(|source| {
                let name = source.rsplit('/').next().unwrap_or(source);
                name == *file || (is_everything(source) && listed()) || (is_glob_of(name, file) && listed())
            });
            if is_brought && !brought.files.contains(file) {
                brought.files.push(file);
            }
        }
    } else if matches!(fact.instruction.body, Body::Run(_)) {
        let text = input.source.slice(fact.instruction.range);
        if text.contains("rm ") {
            brought.files.retain(|file| !text.contains(file));
        }
        brought.bundler |= configures_bundler(input, &fact);
    }
}

fn configures_bundler(input: &Input<'_>, fact: &Fact<'_>) -> bool {
    let text = input.source.slice(fact.instruction.range);
    text.contains("config") && (text.contains("deployment") || text.contains("frozen"))
}

/// Whether `pattern`, as `package*.json`, matches `file`.
fn is_glob_of(pattern: &str, file: &str) -> bool {
    pattern.split_once('*').is_some_and(|(head, tail)| {
        file.len() >= head.len() + tail.len() && file.starts_with(head) && file.ends_with(tail)
    })
}
