//! The same promises over real Dockerfiles, where there are some beside the project.

use std::path::PathBuf;

use plimsoll::text::SourceFile;
use rayon::prelude::*;

use crate::laws::broken_law;
use crate::scratch::{Scratch, shared};

#[test]
fn fixes_of_real_files_parse_and_a_second_fix_changes_nothing() {
    let Some(shared) = shared() else {
        eprintln!("skipped: no corpus at PLIMSOLL_SHARED or ../shared");
        return;
    };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(shared.join("corpus/files")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "an empty corpus proves nothing");
    let broken: Vec<String> = paths
        .par_iter()
        .filter_map(|path| {
            let source = SourceFile::new(path.display().to_string(), std::fs::read(path).unwrap());
            broken_law(&source).map(|law| format!("{}: {law}", path.display()))
        })
        .collect();
    assert!(broken.is_empty(), "{} of {} files:\n{}", broken.len(), paths.len(), broken.join("\n\n"));
}

#[test]
fn what_breaks_the_fixes_of_a_peer_is_left_whole() {
    let Some(cases) = shared()
        .and_then(|shared| std::fs::read_to_string(shared.join("conformance/fix_breakers.jsonl")).ok())
    else {
        eprintln!("skipped: no cases at PLIMSOLL_SHARED or ../shared");
        return;
    };
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let before = case["before"].as_str().unwrap();
        for option in ["--fix", "--unsafe-fixes"] {
            let scratch = Scratch::of(before);
            assert_ne!(scratch.run(&["lint", "--profile", "all", option]).code, 2, "{}", case["name"]);
            assert_ne!(Some(scratch.text("Dockerfile").as_str()), case["after_tally_0_45_0"].as_str());
        }
    }
}
