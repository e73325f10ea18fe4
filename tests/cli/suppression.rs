//! Comments that silence a rule: each dialect silences what it names, where it stands, and nothing else.

use crate::scratch::Scratch;

/// Two stages; the first is not shipped, both bases move, and the second's command is in shell form.
fn file(head: &str, first: &str, second: &str, command: &str) -> String {
    format!("{head}{first}FROM node AS build\nRUN make\n{second}FROM nginx\n{command}CMD nginx -g x\n")
}

fn rules(text: &str) -> Vec<String> {
    let select = "moving-tag,shell-form-command,root-user";
    Scratch::of(text).run(&["lint", "--format", "json", "--select", select]).rules()
}

#[test]
fn without_a_comment_all_is_found() {
    assert_eq!(rules(&file("", "", "", "")), ["moving-tag", "moving-tag", "root-user", "shell-form-command"]);
}

#[test]
fn each_dialect_silences_its_rule_on_the_instruction_below() {
    for comment in [
        "# plimsoll: ignore=moving-tag -- we pin by digest later\n",
        "# plimsoll: ignore=DL3006\n",
        "#plimsoll:ignore=moving-tag\n",
        "# hadolint ignore=DL3006\n",
        "# hadolint ignore=DL3006,SC2086 # why\n",
        "# tally ignore=hadolint/DL3006;reason=why\n",
        "# plimsoll: ignore=moving-tag\n# a word on it\n",
    ] {
        let found = rules(&file("", comment, "", ""));
        assert_eq!(found, ["moving-tag", "root-user", "shell-form-command"], "{comment}");
    }
    for comment in [
        "# check=skip=JSONArgsRecommended\n",
        "# tally ignore=buildkit/JSONArgsRecommended\n",
        "# hadolint ignore=DL3025\n",
        "# plimsoll: ignore=shell-form-command, nothing-known\n",
    ] {
        assert_eq!(rules(&file("", "", "", comment)), ["moving-tag", "moving-tag", "root-user"], "{comment}");
    }
}

#[test]
fn a_comment_parted_by_a_blank_line_or_about_another_rule_silences_nothing() {
    for comment in [
        "# plimsoll: ignore=moving-tag\n\n",
        "# hadolint ignore=DL3007\n",
        "# plimsoll: ignore=root-user\n",
        "# ignore=moving-tag\n",
        "# plimsoll: ignore=\n",
        "# hadolint ignores DL3006\n",
    ] {
        let found = rules(&file("", comment, "", ""));
        assert_eq!(found.len(), 4, "{comment}: {found:?}");
    }
}

#[test]
fn all_silences_every_rule_and_only_there() {
    assert_eq!(rules(&file("", "", "", "# plimsoll: ignore=all\n")), ["moving-tag", "moving-tag"]);
}

#[test]
fn a_stage_is_silenced_from_inside() {
    let found = rules(&file("", "", "", "# plimsoll: stage ignore=moving-tag,root-user\n"));
    assert_eq!(found, ["moving-tag", "shell-form-command"]);
}

#[test]
fn a_file_is_silenced_from_anywhere_in_it() {
    for comment in [
        "# plimsoll: global ignore=moving-tag\n",
        "# plimsoll: file ignore=moving-tag\n",
        "# hadolint global ignore=DL3006\n",
        "# tally global ignore=DL3006\n",
    ] {
        for text in [file(comment, "", "", ""), file("", "", "", comment)] {
            assert_eq!(rules(&text), ["root-user", "shell-form-command"], "{text}");
        }
    }
}

#[test]
fn buildkits_directive_at_the_head_silences_the_file() {
    let found = rules(&file("# check=skip=JSONArgsRecommended;error=true\n", "", "", ""));
    assert_eq!(found, ["moving-tag", "moving-tag", "root-user"]);
    assert_eq!(rules(&file("# check=skip=all\n", "", "", "")), [] as [&str; 0]);
}

#[test]
fn a_comment_inside_a_continued_instruction_speaks_of_it() {
    let text =
        "FROM node:22\nCMD node \\\n# plimsoll: ignore=shell-form-command,root-user\n  server.js && x\n";
    assert_eq!(rules(text), [] as [&str; 0]);
}

