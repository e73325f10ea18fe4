//! Holds the linter against the verdicts of BuildKit's own build checks, where they are at hand: in the folder that
//! `PLIMSOLL_SHARED` names, or in `../shared`.

#![expect(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use plimsoll::context::BuildContext;
use plimsoll::dockerfile;
use plimsoll::lint::{Diagnostic, Profile, Settings, Severity, check};
use plimsoll::text::SourceFile;
use serde::Deserialize;

/// One of BuildKit's own test cases.
#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    src: String,
    dockerfile: String,
    /// What `docker build --check` says.
    expect: Vec<Expected>,
    /// Whether BuildKit's test looks at the lines.
    lines_asserted: bool,
    dockerignore: Option<String>,
    build_error: Option<String>,
    #[serde(default)]
    frontend_attrs: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    rule: String,
    line: usize,
    detail: String,
}

#[test]
fn the_build_checks_report_what_buildkit_reports_and_where() {
    let folder =
        std::env::var_os("PLIMSOLL_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let path = folder.join("conformance/buildkit_lint.jsonl");
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!cases.is_empty());
    let wrong: Vec<String> = cases.iter().filter_map(|case| verdict(case).err()).collect();
    eprintln!("{} of {} cases as BuildKit", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is different, as a text.
fn verdict(case: &Case) -> Result<(), String> {
    let source = SourceFile::new("Dockerfile", case.dockerfile.as_str());
    let build_args = case.frontend_attrs.iter().filter_map(|(key, value)| {
        key.strip_prefix("build-arg:").map(|name| (name.to_owned(), value.clone()))
    });
    let settings =
        Settings { profile: Profile::All, build_args: build_args.collect(), ..Settings::default() };
    let context = case.dockerignore.as_ref().map(|ignore| context(&case.dockerfile, ignore));
    let found = check(&source, context.as_ref(), &settings);

    let mut ours: Vec<(&str, Option<usize>)> = Vec::new();
    for found in &found {
        for alias in found.aliases.iter().filter(|alias| is_build_check(alias)) {
            ours.push((alias, case.lines_asserted.then(|| line(&source, alias, found))));
        }
    }
    let mut theirs: Vec<(&str, Option<usize>)> = case
        .expect
        .iter()
        .map(|expected| (expected.rule.as_str(), case.lines_asserted.then_some(expected.line)))
        .collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    let fail = |what: &str| {
        let Case { name, src, dockerfile, .. } = case;
        format!("{name} ({src}): {what}\n{dockerfile}\n  ours {ours:?}\ntheirs {theirs:?}\n")
    };
    if ours != theirs {
        return Err(fail("other findings"));
    }
    for expected in &case.expect {
        let Some((_, hint)) = expected.detail.split_once("(did you mean ") else { continue };
        if !found.iter().any(|found| found.message.contains(&format!("(did you mean {hint}"))) {
            return Err(fail("the hint is missing"));
        }
    }
    // `error=true` makes of a warning what stops the build.
    let stops = case.build_error.as_ref().is_some_and(|error| error.starts_with("lint violation"));
    let stop = |found: &Diagnostic| found.severity == Severity::Error;
    if stops && !found.iter().filter(|found| found.aliases.iter().copied().any(is_build_check)).all(stop) {
        return Err(fail("the build does not stop"));
    }
    Ok(())
}

/// BuildKit's names are in camel case; hadolint's are capitals and digits, others' have a dash or a slash.
fn is_build_check(alias: &str) -> bool {
    alias.contains(|ch: char| ch.is_ascii_lowercase()) && !alias.contains(['-', '/', '_'])
}

/// The line that BuildKit would name: an instruction's first, but where the words of a continuation end.
fn line(source: &SourceFile, alias: &str, found: &Diagnostic) -> usize {
    let parsed = dockerfile::parse(source);
    let instruction = parsed.dockerfile.instructions().find(|one| one.lines.contains_range(found.range));
    let place = instruction.filter(|_| alias != "NoEmptyContinuation");
    source.line_column(place.map_or(found.range.start(), |one| one.range.start())).line
}

/// A context with the Dockerfile and this ignore file.
fn context(dockerfile: &str, ignore: &str) -> BuildContext {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Dockerfile");
    fs::write(&path, dockerfile).unwrap();
    fs::write(folder.path().join(".dockerignore"), ignore).unwrap();
    BuildContext::read(folder.path(), &path, 1000).unwrap()
}
