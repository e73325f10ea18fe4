//! What a team brings: hadolint's configuration, rules of its own, severities, and a baseline.

use insta::assert_snapshot;

use crate::scratch::Scratch;

const FILE: &str = "FROM node\nRUN sudo make \\\n  install && sudo  reboot\nCMD node server.js\n";

fn rules(scratch: &Scratch, arguments: &[&str]) -> Vec<String> {
    scratch.run(&[&["lint", "--format", "json"], arguments].concat()).rules()
}

#[test]
fn hadolints_configuration_counts_where_there_is_no_other() {
    let yaml = "ignored: [DL3006, SC2086]\noverride: {error: [DL3025]}\nfailure-threshold: error\n";
    let scratch = Scratch::of(FILE).file(".hadolint.yaml", yaml).file("below/Dockerfile", "FROM node\n");
    let found = rules(&scratch, &[]);
    assert!(found.contains(&"shell-form-command".to_owned()), "{found:?}");
    assert!(!found.contains(&"moving-tag".to_owned()), "{found:?}");
    assert_eq!(scratch.run(&["lint", "Dockerfile"]).code, 1, "the severity is raised to error");
    assert_eq!(scratch.run(&["lint", "below"]).code, 0, "warnings are below the threshold");
    let scratch = scratch.file("plimsoll.toml", "[lint]\nselect = [\"moving-tag\"]\n");
    assert_eq!(rules(&scratch, &["Dockerfile"]), ["moving-tag"]);
}

#[test]
fn the_users_own_hadolint_configuration_counts_last() {
    let scratch = Scratch::of("FROM node\n").file(".config/hadolint.yml", "ignored: [DL3006]\n");
    assert!(!rules(&scratch, &["Dockerfile"]).contains(&"moving-tag".to_owned()));
    let scratch = scratch.file(".hadolint.yml", "ignored: [DL3025]\n");
    assert!(rules(&scratch, &["Dockerfile"]).contains(&"moving-tag".to_owned()));
}

