use crate::lint::hadolint_view::{self, Seen};
use crate::lint::layers::below;
use crate::lint::package_calls::{Call, PackageRun, called, package_runs, shown};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::packages::{Action, PackageManager, Verb};
use crate::text::EditSet;

declare_rule! {
    /// A package manager asks before it acts, and nobody is there to answer.
    ///
    /// ## Why it matters
    /// A build has no terminal. Where the manager has more to do than was asked for, a dependency to install or
    /// something to remove, it asks, reads the end of its input and gives up: the build fails. Where it has not, it
    /// does not ask, so the same line works until a package gains a dependency.
    ///
    /// Known are apt, dnf, yum, zypper, pacman and conda. microdnf takes yes for the answer, unless it is dnf 5 under
    /// that name; that is reported only on request.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,fixed
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,bad
    /// FROM fedora:43
    /// RUN dnf install nginx && dnf clean all
    /// ```
    /// ```dockerfile,fixed
    /// FROM fedora:43
    /// RUN dnf install -y nginx && dnf clean all
    /// ```
    /// ```dockerfile,good
    /// FROM opensuse/leap:15.6
    /// RUN zypper --non-interactive install nginx && zypper clean
    /// ```
    /// ```dockerfile,on-request
    /// FROM registry.access.redhat.com/ubi9/ubi-minimal
    /// RUN microdnf install nginx && microdnf clean all
    /// ```
    /// A pipe answers, too, and so does the manager's configuration; hadolint reports them all the same:
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN apt-get update && yes | apt-get install curl && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,on-request
    /// FROM debian:trixie-slim
    /// RUN echo 'APT::Get::Assume-Yes "true";' > /etc/apt/apt.conf.d/90-yes
    /// RUN apt-get update && apt-get install curl && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// ## Fix safety
    /// Safe: where the manager does not ask, the switch does nothing, and where it asks, the build failed before.
    name: "interactive-install",
    aliases: ["DL3014", "DL3030", "DL3034", "DL3038", "DS-0021", "DF015", "DF027", "DF043"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // The configuration of any of them can say it once for all.
    let answers = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["assume-yes", "assumeyes", "always_yes", "always-yes"].iter().any(|word| text.contains(word))
    };
    let mut configured: Option<Vec<bool>> = None;
    for run in package_runs(input) {
        for call in &run.calls {
            let Some(yes) = asks(&call.action) else { continue };
            let seen = hadolint_view::read(call.occurrence.command).filter(|_| call.plain);
            let reported = seen.is_some_and(|seen| hadolint_reports(&seen));
            let below = configured.get_or_insert_with(|| {
                below(input, &false, |configured, fact| {
                    *configured |= answers(input.source.slice(fact.instruction.range));
                })
            });
            let is_told = below.get(run.fact.index).copied().unwrap_or_default()
                || answers(input.source.slice(run.fact.instruction.range));
            let is_answered = is_answered(run, call) || is_told || call.action.program == "microdnf";
            if is_answered && !reported {
                continue;
            }
            let diagnostic = Diagnostic::new(
                &RULE,
                called(&call.action),
                format!("`{}` asks before it acts, and the build can't answer", shown(&call.action)),
            )
            .help(format!("give it `{yes}`"))
            .known_as(peers(call.action.manager, reported));
            let last = call.action.subcommand.last().or(call.action.call.words().first().as_ref()).copied();
            let edit = run.script.zip(last).and_then(|(script, word)| script.insert_word(word, yes));
            let edits = edit.and_then(|edit| EditSet::try_from(vec![edit]).ok());
            let diagnostic = diagnostic.fix(Safety::Safe, format!("add `{yes}`"), edits);
            found.push(if is_answered { diagnostic.on_request() } else { diagnostic });
        }
    }
}

