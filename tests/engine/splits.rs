//! Fixtures whose single stage is split in two: what comes of it builds, starts and answers as the original does.

use std::path::Path;
use std::time::Duration;

use plimsoll::context::BuildContext;
use plimsoll::engine::{BuildArgs, BuildRequest, ContainerRequest, ContextFile, Readiness};
use plimsoll::rewrite::{Manifests, Project, Request, variants};
use plimsoll::text::SourceFile;

use crate::{Scene, quiet};

/// Longer than any of them takes, by far.
const LIMIT: Duration = Duration::from_mins(1);

/// Builds the fixture as it is and split in two, and starts both.
async fn answers_split(fixture: &str, bases: &[&str], readiness: Readiness) {
    if std::env::var_os("PLIMSOLL_FIXTURES").is_none() {
        eprintln!("skipped: builds with package managers take minutes; `make test-fixtures` runs them");
        return;
    }
    let scene = Scene::new().await;
    for base in bases {
        if scene.engine.inspect(base).await.is_err() {
            eprintln!("skipped: the engine has no {base}; `setup/bases.sh all` makes it");
            return;
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
    let path = root.join("Dockerfile");
    let original = SourceFile::new(path.display().to_string(), std::fs::read(&path).unwrap());
    let context = BuildContext::read(&root, &path, usize::MAX).unwrap();
    let manifests: Manifests = Manifests::wanted(&context.listing)
        .map(|entry| (entry.path.clone(), std::fs::read_to_string(root.join(&entry.path)).unwrap()))
        .collect();
    let made = variants(&Request {
        original: &original,
        project: Project { context: Some(&context), manifests: Some(&manifests) },
        target: None,
        build_args: &BuildArgs::default(),
        rules: None,
        users: &[],
        ablate: false,
    });
    let files: Vec<ContextFile> = context
        .listing
        .entries
        .iter()
        .map(|entry| ContextFile { path: entry.path.clone(), source: root.join(&entry.path) })
        .collect();
    for name in ["original", "split"] {
        let variant = made.made.iter().find(|variant| variant.name == name).unwrap();
        let request = BuildRequest {
            dockerfile: variant.source.bytes().to_vec(),
            files: files.clone(),
            context: Some(root.clone()),
            tag: Some(scene.run.image(name)),
            labels: [scene.run.label()].into(),
            ..BuildRequest::default()
        };
        let built = scene.engine.build(&request, quiet).await;
        built.unwrap_or_else(|failure| panic!("{fixture}, {name}: {failure:#?}\n{}", variant.diff));
        let request =
            ContainerRequest { ports: readiness.port().into_iter().collect(), ..scene.container(name) };
        let container = scene.engine.create_container(&request).await.unwrap();
        let started = container.start_until_ready(&readiness, LIMIT).await;
        container.remove().await.unwrap();
        started.unwrap_or_else(|failure| panic!("{fixture}, {name}: {failure:#?}\n{}", variant.diff));
    }
}

fn http(port: u16, path: &str) -> Readiness {
    Readiness::Http { port, path: path.to_owned(), status: None }
}

#[tokio::test]
async fn a_rust_service_answers_without_its_compiler() {
    answers_split("rust-service", &["rust:1", "debian:trixie-slim"], http(8080, "/healthz")).await;
}

#[tokio::test]
async fn a_python_service_answers_from_its_virtual_environment() {
    answers_split("python-web", &["python:3.13", "python:3.13-slim"], http(8000, "/healthz")).await;
}

#[tokio::test]
async fn a_node_service_answers_on_its_production_dependencies() {
    answers_split("node-api", &["node:22-trixie", "node:22-trixie-slim"], http(3000, "/healthz")).await;
}

#[tokio::test]
async fn a_site_is_served_by_nginx() {
    answers_split("react-site", &["node:22-trixie", "nginx:1.28"], http(3000, "/")).await;
}

#[tokio::test]
async fn a_tool_built_by_cmake_runs_without_its_compiler() {
    let bases = ["debian:trixie", "debian:trixie-slim"];
    answers_split("cmake-tool", &bases, Readiness::Exit { code: 0 }).await;
}

#[tokio::test]
async fn a_workspace_answers_without_its_development_dependencies() {
    answers_split("npm-workspace", &["node:22-trixie", "node:22-trixie-slim"], http(4000, "/healthz")).await;
}
