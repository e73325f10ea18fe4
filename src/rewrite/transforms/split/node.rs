//! Node: the production dependencies and what was built run on the slim image.

use serde_json::Value;

use crate::dockerfile::{Body, Transfer};
use crate::facts::Fact;
use crate::rewrite::Abstention;
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Command, Word};
use crate::text::{Edit, TextRange};

use super::base::{Flavour, slim_of_language};
use super::node_start::{NodeStart, node_start};
use super::plan::Plan;
use super::program::{read_as_it_runs, start};
use super::stage::{Call, SingleStage, is_run, join};
use super::{Planned, static_site, system};

/// The project as its manifest and the stage have it.
pub(super) struct NodeProject<'s> {
    pub(super) package: Value,
    /// The folder that its dependencies are installed in.
    pub(super) folder: String,
    /// The install.
    pub(super) install: Call<'s>,
    /// Whether something is built behind it.
    pub(super) builds: bool,
}

pub(super) fn plan(stage: &SingleStage<'_>, flavour: Flavour) -> Planned {
    let at = stage.at_base();
    let start = start(stage)?;
    let calls = stage.calls();
    let project = read(stage, &calls)?;
    let folder = project.folder.clone();
    let file = match node_start(&start.words, &project.package) {
        NodeStart::Static(server) => return static_site::plan(stage, &project, &start, &server, flavour),
        NodeStart::Program(file) => file,
        NodeStart::Command(name) if depends_on(&project.package, "devDependencies", &name) => {
            let reason = format!("`{name}`, which is there for development alone, starts the program");
            return Err(Abstention::new(start.range, reason));
        }
        NodeStart::Command(_) | NodeStart::Unknown => {
            return Err(Abstention::new(start.range, "which file node starts isn't known"));
        }
    };
    if flavour == Flavour::Distroless {
        return Err(Abstention::new(
            at,
            "distroless Node images start node by themselves, which other commands don't fit",
        ));
    }
    if stage.image != "node" {
        return Err(Abstention::new(
            at,
            format!("a smaller image with the Node of `{}` isn't known", stage.image),
        ));
    }
    if folder == "/" {
        return Err(Abstention::new(at, "no `WORKDIR` says where the project is"));
    }
    let mut plan = Plan::on(slim_of_language(stage)?);
    plan.packages = system::packages(stage)?;
    if project.builds {
        built(stage, &mut plan, &project, &file)?;
    } else {
        as_it_is(stage, &mut plan, &project)?;
    }
    Ok(plan)
}

