//! The laws over files that came to harm: bytes flipped, lines dropped, doubled and joined.

use std::time::Duration;

use plimsoll::dockerfile;
use plimsoll::text::SourceFile;
use rand::seq::IndexedRandom as _;
use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::corpus::{examples, in_full, real_files};
use crate::laws::{File, broken_together};

/// One harm done to a file.
#[derive(Debug, Clone, Copy)]
enum Harm {
    FlipByte,
    DropLine,
    DoubleLine,
    JoinLines,
}

const HARMS: [Harm; 4] = [Harm::FlipByte, Harm::DropLine, Harm::DoubleLine, Harm::JoinLines];

/// The file after one to four harms.
fn harmed(original: &SourceFile, random: &mut impl Rng) -> SourceFile {
    let mut bytes = original.bytes().to_vec();
    let mut done = Vec::new();
    for _ in 0..random.random_range(1..=4) {
        let Some(harm) = HARMS.choose(random).copied().filter(|_| !bytes.is_empty()) else { break };
        do_harm(&mut bytes, harm, random);
        done.push(harm);
    }
    SourceFile::new(format!("{} {done:?}", original.path()), bytes)
}

fn do_harm(bytes: &mut Vec<u8>, harm: Harm, random: &mut impl Rng) {
    if let Harm::FlipByte = harm {
        let at = random.random_range(0..bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << random.random_range(0..8);
        }
        return;
    }
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let at = random.random_range(0..lines.len());
    match harm {
        Harm::DropLine => drop(lines.remove(at)),
        Harm::DoubleLine => lines.insert(at, lines.get(at).cloned().unwrap_or_default()),
        Harm::JoinLines | Harm::FlipByte => {
            lines.get_mut(at).map(Vec::pop);
        }
    }
    *bytes = lines.concat();
}

/// The time that this thread has had a processor for, where the system tells: waiting for others is no hang.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

#[test]
fn fixes_of_harmed_files_neither_panic_nor_hang_and_keep_the_laws_where_the_file_parses() {
    let files = real_files().unwrap_or_else(examples);
    let count = if in_full() { 10_000 } else { 250 };
    let verdicts: Vec<(Option<String>, Duration)> = (0..count)
        .into_par_iter()
        .map(|seed| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let source = files.choose(&mut random).map(|file| harmed(file, &mut random)).unwrap();
            let before = processor_time();
            let broken = broken_together(File { source: &source, context: None });
            let taken = processor_time()
                .zip(before)
                .map_or(Duration::ZERO, |(after, before)| after.saturating_sub(before));
            let parses = dockerfile::parse(&source).errors.is_empty();
            let broken = broken.filter(|_| parses).map(|law| format!("{seed}, {}: {law}", source.path()));
            (broken, taken)
        })
        .collect();
    let slowest = verdicts.iter().map(|(_, taken)| *taken).max().unwrap_or_default();
    let broken: Vec<String> = verdicts.into_iter().filter_map(|(broken, _)| broken).collect();
    assert!(broken.is_empty(), "{} of {count} files:\n{}", broken.len(), broken.join("\n\n"));
    if in_full() {
        eprintln!("{count} files; the slowest took {slowest:?}");
        // The acceptance itself. It holds for eight runs of all rules with their fixes, where a user has one.
        assert!(slowest < Duration::from_secs(1), "a file takes {slowest:?}");
    }
}
