//! What a person sees of a finding.

use insta::assert_snapshot;
use plimsoll::bytes::Bytes;
use plimsoll::lint::{Diagnostic, Impact, Safety, Severity, find};
use plimsoll::report::findings::{FileFindings, Findings, Order, human};
use plimsoll::text::{Edit, EditSet, SourceFile, TextRange};

use crate::scratch::Scratch;

const EXEC_FORM: [&str; 3] = ["lint", "--select", "shell-form-command"];

/// Where `part` stands in `text`.
fn place(text: &str, part: &str) -> TextRange {
    let start = text.find(part).unwrap();
    TextRange::new(start, start + part.len())
}

fn frame(text: &str, diagnostic: Diagnostic) -> String {
    let source = SourceFile::new("app/Dockerfile", text);
    let files = [FileFindings { source, parsed: true, diagnostics: vec![diagnostic] }];
    human(Findings { files: &files, order: Order::Place }, false)
}

#[test]
fn a_finding_shows_its_place_its_help_and_its_fix() {
    assert_snapshot!(Scratch::of("FROM node:22-slim\nCMD node server.js\n").run(&EXEC_FORM));
}

#[test]
fn several_findings_are_counted_by_severity_at_the_end() {
    let scratch = Scratch::of("FROM node\nCOPPY . .\nCMD node server.js\n");
    let rules = "moving-tag,root-user,shell-form-command,syntax-error";
    assert_snapshot!(scratch.run(&["lint", "--select", rules]));
}

#[test]
fn a_finding_shows_its_other_places_and_what_it_costs() {
    let text = "FROM debian:13\nRUN apt-get update \\\n && apt-get install -y curl\nCOPY . .\nRUN rm -rf /var/lib/apt/lists/*\n";
    let fix = EditSet::try_from(vec![Edit::insert(text.len() - 1, " ")]).unwrap();
    let diagnostic = Diagnostic::new(
        find("root-user").unwrap(),
        place(text, "apt-get update"),
        "lists stay in this layer",
    )
    .help("remove them in the RUN that fetched them")
    .label(place(text, "rm -rf /var/lib/apt/lists/*"), "too late: this only hides them")
    .costs(Impact::of_bytes(Bytes(41_300_000), "usual size of Debian's lists"))
    .fix(Safety::Unsafe, "remove the lists", Some(fix));
    assert_snapshot!(frame(text, diagnostic));
}

#[test]
fn a_finding_over_many_lines_underlines_the_first_of_them() {
    let lines: String = (0..60).fold(String::new(), |text, n| text + &format!(" && step-{n} \\\n"));
    let text = format!("FROM debian:13\nRUN start \\\n{lines} && end\n");
    let range = place(&text, &text[text.find("start").unwrap()..text.len() - 1]);
    let mut diagnostic = Diagnostic::new(find("root-user").unwrap(), range, "a long script");
    diagnostic.severity = Severity::Style;
    assert_snapshot!(frame(&text, diagnostic));
}

#[test]
fn places_far_apart_are_shown_without_what_lies_between() {
    let between: String = (0..400).fold(String::new(), |text, n| text + &format!("ENV N{n}={n}\n"));
    let text = format!("FROM debian:13\nCOPY . .\n{between}RUN rm -r /src\n");
    let mut diagnostic =
        Diagnostic::new(find("root-user").unwrap(), place(&text, "rm -r /src"), "hidden, not removed")
            .label(place(&text, "COPY . ."), "came in here");
    diagnostic.severity = Severity::Info;
    assert_snapshot!(frame(&text, diagnostic));
}

#[test]
fn a_syntax_error_at_the_end_of_an_empty_file_has_a_frame() {
    assert_snapshot!(Scratch::of("").run(&["lint"]));
}

#[test]
fn wide_characters_keep_the_underline_in_its_place() {
    let text = "FROM node:22-slim\nLABEL name=\"日本語 🚢\"\nCMD echo 日本語の船 🚢 && x\n";
    assert_snapshot!(Scratch::of(text).run(&EXEC_FORM));
}

#[test]
fn tabs_keep_the_underline_in_its_place() {
    assert_snapshot!(Scratch::of("FROM node:22-slim\n\tCMD\tnode\tserver.js\n").run(&EXEC_FORM));
}

#[test]
fn windows_line_ends_leave_no_trace_in_a_frame() {
    let outcome = Scratch::of("FROM node:22-slim\r\nCMD node \\\r\n    server.js\r\n").run(&EXEC_FORM);
    assert!(!outcome.stdout.contains('\r'), "{:?}", outcome.stdout);
    assert_snapshot!(outcome);
}

#[test]
fn bytes_that_are_no_text_are_shown_as_such() {
    let outcome =
        Scratch::of(b"FROM node:22-slim\nLABEL x=\"\xff\xfe\"\nCMD echo caf\xe9 && x\n").run(&EXEC_FORM);
    assert_snapshot!(outcome.to_string().replace('\u{1a}', "<SUB>"));
}

#[test]
fn a_line_of_thousands_of_characters_is_cut_around_the_finding() {
    let text = format!("FROM node:22-slim\nCMD node {} && x\n", "word ".repeat(3_000));
    let outcome = Scratch::of(text).run(&EXEC_FORM);
    let longest = outcome.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest < 400, "a line of {longest} characters");
}

#[test]
fn colours_are_asked_for_or_left_out() {
    let scratch = Scratch::of("FROM node\n");
    let arguments = ["lint", "--select", "moving-tag", "--color"];
    assert!(scratch.run(&[&arguments[..], &["always"]].concat()).stdout.contains('\u{1b}'));
    assert!(!scratch.run(&[&arguments[..], &["never"]].concat()).stdout.contains('\u{1b}'));
    assert!(!scratch.run(&[&arguments[..], &["auto"]].concat()).stdout.contains('\u{1b}'));
}
