//! `plimsoll optimize`: diffs that git takes, and variants that are written.

use insta::assert_snapshot;

use crate::scratch::{Outcome, Scratch};

const FILE: &str = "FROM node:22-slim\nCMD node server.js\n";
const FIXED: &str = "FROM node:22-slim\nCMD [\"node\", \"server.js\"]\n";

/// Git takes the diff in `folder`, and applied it gives what `--apply` writes.
fn assert_taken(scratch: &Scratch, folder: &str, outcome: &Outcome, file: &str) {
    let check = scratch.git(folder, &["apply", "--check", "-"], &outcome.bytes);
    assert_eq!(check.code, 0, "{outcome}\n{check}");
    let before = scratch.bytes(file);
    let applied = scratch.git(folder, &["apply", "--whitespace=nowarn", "-"], &outcome.bytes);
    assert_eq!(applied.code, 0, "{applied}");
    let by_git = scratch.bytes(file);
    assert_ne!(by_git, before, "git took the diff and changed nothing");
    std::fs::write(scratch.path(file), &before).unwrap();
    assert_eq!(scratch.run(&["optimize", file, "--apply", "safe"]).code, 0);
    assert_eq!(scratch.bytes(file), by_git);
    std::fs::write(scratch.path(file), before).unwrap();
}

/// A real repository: git goes by its root.
fn repository() -> Scratch {
    let scratch = Scratch::new();
    assert_eq!(scratch.git("", &["init", "-q", "."], b"").code, 0);
    scratch
}

#[test]
fn the_diff_of_a_variant_is_printed_and_nothing_is_written() {
    let scratch = Scratch::of(FILE);
    assert_snapshot!(scratch.run(&["optimize"]));
    assert_eq!(scratch.text("Dockerfile"), FILE);
}

#[test]
fn git_takes_the_diffs_of_files_with_odd_ends_bytes_and_names() {
    for (path, text) in [
        ("Dockerfile", FILE.as_bytes()),
        ("no newline/Dockerfile", b"FROM node:22-slim\nCMD node server.js"),
        ("windows/Dockerfile", b"FROM node:22-slim\r\nWORKDIR /x\r\nCMD node server.js\r\n"),
        ("mixed/Dockerfile", b"FROM node:22-slim\r\nLABEL a=\"x\ry\"\nCMD node server.js\r\n"),
        ("my app/the Dockerfile.dev", FILE.as_bytes()),
        ("größe/Dockerfile", FILE.as_bytes()),
        ("quo\"te\\d/Dockerfile", FILE.as_bytes()),
        ("bytes/Dockerfile", b"FROM node:22-slim\nLABEL a=\"\xff\xfe\"\nCMD node server.js\n"),
        ("marked/Dockerfile", b"\xef\xbb\xbfFROM node:22-slim\nCMD node server.js\n"),
        ("dashes/Dockerfile", b"FROM node:22-slim\n# x\n-- b\nCMD node server.js\n"),
    ] {
        let scratch = repository().file(path, text);
        let outcome = scratch.run(&["optimize", path]);
        if path.starts_with("dashes") {
            assert_eq!(outcome.code, 2, "{outcome}");
            continue;
        }
        assert_taken(&scratch, "", &outcome, path);
    }
}

#[test]
fn git_takes_a_diff_where_it_was_made() {
    let scratch = repository().file("a b/sub/Dockerfile", FILE);
    let outcome = scratch.run_in("a b", &["optimize", "sub/Dockerfile"]);
    assert_taken(&scratch, "a b", &outcome, "a b/sub/Dockerfile");
    let outcome = scratch.run_in("a b/sub", &["optimize"]);
    assert_taken(&scratch, "a b/sub", &outcome, "a b/sub/Dockerfile");
    let outcome = scratch.run_in("a b", &["optimize", "./sub/../sub/Dockerfile"]);
    assert_taken(&scratch, "a b", &outcome, "a b/sub/Dockerfile");
    let absolute = scratch.path("a b/sub/Dockerfile");
    let outcome = scratch.run_in("a b", &["optimize", absolute.to_str().unwrap()]);
    assert_taken(&scratch, "a b", &outcome, "a b/sub/Dockerfile");
}

#[test]
fn a_diff_of_a_file_elsewhere_in_the_repository_is_taken_at_its_root() {
    let scratch = repository().file("a/Dockerfile", FILE).file("b/x", "");
    let outcome = scratch.run_in("b", &["optimize", "../a/Dockerfile"]);
    assert_taken(&scratch, "", &outcome, "a/Dockerfile");
}

#[test]
fn apply_writes_the_variant() {
    let scratch = Scratch::of(FILE);
    assert_snapshot!(scratch.run(&["optimize", "--apply", "safe"]));
    assert_eq!(scratch.text("Dockerfile"), FIXED);
}

#[test]
fn an_unknown_variant_is_refused_with_those_there_are() {
    assert_snapshot!(Scratch::of(FILE).run(&["optimize", "--apply", "fast"]));
    assert_snapshot!(Scratch::of("FROM scratch\n").run(&["optimize", "--apply", "safe"]));
}

#[test]
fn the_output_folder_gets_each_variant_with_its_diff() {
    let scratch = repository().file("app/Dockerfile", FILE);
    let outcome = scratch.run(&["optimize", "app/Dockerfile", "--output-dir", "out/variants"]);
    assert_snapshot!(outcome);
    assert_eq!(scratch.text("out/variants/Dockerfile.safe"), FIXED);
    let diff = scratch.bytes("out/variants/safe.diff");
    assert_eq!(scratch.git("", &["apply", "--check", "-"], &diff).code, 0);
    assert_eq!(scratch.text("app/Dockerfile"), FILE);
}

#[test]
fn a_file_with_nothing_to_rewrite_says_so_and_prints_no_diff() {
    assert_snapshot!(Scratch::of("FROM scratch\n").run(&["optimize"]));
}

#[test]
fn half_a_file_is_not_rewritten() {
    assert_snapshot!(Scratch::of("FROM node\nCOPPY a b\nCMD node x\n").run(&["optimize"]));
    assert_snapshot!(Scratch::new().run(&["optimize"]));
}
