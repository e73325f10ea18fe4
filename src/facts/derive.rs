//! One walk over the instructions that collects what each of them sets.
//! Source of what an instruction does to those behind it: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::state::{Shell, State};
use super::{Facts, InstructionFacts, Run, StageFacts};
use crate::dockerfile::{Body, Command, Dockerfile, Healthcheck, Instruction, Item, Word, words};
use crate::graph::{Base, StageGraph, Value, Variables, mounts};
use crate::shell::{self, Dialect};

/// What is given from outside the instructions: by the build, and by comments that name a shell.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The stage to build; the last where none is named.
    pub target: Option<usize>,
    /// The build arguments.
    pub args: &'a BTreeMap<String, String>,
    /// The shells that comments name, each with its place in the file, in order. One before the first `FROM` is every
    /// image's; else it is the stage's from there on.
    pub shells: &'a [(usize, &'a str)],
}

/// The facts of `dockerfile`, whose stages are `graph`'s. The target is the last stage, and nothing else is given.
pub fn derive(dockerfile: &Dockerfile, graph: &StageGraph) -> Facts {
    derive_for(dockerfile, graph, &Given { target: None, args: &BTreeMap::new(), shells: &[] })
}

/// The facts of `dockerfile`, whose stages are `graph`'s, for one build of it.
pub fn derive_for(dockerfile: &Dockerfile, graph: &StageGraph, given: &Given<'_>) -> Facts {
    let mut facts = Facts::default();
    let global = Arc::new(State { variables: Variables::global(), ..State::default() });
    let mut walk =
        Walk { escape: dockerfile.escape, args: given.args, global, state: Arc::default(), cmd_set: false };
    let mut shells = given.shells.iter().peekable();
    // Without a stage nothing can be built; what is there is read as if one were.
    let is_fragment = graph.stages.is_empty();
    let items = dockerfile.items.iter().enumerate().filter_map(|(item, kind)| match kind {
        Item::Instruction(instruction) => Some((item, instruction)),
        _ => None,
    });
    for (index, (item, instruction)) in items.enumerate() {
        while let Some((_, shell)) = shells.next_if(|(place, _)| *place < instruction.lines.start()) {
            let state = if facts.stages.is_empty() { &mut walk.global } else { &mut walk.state };
            Arc::make_mut(state).shell = Shell::Said((*shell).to_owned());
        }
        let starts = graph.stages.get(facts.stages.len()).filter(|stage| stage.from == index);
        if let Some(starts) = starts {
            if let Some(stage) = facts.stages.last_mut() {
                stage.end = std::mem::take(&mut walk.state);
            }
            let stage = walk.enter(instruction, &starts.base, &facts.stages);
            if let Some(parent) = stage.parent.and_then(|parent| facts.stages.get_mut(parent)) {
                parent.inherited = true;
            }
            facts.stages.push(stage);
        }
        let stage = facts.stages.len().checked_sub(1);
        let is_global = (stage.is_none() && !is_fragment) || starts.is_some();
        let before = if is_global { &walk.global } else { &walk.state };
        let (run, dialect) = run(instruction, before);
        facts.instructions.push(InstructionFacts {
            stage,
            item,
            before: Arc::clone(before),
            run,
            dialect,
            mounts: mounts(trigger(instruction), &before.variables, dockerfile.escape, &|target| {
                before.absolute(target)
            }),
        });
        if let Some(stage) = facts.stages.last_mut() {
            stage.instructions.push(index);
        }
        if stage.is_some() || is_fragment {
            walk.apply(index, instruction);
        } else if let Body::Arg(pairs) = &instruction.body {
            let global = Arc::make_mut(&mut walk.global);
            global.variables.set_global_args(index, pairs, walk.escape, walk.args);
        } else if let Body::Shell(words) = &instruction.body {
            // BuildKit refuses it; what stands below it, still in no stage, is read with the shell that it names.
            Arc::make_mut(&mut walk.global).shell = shell_of(words, index);
        }
    }
    if let Some(stage) = facts.stages.last_mut() {
        stage.end = walk.state;
    }
    facts.target = given.target.or(facts.stages.len().checked_sub(1));
    reach(&mut facts, graph);
    facts
}

/// What a `SHELL` sets.
fn shell_of(words: &[Word], index: usize) -> Shell {
    Shell::Set(words.iter().map(|word| word.text.to_string()).collect(), index)
}

/// The instruction that runs: an `ONBUILD`'s trigger, else itself.
fn trigger<'i, 'a>(instruction: &'i Instruction<'a>) -> &'i Instruction<'a> {
    match &instruction.body {
        Body::Onbuild(trigger) => trigger,
        _ => instruction,
    }
}

