//! Cargo: the dependencies are built with an empty program in place of the real one.

use toml::{Table, Value};

use crate::dockerfile::Body;
use crate::facts::Fact;
use crate::lint::{Safety, with_comments};
use crate::rewrite::{Abstention, Change, Outcome, Subject};
use crate::shell::packages::{self, Action, PackageManager};
use crate::text::{Edit, EditSet};

use super::{WholeCopy, is_cached, newline, whole_copies};

/// Options of `cargo build` that mean the same for an empty program.
const PLAIN: [&str; 5] = ["--release", "-r", "--locked", "--frozen", "--offline"];

pub(super) fn attempt(subject: &Subject<'_>) -> Outcome {
    for copy in whole_copies(subject) {
        let built = copy.behind.iter().find_map(|fact| Some((fact, build(fact)?)));
        let Some((run, build)) = built else { continue };
        let outcome = prepare(subject, &copy, run, &build);
        return outcome.map_or_else(Outcome::Abstains, Outcome::Rewrites);
    }
    Outcome::NothingToDo
}

/// The words of a `cargo build` behind the program's name.
fn build(fact: &Fact<'_>) -> Option<Vec<String>> {
    if !matches!(fact.instruction.body, Body::Run(_)) || is_cached(fact) {
        return None;
    }
    let commands = fact.facts.commands();
    let is_build = |action: &Action<'_>| {
        action.manager == PackageManager::Cargo
            && action.subcommand.first().is_some_and(|word| word.is("build"))
    };
    let action = commands.iter().find_map(|one| packages::read(one.command).filter(is_build))?;
    Some(action.call.args().iter().map(|word| word.shown().to_owned()).collect())
}

fn prepare(
    subject: &Subject<'_>,
    copy: &WholeCopy<'_>,
    run: &Fact<'_>,
    build: &[String],
) -> Result<Change, Abstention> {
    let at = run.instruction.range;
    let no = |reason: &str| Err(Abstention::new(at, reason));
    if run.facts.before.workdir.known() != Some(copy.folder.as_str()) {
        return no("the program isn't built where its sources are copied to");
    }
    let options: Vec<&str> = build.iter().map(String::as_str).filter(|word| *word != "build").collect();
    if let Some(option) = options.iter().find(|option| !PLAIN.contains(option)) {
        return no(&format!("whether `{option}` fits an empty program isn't known"));
    }
    let (Some(manifest), Some(_)) = (subject.manifest("Cargo.toml"), subject.manifest("Cargo.lock")) else {
        return no("there is no `Cargo.toml` with a `Cargo.lock` at the root of the build context");
    };
    let Ok(manifest) = manifest.parse::<Table>() else { return no("`Cargo.toml` can't be read") };
    let Some(name) = package(&manifest).filter(|_| subject.has("src/main.rs")) else {
        return no("`Cargo.toml` is not that of one program");
    };
    if let Some(what) = what_reads_sources(subject, &manifest) {
        return no(&format!("{what}, so the manifests alone don't build"));
    }
    let newline = newline(subject);
    let extra = ["rust-toolchain", "rust-toolchain.toml"].into_iter().filter(|name| subject.has(name));
    let manifests: Vec<&str> = ["Cargo.toml", "Cargo.lock"].into_iter().chain(extra).collect();
    let library = if subject.has("src/lib.rs") { " && touch src/lib.rs" } else { "" };
    let profile = if options.contains(&"--release") || options.contains(&"-r") { " --release" } else { "" };
    let options: Vec<&str> = options.iter().flat_map(|option| [" ", option]).collect();
    let options = options.concat();
    let text = format!(
        "COPY {} ./{newline}\
         RUN mkdir src && echo 'fn main() {{}}' > src/main.rs{library} \\{newline}\
         \x20   && cargo build{options} \\{newline}\
         \x20   && cargo clean{profile} --package {name} \\{newline}\
         \x20   && rm -r src{newline}",
        manifests.join(" ")
    );
    let place = with_comments(subject.dockerfile, copy.fact.instruction).start();
    Ok(Change {
        edits: EditSet::try_from(vec![Edit::insert(place, text)]).unwrap_or_default(),
        title: "build the dependencies before the sources are copied".to_owned(),
        safety: Safety::Unsafe,
        can_differ: vec!["a build script of a dependency doesn't see the sources".to_owned()],
        about: Vec::new(),
    })
}

fn package(manifest: &Table) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}

/// What makes Cargo read more of the project than its manifest and the program's first file.
fn what_reads_sources(subject: &Subject<'_>, manifest: &Table) -> Option<&'static str> {
    let is_workspace = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("members"))
        .and_then(Value::as_array)
        .is_some_and(|members| !members.is_empty());
    let named = ["bin", "bench", "example", "test"].iter().any(|kind| manifest.contains_key(*kind));
    let library = manifest
        .get("lib")
        .is_some_and(|library| library.get("path").is_some() || library.get("proc-macro").is_some());
    let groups = ["dependencies", "dev-dependencies", "build-dependencies", "patch", "target"];
    let by_path = groups.iter().filter_map(|group| manifest.get(*group)).any(has_path);
    if is_workspace {
        Some("the project is a workspace")
    } else if subject.has("build.rs")
        || manifest.get("package").is_some_and(|package| package.get("build").is_some())
    {
        Some("the project has a build script")
    } else if named || library {
        Some("`Cargo.toml` names files of the sources")
    } else if by_path {
        Some("a dependency lies in the project")
    } else if subject.has(".cargo") {
        Some("the project has settings for Cargo")
    } else {
        None
    }
}

/// Whether a table has a key `path` at any depth.
fn has_path(value: &Value) -> bool {
    match value {
        Value::Table(table) => table.contains_key("path") || table.values().any(has_path),
        Value::Array(values) => values.iter().any(has_path),
        _ => false,
    }
}
