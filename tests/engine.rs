//! The room `engine` against a real Docker Engine: the one that `docker` would use.
//!
//! Images are made of nothing but Debian's static busybox, so that no registry is needed. Everything carries a label
//! of its test and is removed by it.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::engine::{
    BuildArgs, BuildEvent, BuildFailure, BuildRequest, ContextFile, Endpoint, Engine, Environment,
};

const BUSYBOX: &str = "/bin/busybox";

async fn engine() -> Engine {
    let endpoint = Endpoint::discover(&Environment::of_process()).unwrap();
    Engine::connect(&endpoint).await.unwrap()
}

/// A folder with busybox in it, and the files of a build context.
struct Project {
    folder: tempfile::TempDir,
    files: Vec<ContextFile>,
}

impl Project {
    fn new() -> Self {
        assert!(Path::new(BUSYBOX).exists(), "{BUSYBOX} is missing: install busybox-static");
        let mut project = Self { folder: tempfile::tempdir().unwrap(), files: Vec::new() };
        fs::copy(BUSYBOX, project.folder.path().join("busybox")).unwrap();
        project.files.push(ContextFile { path: "busybox".into(), source: project.path("busybox") });
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn file(mut self, path: &str, text: &str) -> Self {
        let source = self.path(path);
        fs::create_dir_all(source.parent().unwrap()).unwrap();
        fs::write(&source, text).unwrap();
        self.files.push(ContextFile { path: path.into(), source });
        self
    }

    fn link(mut self, path: &str, target: &str) -> Self {
        let source = self.path(path);
        std::os::unix::fs::symlink(target, &source).unwrap();
        self.files.push(ContextFile { path: path.into(), source });
        self
    }

    /// A build of `rest` on top of busybox.
    fn request(&self, tag: &str, rest: &str) -> BuildRequest {
        let dockerfile = format!("FROM scratch AS base\nCOPY busybox /bin/sh\n{rest}\n");
        BuildRequest {
            dockerfile: dockerfile.into_bytes(),
            files: self.files.clone(),
            context: Some(self.folder.path().into()),
            tag: Some(tag.into()),
            labels: [("io.plimsoll.test".to_owned(), tag.to_owned())].into(),
            ..BuildRequest::default()
        }
    }
}

fn quiet(_: BuildEvent) {}

#[tokio::test]
async fn an_engine_says_what_it_is() {
    let engine = engine().await;
    let info = engine.info();
    assert_eq!(info.os, "linux");
    assert!(info.version.starts_with(|digit: char| digit.is_ascii_digit()), "{info:?}");
    assert!(info.api_version.starts_with("1."), "{info:?}");
    assert!(info.cpus > 0 && info.memory.0 > 0, "{info:?}");
}

#[tokio::test]
async fn a_build_makes_an_image_with_labels_and_reports_its_steps() {
    let engine = engine().await;
    let project = Project::new();
    let mut request = project.request(
        "plimsoll-test-build:a",
        "ARG WORD\nRUN echo said $WORD > /word\nFROM base AS unused\nRUN exit 3\n",
    );
    request.target = Some("base".into());
    request.no_cache = true;
    request.build_args = BuildArgs([("WORD".to_owned(), "hunter2".to_owned())].into());
    let mut events = Vec::new();
    let built = engine.build(&request, |event| events.push(event)).await.unwrap();

    let image = engine.inspect("plimsoll-test-build:a").await.unwrap();
    assert_eq!(image.id, built.image);
    assert_eq!(image.diff_ids.len(), 2);
    assert_eq!(image.config.labels["io.plimsoll.test"], "plimsoll-test-build:a");
    let run = built.steps.iter().find(|step| step.name.contains("RUN echo")).expect("the step is timed");
    assert!(!run.cached && !run.duration.is_zero());
    let step = run.name.clone();
    assert!(events.contains(&BuildEvent::Started { step: step.clone() }));
    assert!(
        events.iter().any(|event| matches!(event, BuildEvent::Finished { step: name, .. } if *name == step))
    );
    assert!(!format!("{events:?} {built:?} {request:?} {image:?}").contains("hunter2"));

    // The same again is all there, and gives the same image.
    request.no_cache = false;
    let again = engine.build(&request, quiet).await.unwrap();
    assert!(
        again.steps.iter().any(|step| step.name.contains("RUN echo") && step.cached),
        "{:#?}",
        again.steps
    );
    assert_eq!(engine.inspect(&again.image).await.unwrap().diff_ids, image.diff_ids);
    engine.remove_image("plimsoll-test-build:a").await.unwrap();
}
