//! Transforms over real Dockerfiles, and what `optimize` says of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use insta::assert_snapshot;
use plimsoll::context::{BuildContext, Entry, Kind, Listing};
use plimsoll::engine::BuildArgs;
use plimsoll::rewrite::{Manifests, Project, TRANSFORMS, attempt};
use plimsoll::text::SourceFile;
use rayon::prelude::*;

use crate::scratch::{Scratch, shared};

const RUST: &str =
    "FROM rust:1\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\nCMD [\"./target/release/app\"]\n";

/// A project in which every ecosystem finds its manifests, so that no transform abstains for the want of them.
fn any_project() -> (BuildContext, Manifests) {
    let package = r#"{"scripts": {"start": "node dist/index.js", "build": "tsc"}, "dependencies": {"a": "1"}, "devDependencies": {"b": "1"}}"#;
    let files = [
        ("package.json", package),
        ("package-lock.json", "{}"),
        ("requirements.txt", "psycopg2\n"),
        ("Cargo.toml", "[package]\nname = \"app\"\n"),
        ("Cargo.lock", "name = \"openssl-sys\"\n"),
        ("CMakeLists.txt", "add_executable(app main.cpp)\n"),
    ];
    let entry = |(path, _): &(&str, &str)| Entry {
        path: (*path).to_owned(),
        size: plimsoll::bytes::Bytes(100),
        kind: Kind::File,
    };
    let listing = Listing { entries: files.iter().map(entry).collect(), ..Listing::default() };
    let manifests = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    (BuildContext { ignore: None, listing }, manifests)
}

#[test]
fn transforms_of_real_files_lose_nothing_and_a_second_time_change_nothing() {
    let Some(shared) = shared() else {
        eprintln!("skipped: no corpus at PLIMSOLL_SHARED or ../shared");
        return;
    };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(shared.join("corpus/files")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let is_whole = std::env::var_os("PLIMSOLL_LAWS").is_some_and(|wanted| wanted == "all");
    let paths: Vec<PathBuf> = paths.into_iter().step_by(if is_whole { 1 } else { 8 }).collect();
    let (context, manifests) = any_project();
    let project = Project { context: Some(&context), manifests: Some(&manifests) };
    let (done, abstained) =
        (Mutex::new(BTreeMap::<_, usize>::new()), Mutex::new(BTreeMap::<_, usize>::new()));
    let broken: Vec<String> = paths
        .par_iter()
        .flat_map_iter(|path| {
            let source = SourceFile::new(path.display().to_string(), std::fs::read(path).unwrap());
            let mut broken = Vec::new();
            for transform in TRANSFORMS {
                let again =
                    |source: &SourceFile| attempt(transform, source, project, None, &BuildArgs::default());
                match again(&source) {
                    Ok(None) => {}
                    Ok(Some(changed)) => {
                        *done.lock().unwrap().entry(transform.name).or_default() += 1;
                        if !matches!(again(&changed.source), Ok(None)) {
                            broken.push(format!(
                                "{}: {} is not idempotent\n{}",
                                path.display(),
                                transform.name,
                                changed.source.text()
                            ));
                        }
                    }
                    // What is kept is checked by the transform itself: here it shall not be what stops it.
                    Err(abstention) if abstention.reason.contains("would not keep") => {
                        broken.push(format!("{}: {}: {}", path.display(), transform.name, abstention.reason));
                    }
                    Err(abstention) => {
                        let reason = abstention.reason.split('`').step_by(2).collect::<Vec<_>>().join("…");
                        *abstained.lock().unwrap().entry((transform.name, reason)).or_default() += 1;
                    }
                }
            }
            broken
        })
        .collect();
    eprintln!("{:?}", done.lock().unwrap());
    for ((transform, reason), count) in abstained.lock().unwrap().iter() {
        eprintln!("{count:5} {transform}: {reason}");
    }
    assert!(
        done.lock().unwrap().contains_key("split"),
        "the corpus has stages to split: {:?}",
        done.lock().unwrap()
    );
    assert!(broken.is_empty(), "{} of {} files:\n{}", broken.len(), paths.len(), broken.join("\n\n"));
}

#[test]
fn what_stands_in_the_way_of_a_transform_is_said_and_the_others_are_shown() {
    let scratch = Scratch::of(RUST);
    assert_snapshot!(scratch.run(&["optimize"]));
    let scratch = Scratch::of(RUST)
        .file("Cargo.lock", "")
        .file("Cargo.toml", "[package]\nname = \"app\"\n")
        .file("src/main.rs", "fn main() {}\n");
    assert_snapshot!(scratch.run(&["optimize", "--format", "markdown"]));
    let json = scratch.run(&["optimize", "--format", "json"]).json();
    let names: Vec<&str> = json["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["split", "distroless", "dependencies-first", "cache-mounts"]);
}

#[test]
fn each_rewrite_by_itself_is_a_variant_where_that_is_asked_for() {
    let scratch =
        Scratch::of("FROM node:22-slim\nRUN apt update && apt-get install -y curl\nCMD node server.js\n");
    let json = scratch.run(&["optimize", "--ablate", "--format", "json"]).json();
    let names: Vec<&str> = json["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"only-shell-form-command"), "{names:?}");
}

#[test]
fn a_file_with_changes_that_git_does_not_have_is_written_only_when_told() {
    let scratch = Scratch::new();
    assert_eq!(scratch.git("", &["init", "-q", "."], b"").code, 0);
    let scratch = scratch.file("Dockerfile", "FROM node:22-slim\nCMD node server.js\n");
    assert_eq!(scratch.git("", &["add", "Dockerfile"], b"").code, 0);
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"];
    assert_eq!(scratch.git("", &identity, b"").code, 0);
    let changed = "FROM node:22-slim\nCMD node other.js\n";
    let scratch = scratch.file("Dockerfile", changed);
    assert_snapshot!(scratch.run(&["optimize", "--apply", "safe"]));
    assert_eq!(scratch.text("Dockerfile"), changed);
    assert_eq!(scratch.run(&["optimize", "--apply", "safe", "--allow-dirty"]).code, 0);
    assert_ne!(scratch.text("Dockerfile"), changed);
}
