use std::cell::OnceCell;

use crate::facts::{Fact, MountKind};
use crate::lint::cost::Waste;
use crate::lint::hadolint_view::{self, Seen, mounts_cache};
use crate::lint::layers::{above, below};
use crate::lint::package_caches::{CACHES, Cache, FOLDER_VARIABLES, Remedy, folder, holds_cache, places};
use crate::lint::package_calls::{Call, PackageRun, called, is_modern_yarn, package_runs, shown};
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Effect, Input, Safety, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Command, Occurrence, removals};
use crate::text::EditSet;

declare_rule! {
    /// A package manager's cache stays in the layer.
    ///
    /// ## Why it matters
    /// Package managers keep what they download, to be faster the next time. In an image there is no next time: the
    /// cache is pulled by every region and read by nobody. A later `RUN` can't take it out of the layer again.
    ///
    /// Known are the caches of apk, dnf, microdnf, yum, zypper, pip, pipenv, poetry, npm, yarn, bundler, conda and
    /// composer. pnpm, bun and uv link their packages from the cache, which so costs next to nothing, and the official
    /// Debian and Ubuntu images empty apt's own. What go, cargo, maven, gradle and NuGet keep serves the builds behind
    /// it, so that is reported only where all there is to say is asked for, as are the caches of stages that are not
    /// shipped and an index that apk first keeps and a later command removes.
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
    aliases: [
        "DL3019", "DL3032", "DL3036", "DL3040", "DL3042", "DL3060", "DS-0015", "DS-0019", "DS-0020", "DS-0025",
        "DS-0027", "DF029", "DF030", "DF045", "DF046", "DF047", "DF055", "tally/ruby/leftover-bundler-cache",
    ],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

/// One call that fills a cache.
struct Fill<'a> {
    occurrence: Occurrence<'a>,
    action: Action<'a>,
}

/// What is worked out of the whole file, once it is asked for.
#[derive(Default)]
struct File {
    modern_yarn: OnceCell<bool>,
    pip_configured: OnceCell<Vec<bool>>,
    apk_above: OnceCell<Vec<bool>>,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let file = File::default();
    for run in package_runs(input).filter(|run| !run.calls.is_empty()) {
        let seen = hadolint_view::seen(&run.commands);
        let understood = run.script.is_none_or(|script| script.script.understood);
        for (cache, fills) in CACHES.iter().zip(fills_left(run)) {
            let reported = hadolint_reports(input, run, &seen, cache);
            let Some(first) = fills.first() else {
                // The index went again, by another command: no byte is left, yet the flag says it in one word.
                let apk = run.calls.iter().find(|call| is_apk_add(call)).filter(|_| reported);
                found.extend(apk.map(|call| removed_by_hand(call)));
                continue;
            };
            let is_real = run.shipped && understood && !cache.serves_builds();
            let is_idle = cache.serves_builds() && (!run.shipped || !understood);
            if (!is_real && !reported && !cache.serves_builds())
                || is_idle
                || is_kept_out(input, &file, run, cache)
            {
                continue;
            }
            let diagnostic = Diagnostic::new(
                &RULE,
                called(&first.action),
                format!("`{}` leaves {} in the layer", shown(&first.action), cache.what),
            )
            .known_as(peers(cache.manager, reported));
            let diagnostic = advise(diagnostic, input, &file, run, cache, &fills);
            let downloads = fills.iter().map(|fill| fill.occurrence.command).collect();
            found.push(if is_real {
                diagnostic.wastes(input, &run.fact, &Waste::Downloads(downloads))
            } else {
                diagnostic.on_request()
            });
        }
    }
}

