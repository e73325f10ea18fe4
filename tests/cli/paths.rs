//! Which files are linted, and that one which can't be doesn't stop the others.

use std::io::Read as _;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::scratch::Scratch;

const FILE: &str = "FROM node\n";

fn tag(scratch: &Scratch, paths: &[&str]) -> crate::scratch::Outcome {
    scratch.run(&[&["lint", "--select", "moving-tag,syntax-error", "--format", "json"], paths].concat())
}

#[test]
fn a_folder_is_searched_for_the_names_of_dockerfiles() {
    let mut scratch = Scratch::new();
    for name in [
        "Dockerfile",
        "Dockerfile.dev",
        "api.Dockerfile",
        "api.dockerfile",
        "Containerfile",
        "sub/deep/Containerfile.ci",
        ".devcontainer/Dockerfile",
        "README.md",
        "Dockerfile.dockerignore",
        "dockerfiles/notes.txt",
    ] {
        scratch = scratch.file(name, FILE);
    }
    assert_eq!(
        tag(&scratch, &[]).files(),
        [
            ".devcontainer/Dockerfile",
            "Containerfile",
            "Dockerfile",
            "Dockerfile.dev",
            "api.Dockerfile",
            "api.dockerfile",
            "sub/deep/Containerfile.ci"
        ]
    );
}

#[test]
fn what_git_ignores_is_not_searched_but_a_file_named_outright_is_taken() {
    let scratch = Scratch::of(FILE)
        .file(".gitignore", "vendor/\n")
        .file("vendor/Dockerfile", FILE)
        .file("odd.txt", FILE);
    assert_eq!(tag(&scratch, &[]).files(), ["Dockerfile"]);
    assert_eq!(tag(&scratch, &["vendor/Dockerfile", "odd.txt"]).files(), ["vendor/Dockerfile", "odd.txt"]);
}

#[test]
fn files_and_folders_go_together_and_none_is_taken_twice() {
    let scratch = Scratch::of(FILE).file("b/Dockerfile", FILE).file("a/Dockerfile", FILE);
    let found = tag(&scratch, &["b", "Dockerfile", "a/Dockerfile", "a", "b/Dockerfile"]);
    assert_eq!(found.files(), ["b/Dockerfile", "Dockerfile", "a/Dockerfile"]);
    assert_eq!(found.rules().len(), 3);
}

#[test]
fn a_folder_without_dockerfiles_is_wrong_usage() {
    let scratch = Scratch::new().file("empty/README.md", "").file("bare/x", "");
    assert_snapshot!(scratch.run(&["lint", "empty"]));
    assert_eq!(scratch.run(&["lint", "empty", "bare"]).code, 2);
    assert_eq!(scratch.run(&["lint"]).code, 2);
}

#[test]
fn a_missing_path_is_told_and_the_others_are_linted() {
    let scratch = Scratch::of(FILE);
    assert_snapshot!(scratch.run(&["lint", "--select", "moving-tag", "nowhere/Dockerfile", "."]));
    assert_eq!(scratch.run(&["lint", "nowhere"]).code, 2);
}

#[cfg(unix)]
#[test]
fn a_file_or_folder_that_cannot_be_read_is_told_and_the_others_are_linted() {
    let scratch = Scratch::of(FILE).file("closed/Dockerfile", FILE).file("locked/Dockerfile", FILE);
    scratch.allow("closed/Dockerfile", 0o000);
    scratch.allow("locked", 0o000);
    let outcome = scratch.run_unprivileged(&["lint", "--select", "moving-tag"]);
    scratch.allow("locked", 0o755);
    assert_snapshot!(outcome);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_told_and_the_others_are_fixed() {
    let fixable = "FROM node:22\nCMD node server.js\n";
    let scratch = Scratch::new().file("a/Dockerfile", fixable).file("b/Dockerfile", fixable);
    scratch.allow("a/Dockerfile", 0o444);
    scratch.allow("b/Dockerfile", 0o666);
    let outcome = scratch.run_unprivileged(&["lint", "--select", "shell-form-command", "--fix"]);
    assert_eq!(scratch.text("a/Dockerfile"), fixable);
    assert_eq!(scratch.text("b/Dockerfile"), "FROM node:22\nCMD [\"node\", \"server.js\"]\n");
    assert_snapshot!(outcome);
}

#[test]
fn one_file_that_does_not_parse_leaves_the_others_linted() {
    let scratch =
        Scratch::of(FILE).file("broken/Dockerfile", "FROM scratch\nCOPPY a b\n").file("z/Dockerfile", FILE);
    let outcome = tag(&scratch, &[]);
    assert_eq!(outcome.code, 2);
    assert_eq!(outcome.rules(), ["moving-tag", "syntax-error", "moving-tag"]);
}

#[test]
fn standard_input_is_a_file_without_a_folder() {
    let scratch = Scratch::new();
    let outcome = scratch.feed(&["lint", "--select", "moving-tag", "-"], FILE.as_bytes());
    assert_snapshot!(outcome);
    assert_snapshot!(scratch.run(&["lint", "-", "Dockerfile"]));
}

#[test]
fn odd_bytes_are_linted_like_any_other() {
    for text in [
        &b""[..],
        b"\n\n",
        b"\xff\xfe\x00",
        b"FROM node\nRUN \xf0\x9f\n",
        b"\xef\xbb\xbfFROM node\r\n",
        b"FROM node\rRUN x",
        b"FROM node\n\0\n",
        b"FROM",
        b"RUN <<",
        b"\\",
        b"FROM a\nRUN a \\",
    ] {
        for format in ["human", "json", "sarif", "github"] {
            let outcome = Scratch::of(text).run(&["lint", "--profile", "all", "--format", format]);
            assert!((0..=2).contains(&outcome.code), "{text:?}: {outcome}");
            assert_eq!(outcome.stderr, "", "{text:?}");
        }
        Scratch::of(text).run(&["lint", "--unsafe-fixes"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut scratch = Scratch::new();
    for n in 0..300 {
        scratch = scratch.file(&format!("{n}/Dockerfile"), FILE);
    }
    let mut child = scratch
        .command(&["lint", "--select", "moving-tag"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_file_of_a_quarter_of_a_megabyte_is_linted_whatever_its_shape() {
    let step = format!("COPY a.txt b.txt /app/\nRUN make part{}\n", " && echo done > /app/log".repeat(40));
    let many = format!("FROM node:22\n{}", step.repeat(240));
    let body = "COPY --from=a /x /y\n".repeat(25);
    let stages = format!("FROM node\n{body}CMD node server.js\n").repeat(500);
    let long = format!("FROM node:22\nRUN true {}\n", "&& echo x ".repeat(25_000));
    let chain = format!("FROM node:22\nRUN true{}\n", " \\\n && echo x".repeat(19_000));
    let heredoc = format!("FROM node:22\nRUN <<EOF\n{}EOF\n", "echo x\n".repeat(35_000));
    for (name, text) in [
        ("instructions", many),
        ("stages", stages),
        ("one line", long),
        ("one chain", chain),
        ("heredoc", heredoc),
    ] {
        let scratch = Scratch::of(&text);
        let outcome = scratch.run(&["lint"]);
        // The build refuses the long line: 2.
        assert!((0..=2).contains(&outcome.code), "{name}: {outcome}");
    }
}
