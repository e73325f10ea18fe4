use crate::dockerfile::{Body, Command};
use crate::facts::{Fact, MountKind, Run};
use crate::lint::calls::commands;
use crate::lint::cost::Waste;
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{Script, packages};
use crate::text::EditSet;

declare_rule! {
    /// Neighbouring `RUN`s that could be one layer.
    ///
    /// ## Why it matters
    /// An engine extracts one layer at a time, and each costs a pull some 75 ms before its first byte counts. Forty
    /// small layers take longer than one large one. In the shipped stages it is a bargain between the pull and the
    /// cache, so this rule speaks only with `--profile all`. In a stage that only builds, splitting is right: its layers
    /// are never pulled, and each is cached by itself. Hadolint reports two `RUN`s of one command each there as well;
    /// so does this rule, but with no fix and no cost.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN addgroup -S app
    /// RUN adduser -S -G app app
    /// CMD ["sleep", "1"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// RUN addgroup -S app && \
    ///     adduser -S -G app app
    /// CMD ["sleep", "1"]
    /// ```
    /// The layout of a chain that is there is kept.
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN addgroup -S app \
    ///   && adduser -S -G app app
    ///
    /// RUN mkdir /data
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// RUN addgroup -S app \
    ///   && adduser -S -G app app \
    ///   && mkdir /data
    /// ```
    /// The `cd` would send the second command elsewhere: such a pair is reported without a fix.
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN cd /tmp && make install
    /// RUN make test
    /// ```
    /// ```dockerfile,bad
    /// FROM golang:1.25 AS build
    /// RUN go mod download
    /// RUN go build -o /out/app .
    /// FROM alpine:3.22
    /// COPY --from=build /out/app /app
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// RUN go mod download
    /// RUN go vet ./... && go build -o /out/app .
    /// FROM alpine:3.22
    /// COPY --from=build /out/app /app
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    /// RUN --mount=type=cache,target=/root/.cache/pip pip install flask
    /// ```
    ///
    /// ## Fix safety
    /// Safe: offered only where both are plain `&&` chains with the same flags, where the first leaves nothing of its
    /// shell behind (no `cd`, `export`, `set`, `umask`, no background process, no new shell), and where no comment
    /// stands between the two.
    name: "consecutive-runs",
    aliases: ["DL3059", "tally/prefer-run-heredoc"],
    category: Size,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let is_for_windows = is_for_windows(input);
    let facts: Vec<Fact<'_>> = input.facts.all(input.dockerfile).collect();
    for pair in facts.windows(2) {
        let [first, second] = pair else { continue };
        let are_runs = [first, second].iter().all(|fact| matches!(fact.instruction.body, Body::Run(_)));
        if !are_runs || flags(first) != flags(second) {
            continue;
        }
        // Hadolint takes a RUN of several commands for a deliberate one.
        let is_hadolints = is_of_one_command(first) && is_of_one_command(second);
        let by_shell = is_run_by_a_shell(first) && is_run_by_a_shell(second);
        if !(by_shell && input.facts.is_shipped(second) && !is_for_windows) {
            if is_hadolints {
                found.push(
                    Diagnostic::new(
                        &RULE,
                        second.instruction.name.range,
                        "this RUN follows another one of one command",
                    )
                    .known_as(&["DL3059"])
                    .label(first.instruction.name.range, "the RUN before it")
                    .help("join them, unless each is to be cached by itself"),
                );
            }
            continue;
        }
        let diagnostic = Diagnostic::new(
            &RULE,
            second.instruction.name.range,
            "this RUN follows another one: two layers where one would do",
        )
        .known_as(if is_hadolints { RULE.aliases } else { &["tally/prefer-run-heredoc"] })
        .label(first.instruction.name.range, "the RUN before it")
        .help("join them with `&&`, unless the second changes far more often than the first")
        .fix(Safety::Safe, "join the two RUNs", join(input, first, second));
        found.push(diagnostic.wastes(input, second, &Waste::Layer));
    }
}

/// Whether the `RUN` calls one command at most.
fn is_of_one_command(fact: &Fact<'_>) -> bool {
    let calls = commands(fact);
    // `[` is no command to hadolint, nor is one whose name is a variable.
    let named = calls.iter().filter(|command| {
        command
            .words
            .first()
            .and_then(|word| word.value.as_deref())
            .is_some_and(|name| !name.starts_with('['))
    });
    matches!(fact.facts.run, Run::Script(_) | Run::Exec(_)) && named.count() <= 1
}

