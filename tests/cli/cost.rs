//! What findings cost, and how that is known.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::scratch::{Outcome, Scratch};

const LISTS: &str =
    "FROM debian:13\nRUN apt-get update && apt-get install -y --no-install-recommends curl\nCMD [\"curl\"]\n";

/// The impacts of the findings, in their order.
fn impacts(outcome: &Outcome) -> Vec<Value> {
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let findings = report["diagnostics"].as_array().unwrap();
    findings.iter().map(|found| found["impact"].clone()).collect()
}

fn lint(scratch: &Scratch, select: &str) -> Vec<Value> {
    impacts(&scratch.run(&["lint", "--format", "json", "--select", select]))
}

/// A run of the Dockerfile here, whose layers are these: the line, the instruction, the bytes compressed and not.
fn with_run(scratch: Scratch, layers: &[(usize, &str, u64, u64)]) -> Scratch {
    let layers: Vec<Value> = layers
        .iter()
        .map(|(line, instruction, compressed, uncompressed)| {
            json!({"digest": "sha256:0", "compressed": compressed, "uncompressed": uncompressed,
                "line": line, "instruction": instruction})
        })
        .collect();
    let result = json!({
        "version": 1, "id": "20261103-142233-0a1b", "started": "2026-11-03T14:22:33Z", "took": 1.0,
        "interrupted": false, "dockerfile": "Dockerfile", "seed": 1, "blocks": 1, "objective": "serve.cold",
        "kind": "emulated",
        "engine": {"version": "28.5.1", "api": "1.51", "store": "overlay2", "os": "linux", "arch": "amd64",
            "cpus": 2, "memory": 1},
        "regions": [], "summaries": [], "ranking": [], "assumptions": [],
        "variants": [{"name": "original", "status": "ok", "reason": null, "log": [], "dockerfile": "Dockerfile",
            "target": null, "diff": "",
            "image": {"digest": "sha256:0", "compressed": 1, "uncompressed": 1, "layers": layers}}],
    });
    scratch.file(".plimsoll/runs/20261103-142233-0a1b/result.json", result.to_string())
}

#[test]
fn what_is_only_wrong_costs_nothing() {
    let scratch = Scratch::of("FROM alpine:3.22\nMAINTAINER me\nCMD ls -l\n");
    assert_eq!(lint(&scratch, "maintainer-instruction,shell-form-command"), [Value::Null, Value::Null]);
}

#[test]
fn a_figure_from_a_table_names_it() {
    let [lists] = &lint(&Scratch::of(LISTS), "package-lists-left")[..] else { panic!("one finding") };
    assert_eq!(lists["bytes"], 20_900_000);
    assert_eq!(lists["pull"], 1.304);
    assert_eq!(lists["seconds"], 1.304);
    assert_eq!(lists["rebuild"], Value::Null);
    assert_eq!(lists["precision"], "about");
    assert_eq!(
        lists["basis"],
        "the lists of Debian 13; measured in November 2026, main; pulled at 100 Mbit/s"
    );
}

#[test]
fn lists_are_those_of_the_release_as_far_as_its_name_tells() {
    let bytes = |base: &str| {
        lint(&Scratch::of(LISTS.replace("debian:13", base)), "package-lists-left")[0]["bytes"].clone()
    };
    assert_eq!(bytes("python:3.13-slim-bookworm"), 19_900_000);
    assert_eq!(bytes("ubuntu:24.04"), 39_800_000);
    assert_eq!(bytes("registry.example.net/base"), 20_900_000);
}