fn run(instruction: &Instruction, before: &State) -> (Run, Option<Dialect>) {
    let (Body::Run(command)
    | Body::Cmd(command)
    | Body::Entrypoint(command)
    | Body::Healthcheck(Healthcheck::Cmd(command))) = &trigger(instruction).body
    else {
        return (Run::Nothing, None);
    };
    if let Command::Exec(words) = command {
        return (Run::Exec(shell::exec(words)), None);
    }
    let Some(dialect) = dialect(command, before) else { return (Run::Foreign, None) };
    match shell::read(command) {
        Some(script) => (Run::Script(script), Some(dialect)),
        None => (Run::Nothing, None),
    }
}

/// The shell that reads the command; nothing where another program does. A heredoc can name its own.
fn dialect(command: &Command, before: &State) -> Option<Dialect> {
    let of_shell = before.shell.dialect();
    match command {
        Command::Heredoc(script) if of_shell.is_some() && script.text().starts_with("#!") => {
            script.text().lines().next().and_then(Dialect::of_interpreter_line)
        }
        _ => of_shell,
    }
}

struct Walk<'a> {
    escape: char,
    args: &'a BTreeMap<String, String>,
    global: Arc<State>,
    state: Arc<State>,
    /// Whether the stage has a `CMD` of its own.
    cmd_set: bool,
}

impl Walk<'_> {
    /// Starts a stage: on another with all that holds at its end, on an image with nothing known.
    fn enter(&mut self, from: &Instruction, base: &Base, stages: &[StageFacts]) -> StageFacts {
        self.cmd_set = false;
        let written = match &from.body {
            Body::From(from) => &*from.image.text,
            _ => "",
        };
        let name = self.global.expand(written, self.escape).filter(|name| !name.is_empty());
        let parent = match base {
            Base::Stage(parent) => Some(*parent),
            _ => None,
        };
        self.state = Arc::new(match (parent.and_then(|parent| stages.get(parent)), base) {
            (Some(parent), _) => {
                State { variables: parent.end.variables.inherited(), ..State::clone(&parent.end) }
            }
            (None, Base::Scratch) => State {
                variables: Variables::of_scratch(),
                from_scratch: true,
                shell: self.global.shell.clone(),
                ..State::default()
            },
            _ => {
                let is_windows = is_windows_image(name.as_deref().unwrap_or(written));
                let shell = match &self.global.shell {
                    Shell::Default if is_windows => Shell::Windows,
                    said => said.clone(),
                };
                State { shell, ..State::default() }
            }
        });
        StageFacts { parent, base: name, ..StageFacts::default() }
    }

    fn apply(&mut self, index: usize, instruction: &Instruction) {
        let escape = self.escape;
        if !changes_state(&instruction.body) {
            return;
        }
        let state = Arc::make_mut(&mut self.state);
        match &instruction.body {
            Body::Env(pairs) => state.variables.set_env(index, pairs, escape),
            Body::Arg(pairs) => {
                state.variables.set_args(index, pairs, escape, &self.global.variables, self.args);
            }
            Body::User(user) => state.user = within_path(state.variables.expand(&user.text, escape)),
            Body::Workdir(path) => state.workdir = within_path(state.path(&path.text, escape)),
            Body::Shell(words) => {
                state.shell = shell_of(words, index);
            }
            Body::Entrypoint(_) => {
                state.entrypoint = Some(index);
                // It drops the CMD that the stage came with, not one of its own.
                if !self.cmd_set {
                    state.cmd = None;
                }
            }
            Body::Cmd(_) => {
                state.cmd = Some(index);
                self.cmd_set = true;
            }
            Body::Healthcheck(_) => state.healthcheck = Some(index),
            Body::Expose(ports) => {
                for port in ports {
                    let is_known = state.expand(&port.text, escape).is_some();
                    let value = |name: &str| state.value(name).map(str::to_owned);
                    let named = words::expand_words(&port.text, escape, &value).unwrap_or_default();
                    for port in named.into_iter().filter(|_| is_known) {
                        state.ports.insert(port, ());
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether the instruction sets anything for those behind it.
fn changes_state(body: &Body) -> bool {
    matches!(
        body,
        Body::Env(_)
            | Body::Arg(_)
            | Body::User(_)
            | Body::Workdir(_)
            | Body::Shell(_)
            | Body::Entrypoint(_)
            | Body::Cmd(_)
            | Body::Healthcheck(_)
            | Body::Expose(_)
    )
}

/// A path or a user's name, unless it is longer than Linux takes one.
fn within_path(text: Option<String>) -> Value {
    text.filter(|text| text.len() < 4096).map_or(Value::Unknown, Value::Known)
}

/// Whether the image is one of Microsoft's for Windows, by its name.
fn is_windows_image(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["windows", "nanoserver", "servercore"].iter().any(|part| name.contains(part))
}

/// Which stages the target needs, and whose layers are in its image.
fn reach(facts: &mut Facts, graph: &StageGraph) {
    let Some(target) = facts.target else { return };
    for stage in graph.reachable(target) {
        if let Some(stage) = facts.stages.get_mut(stage) {
            stage.reached = true;
        }
    }
    for stage in graph.chain(target) {
        if let Some(stage) = facts.stages.get_mut(stage) {
            stage.shipped = true;
        }
    }
}
