//! One walk over the instructions that collects what each of them sets.
//! Source of what an instruction does to those behind it: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go.

use std::sync::Arc;

use super::state::{Origin, Shell, State, Value, Variable, is_posix_shell};
use super::{Facts, InstructionFacts, Run, StageFacts, mount};
use crate::dockerfile::{Body, Command, Dockerfile, Healthcheck, Instruction, Item, Pair, Word, words};
use crate::graph::{Base, StageGraph};
use crate::shell;

/// The arguments that every build sets before it reads the file.
/// Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/platform.go.
const PREDEFINED: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// The facts of `dockerfile`, whose stages are `graph`'s. The target is the last stage.
pub fn derive(dockerfile: &Dockerfile, graph: &StageGraph) -> Facts {
    let mut facts = Facts::default();
    let mut walk =
        Walk { escape: dockerfile.escape, global: global_state(), state: State::default(), cmd_set: false };
    // Without a stage nothing can be built; what is there is read as if one were.
    let is_fragment = graph.stages.is_empty();
    let items = dockerfile.items.iter().enumerate().filter_map(|(item, kind)| match kind {
        Item::Instruction(instruction) => Some((item, instruction)),
        _ => None,
    });
    for (index, (item, instruction)) in items.enumerate() {
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
        facts.instructions.push(InstructionFacts {
            stage,
            item,
            before: before.clone(),
            run: run(instruction, before),
            mounts: mount::mounts(trigger(instruction), before, dockerfile.escape),
        });
        if let Some(stage) = facts.stages.last_mut() {
            stage.instructions.push(index);
        }
        if stage.is_some() || is_fragment {
            walk.apply(index, instruction);
        } else if let Body::Arg(pairs) = &instruction.body {
            walk.set_global(index, pairs);
        } else if let Body::Shell(words) = &instruction.body {
            // BuildKit refuses it; what stands below it, still in no stage, is read with the shell that it names.
            walk.global.shell = shell_of(words, index);
        }
    }
    if let Some(stage) = facts.stages.last_mut() {
        stage.end = walk.state;
    }
    facts.target = facts.stages.len().checked_sub(1);
    reach(&mut facts, graph);
    facts
}

/// What a `SHELL` sets.
fn shell_of(words: &[Word], index: usize) -> Shell {
    Shell::Set(words.iter().map(|word| word.text.clone()).collect(), index)
}

/// What is set before the first line.
fn global_state() -> State {
    let unknown = || Variable { value: Value::Unknown, origin: Origin::Predefined };
    let variables = PREDEFINED.iter().map(|name| ((*name).to_owned(), unknown())).collect();
    State { variables: Arc::new(variables), ..State::default() }
}

/// The instruction that runs: an `ONBUILD`'s trigger, else itself.
fn trigger(instruction: &Instruction) -> &Instruction {
    match &instruction.body {
        Body::Onbuild(trigger) => trigger,
        _ => instruction,
    }
}

fn run(instruction: &Instruction, before: &State) -> Run {
    let (Body::Run(command)
    | Body::Cmd(command)
    | Body::Entrypoint(command)
    | Body::Healthcheck(Healthcheck::Cmd(command))) = &trigger(instruction).body
    else {
        return Run::Nothing;
    };
    match command {
        Command::Exec(words) => Run::Exec(shell::exec(words)),
        Command::Heredoc(script) if script.text.starts_with("#!") && !names_posix_shell(&script.text) => {
            Run::Foreign
        }
        _ if !before.shell.is_posix() => Run::Foreign,
        _ => shell::read(command).map_or(Run::Nothing, Run::Script),
    }
}

/// Whether the interpreter that a script's first line names is a POSIX shell, `env` looked through.
fn names_posix_shell(script: &str) -> bool {
    let line = script.lines().next().unwrap_or_default().trim_start_matches("#!");
    let mut words =
        line.split_whitespace().skip_while(|word| word.ends_with("/env") || word.starts_with('-'));
    words.next().is_some_and(is_posix_shell)
}

struct Walk {
    escape: char,
    global: State,
    state: State,
    /// Whether the stage has a `CMD` of its own.
    cmd_set: bool,
}

