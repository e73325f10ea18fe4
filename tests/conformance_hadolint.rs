//! Holds the rules that have one of hadolint's codes against hadolint itself, by file, code and line, over real
//! Dockerfiles: `make conformance` prints the table.
//!
//! The program is the one that `HADOLINT` names, the files those of `corpus/files` in the folder that
//! `PLIMSOLL_SHARED` names, or in `../shared`. Its verdict is kept in `target/`. `DIFFERENCES=DL3003,DL3004` prints the
//! places where the two differ.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a test's helpers fail the test, a skipped test says so, and counts are small"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process;

use plimsoll::dockerfile::{self, Body, Dockerfile, Instruction};
use plimsoll::facts::{self, Fact, Run};
use plimsoll::graph::{self, Base, EdgeKind, StageGraph};
use plimsoll::lint::{InlineIgnores, LabelType, Policy, Profile, Settings, check};
use plimsoll::shell::Command;
use plimsoll::text::{SourceFile, TextRange};
use rayon::prelude::*;
use serde::Deserialize;

/// How well each code has to agree, both ways.
const ENOUGH: f64 = 0.98;

/// A difference that is meant, and not counted. `docs/hadolint.md` has the reasons.
struct Deliberate {
    /// Which codes it concerns; all where it names none.
    codes: &'static [&'static str],
    /// At which instructions.
    covers: fn(&StageGraph, &Fact<'_>) -> bool,
}

/// Each of them is a row of `docs/hadolint.md`.
const DELIBERATE: [Deliberate; 11] = [
    // A script that no POSIX shell reads.
    Deliberate {
        codes: &[],
        covers: |_, fact| {
            matches!(fact.instruction.body, Body::Run(_)) && matches!(fact.facts.run, Run::Foreign)
        },
    },
    // A FROM of an earlier stage, which a build argument names or which is written in another case.
    Deliberate {
        codes: &["DL3006"],
        covers: |graph, fact| {
            let stage = graph.stages.iter().find(|stage| stage.from == fact.index);
            stage.is_some_and(|stage| matches!(stage.base, Base::Stage(_)))
        },
    },
    // A destination that is absolute on Windows.
    Deliberate {
        codes: &["DL3045"],
        covers: |_, fact| matches!(&fact.instruction.body, Body::Copy(copy) if copy.destination.text.starts_with('\\')),
    },
    // A stage that others copy from, by its number.
    Deliberate {
        codes: &["DL3049"],
        covers: |graph, fact| {
            let stage = graph.stages.iter().find(|stage| stage.from == fact.index);
            let is_copied =
                |stage: usize| graph.taken_from(stage).any(|edge| matches!(edge.kind, EdgeKind::Copy { .. }));
            stage.is_some_and(|stage| is_copied(stage.index))
        },
    },
    // A script that sets pipefail itself, and a shell that the base has or that stands in another folder.
    Deliberate {
        codes: &["DL4006"],
        covers: |_, fact| {
            let sets = |command: &Command| {
                command.name() == Some("set") && command.args().iter().any(|word| word.is("pipefail"))
            };
            let shell = fact.facts.before.shell.words();
            let is_known = shell
                .first()
                .is_some_and(|shell| ["bash", "zsh", "ash"].iter().any(|end| shell.ends_with(end)));
            matches!(fact.instruction.body, Body::Run(_))
                && (fact.facts.commands().iter().any(|occurrence| sets(occurrence.command))
                    || (is_known && shell.iter().any(|word| word == "pipefail")))
        },
    },
    // The lists are removed by another command than `rm -rf`.
    Deliberate {
        codes: &["DL3009"],
        covers: |_, fact| {
            any_word(fact, |word| {
                matches!(word, "dist-clean" | "distclean") || word.contains("/var/lib/apt/lists/")
            })
        },
    },
    // apt's configuration leaves recommendations out.
    Deliberate {
        codes: &["DL3015"],
        covers: |_, fact| any_word(fact, |word| word.contains("APT::Install-Recommends")),
    },
    // The cache is emptied by another command, or lies in another root.
    Deliberate {
        codes: &["DL3032", "DL3036", "DL3040"],
        covers: |_, fact| any_word(fact, |word| word.contains("clean") || word.starts_with("--installroot")),
    },
    // A group of packages has no version.
    Deliberate { codes: &["DL3033"], covers: |_, fact| any_word(fact, |word| word == "group") },
    // The cache is mounted where a variable says that it is.
    Deliberate {
        codes: &["DL3042"],
        covers: |_, fact| {
            let place = fact.facts.before.value("PIP_CACHE_DIR");
            fact.facts.mounts.iter().any(|mount| place.is_some() && mount.target.as_deref() == place)
        },
    },
    // A file of the project is run by its name.
    Deliberate {
        codes: &["DL3062"],
        covers: |_, fact| any_word(fact, |word| word.strip_suffix(".go").is_some()),
    },
];

