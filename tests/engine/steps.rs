//! A Dockerfile with its context, of which we say what its build runs, and of which the engine's BuildKit shows it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::context::BuildContext;
use plimsoll::dockerfile::{self, Body, Dockerfile};
use plimsoll::engine::{BuildArgs, BuildRequest, ContextFile, StepTiming};
use plimsoll::facts::invalidation::{Build, Changes, Invalidation, Step};
use plimsoll::text::SourceFile;
use plimsoll::{facts, graph};

use crate::{Scene, quiet};

/// What stands in the fixtures for the image with busybox.
const BASE: &str = "plimsoll/base";

/// A folder with a Dockerfile, built on an image that no other project has, so that nothing of it is cached before.
pub(crate) struct Project {
    pub(crate) scene: Scene,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) dockerfile: String,
    pub(crate) build_args: BTreeMap<String, String>,
}

/// What we know of a Dockerfile.
pub(crate) struct Known {
    source: &'static SourceFile,
    dockerfile: Dockerfile<'static>,
    graph: graph::StageGraph,
    facts: facts::Facts,
    context: BuildContext,
}

impl Project {
    pub(crate) async fn new(dockerfile: &str) -> Self {
        let mut scene = Scene::new().await;
        let salt = scene.run.to_string();
        scene.file("salt", &salt);
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
            dockerfile: dockerfile.replace(BASE, &scene.run.image("base")),
            build_args: BTreeMap::new(),
            scene,
        };
        project.image("base", "").await;
        project
    }

    /// Builds an image with busybox that shares no layer with those of other projects: the engine may throw away a
    /// layer of one that goes while another is at work on it.
    pub(crate) async fn image(&self, name: &str, rest: &str) {
        let mut request = self.scene.request(name, "");
        let install = "RUN [\"/bin/busybox\", \"--install\", \"/bin\"]";
        let text = format!("FROM scratch\nCOPY salt /salt\nCOPY busybox /bin/busybox\n{install}\n{rest}\n");
        request.dockerfile = text.into_bytes();
        self.scene.engine.build(&request, quiet).await.unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A file whose content is this test's own.
    pub(crate) fn file(&self, path: &str, text: &str) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, format!("{text}\n{}\n", self.scene.run)).unwrap();
    }

    pub(crate) fn known(&self) -> Known {
        // The tree reads its words where they stand in the source, which a test may keep to its end.
        let source: &SourceFile =
            Box::leak(Box::new(SourceFile::new("Dockerfile", self.dockerfile.as_str())));
        let parsed = dockerfile::parse(source);
        assert_eq!(parsed.errors, []);
        let graph = graph::resolve(&parsed.dockerfile, &BTreeMap::new());
        let facts = facts::derive(&parsed.dockerfile, &graph);
        let context = BuildContext::read(self.folder.path(), &self.path("Dockerfile"), 10_000).unwrap();
        Known { source, dockerfile: parsed.dockerfile, graph, facts, context }
    }

    /// What the engine's BuildKit did for `target`, by the names of its vertices; or what it says against it.
    pub(crate) async fn build(&self, target: Option<&str>) -> Result<Vec<StepTiming>, String> {
        let context = BuildContext::read(self.folder.path(), &self.path("Dockerfile"), 10_000).unwrap();
        let paths = context.listing.entries.iter().map(|entry| entry.path.clone());
        let request = BuildRequest {
            dockerfile: self.dockerfile.clone().into_bytes(),
            files: paths.map(|path| ContextFile { source: self.path(&path), path }).collect(),
            context: Some(self.folder.path().into()),
            target: target.map(str::to_owned),
            build_args: BuildArgs(self.build_args.clone()),
            tag: Some(self.scene.run.image("project")),
            labels: [self.scene.run.label()].into(),
            ..BuildRequest::default()
        };
        let built = self.scene.engine.build(&request, quiet).await;
        built.map(|built| built.steps).map_err(|failure| failure.to_string())
    }

    /// The engine's version, its first number.
    pub(crate) fn engine_age(&self) -> u32 {
        major(&self.scene.engine.info().version)
    }
}

pub(crate) fn major(version: &str) -> u32 {
    version.split('.').next().and_then(|number| number.parse().ok()).unwrap()
}

impl Known {
    pub(crate) fn predict(&self, target: Option<&str>, changes: &Changes) -> Invalidation {
        Invalidation::predict(&self.build(target), changes)
    }

    pub(crate) fn build(&self, target: Option<&str>) -> Build<'_> {
        Build {
            source: self.source,
            dockerfile: &self.dockerfile,
            graph: &self.graph,
            facts: &self.facts,
            context: &self.context,
            target: self.graph.target(target).unwrap(),
        }
    }

    /// What BuildKit calls these steps. `all` are the build's steps.
    pub(crate) fn names<'s>(&self, all: &[Step], steps: impl Iterator<Item = &'s Step>) -> Vec<String> {
        named(steps.map(|step| {
            let stage = self.graph.stages.get(step.stage).unwrap();
            let own = all.iter().filter(|other| other.stage == step.stage);
            let number = 1 + own.clone().position(|other| other == step).unwrap();
            let instruction = self.dockerfile.instructions().nth(step.instruction).unwrap();
            let keyword = match &instruction.body {
                Body::Onbuild(trigger) => trigger.keyword,
                _ => instruction.keyword,
            };
            name_of(stage.name.as_deref(), step.stage, number, keyword.unwrap().as_str())
        }))
    }
}

/// A step as BuildKit calls it: its stage, its number in it and its keyword.
pub(crate) fn name_of(stage: Option<&str>, index: usize, number: usize, keyword: &str) -> String {
    let stage = stage.map_or_else(|| format!("stage-{index}"), str::to_owned);
    called(&stage, &number.to_string(), &keyword.to_uppercase())
}

fn called(stage: &str, number: &str, keyword: &str) -> String {
    if keyword == "FROM" { keyword.to_owned() } else { format!("{stage} {number} {keyword}") }
}

/// Names in order. Steps on one image share a vertex, and the fixtures know one image only.
pub(crate) fn named(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup_by(|a, b| a == b && a == "FROM");
    names
}

/// The steps among BuildKit's vertices, called as [`name_of`] calls them; without the internal ones, and without
/// the merging of a layer that stands on nothing. In a file with one stage alone they don't name it, so a fixture needs
/// two.
pub(crate) fn vertices<'t>(timings: impl Iterator<Item = &'t StepTiming>) -> Vec<String> {
    let mut names: Vec<String> = timings
        .filter_map(|timing| {
            let (place, rest) = timing.name.strip_prefix('[')?.split_once("] ")?;
            let rest = rest.strip_prefix("ONBUILD ").unwrap_or(rest);
            let keyword = rest.split_whitespace().next()?.to_uppercase();
            if place.starts_with("internal") || keyword == "LINK" {
                return None;
            }
            let (stage, number) = place.rsplit_once(' ')?;
            let number = number.split('/').next()?;
            Some(called(&stage.trim().to_lowercase(), number, &keyword))
        })
        .collect();
    names.sort();
    names
}

/// The fixtures, each with what its first comments say of it.
pub(crate) fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/graph");
    let mut found: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    found
}
