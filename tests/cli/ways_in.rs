//! Standard input under a name, and the Dockerfiles of Compose and Bake files.

use crate::scratch::Scratch;

const FILE: &str = "FROM node AS dev\nCMD npm start\nFROM nginx AS prod\nCMD nginx -g x\n";

#[test]
fn standard_input_can_have_a_name_whose_folder_counts() {
    let scratch = Scratch::new().file("web/plimsoll.toml", "[lint]\nselect = [\"moving-tag\"]\n");
    let found = scratch.feed(
        &["lint", "-", "--stdin-filename", "web/Dockerfile", "--format", "json"],
        b"FROM node\nCMD a b\n",
    );
    assert_eq!(
        (found.files(), found.rules()),
        (vec!["web/Dockerfile".to_owned()], vec!["moving-tag".to_owned()])
    );
    assert_eq!(scratch.run(&["lint", "--stdin-filename", "x"]).code, 2);
}

#[test]
fn a_compose_file_names_dockerfiles_targets_and_arguments() {
    let scratch = Scratch::new()
        .file("web/Dockerfile", "ARG TAG\nFROM node:${TAG}\nFROM nginx:1.29 AS later\n")
        .file(
            "compose.yaml",
            "services:\n  web:\n    build:\n      context: web\n      args: {TAG: latest}\n  \
             inline:\n    build:\n      dockerfile_inline: |\n        FROM busybox\n  db:\n    image: postgres\n",
        );
    let found = scratch.run(&["lint", "compose.yaml", "--format", "json", "--select", "moving-tag"]);
    assert_eq!(found.files(), ["compose.yaml#inline", "web/Dockerfile"]);
    let found = found.json();
    let messages: Vec<&str> = found["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[1].contains("node:latest"), "{messages:?}");
}

#[test]
fn the_target_says_what_is_shipped() {
    let scratch = |target: &str| {
        Scratch::of(FILE).file(
            "docker-compose.yml",
            format!("services:\n  a:\n    build: {{context: ., target: {target}}}\n"),
        )
    };
    let places = |target: &str| {
        let found =
            scratch(target).run(&["lint", "docker-compose.yml", "--format", "json", "--select", "root-user"]);
        let found = found.json();
        let all = found["diagnostics"].as_array().unwrap().iter();
        all.map(|found| found["start"]["line"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((places("dev"), places("prod")), (vec![2], vec![4]));
}

#[test]
fn builds_of_one_dockerfile_are_reported_together_and_fixed_once() {
    let scratch = Scratch::of(FILE).file(
        "docker-bake.hcl",
        "target \"dev\" {\n  target = \"dev\"\n}\ntarget \"prod\" {\n  target = \"prod\"\n}\n",
    );
    let found =
        scratch.run(&["lint", "docker-bake.hcl", "--format", "json", "--select", "root-user,moving-tag"]);
    assert_eq!(found.files(), ["Dockerfile"]);
    assert_eq!(found.rules(), ["moving-tag", "root-user", "moving-tag", "root-user"]);
    let fixed = scratch.run(&["lint", "docker-bake.hcl", "--unsafe-fixes", "--select", "shell-form-command"]);
    assert!(fixed.stderr.contains("fixes applied"), "{fixed}");
    assert!(
        scratch.text("Dockerfile").contains("CMD [\"npm\", \"start\"]"),
        "{}",
        scratch.text("Dockerfile")
    );
}

#[test]
fn a_name_that_stands_for_a_context_is_no_image() {
    let scratch = Scratch::of("FROM base\n")
        .file("docker-bake.json", r#"{"target": {"a": {"contexts": {"base": "../base"}}}}"#);
    let found = scratch.run(&["lint", "docker-bake.json", "--format", "json", "--select", "moving-tag"]);
    assert_eq!(found.rules(), [] as [&str; 0]);
}

#[test]
fn what_a_project_file_cannot_say_is_told_and_the_rest_is_linted() {
    let scratch = Scratch::of("FROM node\n").file(
        "compose.yaml",
        "services:\n  here:\n    build: .\n  gone:\n    build: ./gone\n  far:\n    build: https://example.com/x.git\n",
    );
    let found = scratch.run(&["lint", "compose.yaml", "--format", "json", "--select", "moving-tag"]);
    assert_eq!((found.code, found.rules()), (2, vec!["moving-tag".to_owned()]));
    assert!(found.stderr.contains("far is not linted"), "{found}");
    assert!(found.stderr.contains("gone"), "{found}");
    let broken = Scratch::new().file("compose.yaml", "services: [\n").run(&["lint", "compose.yaml"]);
    assert_eq!(broken.code, 2);
    assert!(broken.stderr.contains("compose.yaml:"), "{broken}");
}

#[test]
fn the_context_is_the_folder_that_has_what_the_file_takes() {
    let dockerfile = "FROM node:22.1.0\nWORKDIR /app\nCOPY ui/package.json .\nRUN npm install\n";
    let scratch = |folder: &str| {
        Scratch::new()
            .file("ui/docker/Dockerfile", dockerfile)
            .file(&format!("{folder}ui/package.json"), "{}")
            .file(&format!("{folder}ui/package-lock.json"), "{}")
    };
    let lint = ["lint", "ui/docker/Dockerfile", "--format", "json", "--select", "lock-file-not-copied"];
    for folder in ["", "ui/", "ui/docker/"] {
        assert_eq!(scratch(folder).run(&lint).rules(), ["lock-file-not-copied"], "context `{folder}`");
    }
    assert!(scratch("elsewhere/").run(&lint).rules().is_empty());
}
