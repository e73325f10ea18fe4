//! Which rules run, and what makes the exit code 1: the command line over `plimsoll.toml`.

use insta::assert_snapshot;

use crate::scratch::Scratch;

const FILE: &str = "FROM node\nCMD node server.js\n";
const THREE: &str = "moving-tag,root-user,shell-form-command";

fn rules(scratch: &Scratch, arguments: &[&str]) -> Vec<String> {
    scratch.run(&[&["lint", "--format", "json"], arguments].concat()).rules()
}

#[test]
fn only_selected_rules_run_and_ignored_ones_do_not() {
    let scratch = Scratch::of(FILE);
    assert_eq!(rules(&scratch, &["--select", "moving-tag"]), ["moving-tag"]);
    assert_eq!(
        rules(&scratch, &["--select", "moving-tag", "--select", "root-user"]),
        ["moving-tag", "root-user"]
    );
    assert_eq!(
        rules(&scratch, &["--select", THREE, "--ignore", "root-user,moving-tag"]),
        ["shell-form-command"]
    );
}

#[test]
fn a_rule_answers_to_the_names_that_others_give_it() {
    let scratch = Scratch::of(FILE);
    assert_eq!(rules(&scratch, &["--select", "DL3025"]), ["shell-form-command"]);
    assert_eq!(rules(&scratch, &["--select", "jsonargsrecommended"]), ["shell-form-command"]);
}

#[test]
fn a_rule_answers_to_its_category_and_to_globs() {
    let scratch = Scratch::of(FILE);
    assert_eq!(rules(&scratch, &["--select", "moving-*"]), ["moving-tag"]);
    assert_eq!(rules(&scratch, &["--select", "DL302*"]), ["shell-form-command"]);
    assert_eq!(rules(&scratch, &["--select", "buildkit/JSON*"]), ["shell-form-command"]);
    assert!(rules(&scratch, &["--select", "security"]).contains(&"root-user".to_owned()));
    assert_eq!(
        rules(&scratch, &["--select", THREE, "--ignore", "moving-*,security"]),
        ["shell-form-command"]
    );
}

