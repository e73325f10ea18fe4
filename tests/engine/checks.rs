//! The linter's build checks against those of the engine: `docker build --check` on files of our own and on the
//! examples of the rules' pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll::context::BuildContext;
use plimsoll::dockerfile;
use plimsoll::graph::{self, Base, Origin};
use plimsoll::lint::{Diagnostic, Profile, Settings, catalogue, check, page};
use plimsoll::text::SourceFile;
use rayon::prelude::*;
use serde_json::Value;

use crate::Scene;

/// The first release whose checks are those that the rules follow.
const FIRST: (u32, u32) = (28, 5);

/// What a finding is to both: the check's name and the line.
type Finding = (String, u64);

/// A file with the context it is built in.
struct Fixture {
    name: String,
    text: String,
    ignore: Option<String>,
}

#[tokio::test]
async fn the_engine_reports_the_same_checks_on_the_same_lines() {
    let scene = Scene::new().await;
    let version = &scene.engine.info().version;
    let mut numbers = version.split(['.', '+', '-', '~']).map_while(|part| part.parse().ok());
    let release = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if release < FIRST {
        eprintln!("skipped: engine {version} is older than {}.{} and has other checks", FIRST.0, FIRST.1);
        return;
    }
    let Some(buildx) = buildx() else {
        eprintln!("skipped: docker-buildx is not installed; PLIMSOLL_BUILDX can name it");
        return;
    };
    let fixtures: Vec<Fixture> = own().into_iter().chain(examples()).collect();
    assert!(fixtures.len() > 100, "{} files", fixtures.len());
    // Most of the time is the client's and the engine's, one waiting for the other.
    let wrong: Vec<String> = fixtures.par_iter().filter_map(|fixture| difference(&buildx, fixture)).collect();
    assert!(wrong.is_empty(), "{} of {} files differ\n{}", wrong.len(), fixtures.len(), wrong.join("\n"));
}

/// What is different, as a text.
fn difference(buildx: &Path, fixture: &Fixture) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Dockerfile");
    fs::write(&file, &fixture.text).unwrap();
    if let Some(ignore) = &fixture.ignore {
        fs::write(folder.path().join(".dockerignore"), ignore).unwrap();
    }
    let source = SourceFile::new("Dockerfile", fixture.text.as_str());
    let Answer { found: theirs, stopped } = asked(buildx, folder.path(), &source).unwrap_or_else(|error| {
        panic!("{}: {error}\n{}", fixture.name, fixture.text);
    });
    let context = BuildContext::read(folder.path(), &file, 1000).unwrap();
    let settings = Settings { profile: Profile::All, ..Settings::default() };
    let found = check(&source, Some(&context), &settings);
    let mut ours: Vec<Finding> = found.iter().flat_map(|found| findings(&source, found)).collect();
    ours.sort_unstable();
    // Where the engine stops at an error, what it said before has to be among ours.
    let is_same = ours == theirs || (stopped && theirs.iter().all(|finding| ours.contains(finding)));
    (!is_same).then(|| format!("{}\n{}  ours {ours:?}\ntheirs {theirs:?}\n", fixture.name, fixture.text))
}

/// What a finding is to BuildKit, which names an instruction's first line.
fn findings(source: &SourceFile, found: &Diagnostic) -> Vec<Finding> {
    let parsed = dockerfile::parse(source);
    let instruction = parsed.dockerfile.instructions().find(|one| one.lines.contains_range(found.range));
    let of = |alias: &str| {
        let place = instruction.filter(|_| alias != "NoEmptyContinuation");
        let offset = place.map_or(found.range.start(), |one| one.range.start());
        source.line_column(offset).line as u64
    };
    let checks = found.aliases.iter().filter(|alias| {
        alias.contains(|ch: char| ch.is_ascii_lowercase()) && !alias.contains(['-', '/', '_'])
    });
    checks.map(|alias| ((*alias).to_owned(), of(alias))).collect()
}

/// What the engine says of a file.
struct Answer {
    found: Vec<Finding>,
    /// Whether it stopped at something that it can't build.
    stopped: bool,
}