impl Deliberate {
    fn concerns(&self, code: &str) -> bool {
        self.codes.is_empty() || self.codes.contains(&code)
    }
}

fn any_word(fact: &Fact<'_>, wanted: fn(&str) -> bool) -> bool {
    let commands = fact.facts.commands();
    commands.iter().any(|occurrence| occurrence.command.words.iter().any(|word| wanted(word.shown())))
}

/// A finding of either side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
struct Place {
    code: String,
    file: PathBuf,
    line: usize,
}

/// What one side says beyond the other, and what both say.
#[derive(Debug, Default)]
struct Score {
    both: usize,
    hadolint_only: Vec<Place>,
    ours_only: Vec<Place>,
}

impl Score {
    fn precision(&self) -> f64 {
        share(self.both, self.ours_only.len())
    }

    fn recall(&self) -> f64 {
        share(self.both, self.hadolint_only.len())
    }
}

fn share(both: usize, others: usize) -> f64 {
    if both + others == 0 { 1.0 } else { both as f64 / (both + others) as f64 }
}

#[test]
fn every_code_reports_the_lines_that_hadolint_reports() {
    let Some((program, files)) = program().zip(corpus()) else { return };
    let hadolint = verdict(&program, &files);
    let unread: HashSet<&PathBuf> =
        hadolint.iter().filter(|place| place.code == "DL1000").map(|place| &place.file).collect();
    let read: Vec<&PathBuf> = files.iter().filter(|file| !unread.contains(file)).collect();
    let ours: BTreeSet<Place> = read.par_iter().flat_map_iter(|file| our_places(file)).collect();
    let meant: BTreeSet<(PathBuf, usize, usize)> =
        read.par_iter().flat_map_iter(|file| meant(file)).collect();
    let is_meant = |place: &Place| {
        DELIBERATE.iter().enumerate().any(|(index, deliberate)| {
            deliberate.concerns(&place.code) && meant.contains(&(place.file.clone(), place.line, index))
        })
    };
    let counts =
        |place: &&Place| place.code.starts_with("DL") && !unread.contains(&place.file) && !is_meant(place);
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for place in hadolint.iter().filter(counts) {
        let score = scores.entry(&place.code).or_default();
        if ours.contains(place) {
            score.both += 1;
        } else {
            score.hadolint_only.push(place.clone());
        }
    }
    for place in ours.iter().filter(counts).filter(|place| !hadolint.contains(place)) {
        scores.entry(&place.code).or_default().ours_only.push(place.clone());
    }
    print(&scores, read.len(), unread.len());
    let short: Vec<&str> = scores
        .iter()
        .filter(|(_, score)| score.precision() < ENOUGH || score.recall() < ENOUGH)
        .map(|(code, _)| *code)
        .collect();
    assert!(short.is_empty(), "short of {ENOUGH}: {}", short.join(", "));
}

fn print(scores: &BTreeMap<&str, Score>, read: usize, unread: usize) {
    println!("{read} files; {unread} that hadolint can't read are left out");
    println!(
        "{:8} {:>9} {:>9} {:>9} {:>10} {:>7}",
        "code", "hadolint", "plimsoll", "both", "precision", "recall"
    );
    let wanted = std::env::var("DIFFERENCES").unwrap_or_default();
    for (code, score) in scores {
        let (precision, recall) = (score.precision(), score.recall());
        println!(
            "{code:8} {:>9} {:>9} {:>9} {precision:>10.3} {recall:>7.3}{}",
            score.both + score.hadolint_only.len(),
            score.both + score.ours_only.len(),
            score.both,
            if precision < ENOUGH || recall < ENOUGH { "  short" } else { "" }
        );
        if wanted.split(',').any(|name| name == *code) {
            for (side, places) in [("hadolint", &score.hadolint_only), ("plimsoll", &score.ours_only)] {
                for place in places {
                    println!("  {side} only: {}:{}", place.file.display(), place.line);
                }
            }
        }
    }
}

fn program() -> Option<PathBuf> {
    let program = std::env::var_os("HADOLINT").map(PathBuf::from);
    if program.is_none() {
        eprintln!("skipped: HADOLINT names no program; `make conformance` installs it");
    }
    program
}