/// The switch that the call lacks; nothing where it has one, or where it asks nothing.
fn asks(action: &Action<'_>) -> Option<&'static str> {
    let acts = matches!(action.verb, Verb::Install | Verb::Upgrade | Verb::Remove);
    if !acts || action.has_flag(&["--help", "--version", "--dry-run"]) {
        return None;
    }
    let has = |flags: &[&str]| action.has_flag(flags);
    let (is_told, switch) = match action.manager {
        PackageManager::Apt => {
            let told =
                has(&["-y", "--yes", "--assume-yes", "--force-yes", "-s", "--simulate", "--just-print"])
                    || has(&["--print-uris", "--assume-no"])
                    || is_very_quiet(action)
                    || action
                        .call
                        .flag_values(&["-o", "--option"])
                        .iter()
                        .any(|option| option.to_ascii_lowercase().contains("assume-yes"));
            (told, "-y")
        }
        PackageManager::Yum | PackageManager::Dnf => {
            (has(&["-y", "--assumeyes", "--assumeno"]) || has(&["--setopt=assumeyes"]), "-y")
        }
        PackageManager::Zypper => {
            (has(&["-n", "--non-interactive", "-y", "--no-confirm", "-D", "--dry-run"]), "-y")
        }
        PackageManager::Pacman => (has(&["--noconfirm", "-p", "--print"]), "--noconfirm"),
        PackageManager::Conda => {
            let one = action.subcommand.len() == 1;
            (!one || has(&["-y", "--yes", "--clone", "-f", "--file", "-d"]), "-y")
        }
        _ => return None,
    };
    (!is_told).then_some(switch)
}

/// `-qq`, `-q -q`, `-q=2`: apt then takes yes for the answer.
fn is_very_quiet(action: &Action<'_>) -> bool {
    let each = action.call.args().iter().map(|word| match word.shown() {
        "--quiet" => 1,
        text if text.starts_with("--") => 0,
        text if text.starts_with("-q=") => text.get(3..).and_then(|level| level.parse().ok()).unwrap_or(0),
        text if text.starts_with('-') => text.matches('q').count(),
        _ => 0,
    });
    each.sum::<usize>() >= 2
}

/// Whether something that says yes is piped into the call, or a variable among its words or around it may say so.
fn is_answered(run: &PackageRun<'_>, call: &Call<'_>) -> bool {
    let before = call.at.checked_sub(1).and_then(|at| run.commands.get(at));
    let piped = call.occurrence.detached
        && before.is_some_and(|other| matches!(other.command.name(), Some("yes" | "echo" | "printf")));
    let names = call.action.call.args().iter().flat_map(|word| &word.variables);
    let may_hold = names.into_iter().any(|name| {
        let upper = name.to_uppercase();
        let value = run.fact.facts.before.value(name);
        value.map_or_else(
            || ["OPT", "ARG", "FLAG"].iter().any(|part| upper.contains(part)),
            |value| value.split_whitespace().any(|word| word.starts_with("-y") || word == "--yes"),
        )
    });
    let conda = call.action.manager == PackageManager::Conda
        && ["CONDA_ALWAYS_YES", "MAMBA_ALWAYS_YES"].iter().any(|name| run.sets(name));
    piped || may_hold || conda
}

/// Source: hadolint/hadolint, src/Hadolint/Rule/DL3014.hs, DL3030.hs, DL3034.hs and DL3038.hs.
fn hadolint_reports(seen: &Seen<'_>) -> bool {
    let installs = ["install", "groupinstall", "localinstall"];
    match seen.name() {
        "apt-get" => {
            seen.calls(&["apt-get"], &["install"])
                && !seen.has_flag(&["y", "yes", "qq", "assume-yes"])
                && seen.count_flag("q") != 2
                && seen.count_flag("quiet") != 2
                && !seen.args().any(|arg| arg == "-q=2")
        }
        name @ ("yum" | "dnf" | "microdnf") => {
            seen.calls(&[name], &installs) && !seen.has_flag(&["y", "assumeyes"])
        }
        "zypper" => {
            let asking = ["install", "in", "remove", "rm", "source-install", "si", "patch"];
            seen.calls(&["zypper"], &asking) && !seen.has_flag(&["non-interactive", "n", "no-confirm", "y"])
        }
        _ => false,
    }
}

fn peers(manager: PackageManager, reported: bool) -> &'static [&'static str] {
    match (manager, reported) {
        (PackageManager::Apt, true) => &["DL3014", "DS-0021", "DF015"],
        (PackageManager::Apt, false) => &["DS-0021", "DF015"],
        (PackageManager::Yum, true) => &["DL3030", "DF027"],
        (PackageManager::Yum, false) => &["DF027"],
        (PackageManager::Zypper, true) => &["DL3034", "DF043"],
        (PackageManager::Zypper, false) => &["DF043"],
        (PackageManager::Dnf, true) => &["DL3038"],
        _ => &[],
    }
}