/// Whether the file looks like one for Windows, whose shells are not read here.
fn is_for_windows(input: &Input<'_>) -> bool {
    let text = input.source.text().to_ascii_lowercase();
    let traces = ["nanoserver", "servercore", "mcr.microsoft.com/windows", "powershell -", ".exe ", "c:\\"];
    input.dockerfile.escape != '\\' || traces.iter().any(|trace| text.contains(trace))
}

fn is_run_by_a_shell(fact: &Fact<'_>) -> bool {
    matches!(&fact.instruction.body, Body::Run(Command::Shell(_) | Command::Heredoc(_)))
        && fact.facts.script().is_some()
}

fn flags<'a>(fact: &Fact<'a>) -> Vec<(&'a str, Option<&'a str>)> {
    let value = |flag: &'a crate::dockerfile::Flag<'a>| flag.value.as_ref().map(|value| &*value.text);
    fact.instruction.flags.iter().map(|flag| (&*flag.name.text, value(flag))).collect()
}

fn join(input: &Input<'_>, first: &Fact<'_>, second: &Fact<'_>) -> Option<EditSet> {
    let (before, after) = (RunScript::of(input, *first)?, RunScript::of(input, *second)?);
    let lets_go = leaves_its_shell_behind(before.script, after.script)
        && starts_a_plain_shell(first)
        && shares_its_mounts(first);
    let edit = before.join(&after).filter(|_| lets_go)?;
    EditSet::try_from(vec![edit]).ok()
}

/// Whether nothing of the first shell's state, or of what it starts, could reach the second script.
fn leaves_its_shell_behind(before: &Script, after: &Script) -> bool {
    // These start what ends with the RUN, or change what a new shell reads when it starts.
    const LINGERING: [&str; 12] = [
        "service",
        "start-stop-daemon",
        "nohup",
        "setsid",
        "pg_ctl",
        "pg_ctlcluster",
        "mysqld_safe",
        "dockerd",
        "Xvfb",
        "usermod",
        "chsh",
        "ssh-agent",
    ];
    // A relinked /bin/sh runs the next RUN, and not the rest of this one.
    let is_shell = |word: &str| matches!(word, "/bin/sh" | "/bin/bash" | "/usr/bin/sh" | "dash");
    let calls = |script: &Script, wanted: &str| {
        script.commands().iter().any(|occurrence| occurrence.command.name() == Some(wanted))
    };
    // A shell remembers where it found a program: one that is installed anew elsewhere is not seen.
    let renews_itself = |package: &str| {
        let name = package.split(['=', '@', '<', '>', '[']).next().unwrap_or(package);
        // A manager that renews itself may have been called in an earlier RUN that is joined as well.
        let is_manager =
            ["pip", "npm", "yarn", "pnpm", "bundler", "poetry", "composer", "uv"].contains(&name);
        (calls(before, name) || is_manager) && (calls(after, name) || (name == "pip" && calls(after, "pip3")))
    };
    before.effects().is_empty()
        && before.commands().iter().all(|occurrence| {
            let command = occurrence.command;
            let installed = packages::read(command).map(|action| action.packages).unwrap_or_default();
            !command.name().is_some_and(|name| LINGERING.contains(&name))
                && !command.args().iter().any(|word| is_shell(word.shown()))
                && !installed.iter().any(|package| renews_itself(package.shown()))
        })
}

/// Whether the shell reads no file of its own at start, which the first script could write for the second.
fn starts_a_plain_shell(fact: &Fact<'_>) -> bool {
    let state = &fact.facts.before;
    let is_plain = |flag: &String| {
        matches!(
            flag.as_str(),
            "-c" | "-e"
                | "-u"
                | "-x"
                | "-o"
                | "-ec"
                | "-eo"
                | "-euo"
                | "-exo"
                | "-euxo"
                | "-xeo"
                | "-xeuo"
                | "pipefail"
        )
    };
    let shell = state.shell.words();
    shell.iter().skip(1).all(is_plain)
        && !["BASH_ENV", "ENV"].iter().any(|name| state.variables.contains_key(name))
}

/// Whether what the first script writes to the mounts is there for the second as well.
fn shares_its_mounts(fact: &Fact<'_>) -> bool {
    let written = fact.instruction.flags.iter().filter(|flag| flag.name.text == "mount").count();
    let mounts = &fact.facts.mounts;
    let stays = |kind| matches!(kind, MountKind::Cache | MountKind::Secret | MountKind::Ssh);
    mounts.len() == written && mounts.iter().all(|mount| stays(mount.kind))
}
