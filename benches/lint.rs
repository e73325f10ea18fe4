//! How fast files are read as trees and linted: files and megabytes a second, on one core and on all.
//!
//! `cargo bench --bench lint` takes the Dockerfiles under `PLIMSOLL_SHARED` (its `corpus/files`; `../shared` where that
//! is unset), or the examples of the rules' pages where there is no corpus. Each step runs five times; the median
//! and the fastest are printed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints, and what surprises it ends it"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use plimsoll::lint::{Profile, Safety, Settings, catalogue, check, fix, page};
use plimsoll::text::SourceFile;
use plimsoll::{dockerfile, facts, graph};
use rayon::prelude::*;

/// How often each step runs.
const ROUNDS: usize = 5;

fn main() {
    let files = corpus().unwrap_or_else(examples);
    let bytes: usize = files.iter().map(|file| file.bytes().len()).sum();
    println!("{} files, {:.2} MB, {} rules", files.len(), megabytes(bytes), catalogue().len());
    println!("{:34} {:>9} {:>9} {:>10} {:>8}", "", "median", "fastest", "files/s", "MB/s");
    let all = Settings { profile: Profile::All, ..Settings::default() };
    let step = |name: &str, run: &dyn Fn()| report(name, &time(run), files.len(), bytes);
    step("parse, one core", &|| {
        for file in &files {
            black_box(dockerfile::parse(file));
        }
    });
    step("parse, graph and facts, one core", &|| {
        for file in &files {
            let parsed = dockerfile::parse(file).dockerfile;
            let graph = graph::resolve(&parsed, &std::collections::BTreeMap::new());
            black_box(facts::derive(&parsed, &graph));
        }
    });
    step("lint, one core", &|| {
        for file in &files {
            black_box(check(file, None, &all));
        }
    });
    step("lint, all cores", &|| {
        files.par_iter().for_each(|file| {
            black_box(check(file, None, &all));
        });
    });
    step("fix with all fixes, all cores", &|| {
        files.par_iter().for_each(|file| {
            black_box(fix(file, None, &all, Safety::Unsafe));
        });
    });
}

fn corpus() -> Option<Vec<SourceFile>> {
    let shared =
        std::env::var_os("PLIMSOLL_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let entries = std::fs::read_dir(shared.join("corpus/files")).ok()?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    let read = |path: &PathBuf| SourceFile::new(path.display().to_string(), std::fs::read(path).unwrap());
    Some(paths.iter().map(read).collect())
}

fn examples() -> Vec<SourceFile> {
    catalogue()
        .iter()
        .flat_map(|rule| page::examples(rule))
        .map(|example| SourceFile::new("Dockerfile", example.text))
        .collect()
}

fn time(run: &dyn Fn()) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times
}

#[expect(clippy::cast_precision_loss, reason = "counts of files and bytes are far below 2^52")]
fn report(name: &str, times: &[Duration], files: usize, bytes: usize) {
    let (fastest, median) = (times[0].as_secs_f64(), times[times.len() / 2].as_secs_f64());
    let (files, megabytes) = (files as f64 / median, megabytes(bytes) / median);
    println!("{name:34} {:>7.1}ms {:>7.1}ms {files:>10.0} {megabytes:>8.1}", median * 1e3, fastest * 1e3);
}

#[expect(clippy::cast_precision_loss, reason = "a number of bytes far below 2^52")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
