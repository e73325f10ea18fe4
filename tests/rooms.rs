//! The order of the rooms (ARCHITECTURE.md): a room imports only rooms below it.

#![expect(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the top of the house to its ground. A room may import the rooms behind it in this list.
const ROOMS: [&str; 18] = [
    "cli",
    "config",
    "report",
    "bench",
    "rewrite",
    "shellcheck",
    "lint",
    "region",
    "registry",
    "engine",
    "facts",
    "graph",
    "context",
    "shell",
    "dockerfile",
    "text",
    "bytes",
    "lib",
];

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(source_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The rooms that a file's code names: `crate::room`, `crate::{room, other::{…}}`.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    found.insert(std::mem::take(&mut word));
                    break;
                }
                if depth == 1 && (character == ',' || character == ':') {
                    if !word.is_empty() {
                        found.insert(std::mem::take(&mut word));
                    }
                    if character == ':' {
                        depth = 1;
                    }
                } else if depth == 1 && (character.is_alphanumeric() || character == '_') {
                    word.push(character);
                }
            }
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found.retain(|name| ROOMS.contains(&name.as_str()));
    found
}

#[test]
fn every_room_imports_only_rooms_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rank = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in source_files(&root) {
        let inside = file.strip_prefix(&root).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = first.strip_suffix(".rs").unwrap_or(first);
        if room == "main" || room == "lib" {
            continue;
        }
        let own = rank(room).unwrap_or_else(|| panic!("{room} is a room that ARCHITECTURE.md doesn't know"));
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            seen += 1;
            if rank(&import).is_some_and(|other| other < own) {
                wrong.push(format!("{} imports {import}", inside.display()));
            }
        }
    }
    assert!(seen > 20, "only {seen} imports were seen: the test no longer reads them");
    assert!(wrong.is_empty(), "imports run up:\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_read_in_both_of_their_forms() {
    let text = "use crate::lint::Rule; use crate::{dockerfile, graph::{self, Stage}}; // crate::cli\nlet x = crate::text::y;";
    let found: Vec<String> = imports(text).into_iter().collect();
    assert_eq!(found, ["dockerfile", "graph", "lint", "text"]);
}
