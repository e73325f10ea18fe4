//! The variables that hold at a place of the file.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go: `buildMetaArgs`, `dispatchArg`, `dispatchEnv`,
//! and `dispatchStages`, which sets an image's environment anew where a stage is built on another.

use std::collections::BTreeMap;

use super::shared_map::SharedMap;
use crate::dockerfile::{Pair, words};

/// The longest value, in bytes, that variables may come to where it isn't written out: it is kept for every variable
/// that has it, so files could make themselves as large as they like with it.
const LONGEST: usize = 2048;

/// What `ARG` and `ENV` have set, as far as the Dockerfile says. What the base image sets is not known here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// What a stage that is built on this one starts with.
    kept: SharedMap<Variable>,
    /// What an `ARG` hides until the stage's end: the names have another value in `kept`, an `ENV`'s.
    hiding: SharedMap<Variable>,
    certainty: Certainty,
}

/// A variable's value and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The value.
    pub value: Value,
    /// What set it.
    pub origin: Origin,
}

/// What sets a variable. Where the build gives an argument, its value is the build's and its origin still the `ARG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The `ENV` at this index: it is in the image, and no build argument changes it.
    Env(usize),
    /// The `ARG` at this index in a stage: it is there while the stage and those built on it are built.
    Arg(usize),
    /// The `ARG` at this index before the first `FROM`, taken into a stage by an `ARG` of its name or not.
    GlobalArg(usize),
    /// Every build sets it: `TARGETARCH` and its like.
    Predefined,
}

/// A value as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Value {
    /// Nothing in the Dockerfile sets it; a base image may.
    #[default]
    Unset,
    /// It is set to this, where no build argument says otherwise.
    Known(String),
    /// It is set to something that only the build or the base image can tell.
    Unknown,
}

impl Value {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unset | Self::Unknown => None,
        }
    }
}

/// What can be said of a variable that nothing here sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Certainty {
    /// The base image may set it.
    #[default]
    Open,
    /// A build argument may set it, nothing else.
    NoImage,
    /// Nothing sets it: there is no base image, and the build's arguments are all known.
    Closed,
}

/// The arguments that a build is given, by their names.
pub(super) type BuildArgs = BTreeMap<String, String>;

impl Variables {
    /// Above the first `FROM`, with what every build sets, its values not known.
    pub fn global() -> Self {
        let unknown = || Variable { value: Value::Unknown, origin: Origin::Predefined };
        let set = super::PREDEFINED.iter().map(|name| ((*name).to_owned(), unknown())).collect();
        Self { kept: set, ..Self::default() }
    }

