//! Python with pip: a virtual environment is built, and runs on the slim image.

use crate::dockerfile::Body;
use crate::lint::with_comments;
use crate::rewrite::{Abstention, Manifests};
use crate::shell::packages::{self, PackageManager, Verb};
use crate::text::Edit;

use super::base::{Flavour, is_full, slim_of_language};
use super::libraries::of_requirements;
use super::plan::Plan;
use super::program::{end_folder, start};
use super::stage::{Call, SingleStage, join};
use super::{Planned, system};

/// Where the environment is made, if the file makes none.
const ENVIRONMENT: &str = "/opt/venv";

pub(super) fn plan(stage: &SingleStage<'_>, flavour: Flavour) -> Planned {
    let at = stage.at_base();
    if stage.image != "python" {
        return Err(Abstention::new(
            at,
            format!("a smaller image with the Python of `{}` isn't known", stage.image),
        ));
    }
    if flavour == Flavour::Distroless {
        return Err(Abstention::new(
            at,
            "distroless Python images have one version of Python each, seldom this one",
        ));
    }
    let base = slim_of_language(stage)?;
    let start = start(stage)?;
    let program = start.words.first().map(String::as_str).unwrap_or_default();
    if program.starts_with("/usr/local/bin/") && !program.starts_with("/usr/local/bin/python") {
        return Err(Abstention::new(start.range, format!("`{program}` will lie in the virtual environment")));
    }
    let calls = stage.calls();
    let Some(first) = calls.iter().find(|call| is_install(call)) else {
        return Err(Abstention::new(at, "nothing is installed with pip, so there is nothing to split"));
    };
    installs_into_environment(&calls)?;

    let mut plan = Plan::on(base);
    let made = calls.iter().find_map(environment);
    let environment = made.clone().unwrap_or_else(|| ENVIRONMENT.to_owned());
    if made.is_none() {
        if first.fact.facts.before.user.known().is_some_and(|user| user != "root" && user != "0") {
            return Err(Abstention::new(
                first.command.range,
                "pip runs as a user that may not make the virtual environment",
            ));
        }
        let newline = if stage.subject.source.text().contains("\r\n") { "\r\n" } else { "\n" };
        let path = format!("ENV PATH={ENVIRONMENT}/bin:$PATH");
        let place = with_comments(stage.subject.dockerfile, first.fact.instruction).start();
        plan.edits
            .push(Edit::insert(place, format!("RUN python -m venv {ENVIRONMENT}{newline}{path}{newline}")));
        plan.closure.push(path);
    }
    plan.closure.push(format!("COPY --from={{build}} {environment} {environment}"));
    let folder = end_folder(stage);
    if has_sources(stage) {
        if folder == "/" {
            return Err(Abstention::new(at, "no `WORKDIR` says where the project is"));
        }
        plan.closure.push(format!("COPY --from={{build}} {folder} {folder}"));
    }
    plan.packages = system::packages(stage)?;
    if is_full(stage) {
        let manifests = stage.subject.project.manifests.into_iter().flat_map(Manifests::all);
        let requirements = manifests.filter(|(path, _)| is_requirements(path));
        plan.packages.extend(requirements.flat_map(|(_, text)| of_requirements(text)));
    }
    plan.can_differ.push(format!("the packages lie in `{environment}` and not in the system's own folder"));
    if is_full(stage) {
        plan.can_differ.push(
            "libraries of the full image are gone, which packages can load by name as they run".to_owned(),
        );
    }
    Ok(plan)
}

/// The environment that the file makes itself.
fn environment(call: &Call<'_>) -> Option<String> {
    let words: Vec<&str> = call.command.words.iter().filter_map(|word| word.value.as_deref()).collect();
    let at = words.windows(2).position(|pair| pair == ["-m", "venv"])?;
    let path = words.get(at + 2..)?.iter().find(|word| !word.starts_with('-'))?;
    Some(join(call.folder.as_deref()?, path))
}

fn is_install(call: &Call<'_>) -> bool {
    packages::read(call.command)
        .is_some_and(|action| action.manager == PackageManager::Pip && action.verb == Verb::Install)
}

/// Whether all that is installed goes where `pip` is.
fn installs_into_environment(calls: &[Call<'_>]) -> Result<(), Abstention> {
    for call in calls {
        let Some(action) = packages::read(call.command) else { continue };
        if action.manager.is_system() {
            continue;
        }
        if action.manager != PackageManager::Pip || action.program == "uv" {
            let reason = format!("where `{}` installs to depends on its settings", action.program);
            return Err(Abstention::new(call.command.range, reason));
        }
        if action.has_flag(&["--user", "--target", "-t", "--prefix", "--root"]) {
            return Err(Abstention::new(call.command.range, "pip is told to install elsewhere"));
        }
    }
    Ok(())
}

/// Whether the build stage brings more of the project than what says its dependencies.
fn has_sources(stage: &SingleStage<'_>) -> bool {
    stage.head().iter().any(|fact| {
        let (Body::Copy(transfer) | Body::Add(transfer)) = &fact.instruction.body else { return false };
        let destination = fact.facts.before.path(&transfer.destination.text, '\\');
        let is_inside = destination.is_none_or(|path| stage.is_inside(&path));
        is_inside
            && !transfer.sources.iter().all(|source| {
                let word = source.clone().into_word();
                let name = word.text.rsplit('/').next().unwrap_or_default().to_owned();
                is_requirements(&name)
                    || matches!(name.as_str(), "pyproject.toml" | "setup.py" | "setup.cfg" | "poetry.lock")
            })
    })
}

/// Whether a file lists packages, by its name.
fn is_requirements(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "txt" | "in")))
}
