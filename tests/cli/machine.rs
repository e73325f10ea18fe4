//! What a program reads: JSON and GitHub's workflow commands.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::json;

use crate::scratch::Scratch;

#[test]
fn json_has_the_places_the_fix_and_the_names_that_others_give_the_rule() {
    let outcome = Scratch::of("FROM node:22-slim\n# é\nCMD node server.js\n").run(&[
        "lint",
        "--format",
        "json",
        "--select",
        "shell-form-command",
    ]);
    assert_eq!(outcome.code, 1);
    assert_eq!(outcome.stderr, "");
    assert_json_snapshot!(outcome.json());
}

#[test]
fn json_of_nothing_found_is_whole() {
    let outcome = Scratch::of("FROM scratch\n").run(&["lint", "--format", "json"]);
    assert_eq!(outcome.code, 0);
    assert_eq!(
        outcome.json(),
        json!({"version": 1, "files": [{"path": "Dockerfile", "parsed": true}], "diagnostics": []})
    );
}

#[test]
fn a_file_that_does_not_parse_says_so_in_json() {
    let outcome = Scratch::of("FROM scratch\nCOPPY a b\n").run(&["lint", "--format", "json"]);
    assert_eq!(outcome.code, 2);
    assert_eq!(outcome.json()["files"], json!([{"path": "Dockerfile", "parsed": false}]));
    assert_eq!(outcome.rules(), ["syntax-error"]);
}

#[test]
fn offsets_are_bytes_columns_are_characters_and_edits_are_where_they_say() {
    let text = "FROM node:22-slim\nLABEL a=é b=🚢\nCMD node server.js\n";
    let found = Scratch::of(text).run(&["lint", "--format", "json", "--select", "shell-form-command"]).json();
    let edit = &found["diagnostics"][0]["fix"]["edits"][0];
    let at = |end: &str| usize::try_from(edit[end]["offset"].as_u64().unwrap()).unwrap();
    assert_eq!(&text[at("start")..at("end")], "node server.js");
    let label = Scratch::of("FROM scratch\nLABEL a=é🚢é b\n").run(&["lint", "--format", "json"]).json();
    let place = &label["diagnostics"][0]["start"];
    assert_eq!(place["line"], 2);
    let (column, offset) = (place["column"].as_u64().unwrap(), place["offset"].as_u64().unwrap());
    let before = "FROM scratch\nLABEL a=é🚢é b\n".get(13..usize::try_from(offset).unwrap()).unwrap();
    assert_eq!(column, u64::try_from(before.chars().count()).unwrap() + 1);
}

#[test]
fn github_takes_a_line_a_finding_with_its_marks_escaped() {
    let scratch = Scratch::new().file("a,b:100%/Dockerfile", "FROM node\nCOPPY . .\nCMD node server.js\n");
    assert_snapshot!(scratch.run(&[
        "lint",
        "--format",
        "github",
        "--select",
        "moving-tag,shell-form-command,syntax-error",
    ]));
}
