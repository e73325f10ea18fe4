use crate::dockerfile::Body;
use crate::facts::Run;
use crate::graph::Base;
use crate::lint::start::{started, written_script};
use crate::lint::{Diagnostic, Effect, Input, Safety, declare_rule};
use crate::shell::{Command, Join, Statement};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A shell script starts the program and stays in front of it.
    ///
    /// ## Why it matters
    /// Without `exec` the program is a child of the shell, and the shell is process 1. The engine's SIGTERM goes to the
    /// shell, which does not pass it on: the container is killed after ten seconds, and whoever it was serving is cut
    /// off.
    ///
    /// bash (5.2) and BusyBox (1.35) let the last command of `-c` take their place, and Debian's dash (0.5.12) does
    /// not: with one of the first two the rule is silent. For a script in a file, none does so.
    ///
    /// Looks at `sh -c` in exec form and at scripts that a heredoc of the file writes. A command in shell form is
    /// `shell-form-command`'s.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// CMD ["sh", "-c", "node server.js --port $PORT"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// CMD ["sh", "-c", "exec node server.js --port $PORT"]
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// COPY --chmod=755 <<'EOF' /start.sh
    /// #!/bin/sh
    /// ./migrate
    /// "$@"
    /// EOF
    /// ENTRYPOINT ["/start.sh"]
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// COPY --chmod=755 <<'EOF' /start.sh
    /// #!/bin/sh
    /// ./migrate
    /// exec "$@"
    /// EOF
    /// ENTRYPOINT ["/start.sh"]
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// CMD ["sh", "-c", "./migrate && exec node server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-alpine
    /// CMD ["sh", "-c", "node server.js --port $PORT"]
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the fix puts `exec` before the last command where that is a program, not a builtin, by itself, and where
    /// the shell has no trap of its own to run.
    name: "entrypoint-without-exec",
    aliases: [],
    category: Start,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

/// What a shell does itself, and programs that end at once by themselves.
const NOT_PROGRAMS: &[&str] = &[
    "exec", "wait", "exit", "return", ".", "source", "eval", "cd", "export", "set", "trap", "echo",
    "printenv", "printf", "true", "false", ":", "[", "[[", "test", "read", "unset", "umask", "ulimit", "let",
    "local", "alias", "shift", "kill", "cat", "ls", "env", "chmod", "chown", "mkdir", "cp", "mv", "rm", "ln",
    "sed", "touch",
];

/// Parts of the names of images whose `sh` is bash or BusyBox's.
const BASH_OR_BUSYBOX: &[&str] = &[
    "alma",
    "alpine",
    "amazon",
    "archlinux",
    "busybox",
    "centos",
    "fedora",
    "oraclelinux",
    "rocky",
    "suse",
    "ubi",
];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let started = started(input);
    let Some(only) = started.first() else { return };
    if let (Run::Exec(command), [_, ..]) = (&only.fact.facts.run, only.command.inner.as_slice()) {
        // Behind an init, signals still end at the shell.
        if !replaces_itself(input, command) {
            let effect = Effect::Setting(if matches!(only.fact.instruction.body, Body::Cmd(_)) {
                "CMD"
            } else {
                "ENTRYPOINT"
            });
            found.extend(report(input, &command.inner, effect));
        }
    } else if let Some((landing, script)) =
        written_script(input, &only.command).filter(|(_, script)| script.understood)
    {
        let path = landing.destination.unwrap_or_default();
        found.extend(report(input, &script.list, Effect::Rewrites(path)));
    }
}

/// `effect`: where the command stands in the image.
fn report(input: &Input<'_>, list: &[Statement], effect: Effect) -> Option<Diagnostic> {
    let last = list.last()?;
    let is_plain = !last.background && !last.negated && last.join != Join::Or;
    let first = last.command().filter(|_| is_plain)?.words.first()?;
    let is_own = match first.value.as_deref() {
        Some(name) => NOT_PROGRAMS.contains(&name) || is_function(list, name),
        None => !matches!(first.text.as_str(), "\"$@\"" | "$@" | "$*" | "\"${@}\""),
    };
    let traps = |statement: &Statement| statement.command().and_then(Command::name) == Some("trap");
    if is_own || list.iter().any(|statement| statement.background || traps(statement)) {
        return None;
    }
    let edit = Edit::insert(first.range.start(), "exec ");
    let is_verbatim = input.source.slice(first.range) == first.text;
    let edits = is_verbatim.then_some(vec![edit]).and_then(|edits| EditSet::try_from(edits).ok());
    let shown = first.shown().trim_matches('"');
    Some(
        Diagnostic::new(
            &RULE,
            first.range,
            format!("`{shown}` runs beneath the shell, which keeps SIGTERM from it"),
        )
        .help("put `exec` before the last command")
        .fix(Safety::Safe, "let the program take the shell's place", edits)
        .effects([effect]),
    )
}

/// Whether the shell of `sh -c` lets its last command take its place.
fn replaces_itself(input: &Input<'_>, command: &Command) -> bool {
    let before_script = command.words.iter().take_while(|word| !word.is("-c"));
    let shells = before_script.filter_map(|word| word.shown().rsplit('/').next());
    let by_name = shells.filter(|name| name.ends_with("sh")).any(|name| name != "sh" && name != "dash");
    let lowest = input.facts.shipped().next().and_then(|lowest| input.graph.stages.get(lowest));
    let by_base = match lowest.map(|stage| &stage.base) {
        Some(Base::Image { reference, .. }) => BASH_OR_BUSYBOX.iter().any(|name| reference.contains(name)),
        _ => false,
    };
    by_name || by_base
}

/// Whether the script defines a function of that name.
fn is_function(list: &[Statement], name: &str) -> bool {
    use crate::shell::{CompoundKind, Element};
    list.iter().flat_map(|statement| &statement.pipeline).any(|element| match element {
        Element::Compound(compound) => {
            matches!(&compound.kind, CompoundKind::Function { name: own, .. } if own == name)
        }
        Element::Command(_) => false,
    })
}
