//! The two stages, written.

use std::collections::BTreeSet;

use crate::dockerfile::{Body, Item};
use crate::facts::Fact;
use crate::lint::{Safety, to_delete, with_comments};
use crate::rewrite::{Abstention, Aspect, Change};
use crate::text::{Edit, EditSet, TextRange};

use super::base::RuntimeBase;
use super::stage::{SingleStage, is_run};
use super::system::preparations;

/// What an ecosystem says of the runtime stage.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// What the runtime stage stands on.
    pub(super) base: RuntimeBase,
    /// Packages to install in it.
    pub(super) packages: Vec<String>,
    /// Where the build stage ends, where not behind the last `RUN` that builds: a place among the stage's instructions.
    pub(super) last_build: Option<usize>,
    /// Edits inside the build stage.
    pub(super) edits: Vec<Edit>,
    /// Instructions that the build stage gets at its end.
    pub(super) appended: Vec<String>,
    /// A stage between the two, as it is to be written, without the name of the build stage in it.
    pub(super) between: Vec<String>,
    /// Instructions that the runtime stage gets behind its own environment. `{build}` stands for the build stage.
    pub(super) closure: Vec<String>,
    /// What stands in the place of the instruction of that index; empty where it goes.
    pub(super) replaced: Vec<(usize, String)>,
    /// What can be different in the image.
    pub(super) can_differ: Vec<String>,
    /// What of the configuration changes.
    pub(super) about: Vec<Aspect>,
}

impl Plan {
    /// A plan with nothing but a base.
    pub(super) fn on(base: RuntimeBase) -> Self {
        Self {
            base,
            packages: Vec::new(),
            last_build: None,
            edits: Vec::new(),
            appended: Vec::new(),
            between: Vec::new(),
            closure: Vec::new(),
            replaced: Vec::new(),
            can_differ: Vec::new(),
            about: Vec::new(),
        }
    }
}

/// What distroless images have of what the table of packages knows.
const IN_DISTROLESS: [&str; 4] = ["ca-certificates", "libgomp1", "libssl3", "tzdata"];
/// Users that Debian's images have.
const DEBIAN_USERS: [&str; 5] = ["root", "daemon", "nobody", "www-data", "backup"];

/// Writes the two stages.
pub(super) fn write(stage: &SingleStage<'_>, plan: &Plan) -> Result<Change, Abstention> {
    let stage = &SingleStage { last_build: plan.last_build.unwrap_or(stage.last_build), ..stage.clone() };
    let mut packages = plan.packages.clone();
    packages.extend(plan.base.lacks.iter().map(|package| (*package).to_owned()));
    let prepared = preparations(stage)?;
    if !plan.base.has_shell {
        packages.retain(|package| !IN_DISTROLESS.contains(&package.as_str()));
        runs_without_shell(stage, &packages, &prepared)?;
    } else if prepared.iter().any(|text| text.starts_with("adduser") || text.starts_with("addgroup")) {
        packages.push("adduser".to_owned());
    }
    packages.sort();
    packages.dedup();
    is_user_there(stage, &prepared)?;

    let moved = moved(stage);
    let newline = if stage.subject.source.text().contains("\r\n") { "\r\n" } else { "\n" };
    let name = build_name(stage);
    let runtime = Runtime { stage, plan, packages, prepared, moved: &moved, newline, build: &name }.text();

    let mut edits = plan.edits.clone();
    match &stage.from.alias {
        Some(alias) => edits.push(Edit::replace(alias.range, name.clone())),
        None => edits.push(Edit::insert(stage.from.image.range.end(), format!(" AS {name}"))),
    }
    let end = end_of_kept(stage, &moved);
    for fact in &moved {
        let lines = with_comments(stage.subject.dockerfile, fact.instruction);
        if lines.start() < end {
            edits.push(Edit::delete(to_delete(stage.subject.source, lines)));
        }
    }
    let tail = TextRange::new(end, stage.subject.source.text().len());
    let kept = stage.subject.source.text().get(..end).unwrap_or_default();
    let ended = if kept.ends_with('\n') { "" } else { newline };
    let appended: Vec<&str> = plan.appended.iter().flat_map(|line| [line.as_str(), newline]).collect();
    let appended = appended.concat();
    edits.push(Edit::replace(tail, format!("{ended}{appended}{newline}{runtime}")));
    let edits = EditSet::try_from(edits).map_err(|_| {
        Abstention::new(stage.at_base(), "what is to be moved lies on lines that are changed as well")
    })?;
    let mut can_differ = plan.can_differ.clone();
    let before = format!("{}:{}", stage.image, stage.tag);
    if plan.base.image != before {
        can_differ.push(format!("the image is `{}` and no longer `{before}`", plan.base.image));
    }
    Ok(Change {
        edits,
        title: format!("build in a stage of its own and run on `{}`", plan.base.image),
        safety: Safety::Unsafe,
        can_differ,
        about: plan.about.clone(),
    })
}