#[test]
fn a_mistake_in_hadolints_configuration_is_shown_in_its_place() {
    let scratch =
        Scratch::of(FILE).file(".hadolint.yaml", "ignored:\n  - DL3006\nfailure-threshold: grave\n");
    let outcome = scratch.run(&["lint"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains(".hadolint.yaml:3:"), "{outcome}");
}

#[test]
fn migrate_writes_what_hadolints_configuration_says_and_never_over_a_file() {
    let yaml = "ignored: [DL3006, XY1]\nformat: tty\noverride:\n  error: [DL3025]\ntrustedRegistries: [docker.io]\n\
                label-schema:\n  author: text\n";
    let scratch = Scratch::of(FILE).file(".hadolint.yaml", yaml);
    let before = rules(&scratch, &[]);
    let outcome = scratch.run(&["lint", "--migrate"]).to_string();
    let folder = scratch.path("").canonicalize().unwrap();
    assert_snapshot!(outcome.replace(folder.to_str().unwrap(), "<folder>"));
    assert_snapshot!(scratch.text("plimsoll.toml"));
    assert_eq!(rules(&scratch, &[]), before);
    assert_eq!(scratch.run(&["lint", "--migrate"]).code, 2);
    assert_eq!(Scratch::new().run(&["lint", "--migrate"]).code, 2);
}

#[test]
fn a_line_of_hadolints_works() {
    let scratch = Scratch::of(FILE);
    let line = [
        "lint",
        "Dockerfile",
        "-f",
        "tty",
        "-t",
        "error",
        "--ignore",
        "DL3006",
        "--trusted-registry",
        "docker.io",
        "--require-label",
        "author:text",
        "--info",
        "DL3025",
        "--disable-ignore-pragma",
    ];
    let outcome = scratch.run(&line);
    assert!(outcome.code != 2, "{outcome}");
    assert_eq!(scratch.run(&["lint", "--failure-threshold", "ignore"]).code, 0);
    assert_eq!(scratch.run(&["lint", "--no-fail"]).code, 0);
    assert_eq!(scratch.run(&["lint", "--require-label", "author:word"]).code, 2);
}

#[test]
fn a_teams_own_rule_points_at_the_match_and_is_ignored_by_its_name() {
    let config = "[[lint.custom]]\nname = \"no-sudo\"\ncommand = \"^sudo \\\\S+ install\"\nmessage = \"no sudo\"\n\n\
                  [[lint.custom]]\nname = \"no-node\"\ninstruction = \"FROM\"\npattern = \"node\"\n\
                  message = \"not this base\"\nseverity = \"error\"\n";
    let scratch = Scratch::of(FILE).file("plimsoll.toml", config);
    let found = scratch.run(&["lint", "--format", "json", "--select", "custom"]);
    assert_eq!(found.rules(), ["no-node", "no-sudo"]);
    let found = found.json();
    let text = |at: usize| {
        let place =
            |end: &str| usize::try_from(found["diagnostics"][at][end]["offset"].as_u64().unwrap()).unwrap();
        &FILE[place("start")..place("end")]
    };
    assert_eq!((text(0), text(1)), ("node", "sudo make \\\n  install"));
    assert_eq!(found["diagnostics"][0]["severity"], "error");
    assert_eq!(rules(&scratch, &["--select", "no-*"]), ["no-node", "no-sudo"]);
    assert_eq!(rules(&scratch, &["--select", "custom", "--ignore", "no-sudo"]), ["no-node"]);
    let silenced = scratch.file("Dockerfile", format!("# plimsoll: ignore=no-node\n{FILE}"));
    assert_eq!(rules(&silenced, &["--select", "custom"]), ["no-sudo"]);
    assert!(!rules(&silenced, &[]).contains(&"unknown-ignore".to_owned()));
}

#[test]
fn a_mistake_in_a_teams_own_rule_is_shown_in_its_place() {
    let config = "[[lint.custom]]\nname = \"no-sudo\"\npattern = \"(sudo\"\nmessage = \"no sudo\"\n";
    let scratch = Scratch::of(FILE).file("plimsoll.toml", config);
    let outcome = scratch.run(&["lint"]).to_string();
    let folder = scratch.path("").canonicalize().unwrap();
    assert_snapshot!(outcome.replace(folder.to_str().unwrap(), "<folder>"));
}

#[test]
fn only_what_is_new_is_reported_beside_a_baseline() {
    let scratch = Scratch::of("FROM node\nCMD a b\n").file("more/Dockerfile", "FROM nginx\n");
    let lint = ["--select", "moving-tag,shell-form-command", "--baseline", "known.json"];
    assert_eq!(scratch.run(&[&["lint"], lint.as_slice()].concat()).code, 2, "there is none yet");
    let written = scratch.run(&[&["lint", "--write-baseline"], lint.as_slice()].concat());
    assert_eq!((written.code, written.stdout.as_str()), (0, ""), "{written}");
    assert_snapshot!(scratch.text("known.json"));
    assert_eq!(rules(&scratch, &lint), [] as [&str; 0]);
    let scratch = scratch.file("Dockerfile", "# moved\n\nFROM node\nFROM node\nCMD a c\n");
    assert_eq!(rules(&scratch, &lint), ["moving-tag", "shell-form-command"]);
    assert_eq!(
        scratch.run_in("more", &["lint", "--baseline", "../known.json", "--select", "moving-tag"]).code,
        0
    );
    let old = scratch.file("Dockerfile", "FROM scratch\n").run(&[&["lint"], lint.as_slice()].concat());
    assert!(old.stderr.contains("2 of the findings in it are gone"), "{old}");
    assert_eq!(Scratch::of(FILE).run(&["lint", "--write-baseline"]).code, 2);
}

#[test]
fn a_file_that_does_not_parse_is_never_known() {
    let scratch = Scratch::of("FORM a\n");
    scratch.run(&["lint", "--baseline", "known.json", "--write-baseline"]);
    let again = scratch.run(&["lint", "--baseline", "known.json", "--format", "json"]);
    assert_eq!((again.code, again.rules()), (2, vec!["syntax-error".to_owned()]));
}

#[test]
fn only_the_fixes_of_the_rules_that_are_named_are_applied() {
    let scratch = Scratch::of("FROM debian:13\nRUN apt-get update && apt-get install -y curl\nCMD a b\n");
    scratch.run(&["lint", "--fix-rule", "DL3009", "--unsafe-fixes"]);
    let text = scratch.text("Dockerfile");
    assert!(text.contains("rm -rf /var/lib/apt/lists") && text.contains("CMD a b"), "{text}");
}
