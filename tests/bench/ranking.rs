//! Runs that go well.

use std::fs;

use plimsoll::engine::{BuildArgs, BuildRequest, ContextFile, Endpoint, Engine, Environment};

use super::project::{FAST, Project, SERVER, count, result, samples};
use super::traces::{assert_nothing_left, block_on};

/// Two RUN instructions that a rewrite can join, and so a second variant.
const REWRITABLE: &str = r#"FROM scratch
COPY busybox /bin/busybox
COPY busybox /bin/sh
RUN ["/bin/busybox", "mkdir", "/www"]
EXPOSE 8080
USER 1000
ENTRYPOINT /bin/busybox httpd -f -p 8080 -h /www
"#;

#[test]
fn a_folder_with_nothing_but_a_dockerfile_is_ranked_in_three_regions() {
    let project = Project::new(REWRITABLE);
    let ended = project.run(&["bench", "--blocks", "1", "--seed", "7"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    ended.says(&["near", "continental", "far", "Assumed", "no regions are configured", "EXPOSE", "Seed 7"]);
    let folder = project.run_folder();
    let result = result(&folder);
    let names = |list: &str| -> Vec<String> {
        result[list].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("regions"), ["near", "continental", "far"]);
    let variants = names("variants");
    assert_eq!(variants[0], "original");
    assert_eq!(result["ranking"].as_array().unwrap().len(), variants.len());
    assert_nothing_left(&project);

    // The form that other programs read.
    assert_eq!((&result["version"], &result["seed"]), (&1.into(), &7.into()));
    for (list, keys) in [
        ("regions", &["name", "role", "kind"][..]),
        ("variants", &["name", "status", "dockerfile", "diff", "image"]),
        ("summaries", &["variant", "region", "quantity", "n", "median", "low", "high", "unit"]),
        ("ranking", &["rank", "variant", "objective", "median", "low", "high"]),
    ] {
        for entry in result[list].as_array().unwrap() {
            assert!(keys.iter().all(|key| entry.get(key).is_some()), "{list}: {entry:#}");
        }
    }
    for layer in result["variants"][0]["image"]["layers"].as_array().unwrap() {
        assert!(
            layer["digest"].as_str().unwrap().starts_with("sha256:") && layer["line"].is_u64(),
            "{layer:#}"
        );
    }
    let samples = samples(&folder);
    for sample in &samples {
        let keys: Vec<&str> = sample.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["variant", "region", "quantity", "block", "value", "unit", "kind"]);
    }
    for quantity in ["pull.cold", "start.create", "start.run", "start.ready", "serve.cold"] {
        assert_eq!(count(&samples, quantity), 3 * variants.len(), "{quantity}");
    }
    for quantity in ["size.compressed", "size.uncompressed", "layers"] {
        assert_eq!(count(&samples, quantity), variants.len(), "{quantity}");
    }

    // The run again, in every format.
    let text = project.run(&["report"]);
    assert_eq!((text.code, &text.output), (Some(0), &ended.output));
    let json = project.run(&["report", &project.run_id(), "--format", "json"]);
    assert_eq!(json.output, fs::read_to_string(folder.join("result.json")).unwrap());
    let markdown = project.run(&["report", folder.to_str().unwrap(), "--format", "markdown"]);
    assert_eq!(markdown.code, Some(0));
    markdown.says(&["| ", "original", "continental"]);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let project = Project::new(SERVER);
    let mut command = project.command(&["bench", "--dry-run"]);
    let ended = super::project::Ended::of(command.env("DOCKER_HOST", "unix:///nowhere/docker.sock"));
    assert_eq!((ended.code, ended.notes.as_str()), (Some(0), ""), "{ended:#?}");
    ended.says(&["original", "near", "continental", "far", "7 blocks", "takes about"]);
    assert!(!project.path(".plimsoll").exists());
}

#[test]
fn a_job_that_exposes_no_port_is_ready_when_it_has_ended_well() {
    let project = Project::new("FROM scratch\nCOPY busybox /bin/true\nCMD [\"/bin/true\"]\n")
        .file("plimsoll.toml", FAST);
    let ended = project.run(&["bench", "--blocks", "1"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    ended.says(&["exits with code 0", "1 variant of Dockerfile in 1 region"]);
    assert_nothing_left(&project);
}

#[test]
fn a_run_goes_to_the_folder_that_is_named_and_json_is_all_there_is_on_standard_output() {
    let project = Project::new(SERVER).file("plimsoll.toml", FAST);
    let ended = project.run(&["bench", "--blocks", "1", "--format", "json", "--run-dir", "elsewhere"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(ended.output, fs::read_to_string(project.path("elsewhere/result.json")).unwrap());
    assert!(project.runs().is_empty());
    let again = project.run(&["bench", "--blocks", "1", "--run-dir", "elsewhere"]);
    assert_eq!(again.code, Some(2));
    again.says(&["`elsewhere` is not empty"]);
}

#[test]
fn images_and_the_build_cache_are_after_a_run_what_they_were_before() {
    // A layer of chance: only the cache can give it twice.
    let word = format!("{:x}", std::process::id());
    let dockerfile = format!(
        "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"dd\", \"if=/dev/urandom\", \"of=/{word}\", \
         \"bs=16\", \"count=1\"]\nCMD [\"/bin/busybox\", \"true\"]\n"
    );
    let project = Project::new(&dockerfile).file("plimsoll.toml", FAST);
    let endpoint = Endpoint::discover(&Environment::of_process()).unwrap();
    let engine = block_on(Engine::connect(&endpoint)).unwrap();
    let tag = format!("plimsoll-test-kept:{word}");
    let request = BuildRequest {
        dockerfile: dockerfile.into_bytes(),
        files: vec![ContextFile { path: "busybox".into(), source: project.path("busybox") }],
        context: Some(project.path("")),
        tag: Some(tag.clone()),
        build_args: BuildArgs::default(),
        ..BuildRequest::default()
    };
    block_on(engine.build(&request, |_| {})).unwrap();
    let before = block_on(engine.inspect(&tag)).unwrap();

    let ended = project.run(&["bench", "--blocks", "1"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let during = result(&project.run_folder());
    let after = block_on(engine.inspect(&tag)).unwrap();
    assert_eq!(after, before);
    block_on(engine.build(&request, |_| {})).unwrap();
    let rebuilt = block_on(engine.inspect(&tag)).unwrap();
    block_on(engine.remove_image(&tag)).unwrap();
    assert_eq!(rebuilt.diff_ids, before.diff_ids, "the cache had it no more");
    assert_eq!(during["variants"][0]["image"]["layers"].as_array().unwrap().len(), before.diff_ids.len());
    assert_nothing_left(&project);
}
