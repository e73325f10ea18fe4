//! Containers and their readiness.

use std::time::Duration;

use plimsoll::engine::{ContainerRequest, EngineError, Readiness, StartFailure, Started};
use regex::Regex;

use crate::Scene;

const LIMIT: Duration = Duration::from_secs(30);

/// Starts a container of the image that runs `script`, with port 8080.
async fn started(scene: &Scene, script: &str, readiness: &Readiness) -> Result<Started, StartFailure> {
    let command = Some(["/bin/sh", "-c", script].map(ToOwned::to_owned).into());
    let request = ContainerRequest { command, ports: vec![8080], ..scene.container("a") };
    let container = scene.engine.create_container(&request).await.unwrap();
    let result = container.start_until_ready(readiness, LIMIT).await;
    container.remove().await.unwrap();
    result
}

fn http(path: &str, status: Option<u16>) -> Readiness {
    Readiness::Http { port: 8080, path: path.into(), status }
}

#[tokio::test]
async fn a_server_is_ready_with_its_first_right_answer() {
    let mut scene = Scene::new().await;
    scene.file("index.html", "hello");
    scene.build("a", "COPY index.html /www/index.html").await;
    let server = "sleep 1; exec httpd -f -p 8080 -h /www";
    let found = started(&scene, server, &http("/index.html", None)).await.unwrap();
    assert!(found.ready >= Duration::from_secs(1) && found.ready > found.run, "{found:?}");
    assert!(!found.create.is_zero());
    let missing = started(&scene, server, &http("/nothing", Some(404))).await.unwrap();
    assert!(missing.ready >= Duration::from_secs(1), "{missing:?}");
}

#[tokio::test]
async fn a_port_is_ready_when_the_program_listens_and_not_when_the_engine_does() {
    let scene = Scene::new().await;
    scene.build("a", "").await;
    let found = started(&scene, "sleep 1; nc -l -p 8080", &Readiness::Tcp { port: 8080 }).await.unwrap();
    assert!(found.ready >= Duration::from_secs(1), "{found:?}");
}

#[tokio::test]
async fn a_healthcheck_makes_ready() {
    let scene = Scene::new().await;
    scene.build("a", "HEALTHCHECK --interval=1s CMD test -e /ready").await;
    let found = started(&scene, "sleep 1; touch /ready; sleep 60", &Readiness::Healthcheck).await.unwrap();
    assert!(found.ready >= Duration::from_secs(1), "{found:?}");
}

#[tokio::test]
async fn a_line_of_the_log_makes_ready() {
    let scene = Scene::new().await;
    scene.build("a", "").await;
    let line = Readiness::LogLine(Regex::new(r"^listening on \d+$").unwrap());
    let found =
        started(&scene, "echo not listening on 1; sleep 1; echo listening on 80 >&2; sleep 60", &line)
            .await
            .unwrap();
    assert!(found.ready >= Duration::from_secs(1), "{found:?}");
    // Even if it is the last thing it writes.
    started(&scene, "echo listening on 80", &line).await.unwrap();
}

#[tokio::test]
async fn a_job_is_ready_when_it_ends_as_expected() {
    let scene = Scene::new().await;
    scene.build("a", "").await;
    let found = started(&scene, "sleep 1; exit 3", &Readiness::Exit { code: 3 }).await.unwrap();
    assert!(found.ready >= Duration::from_secs(1), "{found:?}");
    let failure = started(&scene, "echo bad; exit 4", &Readiness::Exit { code: 3 }).await.unwrap_err();
    let StartFailure::NeverReady { exit_code, log, last_answer, .. } = failure else { panic!("{failure}") };
    assert_eq!((exit_code, log.as_slice()), (Some(4), ["bad".to_owned()].as_slice()));
    assert!(last_answer.contains('3'), "{last_answer}");
}

