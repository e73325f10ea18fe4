//! SARIF, against the standard's own schema.

use insta::assert_json_snapshot;
use serde_json::Value;

use crate::scratch::{Outcome, Scratch};

const SCHEMA: &str = include_str!("../fixtures/sarif-schema-2.1.0.json");

/// The standard's schema, but for the pattern of a property that is never written: its stray `]` is no regular
/// expression to this validator.
fn schema() -> Value {
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for object in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][object]["properties"]["language"];
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    schema
}

fn assert_valid(outcome: &Outcome) -> Value {
    let schema = schema();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let log = outcome.json();
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    log
}

#[test]
fn the_schema_refuses_what_is_no_sarif() {
    let schema = schema();
    let wrong = serde_json::json!({"version": "2.1.0", "runs": [{"results": []}]});
    assert!(!jsonschema::is_valid(&schema, &wrong), "a run without a tool is taken");
}

#[test]
fn a_log_with_findings_fixes_and_broken_files_is_valid() {
    let scratch = Scratch::new()
        .file("my app/Dockerfile", "FROM node\nCMD node server.js\n")
        .file("broken/Dockerfile", "FROM scratch\nCOPPY é\nRUN <<EOF\n")
        .file("empty/Dockerfile", "")
        .file("bytes/Dockerfile", b"FROM a\nCMD \xff\xfe x\n");
    let mut log = assert_valid(&scratch.run(&[
        "lint",
        "--format",
        "sarif",
        "--select",
        "moving-tag,shell-form-command,syntax-error",
    ]));
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap() {
        // The page is long and changes with its rule.
        let page = rule["help"]["markdown"].as_str().unwrap().to_owned();
        assert!(page.contains("## Why it matters"), "{page}");
        rule["help"] = "…".into();
    }
    log["runs"][0]["tool"]["driver"]["version"] = "…".into();
    assert_json_snapshot!(log);
}

#[test]
fn a_log_of_nothing_found_is_valid() {
    let log = assert_valid(&Scratch::of("FROM scratch\n").run(&["lint", "--format", "sarif"]));
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn the_findings_of_every_rule_are_valid() {
    let mut scratch = Scratch::new();
    for rule in plimsoll::lint::catalogue() {
        for (n, example) in plimsoll::lint::page::examples(rule).iter().enumerate() {
            scratch = scratch.file(&format!("{}-{n}/Dockerfile", rule.name), &example.text);
        }
    }
    let log = assert_valid(&scratch.run(&["lint", "--profile", "all", "--format", "sarif"]));
    let results = log["runs"][0]["results"].as_array().unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(results.len() >= plimsoll::lint::catalogue().len() / 2, "{} results", results.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}
