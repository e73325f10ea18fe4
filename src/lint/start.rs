//! What a container of the image starts: the commands of its `ENTRYPOINT` and `CMD`.

use crate::dockerfile::{self, Body};
use crate::facts::{Fact, Run};
use crate::shell::{self, Command, Script};

use super::Input;
use super::landings::Landing;

/// A command that runs when a container starts.
#[derive(Debug, Clone)]
pub(super) struct Started<'a> {
    /// The instruction that its first word stands in.
    pub(super) fact: Fact<'a>,
    /// The command, without the init that starts it and with the arguments that `CMD` gives an `ENTRYPOINT`.
    pub(super) command: Command,
    /// Whether it is the last one: what the container runs until it ends.
    pub(super) is_last: bool,
    /// Whether it runs at every start.
    pub(super) is_certain: bool,
}

/// Programs that only start another one and hand it its signals.
const INITS: &[&str] = &["tini", "tini-static", "dumb-init", "catatonit", "docker-init"];

/// What the target starts, in the order in which it runs.
pub(super) fn started<'a>(input: &Input<'a>) -> Vec<Started<'a>> {
    let Some(end) = input.facts.target().map(|target| &target.end) else { return Vec::new() };
    let at = |index: Option<usize>| input.facts.all(input.dockerfile).nth(index?);
    let (entrypoint, cmd) = (at(end.entrypoint), at(end.cmd));
    let Some(entrypoint) = entrypoint else { return cmd.map(commands).unwrap_or_default() };
    let mut found = commands(entrypoint);
    let (Run::Exec(_), Some(cmd)) = (&entrypoint.facts.run, cmd) else { return found };
    let name = match found.as_slice() {
        [] => return commands(cmd),
        [only] => only.command.invocation().name().unwrap_or_default().to_owned(),
        _ => return found,
    };
    if name.strip_suffix(".sh").is_some() || name.contains("entrypoint") {
        // Such a script does what it has to and then runs its arguments.
        found.extend(commands(cmd));
    } else if let (Run::Exec(arguments), Some(only)) = (&cmd.facts.run, found.first_mut()) {
        only.command.words.extend(arguments.words.iter().cloned());
    }
    found
}

/// Whether the target starts a program. One that starts a bare shell, that waits, or that starts nothing is there to
/// work in, or to build on.
pub(super) fn starts_program(input: &Input<'_>) -> bool {
    const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "fish", "pwsh", "powershell", "cmd"];
    started(input).last().is_some_and(|started| {
        let call = started.command.effective();
        let is_shell = call.name().is_some_and(|name| SHELLS.contains(&name));
        let runs_script = call.args().iter().any(|word| !word.shown().starts_with('-') || word.is("-c"));
        !matches!(call.name(), Some("sleep" | "tail")) && (!is_shell || runs_script)
    })
}

/// The script that a heredoc of the file writes to where `command` finds its program, with where that is.
pub(super) fn written_script<'a>(input: &Input<'a>, command: &Command) -> Option<(Landing<'a>, Script)> {
    let program = command.words.first()?.value.as_deref()?;
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let shipped = input.facts.all(input.dockerfile).filter(|fact| input.facts.is_shipped(fact));
    let landings = shipped.filter_map(|fact| Landing::of(input, fact));
    let landing = landings.filter(|landing| !landing.is_folder).find(|landing| {
        landing.destination.as_deref().is_some_and(|path| path == program || name(path) == name(program))
    })?;
    let [heredoc] = landing.fact.instruction.heredocs.as_slice() else { return None };
    let text = input.source.slice(heredoc.body);
    let is_shell = text.lines().next().is_some_and(|line| !line.starts_with("#!") || line.contains("sh"));
    let script = dockerfile::Script::verbatim(text, heredoc.body.start());
    let script = shell::read(&dockerfile::Command::Heredoc(script)).filter(|_| is_shell)?;
    Some((landing, script))
}

/// The commands of one instruction; none where it is an init without a program.
fn commands(fact: Fact<'_>) -> Vec<Started<'_>> {
    if !matches!(fact.instruction.body, Body::Cmd(_) | Body::Entrypoint(_)) {
        return Vec::new();
    }
    let occurrences = fact.facts.commands();
    let count = occurrences.len();
    let each = occurrences.into_iter().enumerate().map(|(index, occurrence)| Started {
        fact,
        command: past_init(occurrence.command),
        is_last: index + 1 == count,
        is_certain: occurrence.is_certain(),
    });
    each.filter(|started| !started.command.words.is_empty()).collect()
}

fn past_init(command: &Command) -> Command {
    let mut command = command.clone();
    let is_init = |command: &Command| command.invocation().name().is_some_and(|name| INITS.contains(&name));
    while is_init(&command) {
        let behind = command.words.iter().skip(1);
        let dash = command.words.iter().position(|word| word.is("--")).map(|at| at + 1);
        let first = behind.clone().position(|word| !word.shown().starts_with('-')).map(|at| at + 1);
        command.words = dash.or(first).map(|at| command.words.split_off(at)).unwrap_or_default();
    }
    command
}
