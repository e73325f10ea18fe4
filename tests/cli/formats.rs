//! What other programs take: a golden report of each format, and that each escapes what it must.

use insta::assert_snapshot;
use serde_json::Value;

use crate::scratch::{Outcome, Scratch};

const RULES: &str = "moving-tag,shell-form-command,syntax-error,no-sudo,deleted-in-later-layer";

/// Two files with findings and one without; names and words that each format has marks of its own for.
fn scratch() -> Scratch {
    Scratch::new()
        .file(
            "plimsoll.toml",
            "[[lint.custom]]\nname = \"no-sudo\"\ncommand = \"^sudo .*\"\nseverity = \"error\"\n\
             message = \"`sudo` | <b>&\\\"no\\\"</b> *here*\"\nhelp = \"drop it\\nor not\"\n",
        )
        .file("a/Dockerfile", b"FROM node\nRUN sudo \"echo\" <\xff> & true\nCMD node server.js\n")
        .file("b,c&d/Dockerfile", "FROM nginx\nFROM nginx\n")
        .file("clean/Dockerfile", "FROM scratch\n")
}

fn report(format: &str) -> Outcome {
    scratch().run(&["lint", "--format", format, "--select", RULES])
}

#[test]
fn gitlab_takes_an_array_of_issues() {
    let outcome = report("gitlab");
    assert_snapshot!(outcome);
    let issues = outcome.json();
    let issues = issues.as_array().unwrap();
    // The fields that GitLab's documentation names as required.
    for issue in issues {
        for field in ["/description", "/check_name", "/fingerprint", "/location/path"] {
            assert!(issue.pointer(field).is_some_and(Value::is_string), "{field} in {issue}");
        }
        assert!(issue.pointer("/location/lines/begin").is_some_and(Value::is_u64));
        let severity = issue["severity"].as_str().unwrap();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
    }
    let mut fingerprints: Vec<&str> =
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), issues.len(), "a fingerprint is there twice");
}

#[test]
fn a_fingerprint_stays_while_lines_move() {
    let of = |text: &str| {
        let found = Scratch::of(text).run(&["lint", "--format", "gitlab", "--select", "moving-tag"]).json();
        found[0]["fingerprint"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("FROM node\n"), of("# one\n# two\nFROM  node\n"));
    assert_ne!(of("FROM node\n"), of("FROM nginx\n"));
}

#[test]
fn junit_has_a_suite_a_file() {
    let outcome = report("junit");
    assert_snapshot!(outcome);
    let root = xml(&outcome.stdout);
    assert_eq!(root.name, "testsuites");
    let mut failures = 0;
    for suite in &root.children {
        // What Jenkins' schema requires, and no element or attribute that it does not know.
        assert_eq!(suite.name, "testsuite");
        suite.has(&["name", "tests", "failures", "errors"]);
        assert_eq!(suite.attribute("tests"), suite.children.len().to_string());
        for case in &suite.children {
            assert_eq!(case.name, "testcase");
            case.has(&["name", "classname"]);
            for failure in &case.children {
                assert_eq!(failure.name, "failure");
                failure.has(&["type", "message"]);
                failures += 1;
            }
        }
    }
    assert_eq!(root.attribute("failures"), failures.to_string());
}

#[test]
fn checkstyle_has_a_file_each() {
    let outcome = report("checkstyle");
    assert_snapshot!(outcome);
    let root = xml(&outcome.stdout);
    assert_eq!(root.name, "checkstyle");
    root.has(&["version"]);
    assert_eq!(root.children.len(), 3);
    for file in &root.children {
        assert_eq!(file.name, "file");
        file.has(&["name"]);
        for error in &file.children {
            assert_eq!(error.name, "error");
            error.has(&["line", "column", "severity", "message", "source"]);
            assert!(["error", "warning", "info", "ignore"].contains(&error.attribute("severity").as_str()));
        }
    }
}

#[test]
fn markdown_has_a_row_a_finding() {
    let outcome = report("markdown");
    assert_snapshot!(outcome);
    let rows = outcome.stdout.lines().filter(|line| line.starts_with('|'));
    for row in rows {
        // A cell holds no unescaped bar, so that every row has four of them.
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{row}");
    }
    let nothing = Scratch::of("FROM scratch\n").run(&["lint", "--format", "markdown"]);
    assert_eq!(nothing.stdout, "Nothing found in 1 file.\n");
}

#[test]
fn hadolints_names_of_formats_are_taken() {
    for (theirs, ours) in [("tty", "human"), ("gitlab_codeclimate", "gitlab"), ("codeclimate", "gitlab")] {
        assert_eq!(report(theirs).stdout, report(ours).stdout);
    }
}

#[test]
fn what_costs_most_comes_first_where_it_is_asked_for() {
    let text = "FROM debian:13\nCMD a b\nRUN apt-get update && apt-get install -y curl\n";
    let select = "shell-form-command,package-lists-left";
    let rules = |sort: &str| {
        Scratch::of(text).run(&["lint", "--format", "json", "--select", select, "--sort", sort]).rules()
    };
    assert_eq!(rules("place"), ["shell-form-command", "package-lists-left"]);
    assert_eq!(rules("impact"), ["package-lists-left", "shell-form-command"]);
}

/// An element as it is written: enough of XML to hold a report of ours to its form.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
}

impl Element {
    fn attribute(&self, name: &str) -> String {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("no {name} in {self:?}")).1.clone()
    }

    /// Whether it has these attributes and no others.
    fn has(&self, names: &[&str]) {
        let known: Vec<&str> = self.attributes.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(known, names, "{}", self.name);
    }
}

/// Reads a document strictly: one root, every element closed, every mark escaped, no character that XML forbids.
fn xml(text: &str) -> Element {
    let allowed = |c: char| c >= ' ' || matches!(c, '\n' | '\t' | '\r');
    assert!(text.chars().all(allowed), "a character that XML forbids");
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let mut open: Vec<Element> = Vec::new();
    let mut rest = body;
    loop {
        let (between, behind) = rest.split_once('<').unwrap();
        assert_escaped(between);
        let (tag, behind) = behind.split_once('>').unwrap();
        rest = behind;
        let closed = if let Some(name) = tag.strip_prefix('/') {
            let element = open.pop().unwrap();
            assert_eq!(element.name, name);
            element
        } else {
            let (name, attributes) = tag.trim_end_matches('/').split_once(' ').unwrap();
            open.push(Element {
                name: name.to_owned(),
                attributes: self::attributes(attributes),
                children: Vec::new(),
            });
            if !tag.ends_with('/') {
                continue;
            }
            open.pop().unwrap()
        };
        let Some(parent) = open.last_mut() else {
            assert_eq!(rest.trim(), "", "behind the root");
            return closed;
        };
        parent.children.push(closed);
    }
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let mut parts: Vec<&str> = text.split('"').collect();
    assert_eq!(parts.pop(), Some(""), "{text}");
    let pairs = parts.chunks(2).map(|pair| {
        assert_escaped(pair[1]);
        (pair[0].trim().strip_suffix('=').unwrap().to_owned(), pair[1].to_owned())
    });
    pairs.collect()
}

fn assert_escaped(text: &str) {
    assert!(!text.contains('<') && !text.contains('>'), "{text}");
    for behind in text.split('&').skip(1) {
        let entity = behind.split(';').next().unwrap();
        let known = ["amp", "lt", "gt", "quot", "apos"].contains(&entity) || entity.starts_with('#');
        assert!(known, "&{entity} in {text}");
    }
}