#[test]
fn a_name_that_peers_give_means_what_they_report_by_it() {
    let scratch = Scratch::of("FROM node\nFROM nginx:latest\n");
    let lines = |arguments: &[&str]| {
        let found = scratch.run(&[&["lint", "--format", "json"], arguments].concat()).json();
        let all = found["diagnostics"].as_array().unwrap().iter();
        all.map(|found| found["start"]["line"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(lines(&["--select", "moving-tag"]), [1, 2]);
    assert_eq!(lines(&["--select", "DL3007"]), [2]);
    assert_eq!(lines(&["--select", "moving-tag", "--ignore", "DL3007"]), [1]);
}

#[test]
fn rules_can_be_selected_beside_the_others_and_have_other_severities() {
    let scratch = Scratch::of("# hadolint ignore=DL3025\nFROM node\n")
        .file("plimsoll.toml", "[lint]\nselect = [\"moving-tag\"]\n[lint.severity]\nDL3006 = \"info\"\n");
    assert_eq!(rules(&scratch, &["--extend-select", "DL1001"]), ["inline-ignore", "moving-tag"]);
    let unheeded = ["--extend-select", "DL1001,unused-ignore", "--disable-ignore-pragma"];
    assert_eq!(rules(&scratch, &unheeded), ["inline-ignore", "moving-tag"]);
    assert_eq!(scratch.run(&["lint"]).code, 0);
    assert_eq!(scratch.run(&["lint", "--error", "moving-tag"]).code, 1);
    assert!(!rules(&scratch, &["--profile", "all"]).contains(&"inline-ignore".to_owned()));
}

#[test]
fn the_profile_all_runs_every_rule_of_the_default_one_and_more() {
    let mut scratch = Scratch::new();
    for rule in plimsoll::lint::catalogue() {
        for (n, example) in plimsoll::lint::page::examples(rule).iter().enumerate() {
            scratch = scratch.file(&format!("{}-{n}/Dockerfile", rule.name), &example.text);
        }
    }
    let all = rules(&scratch, &["--profile", "all"]);
    let default = rules(&scratch, &["--profile", "default"]);
    assert!(default.iter().all(|rule| all.contains(rule)));
    assert_eq!(default, rules(&scratch, &[]));
    let of_default =
        |name: &String| plimsoll::lint::find(name).unwrap().profile == plimsoll::lint::Profile::Default;
    assert!(default.iter().all(of_default));
}

#[test]
fn a_misspelt_rule_is_refused_with_the_nearest_one() {
    let scratch = Scratch::of(FILE);
    assert_snapshot!(scratch.run(&["lint", "--select", "moving-tags"]));
    assert_snapshot!(scratch.run(&["lint", "--ignore", "zzzzzzzz"]));
}

#[test]
fn a_wrong_option_is_refused_with_what_is_right() {
    let scratch = Scratch::of(FILE);
    assert_snapshot!(scratch.run(&["lint", "--formt", "json"]));
    assert_snapshot!(scratch.run(&["lint", "--format", "jsn"]));
}

#[test]
fn the_threshold_decides_between_0_and_1() {
    let scratch = Scratch::of(FILE);
    let code =
        |threshold: &str| scratch.run(&["lint", "--select", "moving-tag", "--fail-on", threshold]).code;
    assert_eq!(["error", "warning", "info", "style", "none"].map(code), [0, 1, 1, 1, 0]);
    assert_eq!(scratch.run(&["lint", "--select", "moving-tag"]).code, 1);
    assert_eq!(Scratch::of("FROM scratch\n").run(&["lint"]).code, 0);
}

#[test]
fn a_file_that_does_not_parse_outranks_every_threshold() {
    assert_eq!(Scratch::of("FORM a\n").run(&["lint", "--fail-on", "none"]).code, 2);
    assert_eq!(Scratch::of("FORM a\n").run(&["lint", "--ignore", "syntax-error"]).code, 2);
    assert_eq!(Scratch::of("FORM a\n").run(&["lint", "--diff"]).code, 2);
}

#[test]
fn the_nearest_configuration_speaks_of_the_files_below_it() {
    let scratch = Scratch::of(FILE)
        .file("plimsoll.toml", "[lint]\nselect = [\"moving-tag\"]\n")
        .file("a/Dockerfile", FILE)
        .file("b/plimsoll.toml", "[lint]\nselect = [\"root-user\"]\n")
        .file("b/c/Dockerfile", FILE);
    let found = scratch.run(&["lint", "--format", "json"]);
    assert_eq!(found.files(), ["Dockerfile", "a/Dockerfile", "b/c/Dockerfile"]);
    assert_eq!(found.rules(), ["moving-tag", "moving-tag", "root-user"]);
    assert_eq!(scratch.feed(&["lint", "-", "--format", "json"], FILE.as_bytes()).rules(), ["moving-tag"]);
}

#[test]
fn the_command_line_is_over_the_configuration() {
    let scratch = Scratch::of(FILE)
        .file("plimsoll.toml", "[lint]\nselect = [\"moving-tag\", \"root-user\"]\nignore = [\"DL3025\"]\n");
    assert_eq!(rules(&scratch, &[]), ["moving-tag", "root-user"]);
    assert_eq!(rules(&scratch, &["--ignore", "root-user"]), ["moving-tag"]);
    assert_eq!(rules(&scratch, &["--select", "shell-form-command"]), ["shell-form-command"]);
    let all = rules(&scratch, &["--profile", "all"]);
    assert!(
        all.contains(&"moving-tag".to_owned()) && !all.contains(&"shell-form-command".to_owned()),
        "{all:?}"
    );
}

#[test]
fn the_configuration_sets_the_threshold_and_the_command_line_moves_it() {
    let scratch = Scratch::of(FILE).file("plimsoll.toml", "[lint]\nfail-on = \"error\"\n");
    assert_eq!(scratch.run(&["lint"]).code, 0);
    assert_eq!(scratch.run(&["lint", "--fail-on", "warning"]).code, 1);
}

#[test]
fn a_mistake_in_the_configuration_is_shown_in_its_place() {
    let scratch = Scratch::of(FILE).file("plimsoll.toml", "[lint]\nignore = [\"root-usr\"]\n");
    let outcome = scratch.run(&["lint"]).to_string();
    let folder = scratch.path("").canonicalize().unwrap();
    assert_snapshot!(outcome.replace(folder.to_str().unwrap(), "<folder>"));
}
