//! The stage that is to be split, read for what the split has to know.

use crate::dockerfile::{Body, From};
use crate::facts::{Fact, Value};
use crate::graph::{Base, EdgeKind};
use crate::lint::{official, tag};
use crate::rewrite::{Abstention, Subject};
use crate::shell::Command;
use crate::text::TextRange;

use super::work::{Work, work};

/// What the project is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ecosystem {
    /// Cargo
    Rust,
    /// The Go toolchain
    Go,
    /// C or C++ by CMake
    CMake,
    /// Maven or Gradle
    Java,
    /// pip
    Python,
    /// npm
    Node,
}

/// A stage that builds a project and is the image that runs it.
#[derive(Debug, Clone)]
pub(super) struct SingleStage<'a> {
    pub(super) subject: &'a Subject<'a>,
    /// Its instructions, the `FROM` first.
    pub(super) facts: Vec<Fact<'a>>,
    pub(super) from: &'a From<'a>,
    /// The official image that it stands on, without its tag.
    pub(super) image: &'a str,
    /// The tag; `latest` where none is named.
    pub(super) tag: &'a str,
    pub(super) ecosystem: Ecosystem,
    /// The place among [`Self::facts`] of the last `RUN` that builds or installs.
    pub(super) last_build: usize,
    /// The working folder behind it.
    pub(super) workdir: String,
}

/// A command of a `RUN`, and the folder it runs in.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    pub(super) fact: Fact<'a>,
    pub(super) command: &'a Command,
    /// Absolute; none where a `cd` leads nobody knows where.
    pub(super) folder: Option<String>,
}

impl<'a> SingleStage<'a> {
    /// Reads the target. Nothing where it is no such stage.
    pub(super) fn read(subject: &'a Subject<'a>) -> Result<Option<Self>, Abstention> {
        let facts = subject.of_target();
        let (Some(first), Some(stage)) = (facts.first().copied(), subject.graph.stages.get(subject.target))
        else {
            return Ok(None);
        };
        let Body::From(from) = &first.instruction.body else { return Ok(None) };
        let Base::Image { reference, .. } = &stage.base else { return Ok(None) };
        let takes_from_stage = subject.graph.taken_by(subject.target).any(|edge| {
            matches!(edge.kind, EdgeKind::Copy { .. })
                && matches!(edge.origin, crate::graph::Origin::Stage(_))
        });
        let Some(image) = official(reference).filter(|_| !takes_from_stage) else { return Ok(None) };
        let commands = || facts.iter().filter(|fact| is_run(fact)).flat_map(|fact| fact.facts.commands());
        let works: Vec<Option<Work>> = commands().map(|one| work(one.command)).collect();
        let mut ecosystems: Vec<Ecosystem> = Vec::new();
        for found in &works {
            if let Some(Work::Build(Some(ecosystem))) = found
                && !ecosystems.contains(ecosystem)
            {
                ecosystems.push(*ecosystem);
            }
        }
        let ecosystem = match ecosystems.as_slice() {
            [] => return Ok(None),
            [only] => *only,
            _ => {
                return Err(Abstention::new(
                    from.image.range,
                    "the stage builds with the tools of several languages, and what the program needs of which isn't known",
                ));
            }
        };
        let last_build = facts.iter().rposition(|fact| is_run(fact) && builds(fact));
        let Some(last_build) = last_build else { return Ok(None) };
        let workdir = facts.get(last_build).map(|fact| folder_of(fact, image)).unwrap_or_default();
        let stage = Self {
            subject,
            from,
            image,
            tag: tag(reference).unwrap_or("latest"),
            ecosystem,
            last_build,
            workdir: workdir.unwrap_or_default(),
            facts,
        };
        stage.stands_in_the_way(reference)?;
        Ok(Some(stage))
    }

