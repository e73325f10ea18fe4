use std::cell::OnceCell;

use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::lint::cost::Waste;
use crate::lint::development::is_for_development;
use crate::lint::layers::{above, below};
use crate::lint::package_calls::{called, is_modern_yarn, shown};
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Occurrence, removals};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// Development dependencies are in the image.
    ///
    /// ## Why it matters
    /// Bundlers, test runners and type checkers are often several times the size of what the program needs to run, and
    /// most of what a scanner complains about. Every region pulls them with every release and starts none of them.
    ///
    /// Known are npm, yarn, pnpm, bun, composer, bundler, poetry, uv, pipenv, and pip with a list of requirements named
    /// for development or tests. Silent where the image is for development: its stage, command or environment says so.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// COPY . .
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --omit=dev
    /// COPY . .
    /// CMD ["node", "server.js"]
    /// ```
    /// Where the same stage builds with them there is no fix: build in a stage of its own and copy the result.
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci
    /// RUN npm run build
    /// CMD ["node", "dist/server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci && npm run build
    /// FROM node:22-slim
    /// ENV NODE_ENV=production
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// COPY --from=build /app/dist dist
    /// CMD ["node", "dist/server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM php:8.4-fpm
    /// RUN composer install --no-dev --optimize-autoloader
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a program may use what it declares for development only. Offered where nothing behind the install
    /// looks like a build.
    name: "dev-dependencies-shipped",
    aliases: ["tally/php/composer-no-dev-in-production", "tally/ruby/missing-bundle-without-development"],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

/// How one package manager is told which dependencies to install.
struct Installer {
    manager: PackageManager,
    /// The subcommands that install what a project declares.
    subcommands: &'static [&'static str],
    /// Flags that leave development out, or choose on purpose.
    flags: &'static [&'static str],
    /// Variables that do.
    variables: &'static [&'static str],
    remedy: Remedy,
}

#[derive(Clone, Copy)]
enum Remedy {
    /// This flag leaves development out.
    Flag(&'static str),
    /// This command does, before the install.
    Before(&'static str),
}

const INSTALLERS: &[Installer] = &[
    Installer {
        manager: PackageManager::Npm,
        subcommands: &["ci", "install", "i", "clean-install", "ic", "install-clean"],
        flags: &[
            "--omit",
            "--production",
            "--prod",
            "--only",
            "--include",
            "--global",
            "-g",
            "--package-lock-only",
        ],
        variables: &["NODE_ENV", "NPM_CONFIG_OMIT", "NPM_CONFIG_PRODUCTION", "NPM_CONFIG_ONLY"],
        remedy: Remedy::Flag("--omit=dev"),
    },
    Installer {
        manager: PackageManager::Yarn,
        subcommands: &["install", ""],
        flags: &["--production", "--prod", "--mode"],
        variables: &["NODE_ENV", "YARN_PRODUCTION"],
        remedy: Remedy::Flag("--production"),
    },
    Installer {
        manager: PackageManager::Pnpm,
        subcommands: &["install", "i", "ci", "fetch"],
        flags: &["--prod", "--production", "-P", "-D", "--dev", "--global", "-g", "--lockfile-only"],
        variables: &["NODE_ENV", "NPM_CONFIG_PRODUCTION"],
        remedy: Remedy::Flag("--prod"),
    },
    Installer {
        manager: PackageManager::Bun,
        subcommands: &["install", "i", "ci"],
        flags: &["--production", "-p", "--omit", "--global", "-g", "--lockfile-only"],
        variables: &["NODE_ENV"],
        remedy: Remedy::Flag("--production"),
    },
    Installer {
        manager: PackageManager::Composer,
        subcommands: &["install", "i"],
        flags: &["--no-dev", "--dev", "--dry-run", "--no-install"],
        variables: &["COMPOSER_NO_DEV"],
        remedy: Remedy::Flag("--no-dev"),
    },
    Installer {
        manager: PackageManager::Bundler,
        subcommands: &["install", ""],
        flags: &["--without", "--with"],
        variables: &["BUNDLE_WITHOUT", "BUNDLE_ONLY"],
        remedy: Remedy::Before("bundle config set --local without 'development test'"),
    },
    Installer {
        manager: PackageManager::Poetry,
        subcommands: &["install", "sync"],
        flags: &["--only", "--without", "--with", "--no-dev", "--only-root", "--dry-run"],
        variables: &[],
        remedy: Remedy::Flag("--only main"),
    },
    Installer {
        manager: PackageManager::Uv,
        subcommands: &["sync"],
        flags: &[
            "--no-dev",
            "--dev",
            "--only-dev",
            "--no-default-groups",
            "--only-group",
            "--group",
            "--all-groups",
        ],
        variables: &["UV_NO_DEV"],
        remedy: Remedy::Flag("--no-dev"),
    },
];

/// What is worked out of the whole file, once it is asked for.
#[derive(Default)]
struct File {
    configured: OnceCell<Vec<Configured>>,
    builds_above: OnceCell<Vec<bool>>,
    modern_yarn: OnceCell<bool>,
    serves_ruby: OnceCell<bool>,
}

/// Whose configuration an instruction may have written.
#[derive(Debug, Clone, Copy, Default)]
struct Configured {
    bundler: bool,
    npm: bool,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    if is_for_development(input) {
        return;
    }
    let file = File::default();
    for run in RunScript::shipped(input) {
        let commands = run.script.commands();
        for (at, occurrence) in commands.iter().enumerate().filter(|_| run.script.understood) {
            let Some(action) =
                packages::read(occurrence.command).filter(|action| action.verb == Verb::Install)
            else {
                continue;
            };
            let behind = commands.get(at + 1..).unwrap_or_default();
            if behind.iter().any(|later| takes_out(later, action.manager)) {
                continue;
            }
            if let Some(word) = development_list(&action) {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        word,
                        format!("`{}` installs what is for development", shown(&action)),
                    )
                    .help("install what the program needs to run; test in a stage of its own")
                    .known_as(&[])
                    .wastes(input, &run.fact, &Waste::PartOfLayer),
                );
                continue;
            }
            let Some(installer) = INSTALLERS.iter().find(|installer| installs_all(installer, &action)) else {
                continue;
            };
            if is_told(input, &file, &run, installer) || !has_groups(input, &file, installer) {
                continue;
            }
            let mut diagnostic = Diagnostic::new(
                &RULE,
                called(&action),
                format!("`{}` installs the development dependencies, too", shown(&action)),
            )
            .known_as(peers(action.manager))
            .wastes(input, &run.fact, &Waste::PartOfLayer);
            let way = match installer.remedy {
                Remedy::Flag(flag) => format!("give it `{flag}`"),
                Remedy::Before(command) => format!("run `{command}` before it"),
            };
            diagnostic = if builds_later(input, &file, &run, behind) {
                diagnostic.help(format!("build in a stage of its own; in this one, {way}"))
            } else {
                diagnostic.help(&way).fix(
                    Safety::Unsafe,
                    "leave the development dependencies out",
                    edits(input, &file, &run, occurrence, &action, installer.remedy),
                )
            };
            found.push(diagnostic);
        }
    }
}