/// Says what to do, and does it where that can be done.
fn advise(
    diagnostic: Diagnostic,
    input: &Input<'_>,
    file: &File,
    run: &PackageRun<'_>,
    cache: &Cache,
    fills: &[Fill<'_>],
) -> Diagnostic {
    let Some(first) = fills.first() else { return diagnostic };
    let program = first.action.program;
    let script = run.script.as_ref().filter(|script| run.shipped && script.script.understood);
    let effects = places(cache).iter().map(|place| Effect::Removes((*place).to_owned()));
    match &cache.remedy {
        Remedy::Flag(flag) => {
            let edits = script.and_then(|script| with_flag(input, file, script, fills, flag));
            diagnostic
                .help(format!("give it `{flag}`, or mount a cache over {}", folder(cache)))
                .fix(Safety::Safe, format!("add `{flag}`"), edits)
                .effects(effects)
        }
        Remedy::Clean(arguments) => {
            let edits = script.and_then(|script| with_clean(script, cache, fills, arguments));
            let help = format!(
                "add `&& {program} {arguments}` to the same RUN, or mount a cache over {}",
                folder(cache)
            );
            diagnostic
                .help(help)
                .fix(
                    if is_surely_classic(fills) { Safety::Safe } else { Safety::Unsafe },
                    format!("run `{program} {arguments}` in the same RUN"),
                    edits,
                )
                .effects(effects)
        }
        Remedy::Advice(advice) => {
            diagnostic.help(format!("{advice}, or mount a cache over {}", folder(cache)))
        }
    }
}

fn is_apk_add(call: &Call<'_>) -> bool {
    call.action.manager == PackageManager::Apk
        && call.action.verb == Verb::Install
        && !call.action.has_flag(&["--no-cache"])
}

fn removed_by_hand(call: &Call<'_>) -> Diagnostic {
    Diagnostic::new(&RULE, called(&call.action), "`apk add` keeps an index that has to be removed by hand")
        .help("give it `--no-cache`, which needs neither an update before nor a removal behind")
        .known_as(peers(PackageManager::Apk, true))
        .on_request()
}

/// For each of the caches, the calls behind which nothing empties it.
fn fills_left<'a>(run: &PackageRun<'a>) -> Vec<Vec<Fill<'a>>> {
    let mut left: Vec<Vec<Fill<'a>>> = CACHES.iter().map(|_| Vec::new()).collect();
    let mut calls = run.calls.iter().peekable();
    for (at, occurrence) in run.commands.iter().enumerate() {
        let Some(call) = calls.next_if(|call| call.at == at) else {
            for (cache, fills) in CACHES.iter().zip(&mut left).filter(|(_, fills)| !fills.is_empty()) {
                if empties(occurrence.command, cache) {
                    fills.clear();
                }
            }
            continue;
        };
        let action = &call.action;
        let of_manager = |cache: &Cache| cache.manager == action.manager && action.program != "uv";
        let Some((cache, fills)) = CACHES.iter().zip(&mut left).find(|(cache, _)| of_manager(cache)) else {
            continue;
        };
        let fills_it = match action.verb {
            Verb::Install | Verb::Upgrade => !keeps_nothing(action, cache),
            Verb::Update => cache.manager.is_system() && !keeps_nothing(action, cache),
            _ => false,
        };
        if action.verb == Verb::Clean {
            // dnf and microdnf keep their caches in folders of their own.
            fills.retain(|fill| fill.action.program.contains("micro") != action.program.contains("micro"));
        } else if fills_it {
            fills.push(Fill { occurrence: *occurrence, action: action.clone() });
        }
    }
    left
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
fn is_kept_out(input: &Input<'_>, file: &File, run: &PackageRun<'_>, cache: &Cache) -> bool {
    let facts = run.fact.facts;
    if cache.variables.iter().any(|name| run.sets(name)) {
        return true;
    }
    let places: Vec<&str> = facts
        .before
        .variables
        .iter()
        .filter(|(name, _)| FOLDER_VARIABLES.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .filter_map(|(_, variable)| variable.value.known())
        .collect();
    let mounted = facts.mounts.iter().any(|mount| {
        let target = mount.target.as_deref().unwrap_or_default();
        matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs)
            && (holds_cache(target, cache)
                || target.contains('$')
                || places.iter().any(|place| mount.covers(place)))
    });
    mounted
        || match cache.manager {
            PackageManager::Pip => is_configured(input, file, &run.fact),
            PackageManager::Yarn => *file.modern_yarn.get_or_init(|| is_modern_yarn(input)),
            _ => false,
        }
}