#[test]
fn packages_that_the_base_brings_cost_nothing_more() {
    let of = |base: &str, packages: &str| {
        let text = format!("FROM {base}\nRUN apt-get install -y {packages}\nCMD [\"app\"]\n");
        lint(&Scratch::of(text), "recommended-packages")[0].clone()
    };
    let slim = of("debian:13-slim", "python3-pip");
    assert!(slim["bytes"].as_u64().unwrap() > 300_000_000, "{slim}");
    assert_eq!(slim["precision"], "about");
    let full = of("node:22", "python3-pip");
    assert!(full["bytes"].as_u64().unwrap() < slim["bytes"].as_u64().unwrap() / 2, "{full}");
    assert_eq!(of("node:22", "curl git"), Value::Null);
    assert_eq!(of("debian:13-slim", "nobody-knows-this"), Value::Null);
    // What else is in an unknown base, it may have as well.
    assert_eq!(of("registry.example.net/base", "python3-pip")["precision"], "at-most");
}

#[test]
fn files_of_the_context_count_as_they_are() {
    let scratch = Scratch::of("FROM node:22-slim\nCOPY . /app\nCMD [\"node\", \"/app/a.js\"]\n")
        .file("node_modules/a/index.js", vec![b'x'; 2_000_000]);
    let [context] = &lint(&scratch, "missing-dockerignore")[..] else { panic!("one finding") };
    assert_eq!(context["bytes"], 2_000_000);
    assert_eq!(context["precision"], "exact");
    assert_eq!(context["pull"], 0.04);
    assert_eq!(context["rebuild"], 0.047);
}

#[test]
fn files_of_a_stage_that_is_not_shipped_cost_only_its_rebuild() {
    let scratch = Scratch::of(
        "FROM node:22 AS build\nCOPY . /app\nFROM nginx:1.29\nCOPY --from=build /app/dist /srv\n",
    )
    .file("node_modules/a/index.js", vec![b'x'; 2_000_000]);
    let [context] = &lint(&scratch, "missing-dockerignore")[..] else { panic!("one finding") };
    assert_eq!([&context["bytes"], &context["pull"]], [&Value::Null, &Value::Null]);
    assert_eq!(context["rebuild"], 0.047);
}

#[test]
fn an_install_that_runs_again_costs_what_it_takes() {
    let text = "FROM node:22-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"a.js\"]\n";
    let lock = |bytes| Scratch::of(text).file("package-lock.json", vec![b' '; bytes]);
    let known = &lint(&lock(48_000), "sources-before-dependencies")[0];
    assert_eq!(known["rebuild"], 4.4, "{known}");
    assert_eq!(known["bytes"], Value::Null);
    assert_eq!(lint(&Scratch::of(text), "sources-before-dependencies"), [Value::Null], "no lock, no figure");
}

#[test]
fn of_several_lock_files_the_one_of_the_working_directory_counts() {
    let text = "FROM node:22-slim\nCOPY . /app\nWORKDIR /app/web\nRUN npm ci\nCMD [\"node\", \"a.js\"]\n";
    let scratch = Scratch::of(text)
        .file("api/package-lock.json", vec![b' '; 480_000])
        .file("web/package-lock.json", vec![b' '; 48_000]);
    let known = &lint(&scratch, "sources-before-dependencies")[0];
    assert_eq!(known["basis"], "some 100 npm packages by the size of `web/package-lock.json`");
}

#[test]
fn what_nobody_would_notice_is_no_figure() {
    let scratch = Scratch::of("FROM node:22-slim\nCOPY . /app\nCMD [\"node\", \"/app/a.js\"]\n")
        .file("coverage/a", "xx");
    let [context] = &lint(&scratch, "missing-dockerignore")[..] else { panic!("one finding") };
    assert_eq!(context["bytes"], 2);
    assert_eq!(context["seconds"], Value::Null);
}