fn peers(manager: PackageManager) -> &'static [&'static str] {
    match manager {
        PackageManager::Composer => &["tally/php/composer-no-dev-in-production"],
        PackageManager::Bundler => &["tally/ruby/missing-bundle-without-development"],
        _ => &[],
    }
}

/// Whether the action installs all that its project declares.
fn installs_all(installer: &Installer, action: &Action<'_>) -> bool {
    let subcommand = action.subcommand.last().map_or("", |word| word.shown());
    installer.manager == action.manager
        && action.subcommand.len() <= 1
        && installer.subcommands.contains(&subcommand)
        && action.packages.is_empty()
        && !action.has_flag(installer.flags)
        && !action.has_flag(&["--help", "--version"])
        // A variable among the words can be any flag.
        && action.call.args().iter().all(|word| word.variables.is_empty() || !word.text.starts_with('$'))
}

/// The word that asks for development: `-r requirements-dev.txt`, `pipenv install --dev`.
fn development_list(action: &Action<'_>) -> Option<TextRange> {
    let words = action.call.args();
    match action.manager {
        PackageManager::Pip => words.windows(2).find_map(|pair| match pair {
            [flag, list] if matches!(flag.shown(), "-r" | "--requirement") => {
                let text = list.value.as_deref()?;
                let name = text.rsplit('/').next().unwrap_or(text).to_ascii_lowercase();
                let mut parts = name.split(|c: char| !c.is_ascii_alphanumeric());
                let is_development = parts.any(|part| {
                    matches!(part, "dev" | "devel" | "development" | "test" | "tests" | "testing" | "lint")
                });
                is_development.then_some(list.range)
            }
            _ => None,
        }),
        PackageManager::Pipenv => {
            words.iter().find(|word| matches!(word.shown(), "--dev" | "-d")).map(|word| word.range)
        }
        _ => None,
    }
}