/// The engine's answer. Every image is an empty folder under its name, so that nothing is pulled.
fn asked(buildx: &Path, folder: &Path, source: &SourceFile) -> Result<Answer, String> {
    let empty = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut command = Command::new(buildx);
    command.args(["build", "--call=check,format=json"]);
    for image in images(source) {
        command.arg(format!("--build-context={image}={}", empty.path().display()));
    }
    let output = command.arg(folder).output().map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let error = answer.pointer("/buildError/message").and_then(Value::as_str);
    if let Some(message) = error.filter(|message| message.contains("failed to resolve source metadata")) {
        return Err(format!("an image has no stand-in: {message}"));
    }
    let warnings = answer.get("warnings").and_then(Value::as_array);
    let finding = |warning: &Value| -> Option<Finding> {
        let line = warning.pointer("/location/ranges/0/start/line")?.as_u64()?;
        Some((warning.get("ruleName")?.as_str()?.to_owned(), line))
    };
    let mut found: Vec<Finding> = warnings.into_iter().flatten().filter_map(finding).collect();
    found.sort_unstable();
    Ok(Answer { found, stopped: error.is_some() })
}

/// The images that a file names.
fn images(source: &SourceFile) -> BTreeSet<String> {
    let parsed = dockerfile::parse(source);
    let graph = graph::resolve(&parsed.dockerfile, &BTreeMap::new());
    let bases = graph.stages.iter().filter_map(|stage| match &stage.base {
        Base::Image { reference, .. } => Some(reference.clone()),
        _ => None,
    });
    let taken = graph.edges.iter().filter_map(|edge| match &edge.origin {
        Origin::Image(reference) => Some(reference.clone()),
        _ => None,
    });
    // What no registry would take, the client doesn't either.
    let is_name = |name: &String| *name == name.to_lowercase() && !name.ends_with([':', '/']);
    bases.chain(taken).filter(is_name).collect()
}

/// Where the client is that can ask.
fn buildx() -> Option<PathBuf> {
    let named = std::env::var_os("PLIMSOLL_BUILDX").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let usual = [
        home.join(".docker/cli-plugins"),
        PathBuf::from("/usr/local/lib/docker/cli-plugins"),
        PathBuf::from("/usr/lib/docker/cli-plugins"),
        PathBuf::from("/usr/libexec/docker/cli-plugins"),
    ];
    let usual = usual.into_iter().map(|folder| folder.join("docker-buildx"));
    named.into_iter().chain(usual).find(|path| path.exists())
}

/// The examples of all pages that BuildKit takes.
fn examples() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for rule in catalogue() {
        for (index, example) in page::examples(rule).into_iter().enumerate() {
            let source = SourceFile::new("Dockerfile", example.text.as_str());
            let parses = dockerfile::parse(&source).errors.is_empty();
            // What no stand-in can be given for, and what nothing stands in for.
            let graph = graph::resolve(&dockerfile::parse(&source).dockerfile, &BTreeMap::new());
            let is_whole = !graph.stages.iter().any(|stage| matches!(stage.base, Base::Unresolved { .. }));
            let is_right = graph.issues.is_empty() && example.text.contains("FROM");
            // In the first of these engines the check of ignored files was still experimental, and a name that says
            // it is a file's was still a secret.
            let is_newer = example.ignore.is_some() || example.text.contains("_FILE=");
            if parses && is_whole && is_right && !is_newer {
                let name = format!("example {} of {}", index + 1, rule.name);
                fixtures.push(Fixture { name, text: example.text, ignore: None });
            }
        }
    }
    fixtures
}

/// Files of our own: `tests/engine/checks/*.Dockerfile`, and beside some the ignore file of the same name. Each holds
/// the edges of one check.
fn own() -> Vec<Fixture> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/engine/checks");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let is_dockerfile = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "Dockerfile");
    let fixture = |path: PathBuf| Fixture {
        name: path.display().to_string(),
        text: fs::read_to_string(&path).unwrap(),
        ignore: fs::read_to_string(path.with_extension("dockerignore")).ok(),
    };
    paths.into_iter().filter(is_dockerfile).map(fixture).collect()
}