/// Whether pip's configuration says that nothing is kept, or may say so.
fn is_configured(input: &Input<'_>, file: &File, fact: &Fact<'_>) -> bool {
    let configures = |fact: &Fact<'_>| {
        let text = input.source.slice(fact.instruction.range);
        text.contains("pip.conf") || (text.contains("config set") && text.contains("no-cache-dir"))
    };
    let configured = file
        .pip_configured
        .get_or_init(|| below(input, &false, |configured, fact| *configured |= configures(&fact)));
    configures(fact) || configured.get(fact.index).copied().unwrap_or_default()
}

/// Whether the command empties the cache, or may well do so.
fn empties(command: &Command, cache: &Cache) -> bool {
    let is_cleaner = command.name().is_some_and(|name| name.contains("clean"));
    let variable = format!("{:?}", cache.manager).to_uppercase();
    let by_variable = |path: &str| path.contains('$') && (path.contains(&variable) || path.contains("CACHE"));
    let removed = |path: &str| holds_cache(path, cache) || by_variable(path);
    is_cleaner || removals(command).iter().any(|removal| removed(removal.path.shown()))
}

/// Whether hadolint reports the instruction for this cache. For it any `rm -rf` empties a cache.
/// Source: hadolint/hadolint, src/Hadolint/Rule/DL3019.hs, DL3032.hs, DL3036.hs, DL3040.hs, DL3042.hs and DL3060.hs.
fn hadolint_reports(input: &Input<'_>, run: &PackageRun<'_>, seen: &[Seen<'_>], cache: &Cache) -> bool {
    let first = |wanted: &dyn Fn(&Seen<'_>) -> bool| seen.iter().position(wanted);
    let left = |install: Option<usize>, clean: Option<usize>| match (install, clean) {
        (Some(install), Some(clean)) => install > clean,
        (install, None) => install.is_some(),
        (None, Some(_)) => false,
    };
    let removes = |seen: &Seen<'_>, path: &str| seen.calls(&["rm"], &["-rf", path]);
    let mounted = |part: &str| mounts_cache(&run.fact, part);
    match cache.manager {
        PackageManager::Apk => {
            let adds = |seen: &Seen<'_>| seen.calls(&["apk"], &["add"]) && !seen.has_flag(&["no-cache"]);
            !mounted("/var/cache/apk") && seen.iter().any(adds)
        }
        PackageManager::Yum => left(
            first(&|seen| seen.calls(&["yum"], &["install"])),
            first(&|seen| seen.calls(&["yum"], &["clean", "all"]) || removes(seen, "/var/cache/yum/*")),
        ),
        PackageManager::Zypper => {
            !mounted("/var/cache/zypp")
                && left(
                    first(&|seen| seen.calls(&["zypper"], &["install", "in"])),
                    first(&|seen| seen.calls(&["zypper"], &["clean", "cc"])),
                )
        }
        PackageManager::Dnf => {
            let installs =
                &["install", "in", "upgrade", "up", "upgrade-minimal", "up-min", "reinstall", "rei"];
            let left_by = |name: &str| {
                left(
                    first(&|seen| seen.calls(&[name], installs)),
                    first(&|seen| {
                        seen.calls(&[name], &["clean", "all"]) || removes(seen, "/var/cache/libdnf5*")
                    }),
                )
            };
            !mounted("/var/cache/libdnf5")
                && !mounted(".cache/libdnf5")
                && (left_by("dnf") || left_by("microdnf"))
        }
        PackageManager::Pip => {
            let keeps = |seen: &Seen<'_>| {
                let args: Vec<&str> = seen.args().collect();
                let is_other =
                    seen.name().contains("pipx") || args.windows(2).any(|two| two == ["-m", "pipx"]);
                seen.is_pip_install() && !is_other && !args.contains(&"--no-cache-dir")
            };
            let mut variables = run.fact.facts.before.variables.env();
            let is_set = variables.any(|(name, variable)| {
                name == "PIP_NO_CACHE_DIR" && variable.value.known().is_some_and(is_truthy)
            });
            let text = input.source.slice(run.fact.instruction.range);
            let in_script = text
                .split_once("PIP_NO_CACHE_DIR=")
                .is_some_and(|(_, value)| TRUTHY.iter().any(|truthy| value.starts_with(truthy)));
            !is_set && !in_script && !mounted(".cache/pip") && seen.iter().any(keeps)
        }
        PackageManager::Yarn => {
            !mounted(".cache/yarn")
                && left(
                    first(&|seen| seen.calls(&["yarn"], &["install"])),
                    first(&|seen| seen.calls(&["yarn"], &["cache", "clean"])),
                )
                && hadolint_view::counts_stage(input, &run.fact)
        }
        _ => false,
    }
}

const TRUTHY: [&str; 10] = ["1", "true", "True", "TRUE", "on", "On", "ON", "yes", "Yes", "YES"];

fn is_truthy(value: &str) -> bool {
    TRUTHY.contains(&value)
}

/// The peers' names for the finding; hadolint's among them where it reports the instruction.
fn peers(manager: PackageManager, reported: bool) -> &'static [&'static str] {
    match (manager, reported) {
        (PackageManager::Apk, true) => &["DL3019", "DS-0025", "DF029"],
        (PackageManager::Apk, false) => &["DS-0025", "DF029"],
        (PackageManager::Yum, true) => &["DL3032", "DS-0015", "DF047"],
        (PackageManager::Yum, false) => &["DS-0015", "DF047"],
        (PackageManager::Zypper, true) => &["DL3036", "DS-0020", "DF045"],
        (PackageManager::Zypper, false) => &["DS-0020", "DF045"],
        (PackageManager::Dnf, true) => &["DL3040", "DS-0019", "DS-0027", "DF046"],
        (PackageManager::Dnf, false) => &["DS-0019", "DS-0027", "DF046"],
        (PackageManager::Pip, true) => &["DL3042", "DF030"],
        (PackageManager::Pip, false) => &["DF030"],
        (PackageManager::Yarn, true) => &["DL3060", "DF055"],
        (PackageManager::Yarn, false) => &["DF055"],
        (PackageManager::Bundler, _) => &["tally/ruby/leftover-bundler-cache"],
        _ => &[],
    }
}

