//! C and C++, built by CMake: the program alone runs.

use crate::rewrite::Abstention;
use crate::shell::Command;

use super::base::{Flavour, for_program};
use super::plan::Plan;
use super::program::{Outputs, start, with_copies, with_program};
use super::stage::{SingleStage, join};
use super::{Planned, system};

pub(super) fn plan(stage: &SingleStage<'_>, flavour: Flavour) -> Planned {
    let base = for_program(stage, flavour)?;
    let start = start(stage)?;
    let Some(lists) = stage.subject.nearest_manifest("CMakeLists.txt") else {
        return Err(Abstention::new(
            stage.at_base(),
            "there is no `CMakeLists.txt` in the build context, so whether the program needs libraries of its own isn't known",
        ));
    };
    if lists.contains("SHARED") || lists.contains("MODULE") {
        return Err(Abstention::new(
            stage.at_base(),
            "the project builds shared libraries, which the program may need",
        ));
    }
    let mut plan = Plan::on(base);
    plan.packages = system::packages(stage)?;
    with_program(stage, plan, &start, &outputs(stage))
}

fn outputs(stage: &SingleStage<'_>) -> Outputs {
    let calls = stage.calls();
    let mut outputs = Outputs::default();
    for call in &calls {
        let Some(folder) = &call.folder else { continue };
        match call.command.name() {
            Some("cmake") => {
                if let Some(built) = build_folder(call.command) {
                    outputs.trees.push(join(folder, built));
                } else {
                    outputs.trees.push(folder.clone());
                }
                if call.command.effective().has_flag(&["--install"]) {
                    let prefix = call.command.effective().flag_values(&["--prefix"]).first().copied();
                    outputs.folders.push(join(prefix.unwrap_or("/usr/local"), "bin"));
                }
            }
            Some("make" | "ninja") if call.command.args().iter().any(|word| word.is("install")) => {
                outputs.folders.push("/usr/local/bin".to_owned());
            }
            _ => {}
        }
    }
    with_copies(outputs, &calls)
}

/// The folder that `cmake` builds in, where it names one.
fn build_folder(command: &Command) -> Option<&str> {
    let call = command.effective();
    let named = call.flag_values(&["-B", "--build", "--install"]).first().copied();
    named.or_else(|| {
        call.args().iter().find_map(|word| word.shown().strip_prefix("-B")).filter(|path| !path.is_empty())
    })
}