/// Whether the environment or an earlier command says which dependencies to install. Where its value is the caller's,
/// so is the choice.
fn is_told(input: &Input<'_>, file: &File, run: &RunScript<'_>, installer: &Installer) -> bool {
    let matches = |name: &str| installer.variables.iter().any(|known| known.eq_ignore_ascii_case(name));
    let set = run.fact.facts.before.variables.iter().any(|(name, variable)| {
        matches(name) && variable.value.known().is_none_or(|value| value != "development" && value != "0")
    });
    let assigned = run.script.commands().iter().any(|occurrence| {
        let command = occurrence.command;
        command.assignments.iter().any(|assignment| matches(&assignment.name))
            || command.words.iter().any(|word| word.text.split('=').next().is_some_and(matches))
    });
    let configures = |fact: &Fact<'_>| {
        let text = input.source.slice(fact.instruction.range);
        let configures = text.contains("config") || text.contains("rc") || text.contains(".bundle");
        Configured {
            bundler: configures && ["without", ".bundle"].iter().any(|sign| text.contains(sign)),
            npm: configures && ["npmrc", "omit"].iter().any(|sign| text.contains(sign)),
        }
    };
    let below = file.configured.get_or_init(|| {
        below(input, &Configured::default(), |sum, fact| {
            let one = configures(&fact);
            *sum = Configured { bundler: sum.bundler || one.bundler, npm: sum.npm || one.npm };
        })
    });
    let (below, here) = (below.get(run.fact.index).copied().unwrap_or_default(), configures(&run.fact));
    let configured = match installer.manager {
        PackageManager::Bundler => below.bundler || here.bundler,
        PackageManager::Npm => below.npm || here.npm,
        _ => false,
    };
    set || assigned || configured
}

/// Whether projects of the kind divide their dependencies. A Gemfile mostly does so where Rails or a web server is in
/// play; for others, such as fluentd's plugins, nothing would be left out.
fn has_groups(input: &Input<'_>, file: &File, installer: &Installer) -> bool {
    let serves_ruby = || {
        let text = input.source.text().to_ascii_lowercase();
        ["rails", "rack", "puma", "unicorn", "sidekiq", "sinatra"].iter().any(|name| text.contains(name))
    };
    installer.manager != PackageManager::Bundler || *file.serves_ruby.get_or_init(serves_ruby)
}

/// Whether a later command of the same script takes the development dependencies out again.
fn takes_out(later: &Occurrence<'_>, manager: PackageManager) -> bool {
    let folders = ["node_modules", "vendor"];
    let removes = removals(later.command)
        .iter()
        .any(|removal| folders.iter().any(|folder| removal.path.shown().contains(folder)));
    let action = packages::read(later.command).filter(|action| action.manager == manager);
    removes
        || action.is_some_and(|action| {
            let prunes = action.subcommand.iter().any(|word| word.is("prune"));
            let installer = INSTALLERS.iter().find(|installer| installer.manager == manager);
            prunes
                || (action.verb == Verb::Install
                    && installer.is_some_and(|known| action.has_flag(known.flags)))
        })
}

/// Programs that build nothing.
const BUILDS_NOTHING: &[&str] = &[
    "[", "adduser", "addgroup", "apt-mark", "cat", "cd", "chgrp", "chmod", "chown", "cp", "echo", "export",
    "find", "groupadd", "install", "ln", "ls", "mkdir", "mv", "printf", "rm", "rmdir", "sed", "set", "test",
    "touch", "true", "useradd", "usermod",
];

/// Whether something behind the install may need the development dependencies.
fn builds_later(input: &Input<'_>, file: &File, run: &RunScript<'_>, behind: &[Occurrence<'_>]) -> bool {
    let builds = |occurrence: &Occurrence<'_>| match packages::read(occurrence.command) {
        Some(action) => action.verb == Verb::Other,
        None => {
            !occurrence.command.words.is_empty()
                && !occurrence.command.name().is_some_and(|name| BUILDS_NOTHING.contains(&name))
        }
    };
    let of = |fact: Fact<'_>| match (&fact.instruction.body, fact.facts.script()) {
        (Body::Run(_), Some(script)) => !script.understood || script.commands().iter().any(builds),
        (Body::Run(_) | Body::Onbuild(_), _) => true,
        _ => false,
    };
    let above = file.builds_above.get_or_init(|| above(input, &false, of, |near, far| *near || *far));
    behind.iter().any(builds) || above.get(run.fact.index).copied().unwrap_or_default()
}

fn edits(
    input: &Input<'_>,
    file: &File,
    run: &RunScript<'_>,
    occurrence: &Occurrence<'_>,
    action: &Action<'_>,
    remedy: Remedy,
) -> Option<EditSet> {
    let edit: Edit = match remedy {
        // Yarn 2 and later have no such flag.
        _ if action.manager == PackageManager::Yarn
            && *file.modern_yarn.get_or_init(|| is_modern_yarn(input)) =>
        {
            None
        }
        Remedy::Flag(flag) => {
            let word = action.subcommand.last().copied().or(action.call.words().first())?;
            run.insert_word(word, flag)
        }
        Remedy::Before(command) => {
            run.insert_before(occurrence.statement, command).filter(|_| occurrence.top_level)
        }
    }?;
    EditSet::try_from(vec![edit]).ok()
}