fn read<'s>(stage: &SingleStage<'_>, calls: &[Call<'s>]) -> Result<NodeProject<'s>, Abstention> {
    let text = stage.subject.nearest_manifest("package.json");
    let package = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let Some(package) = package else {
        return Err(Abstention::new(
            stage.at_base(),
            "there is no `package.json` in the build context, so what the program needs isn't known",
        ));
    };
    let mut install = None;
    let mut builds = false;
    for call in calls {
        let name = call.command.name();
        let Some(action) = packages::read(call.command) else {
            builds |= matches!(name, Some("npx" | "tsc" | "node" | "make"));
            continue;
        };
        if action.manager.is_system() || action.verb == Verb::Clean {
            continue;
        }
        if action.manager != PackageManager::Npm {
            let reason =
                format!("how `{}` leaves out what development needs is not in the table", action.program);
            return Err(Abstention::new(call.command.range, reason));
        }
        if action.verb == Verb::Install {
            if action.has_flag(&["-g", "--global"]) {
                continue;
            }
            if !action.packages.is_empty() {
                return Err(Abstention::new(
                    call.command.range,
                    "packages are installed that `package.json` may not name",
                ));
            }
            install = Some(call.clone());
        } else {
            builds |= install.is_some();
        }
    }
    let Some(install) = install else {
        return Err(Abstention::new(stage.at_base(), "no dependencies are installed"));
    };
    let Some(folder) = install.folder.clone() else {
        return Err(Abstention::new(install.command.range, "the folder that it installs in isn't known"));
    };
    Ok(NodeProject { package, folder, install, builds })
}

/// Whether the manifest names the package, or one whose command that is.
fn depends_on(package: &Value, group: &str, name: &str) -> bool {
    package.get(group).and_then(Value::as_object).is_some_and(|group| group.contains_key(name))
}

fn has_any(package: &Value, group: &str) -> bool {
    package.get(group).and_then(Value::as_object).is_some_and(|group| !group.is_empty())
}

/// Scripts that npm runs at an install; they may need what development needs.
fn runs_at_install(package: &Value) -> bool {
    ["preinstall", "install", "postinstall", "prepare"]
        .iter()
        .any(|name| package.get("scripts").is_some_and(|scripts| scripts.get(name).is_some()))
}

/// A program that runs from its sources.
fn as_it_is(stage: &SingleStage<'_>, plan: &mut Plan, project: &NodeProject<'_>) -> Result<(), Abstention> {
    let folder = &project.folder;
    if omits_wanted(project) {
        if runs_at_install(&project.package) {
            plan.appended.push("RUN npm prune --omit=dev".to_owned());
        } else {
            plan.edits.push(Edit::insert(end_of_verb(&project.install, stage)?, " --omit=dev"));
        }
        plan.can_differ.push("development dependencies are not in the image".to_owned());
    }
    let sources_first = stage.head().iter().any(|fact| brings_more_than_manifests(stage, fact));
    if sources_first {
        plan.closure.push(format!("COPY --from={{build}} {folder} {folder}"));
        return Ok(());
    }
    if has_any(&project.package, "dependencies") {
        plan.closure.push(format!("COPY --from={{build}} {folder}/node_modules {folder}/node_modules"));
    }
    plan.closure.push(format!("COPY --from={{build}} {folder}/package.json {folder}/package.json"));
    Ok(())
}

/// A program that is built: by TypeScript, say.
fn built(
    stage: &SingleStage<'_>,
    plan: &mut Plan,
    project: &NodeProject<'_>,
    file: &str,
) -> Result<(), Abstention> {
    let (folder, package) = (&project.folder, &project.package);
    if depends_on(package, "dependencies", "@prisma/client") {
        return Err(Abstention::new(
            stage.at_base(),
            "Prisma writes its client among the dependencies as it builds",
        ));
    }
    plan.can_differ.push("development dependencies are not in the image".to_owned());
    let output = file.trim_start_matches("./").split_once('/').map(|(output, _)| output);
    let output = output.filter(|output| !stage.subject.has(output) && !output.is_empty() && *output != "..");
    let is_workspace = package.get("workspaces").is_some();
    let manifests_first = manifests_stage(stage, project);
    match (output, manifests_first) {
        (Some(output), Some(manifests)) if !is_workspace && !runs_at_install(package) => {
            if has_any(package, "dependencies") {
                plan.between = manifests?;
                plan.closure
                    .push(format!("COPY --from=dependencies {folder}/node_modules {folder}/node_modules"));
            }
            plan.closure.push(format!("COPY --from={{build}} {folder}/package.json {folder}/package.json"));
            plan.closure.push(format!("COPY --from={{build}} {folder}/{output} {folder}/{output}"));
            for read in read_as_it_runs(stage) {
                plan.closure.push(format!("COPY --from={{build}} {read} {read}"));
            }
            plan.can_differ.push(format!(
                "of the project, only `{output}`, `package.json` and folders that programs read are in the image"
            ));
        }
        _ => {
            plan.appended.push("RUN npm prune --omit=dev".to_owned());
            plan.closure.push(format!("COPY --from={{build}} {folder} {folder}"));
        }
    }
    Ok(())
}

/// Whether the install takes what development needs as well.
fn omits_wanted(project: &NodeProject<'_>) -> bool {
    let call = project.install.command.effective();
    let says_so = call.has_flag(&["--omit", "--production", "--only"]);
    let set = project.install.fact.facts.before.value("NODE_ENV") == Some("production");
    has_any(&project.package, "devDependencies") && !says_so && !set
}

/// A stage with the production dependencies alone, which needs nothing of the sources; nothing where the manifests
/// don't come first.
fn manifests_stage(
    stage: &SingleStage<'_>,
    project: &NodeProject<'_>,
) -> Option<Result<Vec<String>, Abstention>> {
    let subject = stage.subject;
    let upto = stage.head().iter().take_while(|fact| fact.index <= project.install.fact.index);
    let before: Vec<&Fact<'_>> = upto.collect();
    if before.iter().any(|fact| brings_more_than_manifests(stage, fact))
        || subject.graph.target(Some("dependencies")).is_ok()
    {
        return None;
    }
    let mut lines = Vec::new();
    for fact in before {
        let text = subject.text(fact.instruction.range);
        match &fact.instruction.body {
            Body::From(from) => {
                let end = from.image.range.end() - fact.instruction.range.start();
                lines.push(format!("{} AS dependencies", text.get(..end).unwrap_or(text)));
            }
            Body::Run(_) if fact.index == project.install.fact.index => {
                let at = match end_of_verb(&project.install, stage) {
                    Ok(at) => at - fact.instruction.range.start(),
                    Err(abstention) => return Some(Err(abstention)),
                };
                let (head, tail) = text.split_at_checked(at)?;
                let flag = if omits_wanted(project) { " --omit=dev" } else { "" };
                lines.push(format!("{head}{flag}{tail}"));
            }
            Body::Run(_)
            | Body::Workdir(_)
            | Body::Env(_)
            | Body::Arg(_)
            | Body::Copy(_)
            | Body::Add(_)
            | Body::User(_) => {
                lines.push(text.to_owned());
            }
            _ => {}
        }
    }
    Some(Ok(lines))
}

/// Behind `ci` or `install`, in the file.
fn end_of_verb(call: &Call<'_>, stage: &SingleStage<'_>) -> Result<usize, Abstention> {
    let action = packages::read(call.command);
    let is_read = !stage.subject.text(call.command.range).is_empty() && is_run(&call.fact);
    let verb = action
        .filter(|_| is_read)
        .and_then(|action: Action<'_>| action.subcommand.last().map(|word| word.range));
    verb.map(TextRange::end).ok_or_else(|| {
        Abstention::new(call.command.range, "the install can't be told to leave out what development needs")
    })
}

/// Whether it copies more into the project than manifests.
fn brings_more_than_manifests(stage: &SingleStage<'_>, fact: &Fact<'_>) -> bool {
    let (Body::Copy(transfer) | Body::Add(transfer)) = &fact.instruction.body else { return false };
    let destination = fact.facts.before.path(&transfer.destination.text, '\\');
    destination.is_none_or(|path| stage.is_inside(&path)) && !all_manifests(transfer)
}

fn all_manifests(transfer: &Transfer<'_>) -> bool {
    transfer.sources.iter().all(|source| {
        let word = source.clone().into_word();
        let name = word.text.rsplit('/').next().unwrap_or_default().to_owned();
        matches!(
            name.as_str(),
            "package.json"
                | "package-lock.json"
                | "package*.json"
                | "package-lock*.json"
                | "npm-shrinkwrap.json"
                | ".npmrc"
        )
    })
}

/// Whether a command is `npm run build` or runs one of the scripts that build.
pub(super) fn runs_script(command: &Command, script: &str) -> bool {
    packages::read(command).is_some_and(|action| {
        let words: Vec<&str> = action.call.args().iter().map(Word::shown).collect();
        matches!(words.as_slice(), ["run" | "run-script", name, ..] if *name == script)
    })
}

/// The folder of the project and `path` in it.
pub(super) fn in_project(project: &NodeProject<'_>, path: &str) -> String {
    join(&project.folder, path)
}
