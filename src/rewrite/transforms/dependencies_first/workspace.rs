//! A workspace of npm: the manifests of all its packages before their sources.

use serde_json::Value;

use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::lint::{Safety, project_install, to_delete, with_comments};
use crate::rewrite::{Abstention, Change, Manifests, Outcome, Subject};
use crate::shell::packages::PackageManager;
use crate::text::{Edit, EditSet};

use super::{WholeCopy, is_cached, newline, whole_copies};

pub(super) fn attempt(subject: &Subject<'_>) -> Outcome {
    let root = subject.manifest("package.json").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let Some(root) = root.filter(|root| root.get("workspaces").is_some()) else {
        return Outcome::NothingToDo;
    };
    for copy in whole_copies(subject) {
        let Some(run) = copy.behind.iter().find(|fact| installs(fact)) else { continue };
        return prepare(subject, &copy, run, &root).map_or_else(Outcome::Abstains, Outcome::Rewrites);
    }
    Outcome::NothingToDo
}

/// Whether it is a `RUN` of npm's install and nothing else.
fn installs(fact: &Fact<'_>) -> bool {
    let commands = fact.facts.commands();
    let [only] = commands.as_slice() else { return false };
    matches!(fact.instruction.body, Body::Run(_))
        && !is_cached(fact)
        && only.top_level
        && project_install(only.command).is_some_and(|action| action.manager == PackageManager::Npm)
}

fn prepare(
    subject: &Subject<'_>,
    copy: &WholeCopy<'_>,
    run: &Fact<'_>,
    root: &Value,
) -> Result<Change, Abstention> {
    let no = |reason: String| Err(Abstention::new(run.instruction.range, reason));
    let is_next = copy.behind.first().is_some_and(|fact| fact.index == run.index);
    if !is_next {
        return no("something stands between the copy and the install".to_owned());
    }
    if !subject.has("package-lock.json") {
        return no(
            "there is no `package-lock.json`, and without it an install reads what it likes".to_owned()
        );
    }
    let manifests: Vec<(&str, &str)> = subject
        .project
        .manifests
        .into_iter()
        .flat_map(Manifests::all)
        .filter(|(path, _)| path.ends_with("/package.json"))
        .collect();
    let parsed = manifests.iter().map(|(path, text)| (*path, serde_json::from_str::<Value>(text).ok()));
    for (path, package) in parsed.chain([("package.json", Some(root.clone()))]) {
        let Some(package) = package else { return no(format!("`{path}` can't be read")) };
        let scripts = ["preinstall", "install", "postinstall", "prepare"];
        let script = scripts
            .iter()
            .find(|name| package.get("scripts").is_some_and(|scripts| scripts.get(**name).is_some()));
        if let Some(script) = script {
            return no(format!("`{path}` has a script `{script}`, which may read the sources"));
        }
        if package.get("bin").is_some() && path != "package.json" {
            return no(format!("`{path}` has commands, which the install links to sources"));
        }
    }
    let newline = newline(subject);
    let settings = if subject.has(".npmrc") { " .npmrc" } else { "" };
    let mut text = format!("COPY package.json package-lock.json{settings} ./{newline}");
    for (path, _) in &manifests {
        let folder = path.trim_end_matches("package.json");
        for part in ["COPY ", path, " ", folder, newline] {
            text.push_str(part);
        }
    }
    let lines = with_comments(subject.dockerfile, run.instruction);
    text.push_str(subject.text(lines));
    if !text.ends_with('\n') {
        text.push_str(newline);
    }
    let place = with_comments(subject.dockerfile, copy.fact.instruction).start();
    let edits = vec![Edit::insert(place, text), Edit::delete(to_delete(subject.source, lines))];
    Ok(Change {
        edits: EditSet::try_from(edits).unwrap_or_default(),
        title: "install from the manifests of all packages before the sources are copied".to_owned(),
        safety: Safety::Unsafe,
        can_differ: vec!["the install sees the manifests and no sources".to_owned()],
        about: Vec::new(),
    })
}
