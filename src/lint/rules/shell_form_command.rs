use crate::dockerfile::{Body, Command, Healthcheck, Instruction, Script};
use crate::facts::Shell;
use crate::lint::{Diagnostic, Effect, Input, Safety, Severity, declare_rule};
use crate::shell::{self, Join};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A shell stands between the engine and the program.
    ///
    /// ## Why it matters
    /// In shell form, `CMD` and `ENTRYPOINT` start `/bin/sh -c`, and the shell starts the program. The start costs a
    /// shell more, and the engine's SIGTERM goes to the shell, which does not pass it on: the container is killed after
    /// ten seconds, and whoever it was serving is cut off. An image without a shell does not start at all.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// CMD node server.js
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// CMD ["node", "server.js"]
    /// ```
    /// A command that needs a shell is reported without a fix: use `exec` in a script, or do at build time what the
    /// shell does at start.
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// CMD npm run migrate && node server.js
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// CMD ["node", "server.js"]
    /// ```
    /// `exec` gives the program the shell's place, so signals reach it.
    /// ```dockerfile,on-request
    /// FROM node:22-slim
    /// CMD exec node server.js --port "$PORT"
    /// ```
    ///
    /// With `--profile all` the rule reports what BuildKit's `JSONArgsRecommended` and hadolint's DL3025 report besides:
    /// the same in stages that are not the target, behind a `SHELL`, with `exec`, and health checks.
    ///
    /// ## Fix safety
    /// Safe: the fix is offered only where the command is plain words that no shell would change, and where no
    /// `ENTRYPOINT` takes the `CMD` as its arguments.
    name: "shell-form-command",
    aliases: ["DL3025", "JSONArgsRecommended"],
    category: Start,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let target = input.facts.target();
    for fact in input.facts.all(input.dockerfile) {
        let instruction = fact.instruction;
        let (is_check, script) = match &instruction.body {
            Body::Cmd(Command::Shell(script)) | Body::Entrypoint(Command::Shell(script)) => (false, script),
            Body::Healthcheck(Healthcheck::Cmd(Command::Shell(script))) => (true, script),
            _ => continue,
        };
        let has_own_shell = matches!(fact.facts.before.shell, Shell::Set(..));
        // Without a stage BuildKit refuses the file, and hadolint reads on.
        let in_buildkit = !is_check && !has_own_shell && fact.facts.stage.is_some();
        let aliases: &[&str] = if in_buildkit { RULE.aliases } else { &["DL3025"] };
        if is_check {
            found.push(
                Diagnostic::new(
                    &RULE,
                    script.range,
                    "HEALTHCHECK in shell form starts a shell for every check",
                )
                .known_as(aliases)
                .help("write the check in exec form where it needs no shell")
                .severity(Severity::Info)
                .on_request(),
            );
            continue;
        }
        let name = &instruction.name.text;
        let shell = if has_own_shell { "the shell" } else { "`/bin/sh -c`" };
        let is_argument = matches!(instruction.body, Body::Cmd(_))
            && fact
                .facts
                .stage
                .and_then(|stage| input.facts.stages.get(stage))
                .is_none_or(|stage| stage.end.entrypoint.is_some());
        let words = fact.facts.script().filter(|_| !is_argument).and_then(plain_words);
        let mut diagnostic = Diagnostic::new(
            &RULE,
            script.range,
            format!("{name} in shell form: {shell} is process 1 and keeps SIGTERM from the program"),
        )
        .known_as(aliases);
        diagnostic = match words.filter(|_| !has_own_shell) {
            Some(words) => diagnostic
                .help(format!("write it as {name} {}", json(&words)))
                .fix(Safety::Safe, "write the command in exec form", exec_form(instruction, script, &words))
                .effects([Effect::Setting(if matches!(instruction.body, Body::Cmd(_)) {
                    "CMD"
                } else {
                    "ENTRYPOINT"
                })]),
            None => diagnostic.help("start the program in exec form, or with `exec` as the last command"),
        };
        // What a stage sets and a later one overrides starts nothing, and neither does a stage of the build. A `SHELL`
        // of one's own is a choice: the shell form is the way to use it.
        let starts =
            target.is_some_and(|target| [target.end.entrypoint, target.end.cmd].contains(&Some(fact.index)));
        if !starts || fact.facts.before.shell != Shell::Default || is_replaced(fact.facts.script()) {
            diagnostic = diagnostic.severity(Severity::Info).on_request();
        }
        found.push(diagnostic);
    }
}

/// Whether the shell's last act is to become the program.
fn is_replaced(script: Option<&shell::Script>) -> bool {
    let last = script.and_then(|script| script.list.last()).and_then(|statement| statement.command());
    last.is_some_and(|command| command.invocation().name() == Some("exec") && command.words.len() > 1)
}

/// The words of a script that is one command which means the same without a shell.
fn plain_words(script: &shell::Script) -> Option<Vec<String>> {
    let [statement] = script.list.as_slice() else { return None };
    let command = statement.command().filter(|_| script.understood && script.variables.is_empty())?;
    let plain = statement.join == Join::Start
        && !statement.background
        && !statement.negated
        && command.assignments.is_empty()
        && command.redirects.is_empty()
        && command.words.iter().all(|word| !word.pattern);
    // A builtin exists in no file.
    let builtin =
        ["cd", "export", "set", "source", ".", "eval", "exit", "trap", "umask", "ulimit", "wait", ":"];
    let name = command.words.first()?.value.as_deref()?;
    if !plain || builtin.contains(&name) {
        return None;
    }
    command.words.iter().map(|word| word.value.clone()).collect()
}

fn exec_form(instruction: &Instruction, script: &Script, words: &[String]) -> Option<EditSet> {
    // A comment inside the command would be lost.
    if !instruction.comments.is_empty() {
        return None;
    }
    EditSet::try_from(vec![Edit::replace(script.range, json(words))]).ok()
}

fn json(words: &[String]) -> String {
    let quoted: Vec<String> =
        words.iter().map(|word| serde_json::Value::from(word.as_str()).to_string()).collect();
    format!("[{}]", quoted.join(", "))
}
