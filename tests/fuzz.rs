//! The fuzzers' laws over what is kept of their inputs: seeds, and what once broke a law; and over real Dockerfiles,
//! where there are some beside the project.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what surprises a test fails it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use plimsoll::text::SourceFile;
use plimsoll::{dockerfile, facts, graph};

#[path = "fuzz/laws.rs"]
mod laws;
#[path = "fuzz/shapes.rs"]
mod shapes;

/// The laws measure the memory of the whole process.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn the_parsers_laws_hold_for_what_is_kept() {
    replay("parse", laws::parse);
}

#[test]
fn the_words_laws_hold_for_what_is_kept() {
    replay("words", laws::words);
}

#[test]
fn the_graphs_laws_hold_for_what_is_kept() {
    replay("graph", laws::graph);
}

#[test]
fn the_laws_hold_for_real_files() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("PLIMSOLL_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join("corpus/files");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let files = files(&folder);
    assert!(!files.is_empty(), "an empty corpus proves nothing");
    for path in &files {
        hold(path, laws::parse);
        hold(path, laws::graph);
    }
    eprintln!("the laws hold for {} files", files.len());
}

/// Far over what any of these takes, even without optimisation on a busy machine; quadratic work is far over this.
const REASONABLE: Duration = Duration::from_mins(2);

#[test]
fn long_files_that_repeat_themselves_are_read_in_reasonable_time() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, text) in shapes::shapes(256 << 10) {
        let start = Instant::now();
        let source = SourceFile::new("Dockerfile", text);
        let dockerfile = dockerfile::parse(&source).dockerfile;
        let graph = graph::resolve(&dockerfile, &BTreeMap::new());
        let facts = facts::derive(&dockerfile, &graph);
        assert_eq!(facts.stages.len(), graph.stages.len());
        assert!(start.elapsed() < REASONABLE, "{name} took {:?}", start.elapsed());
    }
}

fn replay(target: &str, law: fn(&[u8])) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let seeds = files(&folder.join("seeds").join(target));
    assert!(!seeds.is_empty(), "no seeds prove nothing");
    for path in seeds.iter().chain(&files(&folder.join("regressions").join(target))) {
        hold(path, law);
    }
}

fn hold(path: &Path, law: fn(&[u8])) {
    let bytes = fs::read(path).unwrap();
    let held = std::panic::catch_unwind(|| law(&bytes));
    assert!(held.is_ok(), "the law that is named above breaks on {}", path.display());
}

/// The files in `folder`, in order; none where it isn't there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