#[tokio::test]
async fn a_container_that_ends_early_is_not_waited_for() {
    let scene = Scene::new().await;
    scene.build("a", "").await;
    let failure =
        started(&scene, "echo cannot find config >&2; exit 78", &http("/", None)).await.unwrap_err();
    let StartFailure::NeverReady { exit_code, log, waited, .. } = failure else { panic!("{failure}") };
    assert_eq!((exit_code, log.as_slice()), (Some(78), ["cannot find config".to_owned()].as_slice()));
    assert!(waited < LIMIT, "{waited:?}");
}

#[tokio::test]
async fn a_container_that_never_answers_shows_what_it_did() {
    let mut scene = Scene::new().await;
    scene.file("x", "x");
    scene.build("a", "COPY x /www/x").await;
    let command =
        Some(["/bin/sh", "-c", "echo starting; httpd -f -p 8080 -h /www"].map(ToOwned::to_owned).into());
    let request = ContainerRequest { command, ports: vec![8080], ..scene.container("a") };
    let container = scene.engine.create_container(&request).await.unwrap();
    let failure =
        container.start_until_ready(&http("/healthz", None), Duration::from_secs(6)).await.unwrap_err();
    let StartFailure::NeverReady { exit_code: None, log, last_answer, .. } = failure else {
        panic!("{failure}")
    };
    assert_eq!(log, ["starting"]);
    assert!(last_answer.contains("404"), "{last_answer}");
}

#[tokio::test]
async fn an_image_without_a_healthcheck_is_told_so() {
    let scene = Scene::new().await;
    scene.build("a", "").await;
    let command = Some(["/bin/sleep", "60"].map(ToOwned::to_owned).into());
    let container =
        scene.engine.create_container(&ContainerRequest { command, ..scene.container("a") }).await.unwrap();
    let failure =
        container.start_until_ready(&Readiness::Healthcheck, Duration::from_secs(1)).await.unwrap_err();
    assert!(failure.to_string().contains("no HEALTHCHECK"), "{failure}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_the_engines_error() {
    let scene = Scene::new().await;
    scene.build("a", "").await;
    let command = Some(vec!["/no/such/program".to_owned()]);
    let container =
        scene.engine.create_container(&ContainerRequest { command, ..scene.container("a") }).await.unwrap();
    let failure = container.start_until_ready(&Readiness::Exit { code: 0 }, LIMIT).await.unwrap_err();
    assert!(
        matches!(failure, StartFailure::Engine(_)) && failure.to_string().contains("/no/such/program"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_stop_tells_a_program_that_ends_from_one_that_is_killed() {
    let scene = Scene::new().await;
    scene.build("a", "").await;
    let up = Readiness::LogLine(Regex::new("^up$").unwrap());
    for (script, exit_code) in [
        ("trap 'exit 5' TERM; echo up; while :; do sleep 0.1; done", 5),
        ("trap '' TERM; echo up; while :; do sleep 0.1; done", 137),
    ] {
        let command = Some(["/bin/sh", "-c", script].map(ToOwned::to_owned).into());
        let request = ContainerRequest { command, ..scene.container("a") };
        let container = scene.engine.create_container(&request).await.unwrap();
        container.start_until_ready(&up, LIMIT).await.unwrap();
        assert_eq!(container.stop(Duration::from_secs(1)).await.unwrap().exit_code, exit_code);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_removing_it_is_no_error() {
    let scene = Scene::new().await;
    let request =
        ContainerRequest { image: "plimsoll/no-such-image:x".into(), ..ContainerRequest::default() };
    let error = scene.engine.create_container(&request).await.unwrap_err();
    assert!(matches!(error, EngineError::NotFound { .. }), "{error:?}");
    scene.engine.remove_image("plimsoll/no-such-image:x").await.unwrap();
}

#[test]
fn the_values_of_an_environment_are_not_shown() {
    let env = [("TOKEN".to_owned(), "hunter2".to_owned())].into();
    let shown = format!("{:?}", ContainerRequest { env, ..ContainerRequest::default() });
    assert!(shown.contains("TOKEN") && !shown.contains("hunter2"), "{shown}");
}
