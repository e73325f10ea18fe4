//! The room `engine` against a real Docker Engine: the one that `docker` would use.
//!
//! Images are made of nothing but Debian's static busybox, so that no registry is needed. Everything belongs to a run
//! of its own test and goes with it, failed or not.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what the tests share may fail as they do, and what is skipped is said"
)]

#[path = "engine/build.rs"]
mod build;
#[path = "engine/checks.rs"]
mod checks;
#[path = "engine/clean.rs"]
mod clean;
#[path = "engine/container.rs"]
mod container;
#[path = "engine/faults.rs"]
mod faults;
#[path = "engine/ignore.rs"]
mod ignore;
#[path = "engine/proof.rs"]
mod proof;
#[path = "engine/safe_fixes.rs"]
mod safe_fixes;
#[path = "engine/splits.rs"]
mod splits;
#[path = "engine/steps.rs"]
mod steps;
#[path = "engine/tls.rs"]
mod tls;
#[path = "engine/transfer.rs"]
mod transfer;
#[path = "engine/what_reruns.rs"]
mod what_reruns;
#[path = "engine/what_runs.rs"]
mod what_runs;

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::engine::{
    BuildEvent, BuildRequest, Built, ContainerRequest, ContextFile, Endpoint, Engine, Environment, RunId,
};

const BUSYBOX: &str = "/bin/busybox";

/// An engine, a run on it, and a folder with busybox and other files of a build context.
struct Scene {
    engine: Engine,
    run: RunId,
    folder: tempfile::TempDir,
    files: Vec<ContextFile>,
}

impl Scene {
    async fn new() -> Self {
        assert!(Path::new(BUSYBOX).exists(), "{BUSYBOX} is missing: install busybox-static");
        let engine = Engine::connect(&endpoint()).await.unwrap();
        let mut scene =
            Self { engine, run: RunId::new(), folder: tempfile::tempdir().unwrap(), files: Vec::new() };
        fs::copy(BUSYBOX, scene.path("busybox")).unwrap();
        scene.files.push(ContextFile { path: "busybox".into(), source: scene.path("busybox") });
        scene
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn file(&mut self, path: &str, text: &str) {
        let source = self.path(path);
        fs::create_dir_all(source.parent().unwrap()).unwrap();
        fs::write(&source, text).unwrap();
        self.files.retain(|file| file.path != path);
        self.files.push(ContextFile { path: path.into(), source });
    }

    /// A build of `rest` on top of busybox, whose applets are all on the PATH.
    fn request(&self, name: &str, rest: &str) -> BuildRequest {
        let dockerfile = format!(
            "FROM scratch AS base\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"/bin\"]\n{rest}\n"
        );
        BuildRequest {
            dockerfile: dockerfile.into_bytes(),
            files: self.files.clone(),
            context: Some(self.folder.path().into()),
            tag: Some(self.run.image(name)),
            labels: [self.run.label()].into(),
            ..BuildRequest::default()
        }
    }

    async fn build(&self, name: &str, rest: &str) -> Built {
        self.engine.build(&self.request(name, rest), quiet).await.unwrap()
    }

    /// A container of a built image.
    fn container(&self, name: &str) -> ContainerRequest {
        ContainerRequest {
            image: self.run.image(name),
            labels: [self.run.label()].into(),
            ..ContainerRequest::default()
        }
    }

    /// What a container of the image writes until it ends.
    async fn output(&self, name: &str, command: &[&str]) -> Vec<String> {
        let command = Some(command.iter().map(|&word| word.to_owned()).collect());
        let request = ContainerRequest { command, ..self.container(name) };
        let container = self.engine.create_container(&request).await.unwrap();
        let ended = plimsoll::engine::Readiness::Exit { code: 0 };
        container.start_until_ready(&ended, std::time::Duration::from_secs(30)).await.unwrap();
        let lines = container.log_tail(1000).await.unwrap();
        container.remove().await.unwrap();
        lines
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let run = self.run.clone();
        // A thread of its own, as the test's runtime can't be entered again.
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let engine = Engine::connect(&endpoint()).await?;
                engine.clean(Some(&run)).await
            })
        });
        let cleaned = cleaning.join().unwrap();
        assert!(std::thread::panicking() || cleaned.is_ok(), "{cleaned:?}");
    }
}

fn endpoint() -> Endpoint {
    Endpoint::discover(&Environment::of_process()).unwrap()
}

fn quiet(_: BuildEvent) {}

#[tokio::test]
async fn an_engine_says_what_it_is() {
    let scene = Scene::new().await;
    let info = scene.engine.info();
    assert_eq!(info.os, "linux");
    assert!(info.version.starts_with(|digit: char| digit.is_ascii_digit()), "{info:?}");
    assert!(info.api_version.starts_with("1."), "{info:?}");
    assert!(info.cpus > 0 && info.memory.0 > 0, "{info:?}");
}
