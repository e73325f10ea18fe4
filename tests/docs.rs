//! What the documents say can be done: their command lines are taken by the real command line, their `make` targets
//! are in the Makefile, and the rooms of the architecture are there.
#![expect(clippy::unwrap_used, reason = "what surprises a test fails it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The commands that need nothing but files.
const OF_THE_DESK: [&str; 5] = ["lint", "rules", "explain", "graph", "optimize"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command in a document.
#[derive(Debug)]
struct Line {
    /// The document and the line in it.
    place: String,
    /// The command, its words parted by blanks.
    words: Vec<String>,
}

impl Line {
    /// What follows a word, as far as the next operator of the shell.
    fn behind(&self, word: &str) -> Option<&[String]> {
        let end = self
            .words
            .iter()
            .position(|word| matches!(word.as_str(), "|" | "||" | ">" | ">>" | "<" | ";" | "&&"));
        let words = self.words.get(..end.unwrap_or(self.words.len())).unwrap();
        words.split_first().filter(|(first, _)| *first == word).map(|(_, rest)| rest)
    }
}

fn documents() -> Vec<PathBuf> {
    let folder =
        |path: &str| fs::read_dir(root().join(path)).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = folder("").chain(folder("docs")).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found.sort();
    found
}

/// The command lines of the fenced `sh` blocks: comments and prompts left out, continued lines joined.
fn lines() -> Vec<Line> {
    let mut found = Vec::new();
    for document in documents() {
        let name = document.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&document).unwrap();
        let mut inside = false;
        let mut joined = String::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(tag) = line.strip_prefix("```") {
                inside = !inside && matches!(tag.trim(), "sh" | "bash" | "shell" | "console");
                continue;
            }
            if !inside {
                continue;
            }
            joined.push_str(line.trim_start_matches("$ "));
            if let Some(before) = joined.strip_suffix('\\') {
                joined = before.to_owned();
                continue;
            }
            let whole = std::mem::take(&mut joined);
            let words = words(&whole);
            if !words.is_empty() {
                found.push(Line { place: format!("{name}:{}", number + 1), words });
            }
        }
    }
    found
}

/// The words of a plain command, without variables before it and comments behind it.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut quote = None;
    let mut word: Option<String> = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    let assigns = |word: &String| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
    };
    words.into_iter().skip_while(assigns).collect()
}

fn plimsoll(folder: &Path, arguments: &[String]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .stdin(std::process::Stdio::null());
    command.output().unwrap()
}

/// The fixtures and a Dockerfile of our own, to run the documents' commands in.
fn workplace() -> TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let (path, to) = {
                let entry = entry.unwrap();
                (entry.path(), to.join(entry.file_name()))
            };
            // What a build left behind is no fixture.
            if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with(".plimsoll") {
                copy(&path, &to);
            } else if path.is_file() {
                fs::copy(path, to).unwrap();
            }
        }
    }
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let fixtures = root().join("fixtures");
    if fixtures.is_dir() {
        copy(&fixtures, &folder.path().join("fixtures"));
    }
    fs::write(
        folder.path().join("Dockerfile"),
        "FROM node:22-slim AS build\nFROM build\nCMD node server.js\n",
    )
    .unwrap();
    folder
}

#[test]
fn every_plimsoll_command_in_the_documents_is_one() {
    let workplace = workplace();
    for line in lines() {
        let Some(arguments) = line.behind("plimsoll") else { continue };
        // Help is printed only where the subcommand and every option before it exist.
        let with_help = [arguments, &["--help".to_owned()]].concat();
        let help = plimsoll(workplace.path(), &with_help);
        let said = String::from_utf8_lossy(&help.stderr);
        assert!(help.status.success(), "{}: `plimsoll {}`\n{said}", line.place, arguments.join(" "));
        let runs = arguments.first().is_some_and(|command| OF_THE_DESK.contains(&command.as_str()));
        // Words in capitals and ellipses stand for the reader's own.
        let is_placeholder = |word: &String| word.contains("...") || word.contains('…') || word.contains('<');
        if !runs || arguments.iter().any(is_placeholder) {
            continue;
        }
        let output = plimsoll(workplace.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        let wrong_usage = said.contains("Usage: ") || said.contains("there is no rule named");
        assert!(!wrong_usage, "{}: `plimsoll {}`\n{said}", line.place, arguments.join(" "));
        assert!(output.status.code().is_some(), "{}: ended by a signal", line.place);
    }
}

#[test]
fn an_option_that_is_gone_would_be_noticed() {
    let words = words("FOO=1 plimsoll lint --such 'an option' # why");
    assert_eq!(words, ["plimsoll", "lint", "--such", "an option"]);
    let wrong = ["lint", "--such", "--help"].map(str::to_owned);
    assert!(!plimsoll(root(), &wrong).status.success(), "help hides what is wrong");
}

#[test]
fn every_make_target_in_the_documents_is_in_the_makefile() {
    let Ok(makefile) = fs::read_to_string(root().join("Makefile")) else {
        let named: Vec<Line> = lines().into_iter().filter(|line| line.behind("make").is_some()).collect();
        panic!("there is no Makefile, and the documents name {named:?}");
    };
    let targets: Vec<&str> = makefile
        .lines()
        .filter(|line| !line.starts_with(['\t', '#', '.', ' ']))
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(targets, _)| targets.split_whitespace())
        .collect();
    for line in lines() {
        for target in line.behind("make").unwrap_or_default().iter().filter(|word| !word.contains('=')) {
            if !target.starts_with('-') {
                assert!(targets.contains(&target.as_str()), "{}: there is no target `{target}`", line.place);
            }
        }
    }
}

#[test]
fn the_picture_of_the_shop_is_the_one_that_the_command_draws() {
    let arguments = ["graph", "--format", "svg", "fixtures/shop/Dockerfile"].map(str::to_owned);
    let output = plimsoll(root(), &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = root().join("docs/shop-graph.svg");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &output.stdout).unwrap();
    }
    let published = fs::read(&path).unwrap_or_default();
    assert!(published == output.stdout, "docs/shop-graph.svg is stale: run UPDATE=1 cargo test --test docs");
}

#[test]
fn every_room_of_the_architecture_is_there_and_no_other() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let table = text.split("## The rooms").nth(1).unwrap().split("\n## ").next().unwrap();
    let cells =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(room, _)| room);
    let named: Vec<&str> = cells.collect();
    assert!(named.len() > 10, "the table of rooms is not where it was: {named:?}");
    for room in &named {
        assert!(root().join("src").join(room).is_dir(), "there is no room `{room}`");
    }
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_name().unwrap().to_str().unwrap();
        assert!(!path.is_dir() || named.contains(&room), "ARCHITECTURE.md does not name `{room}`");
    }
    for path in table.split('`').filter(|word| word.contains('/') && !word.contains(' ')) {
        let there = root().join(path).exists() || root().join("src").join(path).exists();
        assert!(there, "ARCHITECTURE.md names `{path}`, which is not there");
    }
}
