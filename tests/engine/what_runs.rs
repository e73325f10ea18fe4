//! What `plimsoll graph` says that a target needs is what BuildKit runs for it, instruction by instruction.

use std::path::Path;
use std::process::Command;

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;

use crate::steps::{Project, fixtures, name_of, named, vertices};

/// How many fixtures are built at once.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn a_target_runs_the_instructions_that_the_graph_says_it_needs_and_no_others() {
    let fixtures = fixtures();
    let held = fixtures.iter().map(|(name, text)| hold(name, text));
    let held: Vec<Option<Vec<String>>> = stream::iter(held).buffered(AT_ONCE).collect().await;
    let files = held.iter().flatten().count();
    let skipped: Vec<&str> = fixtures
        .iter()
        .zip(&held)
        .filter(|(_, held)| held.is_none())
        .map(|((name, _), _)| name.as_str())
        .collect();
    eprintln!("{files} Dockerfiles, three targets each; this engine's frontend can't read {skipped:?}");
    assert!(files >= 12, "only {files} Dockerfiles");
    let wrong: Vec<String> = held.into_iter().flatten().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Builds the fixture's three targets; what differs of them, or nothing where the engine's frontend is too old for it.
async fn hold(name: &str, text: &str) -> Option<Vec<String>> {
    let said = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
    let project = Project::new(text).await;
    if said("# needs: heredocs").is_some() && project.engine_age() < 23 {
        return None;
    }
    for path in ["a.txt", "b.txt", "dir/c.txt", "dir/deep/d.txt"] {
        project.file(path, path);
    }
    std::fs::write(project.path("pack.tar"), archive(project.scene.run.as_str())).unwrap();
    let dockerfile = project.scene.folder.path().join("Dockerfile");
    std::fs::write(&dockerfile, &project.dockerfile).unwrap();
    let targets: Vec<&str> = said("# targets: ").unwrap().split_whitespace().collect();
    assert_eq!(targets.len(), 3, "{name}");
    let mut wrong = Vec::new();
    for target in targets {
        let expected = said_to_run(&dockerfile, target);
        let ran = project.build(Some(target)).await.map(|steps| vertices(steps.iter()));
        if ran.as_ref() != Ok(&expected) {
            wrong.push(format!("{name}, {target}\n  said {expected:?}\n  ran  {ran:?}"));
        }
    }
    Some(wrong)
}

/// What the test reads of the JSON that `plimsoll graph` prints.
#[derive(Deserialize)]
struct Graph {
    stages: Vec<Stage>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Stage {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Step {
    stage: usize,
    instruction: String,
}

/// The instructions that `plimsoll graph --target` says are needed, called as BuildKit calls them.
fn said_to_run(dockerfile: &Path, target: &str) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    let output = command.arg("graph").arg(dockerfile).args(["--format", "json", "--target", target]).output();
    let graph: Graph = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let names = graph.steps.chunk_by(|step, next| step.stage == next.stage).flat_map(|steps| {
        steps.iter().zip(1..).map(|(step, number)| {
            let stage = graph.stages.get(step.stage).unwrap();
            let mut words = step.instruction.split_whitespace();
            let keyword = words.find(|word| !word.eq_ignore_ascii_case("onbuild")).unwrap();
            name_of(stage.name.as_deref(), step.stage, number, keyword)
        })
    });
    named(names)
}

fn archive(text: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "packed.txt", text.as_bytes()).unwrap();
    archive.into_inner().unwrap()
}
