use crate::facts::Run;
use crate::lint::start::{started, written_script};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::{Command, Join, Statement};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A shell script starts the program and stays in front of it.
    ///
    /// ## Why it matters
    /// Without `exec` the program is a child of the shell, and the shell is process 1. The engine's SIGTERM goes to the
    /// shell, which does not pass it on: the container is killed after ten seconds, and whoever it was serving is cut
    /// off. Some shells replace themselves by the last command of `sh -c`, others do not; `exec` always does.
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
    ///
    /// ## Fix safety
    /// Safe: the fix puts `exec` before the last command where that is a program, not a builtin, by itself, and where the
    /// shell has no trap of its own to run.
    name: "entrypoint-without-exec",
    aliases: [],
    category: Start,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

/// What a shell does itself, and programs that end at once.
const NOT_PROGRAMS: &[&str] = &[
    "exec", "wait", "exit", "return", ".", "source", "eval", "cd", "export", "set", "trap", "echo", "printf",
    "true", "false", ":", "[", "[[", "test", "read", "unset", "umask", "ulimit", "let", "local", "alias",
    "shift", "kill", "cat", "ls", "env", "chmod", "chown", "mkdir", "cp", "mv", "rm", "ln", "sed", "touch",
];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let started = started(input);
    let Some(only) = started.first() else { return };
    if let (Run::Exec(command), [_, ..]) = (&only.fact.facts.run, only.command.inner.as_slice()) {
        // Behind an init, signals still end at the shell.
        report(input, &command.inner, found);
    } else if let Some((_, script)) =
        written_script(input, &only.command).filter(|(_, script)| script.understood)
    {
        report(input, &script.list, found);
    }
}

fn report(input: &Input<'_>, list: &[Statement], found: &mut Vec<Diagnostic>) {
    let Some(last) = list.last() else { return };
    let traps = |statement: &Statement| statement.command().and_then(Command::name) == Some("trap");
    let Some(command) = last.command().filter(|_| !last.background && !last.negated && last.join != Join::Or)
    else {
        return;
    };
    let Some(first) = command.words.first() else { return };
    let is_own = match first.value.as_deref() {
        Some(name) => NOT_PROGRAMS.contains(&name) || is_function(list, name),
        None => !matches!(first.text.as_str(), "\"$@\"" | "$@" | "$*" | "\"${@}\""),
    };
    if is_own || list.iter().any(traps) || list.iter().any(|statement| statement.background) {
        return;
    }
    let edit = Edit::insert(first.range.start(), "exec ");
    // Redirections and what else stands before the name belong to it all the same.
    let edits = (input.source.slice(first.range) == first.text).then_some(vec![edit]);
    let shown = first.shown().trim_matches('"');
    found.push(
        Diagnostic::new(
            &RULE,
            first.range,
            format!("`{shown}` runs beneath the shell, which keeps SIGTERM from it"),
        )
        .help("put `exec` before the last command")
        .fix(
            Safety::Safe,
            "let the program take the shell's place",
            edits.and_then(|edits| EditSet::try_from(edits).ok()),
        ),
    );
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
