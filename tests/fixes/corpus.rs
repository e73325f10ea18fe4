//! The laws over real Dockerfiles, where there are some beside the project, and over the examples of the rules' pages.

use std::path::{Path, PathBuf};

use plimsoll::lint::{catalogue, page};
use plimsoll::text::SourceFile;
use rayon::prelude::*;

use crate::imagined;
use crate::laws::{File, broken_alone, broken_together};

/// The Dockerfiles of real projects, in the order of their names.
pub(crate) fn real_files() -> Option<Vec<SourceFile>> {
    let Some(shared) = shared() else {
        eprintln!("skipped: no corpus at PLIMSOLL_SHARED or ../shared");
        return None;
    };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(shared.join("corpus/files")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    assert!(!paths.is_empty(), "an empty corpus proves nothing");
    let read = |path: &PathBuf| SourceFile::new(path.display().to_string(), std::fs::read(path).unwrap());
    Some(paths.iter().map(read).collect())
}

/// The folder of what belongs to no repository.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("PLIMSOLL_SHARED").map_or_else(beside, PathBuf::from);
    folder.join("corpus/files").is_dir().then_some(folder)
}

/// All examples of the rules' pages.
pub(crate) fn examples() -> Vec<SourceFile> {
    let rules = catalogue().iter();
    let examples =
        rules.flat_map(|rule| page::examples(rule).into_iter().map(|example| (rule.name, example)));
    examples.map(|(name, example)| SourceFile::new(name, example.text)).collect()
}

/// Whether all is asked for that there is time for, by `make laws`. Else a sample is taken, spread over the whole.
pub(crate) fn in_full() -> bool {
    std::env::var_os("PLIMSOLL_LAWS").is_some_and(|wanted| wanted == "all")
}

/// Every `step`th of the files, or all of them.
fn sample(files: Vec<SourceFile>, step: usize) -> Vec<SourceFile> {
    files.into_iter().step_by(if in_full() { 1 } else { step }).collect()
}

fn assert_hold(files: &[SourceFile], broken: impl Fn(File<'_>) -> Option<String> + Sync) {
    let broken: Vec<String> = files
        .par_iter()
        .filter_map(|source| {
            let context = imagined::context(source);
            let law = [None, Some(&context)].into_iter().find_map(|context| broken(File { source, context }));
            law.map(|law| format!("{}: {law}", source.path()))
        })
        .collect();
    assert!(broken.is_empty(), "{} of {} files:\n{}", broken.len(), files.len(), broken.join("\n\n"));
}

#[test]
fn the_fixes_of_the_rules_examples_keep_the_laws() {
    assert_hold(&examples(), |file| broken_together(file).or_else(|| broken_alone(file)));
}

#[test]
fn all_fixes_together_keep_the_laws_on_real_files() {
    if let Some(files) = real_files() {
        assert_hold(&sample(files, 8), broken_together);
    }
}

#[test]
fn the_fixes_of_each_rule_keep_the_laws_on_real_files() {
    if let Some(files) = real_files() {
        assert_hold(&sample(files, 15), broken_alone);
    }
}
