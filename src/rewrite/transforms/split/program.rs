//! The program that the image starts, and where the build has put it.

use crate::context::Kind;
use crate::dockerfile::{Body, Source};
use crate::facts::Run;
use crate::rewrite::{Abstention, Subject};
use crate::text::TextRange;

use super::plan::Plan;
use super::stage::{Call, SingleStage, is_within, join};

/// The words that a container starts with, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) words: Vec<String>,
    pub(super) range: TextRange,
    /// Whether a shell reads them.
    pub(super) by_shell: bool,
}

/// Programs and folders with programs that the build makes. All absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outputs {
    pub(super) files: Vec<String>,
    pub(super) folders: Vec<String>,
    /// Folders with programs at any depth.
    pub(super) trees: Vec<String>,
    /// Folders that the base has in its search path and the runtime base has not.
    pub(super) searched: Vec<String>,
}

/// What the image starts.
pub(super) fn start(stage: &SingleStage<'_>) -> Result<Start, Abstention> {
    let subject = stage.subject;
    let end = subject.facts.stages.get(subject.target).map(|stage| stage.end.clone()).unwrap_or_default();
    let at = |index: Option<usize>| index.and_then(|index| subject.facts.get(subject.dockerfile, index));
    let mut start: Option<Start> = None;
    for fact in [at(end.entrypoint), at(end.cmd)].into_iter().flatten() {
        let range = fact.instruction.range;
        let unread = || Abstention::new(range, "what the image starts can't be read");
        let (command, by_shell) = match &fact.facts.run {
            Run::Exec(command) => (command, false),
            Run::Script(script) => match script.list.as_slice() {
                [only] if script.understood && !only.background => (only.command().ok_or_else(unread)?, true),
                _ => return Err(unread()),
            },
            Run::Nothing | Run::Foreign => return Err(unread()),
        };
        // An `ENTRYPOINT` in the shell's form takes no arguments from `CMD`.
        if start.as_ref().is_some_and(|start| start.by_shell) {
            break;
        }
        let words = command.words.iter().map(|word| word.shown().to_owned());
        match &mut start {
            Some(start) if matches!(fact.instruction.body, Body::Cmd(_)) => {
                start.words.extend(words);
                start.by_shell |= by_shell;
            }
            _ => start = Some(Start { words: words.collect(), range, by_shell }),
        }
    }
    start.filter(|start| !start.words.is_empty()).ok_or_else(|| {
        Abstention::new(
            stage.at_base(),
            "nothing says what the image starts: there is no `CMD` and no `ENTRYPOINT`",
        )
    })
}

/// Where the started program lies, as an absolute path, if the build has made it.
fn program(stage: &SingleStage<'_>, start: &Start, outputs: &Outputs) -> Result<String, Abstention> {
    let name = start.words.first().map(String::as_str).unwrap_or_default();
    let path = if name.contains('/') {
        made(&end_folder(stage), name, outputs)
    } else {
        let system = ["/usr/local/bin", "/usr/bin", "/bin"];
        let mut folders = outputs.searched.iter().map(String::as_str).chain(system);
        folders.find_map(|folder| made(folder, name, outputs))
    };
    path.ok_or_else(|| Abstention::new(start.range, format!("where the build makes `{name}` isn't known")))
}

/// `path` as seen from `folder`, if the build makes something there.
pub(super) fn made(folder: &str, path: &str, outputs: &Outputs) -> Option<String> {
    let path = join(folder, path);
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| if parent.is_empty() { "/" } else { parent });
    let is_made = outputs.files.contains(&path)
        || outputs.folders.iter().any(|known| known == parent)
        || outputs.trees.iter().any(|tree| is_within(&path, tree));
    is_made.then_some(path)
}

/// The plan of a program that needs nothing of its project but itself and the folders that programs read as they run.
pub(super) fn with_program(
    stage: &SingleStage<'_>,
    mut plan: Plan,
    start: &Start,
    outputs: &Outputs,
) -> Result<Plan, Abstention> {
    let path = program(stage, start, outputs)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_searched =
        outputs.searched.iter().any(|folder| *folder == path.trim_end_matches(name).trim_end_matches('/'));
    let to = if is_searched { format!("/usr/local/bin/{name}") } else { path.clone() };
    plan.closure.push(format!("COPY --from={{build}} {path} {to}"));
    let mut kept = vec![format!("`{to}`")];
    for folder in read_as_it_runs(stage) {
        plan.closure.push(format!("COPY --from={{build}} {folder} {folder}"));
        kept.push(format!("`{folder}`"));
    }
    plan.can_differ.push(format!("of the project, only {} is in the image", kept.join(", ")));
    Ok(plan)
}

/// Folders that programs read as they run, by the names that they have everywhere.
const READ: [&str; 9] =
    ["assets", "config", "locales", "migrations", "public", "resources", "static", "templates", "views"];

/// Such folders of the project, where the build context has them and the stage brings them.
pub(super) fn read_as_it_runs(stage: &SingleStage<'_>) -> Vec<String> {
    let subject = stage.subject;
    let mut found = Vec::new();
    for fact in stage.head() {
        let (Body::Copy(transfer) | Body::Add(transfer)) = &fact.instruction.body else { continue };
        let Some(destination) = fact.facts.before.path(&transfer.destination.text, '\\') else { continue };
        for source in &transfer.sources {
            let Source::Path(word) = source else { continue };
            let source = word.text.trim_start_matches("./").trim_matches('/');
            if matches!(source, "" | ".") {
                let there = READ.iter().filter(|name| is_folder(subject, name));
                found.extend(there.map(|name| join(&destination, name)));
            } else if READ.contains(&source) && is_folder(subject, source) && stage.is_inside(&destination) {
                found.push(destination.clone());
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn is_folder(subject: &Subject<'_>, path: &str) -> bool {
    let entry = subject.listing().and_then(|listing| listing.get(path));
    entry.is_some_and(|entry| entry.kind == Kind::Directory)
}

/// The working folder of the image.
pub(super) fn end_folder(stage: &SingleStage<'_>) -> String {
    let end = stage.subject.facts.stages.get(stage.subject.target).map(|stage| stage.end.clone());
    end.and_then(|end| end.workdir.known().map(str::to_owned)).unwrap_or_else(|| stage.workdir.clone())
}

/// What `cp` and `mv` make of programs that the build made before.
pub(super) fn with_copies(mut outputs: Outputs, calls: &[Call<'_>]) -> Outputs {
    for call in calls {
        if !matches!(call.command.name(), Some("cp" | "mv")) {
            continue;
        }
        let Some(folder) = &call.folder else { continue };
        let paths: Vec<&str> = call
            .command
            .args()
            .iter()
            .filter_map(|word| word.value.as_deref())
            .filter(|word| !word.starts_with('-'))
            .collect();
        let [from, to] = paths.as_slice() else { continue };
        let source = join(folder, from);
        let parent = source.rsplit_once('/').map(|(parent, _)| parent.to_owned()).unwrap_or_default();
        let is_made = outputs.files.contains(&source)
            || outputs.folders.contains(&parent)
            || outputs.trees.iter().any(|tree| is_within(&source, tree));
        if !is_made {
            continue;
        }
        let target = join(folder, to);
        let name = source.rsplit('/').next().unwrap_or_default();
        outputs.files.push(join(&target, name));
        outputs.files.push(target);
    }
    outputs
}