impl Walk {
    /// Starts a stage: on another with all that holds at its end, on an image with nothing known.
    fn enter(&mut self, from: &Instruction, base: &Base, stages: &[StageFacts]) -> StageFacts {
        self.cmd_set = false;
        let written = match &from.body {
            Body::From(from) => from.image.text.as_str(),
            _ => "",
        };
        let name = self.global.expand(written, self.escape).filter(|name| !name.is_empty());
        let parent = match base {
            Base::Stage(parent) => Some(*parent),
            _ => None,
        };
        self.state = match (parent.and_then(|parent| stages.get(parent)), base) {
            (Some(parent), _) => inherit(&parent.end),
            (None, Base::Scratch) => State { from_scratch: true, ..State::default() },
            _ => {
                let is_windows = is_windows_image(name.as_deref().unwrap_or(written));
                State { shell: if is_windows { Shell::Windows } else { Shell::Default }, ..State::default() }
            }
        };
        StageFacts { parent, base: name, ..StageFacts::default() }
    }

    fn apply(&mut self, index: usize, instruction: &Instruction) {
        let escape = self.escape;
        let state = &mut self.state;
        match &instruction.body {
            Body::Env(pairs) => {
                // All values of one ENV are expanded with what was set before it.
                let value = |pair: &Pair| {
                    pair.value.as_ref().map_or(Value::Unknown, |word| known(state, &word.text, escape))
                };
                let set: Vec<_> = pairs.iter().map(|pair| (pair.key.text.clone(), value(pair))).collect();
                let origin = Origin::Env(index);
                for (name, value) in set {
                    let variable = Variable { value, origin };
                    Arc::make_mut(&mut state.env).insert(name.clone(), variable.clone());
                    Arc::make_mut(&mut state.variables).insert(name, variable);
                }
            }
            Body::Arg(pairs) => self.set_argument(index, pairs),
            Body::User(user) => state.user = known(state, &user.text, escape),
            Body::Workdir(path) => {
                state.workdir = state.path(&path.text, escape).map_or(Value::Unknown, Value::Known);
            }
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
                    state.ports.extend(named.into_iter().filter(|_| is_known));
                }
            }
            _ => {}
        }
    }

    /// `ARG` in a stage. One argument after the other, each seen by the next. Without a default it takes the global
    /// argument of its name, and where there is none it leaves what was set before.
    fn set_argument(&mut self, index: usize, pairs: &[Pair]) {
        for pair in pairs {
            let name = &pair.key.text;
            let own = pair.value.as_ref().map(|word| Variable {
                value: known(&self.state, &word.text, self.escape),
                origin: Origin::Arg(index),
            });
            let inherited =
                || self.global.variables.get(name).filter(|global| global.value != Value::Unset).cloned();
            let Some(variable) = own.or_else(inherited) else {
                let unset = Variable { value: Value::Unset, origin: Origin::Arg(index) };
                Arc::make_mut(&mut self.state.variables).entry(name.clone()).or_insert(unset);
                continue;
            };
            Arc::make_mut(&mut self.state.variables).insert(name.clone(), variable);
        }
    }

    /// `ARG` before the first `FROM`.
    fn set_global(&mut self, index: usize, pairs: &[Pair]) {
        for pair in pairs {
            let origin = Origin::GlobalArg(index);
            let name = pair.key.text.clone();
            if let Some(word) = &pair.value {
                let value = known(&self.global, &word.text, self.escape);
                Arc::make_mut(&mut self.global.variables).insert(name, Variable { value, origin });
            } else {
                let unset = Variable { value: Value::Unset, origin };
                Arc::make_mut(&mut self.global.variables).entry(name).or_insert(unset);
            }
        }
    }
}

/// What a stage starts with that is built on one that ends so: its arguments too, but a variable that an `ENV` set and
/// an `ARG` then hid is the image's again.
fn inherit(end: &State) -> State {
    let mut state = end.clone();
    for (name, variable) in
        end.env.iter().filter(|(name, variable)| end.variables.get(*name) != Some(variable))
    {
        Arc::make_mut(&mut state.variables).insert(name.clone(), variable.clone());
    }
    state
}

fn known(state: &State, word: &str, escape: char) -> Value {
    state.expand(word, escape).map_or(Value::Unknown, Value::Known)
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