fn with_flag(
    input: &Input<'_>,
    file: &File,
    run: &RunScript<'_>,
    fills: &[Fill<'_>],
    flag: &str,
) -> Option<EditSet> {
    let mut edits = EditSet::new();
    for fill in fills {
        let edit = if fill.action.verb == Verb::Update {
            let own = fill.occurrence.top_level && is_fetched_again(input, file, run);
            own.then(|| run.delete_statement(fill.occurrence.statement))??
        } else {
            run.insert_word(fill.action.subcommand.last()?, flag)?
        };
        edits.insert(edit).ok()?;
    }
    Some(edits)
}

/// Whether the script's own installs fetch the index that `apk update` fetches, and nothing else asks for it.
fn is_fetched_again(input: &Input<'_>, file: &File, run: &RunScript<'_>) -> bool {
    let asks = |occurrence: &Occurrence<'_>| {
        occurrence.command.name() == Some("apk")
            && packages::read(occurrence.command)
                .is_some_and(|action| action.verb == Verb::Other || action.has_flag(&["--no-network"]))
    };
    let installs = |occurrence: &Occurrence<'_>| {
        packages::read(occurrence.command).is_some_and(|action| {
            action.manager == PackageManager::Apk && matches!(action.verb, Verb::Install | Verb::Upgrade)
        })
    };
    let above = file.apk_above.get_or_init(|| {
        let of =
            |fact: Fact<'_>| fact.facts.script().is_some_and(|script| script.commands().iter().any(asks));
        above(input, &false, of, |near, far| *near || *far)
    });
    let here = run.script.commands();
    here.iter().any(installs)
        && !here.iter().any(asks)
        && !above.get(run.fact.index).copied().unwrap_or_default()
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