/// What goes from the build stage to the runtime stage: all behind the last build, and what configures the image.
fn moved<'a>(stage: &SingleStage<'a>) -> Vec<Fact<'a>> {
    let configures = |fact: &&Fact<'a>| {
        matches!(
            fact.instruction.body,
            Body::Cmd(_)
                | Body::Entrypoint(_)
                | Body::Expose(_)
                | Body::Healthcheck(_)
                | Body::Stopsignal(_)
                | Body::Volume(_)
                | Body::Label(_)
                | Body::Maintainer(_)
        )
    };
    stage.head().iter().filter(configures).chain(stage.tail()).copied().collect()
}

/// A name that no stage has.
fn build_name(stage: &SingleStage<'_>) -> String {
    let own = stage.from.alias.as_ref().map(|alias| alias.text.to_lowercase());
    let is_free = |name: &str| {
        let mut names = stage.subject.graph.stages.iter().filter_map(|stage| stage.name.as_deref());
        own.as_deref() != Some(name) && !names.any(|other| other == name)
    };
    let known = ["build", "builder", "build-stage", "compile"].into_iter().find(|name| is_free(name));
    known.map_or_else(|| format!("build-{}", stage.subject.target), str::to_owned)
}

/// Where the last thing ends that stays where it is.
fn end_of_kept(stage: &SingleStage<'_>, moved: &[Fact<'_>]) -> usize {
    let gone: Vec<TextRange> =
        moved.iter().map(|fact| with_comments(stage.subject.dockerfile, fact.instruction)).collect();
    let stays = |lines: TextRange| !gone.iter().any(|gone| gone.contains_range(lines));
    let kept = stage
        .subject
        .dockerfile
        .items
        .iter()
        .rev()
        .find(|item| !matches!(item, Item::Blank(_)) && stays(item.lines()));
    kept.map_or(0, |item| item.lines().end())
}

fn runs_without_shell(
    stage: &SingleStage<'_>,
    packages: &[String],
    prepared: &[String],
) -> Result<(), Abstention> {
    let subject = stage.subject;
    if let Some(package) = packages.first() {
        let reason =
            format!("the program needs `{package}`, which distroless images have not and can't install");
        return Err(Abstention::new(stage.at_base(), reason));
    }
    if let Some(command) = prepared.first() {
        let reason = format!("`{command}` would have to run in the runtime stage, where there is no shell");
        return Err(Abstention::new(stage.at_base(), reason));
    }
    if let Some(fact) = stage.tail().iter().find(|fact| is_run(fact)) {
        return Err(Abstention::new(fact.instruction.range, "it would have to run where there is no shell"));
    }
    let end = subject.facts.stages.get(subject.target).map(|stage| stage.end.clone()).unwrap_or_default();
    for index in [end.entrypoint, end.cmd, end.healthcheck].into_iter().flatten() {
        let Some(fact) = subject.facts.get(subject.dockerfile, index) else { continue };
        if fact.facts.script().is_some() {
            return Err(Abstention::new(
                fact.instruction.range,
                "its shell form needs a shell, and there is none",
            ));
        }
    }
    Ok(())
}

/// Whether the image's user is one that the runtime base has or that the runtime stage makes.
fn is_user_there(stage: &SingleStage<'_>, prepared: &[String]) -> Result<(), Abstention> {
    let mut users = stage.facts.iter().filter_map(|fact| match &fact.instruction.body {
        Body::User(user) => Some((fact, user)),
        _ => None,
    });
    let Some((fact, user)) = users.next_back() else { return Ok(()) };
    let name = fact.facts.before.expand(&user.text, '\\').unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default();
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let is_made = prepared.iter().any(|text| text.split_whitespace().any(|word| word == name))
        || stage.tail().iter().filter(|fact| is_run(fact)).any(|fact| {
            stage.subject.text(fact.instruction.range).split_whitespace().any(|word| word == name)
        });
    if is_number || is_made || DEBIAN_USERS.contains(&name) || (stage.image == "node" && name == "node") {
        return Ok(());
    }
    Err(Abstention::new(user.range, format!("what makes the user `{name}` isn't known")))
}

/// The runtime stage as it is written.
struct Runtime<'s, 'a> {
    stage: &'s SingleStage<'a>,
    plan: &'s Plan,
    packages: Vec<String>,
    prepared: Vec<String>,
    moved: &'s [Fact<'a>],
    newline: &'static str,
    build: &'s str,
}

