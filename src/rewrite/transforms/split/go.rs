//! Go: the program alone runs.

use crate::shell::packages::{self, PackageManager};

use super::base::{Flavour, for_program};
use super::plan::Plan;
use super::program::{Outputs, start, with_copies, with_program};
use super::stage::{SingleStage, join};
use super::{Planned, system};

pub(super) fn plan(stage: &SingleStage<'_>, flavour: Flavour) -> Planned {
    let base = for_program(stage, flavour)?;
    let start = start(stage)?;
    let mut plan = Plan::on(base);
    plan.packages = system::packages(stage)?;
    with_program(stage, plan, &start, &outputs(stage))
}

fn outputs(stage: &SingleStage<'_>) -> Outputs {
    let calls = stage.calls();
    let mut outputs = Outputs { searched: vec!["/go/bin".to_owned()], ..Outputs::default() };
    for call in &calls {
        let Some(action) = packages::read(call.command) else { continue };
        if action.manager != PackageManager::Go {
            continue;
        }
        let Some(folder) = &call.folder else { continue };
        match action.subcommand.first().map(|word| word.shown()) {
            Some("build") => match action.call.flag_values(&["-o"]).first() {
                Some(output) if output.ends_with('/') => outputs.folders.push(join(folder, output)),
                Some(output) => {
                    // Where a folder is there, the program goes into it.
                    outputs.files.push(join(folder, output));
                    outputs.folders.push(join(folder, output));
                }
                None => outputs.folders.push(folder.clone()),
            },
            Some("install") => outputs.folders.push("/go/bin".to_owned()),
            _ => {}
        }
    }
    with_copies(outputs, &calls)
}
