//! How far a changed build argument reaches: into which variables, and through them into words and environments.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, `dispatchArg`, `dispatchEnv`, `dispatchRun`.

use std::collections::{BTreeMap, BTreeSet};

use crate::dockerfile::{Body, Dockerfile, Instruction, Pair, words};

/// The changed arguments whose values are in something, and the instruction that brought them there.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried {
    pub(super) arguments: BTreeSet<String>,
    pub(super) instruction: usize,
}

/// Where changed arguments have got to at some point of a stage. A variable without any of them is there all the same:
/// it hides one that has.
#[derive(Debug, Clone, Default)]
pub(super) struct Reach {
    variables: BTreeMap<String, Carried>,
    /// What `ENV` has set: what an `ARG` hides of it is back in a stage built on this one.
    env: BTreeMap<String, Carried>,
    pub(super) workdir: Carried,
    pub(super) user: Carried,
}

impl Carried {
    fn is_nothing(&self) -> bool {
        self.arguments.is_empty()
    }
}

impl Reach {
    /// What holds before the first line.
    pub(super) fn global(changed: &[String]) -> Self {
        let mut reach = Self::default();
        for name in changed.iter().filter(|name| is_predefined(name)) {
            let carried = Carried { arguments: [name.clone()].into(), instruction: 0 };
            reach.variables.insert(name.clone(), carried);
        }
        reach
    }

    /// What holds at the start of a stage on a stage that ends so.
    pub(super) fn inherit(&self) -> Self {
        let mut reach = self.clone();
        reach.variables.extend(self.env.iter().map(|(name, carried)| (name.clone(), carried.clone())));
        reach
    }

    /// Takes in what the instruction at `index` sets. `global` holds the arguments before the first `FROM`; there it
    /// is nothing.
    pub(super) fn apply(
        &mut self,
        index: usize,
        instruction: &Instruction,
        escape: char,
        global: Option<&Self>,
        changed: &[String],
    ) {
        match &instruction.body {
            Body::Arg(pairs) => {
                for pair in pairs {
                    self.argument(index, pair, escape, global, changed);
                }
            }
            Body::Env(pairs) => {
                let value = |pair: &Pair| pair.value.as_ref().map(|value| self.word(&value.text, escape));
                let set: Vec<_> = pairs
                    .iter()
                    .map(|pair| {
                        let arguments = value(pair).unwrap_or_default();
                        (pair.key.text.to_string(), Carried { arguments, instruction: index })
                    })
                    .collect();
                for (name, carried) in set {
                    self.env.insert(name.clone(), carried.clone());
                    self.variables.insert(name, carried);
                }
            }
            Body::Workdir(path) => {
                let mut arguments = self.word(&path.text, escape);
                if !path.text.starts_with('/') {
                    arguments.extend(self.workdir.arguments.iter().cloned());
                }
                self.workdir = Carried { arguments, instruction: index };
            }
            Body::User(user) => {
                self.user = Carried { arguments: self.word(&user.text, escape), instruction: index };
            }
            _ => {}
        }
    }

    /// The changed arguments whose values are in `word` once its variables are put in.
    pub(super) fn word(&self, word: &str, escape: char) -> BTreeSet<String> {
        let references = words::references(word, escape).into_iter();
        references.filter_map(|found| self.variables.get(&found.name)).flat_map(carried_arguments).collect()
    }

    /// The same for a heredoc, in which quotes mean nothing.
    pub(super) fn heredoc(&self, text: &str) -> BTreeSet<String> {
        let named = |name: &String| {
            text.match_indices('$').any(|(at, _)| {
                let behind = text.get(at + 1..).unwrap_or_default();
                let behind = behind.strip_prefix('{').unwrap_or(behind);
                let is_whole =
                    |rest: &str| !rest.starts_with(|c: char| c == '_' || c.is_ascii_alphanumeric());
                behind.strip_prefix(name.as_str()).is_some_and(is_whole)
            })
        };
        let found = self.variables.iter().filter(|(name, _)| named(name));
        found.flat_map(|(_, carried)| carried_arguments(carried)).collect()
    }

    /// What is in a command's environment.
    pub(super) fn environment(&self) -> impl Iterator<Item = &Carried> {
        self.variables.values().filter(|carried| !carried.is_nothing())
    }

    fn argument(
        &mut self,
        index: usize,
        pair: &Pair,
        escape: char,
        global: Option<&Self>,
        changed: &[String],
    ) {
        let name = pair.key.text.to_string();
        let mut arguments = match &pair.value {
            Some(default) => self.word(&default.text, escape),
            None => match global.and_then(|global| global.variables.get(&name)) {
                Some(above) => above.arguments.clone(),
                // It has no value unless the build gives one, and leaves what an ENV has set.
                None if !changed.contains(&name) => return,
                None => BTreeSet::new(),
            },
        };
        if changed.contains(&name) {
            arguments.insert(name.clone());
        }
        self.variables.insert(name, Carried { arguments, instruction: index });
    }
}

fn carried_arguments(carried: &Carried) -> impl Iterator<Item = String> {
    carried.arguments.iter().cloned()
}

/// Whether an `ARG` of the file declares it, or every build does.
pub(super) fn is_declared(dockerfile: &Dockerfile, argument: &str) -> bool {
    let declares = |instruction: &Instruction| match &instruction.body {
        Body::Arg(pairs) => pairs.iter().any(|pair| pair.key.text == argument),
        _ => false,
    };
    is_predefined(argument) || dockerfile.instructions().any(declares)
}

fn is_predefined(name: &str) -> bool {
    crate::graph::PREDEFINED.contains(&name)
}