impl Runtime<'_, '_> {
    fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for line in &self.plan.between {
            lines.push(line.clone());
        }
        if !self.plan.between.is_empty() {
            lines.push(String::new());
        }
        lines.push(self.from());
        lines.extend(self.arguments());
        lines.extend(self.installs());
        if !self.prepared.is_empty() {
            lines.push(format!("RUN {}", self.prepared.join(&format!(" \\{}    && ", self.newline))));
        }
        if self.has_workdir() {
            lines.push(format!("WORKDIR {}", self.stage.workdir));
        }
        for fact in self.repeated_environment() {
            lines.push(self.stage.subject.text(fact.instruction.range).to_owned());
        }
        lines.extend(self.plan.closure.iter().map(|line| line.replace("{build}", self.build)));
        for fact in self.stage.head() {
            if self.is_brought_elsewhere(fact) {
                lines.push(self.stage.subject.text(fact.instruction.range).to_owned());
            }
        }
        let mut users =
            self.stage.head().iter().filter(|fact| matches!(fact.instruction.body, Body::User(_)));
        if let Some(user) = users.next_back() {
            lines.push(self.stage.subject.text(user.instruction.range).to_owned());
        }
        let mut text = String::new();
        for line in lines {
            text.push_str(&line);
            text.push_str(self.newline);
        }
        for fact in self.moved {
            text.push_str(&self.moved_text(fact));
        }
        text
    }

    fn from(&self) -> String {
        let platform = self.stage.facts.first().and_then(|from| from.instruction.flag("platform"));
        let platform =
            platform.map(|flag| format!("{} ", self.stage.subject.text(flag.range))).unwrap_or_default();
        let alias = self.stage.from.alias.as_ref();
        let alias = alias.map(|alias| format!(" AS {}", alias.text)).unwrap_or_default();
        format!("FROM {platform}{}{alias}", self.plan.base.image)
    }

    fn installs(&self) -> Option<String> {
        let newline = self.newline;
        (!self.packages.is_empty()).then(|| {
            format!(
                "RUN apt-get update \\{newline}    && apt-get install -y --no-install-recommends {} \\{newline}    && rm -rf /var/lib/apt/lists/*",
                self.packages.join(" ")
            )
        })
    }

    /// An instruction with its comments, or what stands in its place.
    fn moved_text(&self, fact: &Fact<'_>) -> String {
        let subject = self.stage.subject;
        let lines = with_comments(subject.dockerfile, fact.instruction);
        let replaced = self.plan.replaced.iter().find(|(index, _)| *index == fact.index);
        let mut text = match replaced {
            None => subject.text(lines).to_owned(),
            Some((_, new)) => {
                let comments = TextRange::new(lines.start(), fact.instruction.lines.start());
                format!("{}{new}", subject.text(comments))
            }
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str(self.newline);
        }
        text
    }

    /// Whether the image gets a working folder from this stage.
    fn has_workdir(&self) -> bool {
        let set = self.stage.head().iter().any(|fact| matches!(fact.instruction.body, Body::Workdir(_)));
        set || self.stage.image == "golang"
    }

    fn repeated_environment(&self) -> impl Iterator<Item = &Fact<'_>> {
        self.stage.head().iter().filter(|fact| matches!(fact.instruction.body, Body::Env(_)))
    }

    /// The arguments that something in the runtime stage refers to.
    fn arguments(&self) -> Vec<String> {
        let subject = self.stage.subject;
        let mut used: BTreeSet<String> = BTreeSet::new();
        let moved = self.moved.iter().filter(|fact| !is_run(fact));
        for fact in moved.chain(self.repeated_environment()) {
            used.extend(names_behind_dollars(subject.text(fact.instruction.range)));
        }
        let head = self.stage.head().iter();
        let wanted = head.filter(|fact| match &fact.instruction.body {
            Body::Arg(pairs) => pairs.iter().any(|pair| used.contains(&*pair.key.text)),
            _ => false,
        });
        wanted.map(|fact| subject.text(fact.instruction.range).to_owned()).collect()
    }

    /// Whether it copies from the context to where the project is not: what the program finds there, it finds again.
    fn is_brought_elsewhere(&self, fact: &Fact<'_>) -> bool {
        let (Body::Copy(transfer) | Body::Add(transfer)) = &fact.instruction.body else { return false };
        let destination = fact.facts.before.path(&transfer.destination.text, '\\');
        destination.is_some_and(|path| !self.stage.is_inside(&path) && !path.starts_with("/tmp"))
            && fact.instruction.flag("from").is_none()
    }
}

/// The names of variables in a text, `$NAME` and `${NAME…}`.
fn names_behind_dollars(text: &str) -> impl Iterator<Item = String> {
    text.split('$').skip(1).map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    })
}