#[test]
fn a_measured_layer_stands_over_the_estimate() {
    let text = "FROM node:22-slim\nCOPY dist /app\nRUN chown -R node /app\nCMD [\"node\", \"/app/a.js\"]\n";
    let scratch = || Scratch::of(text).file("dist/a.js", "x");
    let chown = (3, "RUN chown -R node /app", 25_000_000, 80_000_000);
    let [measured] = &lint(&with_run(scratch(), &[chown]), "recursive-ownership-layer")[..] else {
        panic!("one finding")
    };
    assert_eq!([&measured["bytes"], &measured["pull"]], [&json!(80_000_000), &json!(2.0)]);
    assert_eq!(measured["precision"], "exact");
    assert_eq!(
        measured["basis"],
        "this layer, as run 20261103-142233-0a1b measured it; pulled at 100 Mbit/s"
    );
    // The file has changed since then.
    let other = (3, "RUN chown -R node:node /app", 25_000_000, 80_000_000);
    assert_eq!(lint(&with_run(scratch(), &[other]), "recursive-ownership-layer")[0]["bytes"], 1);
}

#[test]
fn a_layer_that_is_wasted_in_part_is_a_bound_and_sorts_behind_what_is_known() {
    let text =
        "FROM node:22-slim\nRUN npm ci\nRUN apt-get update && apt-get install -y curl\nCMD [\"node\"]\n";
    let run = (2, "RUN npm ci", 90_000_000, 300_000_000);
    let scratch = with_run(Scratch::of(text).file("package.json", "{}"), &[run]);
    let select = "dev-dependencies-shipped,package-lists-left";
    let outcome = scratch.run(&["lint", "--format", "json", "--select", select, "--sort", "impact"]);
    assert_eq!(outcome.rules(), ["package-lists-left", "dev-dependencies-shipped"]);
    let bound = &impacts(&outcome)[1];
    assert_eq!(bound["precision"], "at-most");
    assert_eq!(bound["bytes"], 300_000_000);
}

#[test]
fn the_layer_of_a_run_of_another_dockerfile_is_not_taken() {
    let scratch = with_run(Scratch::of(LISTS), &[(2, LISTS.lines().nth(1).unwrap(), 1_000, 2_000)]);
    let bytes = |scratch: &Scratch, path| {
        impacts(&scratch.run(&["lint", path, "--format", "json", "--select", "package-lists-left"]))[0]["bytes"].clone()
    };
    let scratch = scratch.file("other/Dockerfile", LISTS);
    assert_eq!(bytes(&scratch, "Dockerfile"), 2_000, "lists are no larger than their layer");
    assert_eq!(bytes(&scratch, "other/Dockerfile"), 20_900_000);
}

#[test]
fn a_run_that_cannot_be_read_is_told_and_silences_nothing() {
    let scratch = Scratch::of(LISTS).file(".plimsoll/runs/1/result.json", "{}");
    let outcome = scratch.run(&["lint", "--select", "package-lists-left"]);
    assert!(outcome.stderr.contains("is no result of a run"), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("about 21 MB in the image"), "{}", outcome.stdout);
}

#[test]
fn what_all_findings_cost_together_is_said_at_the_end() {
    let text = "FROM node:22\nWORKDIR /app\nRUN apt-get update && apt-get install -y python3-pip\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\"]\n";
    let scratch = Scratch::of(text)
        .file("package.json", "{}")
        .file("package-lock.json", vec![b' '; 96_000])
        .file("node_modules/a/index.js", vec![b'x'; 3_000_000]);
    let select = "package-lists-left,recommended-packages,missing-dockerignore,sources-before-dependencies,\
        package-manager-entrypoint,dev-dependencies-shipped";
    assert_snapshot!(scratch.run(&["lint", "--select", select, "--sort", "impact"]));
}

#[test]
fn formats_with_one_text_and_sarif_tell_it_too() {
    let scratch = Scratch::of(LISTS);
    for format in ["github", "gitlab", "checkstyle", "junit", "markdown"] {
        let outcome = scratch.run(&["lint", "--select", "package-lists-left", "--format", format]);
        assert!(
            outcome.stdout.contains("about 21 MB in the image, 1.3 s a pull"),
            "{format}: {}",
            outcome.stdout
        );
    }
    let outcome = scratch.run(&["lint", "--select", "package-lists-left", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["properties"]["impact"]["bytes"], 20_900_000);
}