    /// Above the first `FROM` in a build of which all is known.
    pub(super) fn of_build(predefined: impl Iterator<Item = (&'static str, String)>) -> Self {
        let known = |value| Variable { value: Value::Known(value), origin: Origin::Predefined };
        let set = predefined.map(|(name, value)| (name.to_owned(), known(value))).collect();
        Self { kept: set, certainty: Certainty::Closed, ..Self::default() }
    }

    /// At the beginning of a stage on `scratch`.
    pub fn of_scratch() -> Self {
        Self { certainty: Certainty::NoImage, ..Self::default() }
    }

    /// At the beginning of a stage on one that ends so: its arguments too, but a variable that an `ENV` set and an
    /// `ARG` then hid is the image's again.
    #[must_use]
    pub fn inherited(&self) -> Self {
        Self { hiding: SharedMap::default(), ..self.clone() }
    }

    /// What the `ENV` at `index` sets. All its values are expanded with what was set before it.
    pub fn set_env(&mut self, index: usize, pairs: &[Pair], escape: char) {
        let value = |pair: &Pair| {
            pair.value.as_ref().map_or(Value::Unknown, |word| self.evaluated(&word.text, escape))
        };
        let values: Vec<_> = pairs.iter().map(|pair| (pair.key.text.to_string(), value(pair))).collect();
        for (name, value) in values {
            let variable = Variable { value, origin: Origin::Env(index) };
            if self.hiding.get(&name).is_some() {
                self.hiding.insert(name.clone(), variable.clone());
            }
            self.kept.insert(name, variable);
        }
    }

    /// What the `ARG` at `index` in a stage sets: one argument after the other, each seen by the next. The build's own
    /// value comes first, then the default, then the global argument of that name; where there is none of them, what
    /// was set before stays.
    pub fn set_args(
        &mut self,
        index: usize,
        pairs: &[Pair],
        escape: char,
        global: &Self,
        given: &BTreeMap<String, String>,
    ) {
        for pair in pairs {
            let name = &pair.key.text;
            let own =
                self.own(pair, escape, given).map(|value| Variable { value, origin: Origin::Arg(index) });
            let inherited = || global.get(name).filter(|global| global.value != Value::Unset).cloned();
            self.put(name, own.or_else(inherited), Origin::Arg(index));
        }
    }

    /// What the `ARG` at `index` before the first `FROM` sets.
    pub fn set_global_args(
        &mut self,
        index: usize,
        pairs: &[Pair],
        escape: char,
        given: &BTreeMap<String, String>,
    ) {
        let origin = Origin::GlobalArg(index);
        for pair in pairs {
            let own = self.own(pair, escape, given).map(|value| Variable { value, origin });
            self.put(&pair.key.text, own, origin);
        }
    }

    fn own(&self, pair: &Pair, escape: char, given: &BuildArgs) -> Option<Value> {
        let default = || pair.value.as_ref().map(|word| self.evaluated(&word.text, escape));
        given.get(pair.key.text.as_ref()).cloned().map(Value::Known).or_else(default)
    }

    fn put(&mut self, name: &str, variable: Option<Variable>, origin: Origin) {
        let is_env = matches!(self.kept.get(name), Some(Variable { origin: Origin::Env(_), .. }));
        match variable {
            Some(variable) if is_env => self.hiding.insert(name.to_owned(), variable),
            Some(variable) => self.kept.insert(name.to_owned(), variable),
            None if self.contains_key(name) => {}
            None => self.kept.insert(name.to_owned(), Variable { value: Value::Unset, origin }),
        }
    }

    /// The variable, where something here sets or declares it.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.hiding.get(name).or_else(|| self.kept.get(name))
    }

    /// Whether something here sets or declares it.
    pub fn contains_key(&self, name: &str) -> bool {
        self.kept.get(name).is_some()
    }

    /// The names of all of them.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.kept.iter().map(|(name, _)| name)
    }

    /// All of them with their names, in the order of these.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Variable)> {
        self.kept.iter().map(|(name, variable)| (name, self.hiding.get(name).unwrap_or(variable)))
    }

    /// Those of them that are in the image: what `ENV` has set, even where an `ARG` hides it until the stage's end.
    pub fn env(&self) -> impl Iterator<Item = (&String, &Variable)> {
        self.kept.iter().filter(|(_, variable)| matches!(variable.origin, Origin::Env(_)))
    }

    /// A variable's value, where it is known.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|variable| variable.value.known())
    }

    /// `word` with its variables put in and its quotes off; nothing where it is malformed, one of them is not
    /// known, or they come to more than anybody means them to.
    /// A variable that is unset counts as such only where the word says what then, or where surely nothing sets it.
    pub fn expand(&self, word: &str, escape: char) -> Option<String> {
        let settled = words::references(word, escape).into_iter().all(|reference| {
            let has_fallback = || {
                let behind = word.get(reference.range.end..).unwrap_or_default();
                behind.strip_prefix(':').unwrap_or(behind).starts_with(['-', '+'])
            };
            match (self.get(&reference.name).map(|variable| &variable.value), self.certainty) {
                (Some(Value::Known(_)), _) | (Some(Value::Unset) | None, Certainty::Closed) => true,
                (Some(Value::Unknown), _) | (None, Certainty::Open) => false,
                (Some(Value::Unset), _) | (None, Certainty::NoImage) => has_fallback(),
            }
        });
        let value = |name: &str| self.value(name).map(str::to_owned);
        let text = settled.then(|| words::expand(word, escape, &value).ok()).flatten()?.text;
        (text.len() <= word.len().max(LONGEST)).then_some(text)
    }

    /// What `word` comes to here.
    pub fn evaluated(&self, word: &str, escape: char) -> Value {
        self.expand(word, escape).map_or(Value::Unknown, Value::Known)
    }
}
