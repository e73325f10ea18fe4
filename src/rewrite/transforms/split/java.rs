//! Java, built by Maven or Gradle: the archive runs on a runtime without a compiler.

use crate::rewrite::Abstention;

use super::base::{Flavour, RuntimeBase};
use super::plan::Plan;
use super::program::{Outputs, start};
use super::stage::{SingleStage, join};
use super::{Planned, program, system};

pub(super) fn plan(stage: &SingleStage<'_>, flavour: Flavour) -> Planned {
    let at = stage.at_base();
    if flavour == Flavour::Distroless {
        return Err(Abstention::new(
            at,
            "distroless Java images start `java -jar` by themselves, which other commands don't fit",
        ));
    }
    let Some(version) = version(stage) else {
        return Err(Abstention::new(at, "which version of Java the base has isn't in its tag"));
    };
    let start = start(stage)?;
    let jar = start.words.iter().skip_while(|word| *word != "-jar").nth(1);
    let Some(jar) = jar.filter(|jar| !jar.contains(['*', '$'])) else {
        return Err(Abstention::new(start.range, "which archive Java starts isn't known"));
    };
    if start.words.first().is_none_or(|name| name.rsplit('/').next() != Some("java")) {
        return Err(Abstention::new(start.range, "what the image starts is not `java`"));
    }
    let outputs = outputs(stage);
    let jar = program::made(&program::end_folder(stage), jar, &outputs)
        .ok_or_else(|| Abstention::new(start.range, format!("where the build makes `{jar}` isn't known")))?;
    let mut plan = Plan::on(RuntimeBase {
        image: format!("eclipse-temurin:{version}-jre"),
        lacks: &[],
        has_shell: true,
    });
    plan.packages = system::packages(stage)?;
    plan.closure.push(format!("COPY --from={{build}} {jar} {jar}"));
    plan.can_differ.push(format!("of what the build makes, only `{jar}` is in the image"));
    Ok(plan)
}

fn outputs(stage: &SingleStage<'_>) -> Outputs {
    let calls = stage.calls();
    let mut outputs = Outputs::default();
    for call in &calls {
        let Some(folder) = &call.folder else { continue };
        match call.command.name() {
            Some("mvn" | "mvnw") => outputs.trees.push(join(folder, "target")),
            Some("gradle" | "gradlew") => outputs.trees.push(join(folder, "build/libs")),
            _ => {}
        }
    }
    program::with_copies(outputs, &calls)
}

/// The version of Java that a tag names: `3.9-eclipse-temurin-21`, `8-jdk21`, `21-jdk-jammy`.
fn version<'a>(stage: &SingleStage<'a>) -> Option<&'a str> {
    let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = stage.tag.split(['-', '.']);
    match stage.image {
        "eclipse-temurin" => parts.next().filter(is_number),
        "gradle" => stage.tag.split('-').find_map(|part| part.strip_prefix("jdk")).filter(is_number),
        "maven" => {
            let behind = stage.tag.split_once("temurin-")?.1;
            behind.split(['-', '.']).next().filter(is_number)
        }
        _ => None,
    }
}
