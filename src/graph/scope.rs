//! The variables that hold where a stage names what it takes.
//! Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/{convert.go,platform.go}, `buildMetaArgs`,
//! `dispatchArg`, `defaultArgs`.

use std::collections::BTreeMap;

use crate::dockerfile::words::{ExpandError, Expansion, expand};
use crate::dockerfile::{Body, Instruction, Pair};

/// Variables by their names.
type Variables = BTreeMap<String, String>;

/// What holds at one place of the file.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    escape: char,
    build_args: &'a BTreeMap<String, String>,
    /// What `ARG name` in a stage falls back on.
    global: Variables,
    args: Variables,
    env: Variables,
}

impl<'a> Scope<'a> {
    /// The scope above the first `FROM`: the platform arguments that every build has.
    pub(super) fn global(
        escape: char,
        build_args: &'a BTreeMap<String, String>,
        last_stage: Option<String>,
    ) -> Self {
        let target_stage = last_stage.unwrap_or_else(|| "default".to_owned());
        let mut args = Variables::from([("TARGETSTAGE".to_owned(), target_stage)]);
        let build = build_args.get("BUILDPLATFORM").cloned().unwrap_or_else(host_platform);
        let target = build_args.get("TARGETPLATFORM").cloned().unwrap_or_else(|| build.clone());
        for (prefix, platform) in [("BUILD", build), ("TARGET", target)] {
            let mut parts = platform.splitn(3, '/').map(str::to_owned);
            for part in ["OS", "ARCH", "VARIANT"] {
                args.insert(format!("{prefix}{part}"), parts.next().unwrap_or_default());
            }
            args.insert(format!("{prefix}OSVERSION"), String::new());
            args.insert(format!("{prefix}PLATFORM"), platform);
        }
        for (name, value) in &mut args {
            if let Some(given) = build_args.get(name) {
                value.clone_from(given);
            }
        }
        Self { escape, build_args, global: Variables::new(), args, env: Variables::new() }
    }

    /// The scope behind a `FROM`, of which this is the global one. A stage on a stage has that one's environment.
    pub(super) fn stage(&self, base: Option<&Self>) -> Self {
        Self {
            escape: self.escape,
            build_args: self.build_args,
            global: self.args.clone(),
            args: Variables::new(),
            env: base.map(|base| base.env.clone()).unwrap_or_default(),
        }
    }

    /// Puts in what the instruction sets.
    pub(super) fn apply(&mut self, instruction: &Instruction) {
        match &instruction.body {
            Body::Arg(pairs) => {
                for pair in pairs {
                    self.set_arg(pair);
                }
            }
            Body::Env(pairs) => {
                // One instruction's values don't see one another.
                let set: Vec<_> = pairs
                    .iter()
                    .filter_map(|pair| {
                        Some((self.text(&pair.key.text)?, self.text(&pair.value.as_ref()?.text)?))
                    })
                    .collect();
                self.env.extend(set);
            }
            _ => {}
        }
    }

    /// Expands a word with what holds here.
    pub(super) fn expand(&self, word: &str) -> Result<Expansion, ExpandError> {
        expand(word, self.escape, &|name| self.env.get(name).or_else(|| self.args.get(name)).cloned())
    }

    fn set_arg(&mut self, pair: &Pair) {
        let name = pair.key.text.to_string();
        let value = self.build_args.get(&name).cloned().or_else(|| match &pair.value {
            Some(value) => self.text(&value.text),
            None => self.global.get(&name).cloned(),
        });
        if let Some(value) = value {
            self.args.insert(name, value);
        }
    }

    fn text(&self, word: &str) -> Option<String> {
        self.expand(word).ok().map(|expansion| expansion.text)
    }
}

/// The platform of this machine, which an engine on it builds for unless told otherwise.
fn host_platform() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        other => other,
    };
    format!("linux/{architecture}")
}