    /// What keeps any split from being sure of what it does.
    fn stands_in_the_way(&self, reference: &str) -> Result<(), Abstention> {
        let subject = self.subject;
        let no = |range, reason: &str| Err(Abstention::new(range, reason));
        let at = self.from.image.range;
        if subject.target + 1 != subject.graph.stages.len() {
            return no(at, "only the file's last stage is split, and another one is built");
        }
        if subject.source.bytes() != subject.source.text().as_bytes() {
            return no(at, "the file has bytes that are no text");
        }
        if subject.dockerfile.escape != '\\' {
            return no(at, "the file is written for Windows");
        }
        if reference.contains('@') {
            return no(at, "the base is pinned by digest, and that of a smaller one isn't known");
        }
        if self.from.image.text.contains('$') {
            return no(at, "a variable names the base, so a smaller one that fits it isn't known");
        }
        if self.workdir.is_empty() {
            return no(at, "a variable that isn't known names the working folder");
        }
        for fact in &self.facts {
            match &fact.instruction.body {
                Body::Onbuild(_) => {
                    return no(fact.instruction.range, "`ONBUILD` runs in images that nobody sees here");
                }
                Body::Shell(_) => {
                    return no(
                        fact.instruction.range,
                        "the runtime base may not have the shell that `SHELL` sets",
                    );
                }
                _ => {}
            }
            if !is_run(fact) {
                continue;
            }
            let script = fact.facts.script();
            if script.is_none_or(|script| !script.understood)
                && !matches!(fact.facts.run, crate::facts::Run::Exec(_))
            {
                return no(fact.instruction.range, "what this `RUN` does can't be read");
            }
            for one in fact.facts.commands() {
                if work(one.command).is_none() {
                    let name = subject.text(one.command.range);
                    let name = name.split_whitespace().next().unwrap_or(name);
                    return no(
                        one.command.range,
                        &format!("whether the program needs what `{name}` makes isn't known"),
                    );
                }
            }
        }
        Ok(())
    }

    /// The `FROM`'s image.
    pub(super) fn at_base(&self) -> TextRange {
        self.from.image.range
    }

    /// What stays in the build stage: all up to the last `RUN` that builds.
    pub(super) fn head(&self) -> &[Fact<'a>] {
        self.facts.get(..=self.last_build).unwrap_or_default()
    }

    /// What stands behind that.
    pub(super) fn tail(&self) -> &[Fact<'a>] {
        self.facts.get(self.last_build + 1..).unwrap_or_default()
    }

    /// The commands of the stage's `RUN`s, each with the folder it runs in.
    pub(super) fn calls(&self) -> Vec<Call<'_>> {
        let mut calls = Vec::new();
        for fact in self.facts.iter().filter(|fact| is_run(fact)) {
            let mut folder = folder_of(fact, self.image);
            for one in fact.facts.commands() {
                if one.command.name() == Some("cd") && !one.detached {
                    let to = one.command.args().first().and_then(|word| word.value.as_deref());
                    folder = folder.zip(to).map(|(folder, to)| join(&folder, to));
                }
                calls.push(Call { fact: *fact, command: one.command, folder: folder.clone() });
            }
        }
        calls
    }

    /// Whether `path` is the working folder or in it.
    pub(super) fn is_inside(&self, path: &str) -> bool {
        is_within(path, &self.workdir)
    }
}

/// Whether it is a `RUN`.
pub(super) fn is_run(fact: &Fact<'_>) -> bool {
    matches!(fact.instruction.body, Body::Run(_))
}

/// Whether a `RUN` does more than make users and set who may do what.
fn builds(fact: &Fact<'_>) -> bool {
    let commands = fact.facts.commands();
    commands.is_empty()
        || commands.iter().any(|one| !matches!(work(one.command), Some(Work::Users | Work::Files)))
}

/// The folder that a `RUN` starts in.
fn folder_of(fact: &Fact<'_>, image: &str) -> Option<String> {
    match &fact.facts.before.workdir {
        Value::Known(folder) => Some(folder.clone()),
        Value::Unset if image == "golang" => Some("/go".to_owned()),
        Value::Unset => Some("/".to_owned()),
        Value::Unknown => None,
    }
}

/// `path` as seen from `folder`, without `.` and `..`.
pub(super) fn join(folder: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether `path` is `folder` or lies in it. Both are absolute.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