#[test]
fn a_line_that_looks_like_a_comment_in_a_heredoc_silences_nothing() {
    let text = "FROM node:22\nRUN <<EOF\n# plimsoll: global ignore=all\nEOF\nCMD node server.js\n";
    assert_eq!(rules(text), ["root-user", "shell-form-command"]);
}

#[test]
fn a_silenced_finding_is_not_fixed() {
    let text = "FROM node:22\n# hadolint ignore=DL3025\nCMD node server.js\n";
    let scratch = Scratch::of(text);
    scratch.run(&["lint", "--unsafe-fixes", "--select", "shell-form-command"]);
    assert_eq!(scratch.text("Dockerfile"), text);
}

#[test]
fn buildkits_comment_silences_across_blank_lines_and_only_as_it_is_spelt() {
    let found = rules(&file("", "", "", "# check=skip=JSONArgsRecommended\n\n"));
    assert_eq!(found, ["moving-tag", "moving-tag", "root-user"]);
    assert_eq!(rules(&file("", "", "", "# check=skip=jsonargsrecommended\n")).len(), 4);
}

#[test]
fn a_stage_is_silenced_from_above_its_from() {
    let found = rules(&file("", "", "# hadolint stage ignore=DL3006\n", ""));
    assert_eq!(found, ["moving-tag", "root-user", "shell-form-command"]);
}

#[test]
fn comments_can_be_left_unheeded() {
    let scratch = Scratch::of("# plimsoll: ignore=moving-tag\nFROM node\n");
    let lint = ["lint", "--format", "json", "--select", "moving-tag"];
    assert_eq!(scratch.run(&lint).rules(), [] as [&str; 0]);
    assert_eq!(scratch.run(&[lint.as_slice(), &["--no-inline-ignores"]].concat()).rules(), ["moving-tag"]);
    let scratch = scratch.file("plimsoll.toml", "[lint]\ninline-ignores = false\n");
    assert_eq!(scratch.run(&lint).rules(), ["moving-tag"]);
}

#[test]
fn what_buildkit_reports_is_an_error_where_the_file_says_so() {
    let text = "FROM node:22\nCMD node server.js\n";
    let run = |head: &str| {
        let scratch = Scratch::of(format!("{head}{text}"));
        scratch.run(&["lint", "--select", "shell-form-command", "--fail-on", "error"]).code
    };
    assert_eq!((run(""), run("# check=error=true\n"), run("# check=error=false\n")), (0, 1, 0));
    assert_eq!(run("# check=skip=JSONArgsRecommended;error=true\n"), 0);
}

#[test]
fn comments_that_silence_nothing_or_nobody_are_reported() {
    let found = |text: &str| {
        Scratch::of(text)
            .run(&["lint", "--format", "json", "--select", "unused-ignore,unknown-ignore"])
            .rules()
    };
    assert_eq!(found("# hadolint ignore=DL3006,DL3007\nFROM node\n"), ["unused-ignore"]);
    assert_eq!(found("# hadolint ignore=DL3006,SC2086\nFROM node\n"), ["unused-ignore"]);
    // What only the ShellCheck program reports is not looked for where it is not asked.
    assert_eq!(found("# hadolint ignore=DL3006,SC2317\nFROM node\n"), [] as [&str; 0]);
    assert_eq!(found("# plimsoll: ignore=moving-tag,none-such\nFROM node\n"), ["unknown-ignore"]);
    assert_eq!(found("# plimsoll: ignore=all\nFROM node\n"), [] as [&str; 0]);
    assert_eq!(found("# plimsoll: global ignore=unused-ignore,DL3007\nFROM node\n"), [] as [&str; 0]);
    assert_eq!(found("# plimsoll: ignore=moving-tag\n\nFROM node\n"), ["unused-ignore"]);
}

#[test]
fn a_comment_names_the_shell() {
    // What PowerShell would run is no script of a POSIX shell, so nothing is said about its commands.
    let run = |comment: &str| rules_of(&format!("{comment}FROM debian:13\nRUN apt-get update\n"));
    assert_eq!(run(""), ["package-lists-left"]);
    assert_eq!(run("# hadolint shell=pwsh\n"), [] as [&str; 0]);
    assert_eq!(run("# hadolint shell=bash\n"), ["package-lists-left"]);
}

fn rules_of(text: &str) -> Vec<String> {
    Scratch::of(text).run(&["lint", "--format", "json", "--select", "package-lists-left"]).rules()
}
