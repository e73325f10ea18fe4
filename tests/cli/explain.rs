//! `plimsoll rules` and `plimsoll explain`: the catalogue and its pages.

use insta::assert_snapshot;
use plimsoll::lint::catalogue;

use crate::scratch::Scratch;

#[test]
fn every_rule_is_listed_on_a_line_of_its_own() {
    let outcome = Scratch::new().run(&["rules"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let listed: Vec<&str> =
        outcome.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let names: Vec<&str> = catalogue().iter().map(|rule| rule.name).collect();
    assert_eq!(listed, names);
}

#[test]
fn a_program_gets_the_same_list() {
    let list = Scratch::new().run(&["rules", "--format", "json"]).json();
    let names: Vec<&str> =
        list.as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    assert_eq!(names, catalogue().iter().map(|rule| rule.name).collect::<Vec<_>>());
    let exec_form =
        list.as_array().unwrap().iter().find(|rule| rule["name"] == "shell-form-command").unwrap();
    insta::assert_json_snapshot!(exec_form);
}

#[test]
fn a_rule_is_explained_by_its_published_page() {
    let scratch = Scratch::new();
    for rule in catalogue() {
        let page = format!("{}/rules/{}.md", env!("CARGO_MANIFEST_DIR"), rule.name);
        let published = std::fs::read_to_string(page).unwrap();
        for name in std::iter::once(rule.name).chain(rule.aliases.first().copied()) {
            let outcome = scratch.run(&["explain", name]);
            assert_eq!(outcome.code, 0, "{name}: {outcome}");
            if name == rule.name {
                assert_eq!(outcome.stdout, published);
            }
        }
    }
}

#[test]
fn an_unknown_rule_is_refused_with_the_nearest_one() {
    assert_snapshot!(Scratch::new().run(&["explain", "root-usr"]));
    assert_snapshot!(Scratch::new().run(&["explain", "DL9999999"]));
}