fn corpus() -> Option<Vec<PathBuf>> {
    let shared =
        std::env::var_os("PLIMSOLL_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let folder = shared.join("corpus/files");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    Some(files)
}

/// What a team could want of these files, for the codes that say nothing without.
fn policy() -> Policy {
    Policy {
        trusted_registries: ["docker.io", "*.gcr.io", "quay.*"].map(str::to_owned).to_vec(),
        label_schema: [
            ("maintainer", LabelType::Email),
            ("description", LabelType::Text),
            ("version", LabelType::Semver),
            ("org.opencontainers.image.version", LabelType::Semver),
            ("org.opencontainers.image.source", LabelType::Url),
            ("org.opencontainers.image.url", LabelType::Url),
            ("org.opencontainers.image.licenses", LabelType::Spdx),
            ("org.opencontainers.image.created", LabelType::Rfc3339),
            ("org.opencontainers.image.revision", LabelType::GitHash),
            ("org.label-schema.build-date", LabelType::Rfc3339),
            ("org.label-schema.license", LabelType::Spdx),
            ("org.label-schema.url", LabelType::Url),
            ("org.label-schema.vcs-ref", LabelType::GitHash),
            ("org.label-schema.version", LabelType::Semver),
        ]
        .map(|(name, form)| (name.to_owned(), form))
        .into(),
        strict_labels: true,
    }
}

/// The same for hadolint, with the rules on that it leaves off.
fn configuration() -> String {
    let policy = policy();
    let mut text =
        String::from("override:\n  info: [DL1001, DL3057]\nstrict-labels: true\ntrustedRegistries:\n");
    for registry in &policy.trusted_registries {
        writeln!(text, "  - \"{registry}\"").unwrap();
    }
    text.push_str("label-schema:\n");
    for (name, form) in &policy.label_schema {
        writeln!(text, "  {name}: {}", form.as_str()).unwrap();
    }
    text
}

/// What hadolint says of the files; from the last run where nothing has changed since.
fn verdict(program: &Path, files: &[PathBuf]) -> BTreeSet<Place> {
    let version = process::Command::new(program).arg("--version").output().unwrap().stdout;
    let configuration = configuration();
    let mut hasher = DefaultHasher::new();
    (&version, &configuration).hash(&mut hasher);
    for file in files {
        (file, fs::metadata(file).unwrap().len()).hash(&mut hasher);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let kept = folder.join(format!("hadolint-{:016x}.json", hasher.finish()));
    if !kept.exists() {
        let settings = folder.join("hadolint.yaml");
        fs::write(&settings, configuration).unwrap();
        eprintln!("hadolint reads {} files; this takes a minute or two", files.len());
        let run = process::Command::new(program)
            .args(["--no-fail", "--disable-ignore-pragma", "--format", "json", "--config"])
            .arg(&settings)
            .args(files)
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        fs::write(&kept, run.stdout).unwrap();
    }
    serde_json::from_slice(&fs::read(&kept).unwrap()).unwrap()
}

/// What our rules say of a file under hadolint's codes, on the first lines of the instructions.
fn our_places(file: &Path) -> Vec<Place> {
    let source = SourceFile::new(file.display().to_string(), fs::read(file).unwrap());
    let settings = Settings {
        profile: Profile::Named,
        inline_ignores: InlineIgnores::Disabled,
        policy: policy(),
        ..Settings::default()
    };
    let parsed = dockerfile::parse(&source).dockerfile;
    let place = |code: &str, range: TextRange| Place {
        code: code.to_owned(),
        file: file.to_owned(),
        line: line(&source, &parsed, range),
    };
    check(&source, None, &settings)
        .iter()
        .flat_map(|found| found.aliases.iter().map(|alias| place(alias, found.range)))
        .filter(|place| place.code.starts_with("DL"))
        .collect()
}

fn line(source: &SourceFile, parsed: &Dockerfile, range: TextRange) -> usize {
    let holds = |instruction: &&Instruction| instruction.lines.contains_range(range);
    let start = parsed.instructions().find(holds).map_or(range.start(), |found| found.range.start());
    source.line_column(start).line
}

/// Where in a file a difference is meant: the line, and which of [`DELIBERATE`] it is.
fn meant(file: &Path) -> Vec<(PathBuf, usize, usize)> {
    let source = SourceFile::new(file.display().to_string(), fs::read(file).unwrap());
    let parsed = dockerfile::parse(&source).dockerfile;
    let graph = graph::resolve(&parsed, &BTreeMap::new());
    let facts = facts::derive(&parsed, &graph);
    let mut found = Vec::new();
    for fact in facts.all(&parsed) {
        let line = source.line_column(fact.instruction.range.start()).line;
        let covering =
            DELIBERATE.iter().enumerate().filter(|(_, deliberate)| (deliberate.covers)(&graph, &fact));
        found.extend(covering.map(|(index, _)| (file.to_owned(), line, index)));
    }
    found
}
