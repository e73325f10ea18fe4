//! Rust, built by Cargo: the program alone runs.

use crate::rewrite::Abstention;
use crate::shell::packages::{self, PackageManager};

use super::base::{Flavour, for_program, is_full};
use super::libraries::of_crates;
use super::plan::Plan;
use super::program::{Outputs, start, with_copies, with_program};
use super::stage::{SingleStage, join};
use super::{Planned, system};

pub(super) fn plan(stage: &SingleStage<'_>, flavour: Flavour) -> Planned {
    let base = for_program(stage, flavour)?;
    let start = start(stage)?;
    let mut plan = Plan::on(base);
    plan.packages = system::packages(stage)?;
    // Only the full image has headers that nobody asked for.
    if is_full(stage) || !plan.packages.is_empty() {
        let Some(lock) = stage.subject.nearest_manifest("Cargo.lock") else {
            return Err(Abstention::new(
                stage.at_base(),
                "there is no `Cargo.lock` in the build context, so which libraries the program links isn't known",
            ));
        };
        let libraries = of_crates(lock).map_err(|name| {
            Abstention::new(
                stage.at_base(),
                format!("which library the crate `{name}` links is not in the table"),
            )
        })?;
        plan.packages.extend(libraries);
    }
    with_program(stage, plan, &start, &outputs(stage))
}

fn outputs(stage: &SingleStage<'_>) -> Outputs {
    let calls = stage.calls();
    let mut outputs = Outputs { searched: vec!["/usr/local/cargo/bin".to_owned()], ..Outputs::default() };
    for call in &calls {
        let Some(action) = packages::read(call.command) else { continue };
        if action.manager != PackageManager::Cargo {
            continue;
        }
        let Some(folder) = &call.folder else { continue };
        let value = |names: &[&str]| action.call.flag_values(names).first().copied();
        match action.subcommand.first().map(|word| word.shown()) {
            Some("build" | "b") => {
                let target = value(&["--target-dir"])
                    .or_else(|| call.fact.facts.before.value("CARGO_TARGET_DIR"))
                    .map_or_else(|| join(folder, "target"), |target| join(folder, target));
                let triple = value(&["--target"]).map(|triple| format!("/{triple}")).unwrap_or_default();
                let is_release = action.has_flag(&["--release", "-r"]);
                let profile = value(&["--profile"]).unwrap_or(if is_release { "release" } else { "debug" });
                let profile = if profile == "dev" { "debug" } else { profile };
                outputs.folders.push(format!("{target}{triple}/{profile}"));
            }
            Some("install") => {
                let root = value(&["--root"]).map(|root| join(folder, root));
                outputs
                    .folders
                    .push(root.map_or("/usr/local/cargo/bin".to_owned(), |root| join(&root, "bin")));
            }
            _ => {}
        }
    }
    with_copies(outputs, &calls)
}
