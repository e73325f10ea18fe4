//! Fixes as they are asked for: `--fix`, `--unsafe-fixes` and `--diff`, on files and on standard input.

use insta::assert_snapshot;
use plimsoll::lint::page::{ExampleKind, examples};
use plimsoll::lint::{Safety, catalogue};

use crate::scratch::Scratch;

const FILE: &str = "FROM node\nCMD node server.js\n";
const FIXED: &str = "FROM node\nCMD [\"node\", \"server.js\"]\n";
const RULES: &str = "moving-tag,shell-form-command";

#[test]
fn fix_writes_the_file_and_shows_what_is_left() {
    let scratch = Scratch::of(FILE);
    assert_snapshot!(scratch.run(&["lint", "--select", RULES, "--fix"]));
    assert_eq!(scratch.text("Dockerfile"), FIXED);
    let again = scratch.run(&["lint", "--select", RULES, "--fix"]);
    assert_eq!((again.code, again.stderr.as_str()), (1, ""));
    assert_eq!(scratch.text("Dockerfile"), FIXED);
}

#[test]
fn a_file_that_needs_no_fix_is_not_written() {
    let scratch = Scratch::of(FIXED);
    let written = || std::fs::metadata(scratch.path("Dockerfile")).unwrap().modified().unwrap();
    let before = written();
    assert_eq!(scratch.run(&["lint", "--select", RULES, "--unsafe-fixes"]).stderr, "");
    assert_eq!(written(), before);
}

#[test]
fn a_fixed_standard_input_is_all_of_standard_output() {
    for format in ["human", "json", "sarif", "github"] {
        let arguments = ["lint", "-", "--select", RULES, "--fix", "--format", format];
        let outcome = Scratch::new().feed(&arguments, FILE.as_bytes());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (1, FIXED), "{format}");
        assert!(outcome.stderr.contains("moving-tag"), "{format}: {outcome}");
    }
    let arguments = ["lint", "-", "--select", "shell-form-command", "--fix"];
    let clean = Scratch::new().feed(&arguments, b"FROM a\r\nCMD b c\r\n# \xff");
    assert_eq!(clean.bytes, b"FROM a\r\nCMD [\"b\", \"c\"]\r\n# \xff");
    assert_eq!((clean.code, clean.stderr.as_str()), (0, ""));
}

#[test]
fn diff_shows_the_fixes_and_writes_nothing() {
    let scratch = Scratch::of(FILE).file("b/Dockerfile", FILE).file("c/Dockerfile", FIXED);
    let outcome = scratch.run(&["lint", "--select", RULES, "--fix", "--diff"]);
    assert_snapshot!(outcome);
    assert_eq!(scratch.text("Dockerfile"), FILE);
    assert_eq!(scratch.git("", &["apply", "-"], &outcome.bytes).code, 0);
    assert_eq!(scratch.text("b/Dockerfile"), FIXED);
    let nothing = scratch.run(&["lint", "--select", RULES, "--diff"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (0, ""));
}

#[test]
fn every_fix_is_applied_by_the_option_of_its_safety_and_by_no_milder_one() {
    for rule in catalogue() {
        let Some(safety) = rule.fix else { continue };
        let mut bad = None;
        for example in examples(rule).into_iter().filter(|example| example.context.is_none()) {
            match (example.kind, bad.take()) {
                (ExampleKind::Bad, _) => bad = Some(example.text),
                (ExampleKind::Fixed, Some(bad)) => {
                    let run = |option: &str| {
                        let scratch = Scratch::of(&bad);
                        scratch.run(&["lint", "--select", rule.name, option]);
                        scratch.text("Dockerfile")
                    };
                    assert_eq!(run("--unsafe-fixes"), example.text, "{}", rule.name);
                    let mild = if safety == Safety::Safe { &example.text } else { &bad };
                    assert_eq!(&run("--fix"), mild, "{}", rule.name);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn hundreds_of_fixes_in_one_file_are_applied_at_once() {
    let stage = "FROM node:22\nRUN apt-get update && apt-get install -y curl\nCMD node server.js\n";
    let scratch = Scratch::of(stage.repeat(200));
    let fix = || {
        scratch.run(&["lint", "--select", "shell-form-command", "--unsafe-fixes"]);
        scratch.text("Dockerfile")
    };
    let fixed = fix();
    assert_eq!(fixed.matches("CMD [\"node\", \"server.js\"]").count(), 200, "{fixed}");
    assert_eq!(fix(), fixed);
}
