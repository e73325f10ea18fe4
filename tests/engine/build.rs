//! Builds.

use std::time::Duration;

use plimsoll::engine::{BuildArgs, BuildEvent, BuildFailure, ContextFile, layers_to_instructions};

use crate::{Scene, quiet};

#[tokio::test]
async fn a_build_makes_an_image_with_labels_and_reports_its_steps() {
    let scene = Scene::new().await;
    let mut request = scene.request(
        "a",
        "ARG WORD\nRUN echo said $WORD && echo $WORD > /word\nFROM base AS unused\nRUN exit 3\n",
    );
    request.target = Some("base".into());
    request.no_cache = true;
    request.build_args = BuildArgs([("WORD".to_owned(), "hunter2".to_owned())].into());
    let mut events = Vec::new();
    let built = scene.engine.build(&request, |event| events.push(event)).await.unwrap();

    let image = scene.engine.inspect(&scene.run.image("a")).await.unwrap();
    assert_eq!(image.id, built.image);
    assert_eq!(image.diff_ids.len(), 3);
    assert_eq!(image.config.labels["io.plimsoll.run"], scene.run.as_str());
    let timing = built.steps.iter().find(|step| step.name.contains("RUN echo")).expect("the step is timed");
    assert!(!timing.cached && !timing.duration.is_zero());
    let step = timing.name.clone();
    assert!(events.contains(&BuildEvent::Started { step: step.clone() }));
    assert!(events.contains(&BuildEvent::Log { step: step.clone(), line: "said ***".into() }), "{events:#?}");
    assert!(
        events.iter().any(|event| matches!(event, BuildEvent::Finished { step: name, .. } if *name == step))
    );
    assert!(!format!("{events:?} {built:?} {request:?} {image:?}").contains("hunter2"));
    assert_eq!(scene.output("a", &["/bin/cat", "/word"]).await, ["hunter2"]);
}

#[tokio::test]
async fn a_second_build_is_cached_whatever_its_label() {
    let scene = Scene::new().await;
    let mut request = scene.request("a", "RUN echo once > /once");
    let first = scene.engine.build(&request, quiet).await.unwrap();
    request.tag = Some(scene.run.image("b"));
    request.labels = [scene.run.label(), ("io.plimsoll.test".into(), "other".into())].into();
    let second = scene.engine.build(&request, quiet).await.unwrap();
    assert!(
        second.steps.iter().any(|step| step.name.contains("RUN echo") && step.cached),
        "{:#?}",
        second.steps
    );
    assert_ne!(first.image, second.image);
    let layers = async |image| scene.engine.inspect(image).await.unwrap().diff_ids;
    assert_eq!(layers(&first.image).await, layers(&second.image).await);
}

#[tokio::test]
async fn the_dockerfile_is_no_part_of_the_context() {
    let mut scene = Scene::new().await;
    scene.file("src/main.js", "x");
    scene.build("a", "COPY . /context\nWORKDIR /context").await;
    let found = scene.output("a", &["/bin/find", ".", "-type", "f"]).await;
    assert_eq!(found.len(), 2, "{found:?}");
}

#[tokio::test]
async fn a_context_keeps_long_paths_links_modes_and_its_order() {
    use std::os::unix::fs::PermissionsExt;
    let mut scene = Scene::new().await;
    let long = format!("{}/{}/file", "d".repeat(120), "e".repeat(200));
    scene.file(&long, "deep");
    scene.file("tool.sh", "#!/bin/sh\necho ran\n");
    std::fs::set_permissions(scene.path("tool.sh"), std::fs::Permissions::from_mode(0o750)).unwrap();
    scene.file("a-b", "1");
    scene.file("a/c", "2");
    std::os::unix::fs::symlink(&long, scene.path("link")).unwrap();
    scene.files.push(ContextFile { path: "link".into(), source: scene.path("link") });
    // Nothing but its path says where this one belongs.
    scene.files.push(ContextFile { path: "else/where".into(), source: scene.path("a-b") });
    scene.file("large", &"0123456789".repeat(1_000_000));
    scene.build("a", "COPY . /c\nWORKDIR /c").await;
    let script = format!(
        "readlink link; cat {long}; echo; ./tool.sh; stat -c '%a %u:%g' tool.sh; cat a-b a/c else/where; echo; wc -c < large"
    );
    let lines = scene.output("a", &["/bin/sh", "-c", &script]).await;
    assert_eq!(lines, [long.as_str(), "deep", "ran", "750 0:0", "121", "10000000"]);
}

#[tokio::test]
async fn a_changed_file_is_seen_by_the_next_build_of_the_folder_and_a_removed_one_is_gone() {
    let mut scene = Scene::new().await;
    scene.file("x", "one");
    scene.file("y", "gone");
    scene.build("a", "COPY x y /").await;
    assert_eq!(scene.output("a", &["/bin/cat", "/x", "/y"]).await, ["onegone"]);
    scene.file("x", "two, longer");
    scene.files.retain(|file| file.path != "y");
    scene.build("a", "COPY . /c").await;
    assert_eq!(
        scene.output("a", &["/bin/sh", "-c", "cat /c/x; test -e /c/y || echo , y gone"]).await,
        ["two, longer, y gone"]
    );
}

#[tokio::test]
async fn a_step_that_fails_comes_with_its_log_and_its_exit_code() {
    let scene = Scene::new().await;
    let mut request =
        scene.request("a", "ARG KEY\nRUN for i in $(seq 30); do echo line $i; done; echo key $KEY; exit 7");
    request.build_args = BuildArgs([("KEY".to_owned(), "hunter2".to_owned())].into());
    let failure = scene.engine.build(&request, quiet).await.unwrap_err();
    let shown = format!("{failure} {failure:?}");
    let BuildFailure::Step { step, exit_code, log, .. } = failure else { panic!("{shown}") };
    assert!(step.contains("RUN for i in"), "{step}");
    assert_eq!(exit_code, Some(7));
    assert_eq!(
        (log.len(), log.first().map(String::as_str), log.last().map(String::as_str)),
        (20, Some("line 12"), Some("key ***"))
    );
    assert!(!shown.contains("hunter2"));
}

#[tokio::test]
async fn a_dockerfile_that_the_builder_does_not_take_is_named_with_its_line() {
    let scene = Scene::new().await;
    let failure = scene.engine.build(&scene.request("a", "RUM x"), quiet).await.unwrap_err();
    let BuildFailure::Dockerfile { line, reason } = failure else { panic!("{failure}") };
    assert_eq!(line, Some(4));
    assert!(reason.contains("unknown instruction"), "{reason}");
}

#[tokio::test]
async fn a_target_that_is_not_there_is_a_fault_of_the_dockerfile() {
    let scene = Scene::new().await;
    let mut request = scene.request("a", "");
    request.target = Some("nowhere".into());
    let failure = scene.engine.build(&request, quiet).await.unwrap_err();
    assert!(matches!(failure, BuildFailure::Dockerfile { .. }), "{failure:?}");
    assert!(failure.to_string().contains("nowhere"), "{failure}");
}

#[tokio::test]
async fn a_file_that_is_not_in_the_context_fails_its_step() {
    let scene = Scene::new().await;
    let failure = scene.engine.build(&scene.request("a", "COPY missing.txt /"), quiet).await.unwrap_err();
    assert!(failure.to_string().contains("missing.txt"), "{failure}");
}

#[tokio::test]
async fn a_base_image_that_cannot_be_had_is_named() {
    let scene = Scene::new().await;
    let mut request = scene.request("a", "");
    // Nothing listens on the discard port.
    request.dockerfile = b"FROM 127.0.0.1:9/no/such:image\nRUN true\n".into();
    let failure = scene.engine.build(&request, quiet).await.unwrap_err();
    let BuildFailure::BaseImage { image, .. } = failure else { panic!("{failure:?}") };
    assert_eq!(image, "127.0.0.1:9/no/such:image");
}

#[tokio::test]
async fn a_file_that_vanished_is_named() {
    let scene = Scene::new().await;
    let mut request = scene.request("a", "COPY . /c");
    request.files.push(ContextFile { path: "ghost".into(), source: scene.path("ghost") });
    let failure = scene.engine.build(&request, quiet).await.unwrap_err();
    assert!(
        matches!(&failure, BuildFailure::Context { reason } if reason.starts_with("ghost")),
        "{failure:?}"
    );
}

#[tokio::test]
async fn dropping_a_build_ends_it() {
    let scene = Scene::new().await;
    let marker = scene.run.as_str();
    let request = scene.request("a", &format!("RUN echo {marker} && sleep 4"));
    // The build up to the moment in which its step writes, or to its end.
    let step_writes = async || {
        let notice = tokio::sync::Notify::new();
        let build = scene.engine.build(&request, |event| {
            if matches!(event, BuildEvent::Log { line, .. } if line.contains(marker)) {
                notice.notify_one();
            }
        });
        tokio::select! {
            end = build => panic!("it ended before its step wrote: {end:?}"),
            () = notice.notified() => {}
        }
    };
    step_writes().await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(scene.engine.inspect(&scene.run.image("a")).await.is_err());
    // Had the step gone on, it would be in the cache now and write nothing.
    step_writes().await;
}

#[tokio::test]
async fn each_layer_leads_back_to_its_instruction() {
    let mut scene = Scene::new().await;
    scene.file("x", "x");
    let rest = "ENV A=1\nWORKDIR /made\nCOPY x /x\nRUN echo y > /y\nEXPOSE 80\nFROM base\nARG B=2\nADD x /z\nRUN true\nUSER 0\nLABEL l=1\nHEALTHCHECK CMD true\nCMD [\"/bin/sh\"]";
    scene.build("a", rest).await;
    let image = scene.engine.inspect(&scene.run.image("a")).await.unwrap();
    let keywords = [
        "FROM",
        "COPY",
        "RUN",
        "ENV",
        "WORKDIR",
        "COPY",
        "RUN",
        "EXPOSE",
        "FROM",
        "ARG",
        "ADD",
        "RUN",
        "USER",
        "LABEL",
        "HEALTHCHECK",
        "CMD",
    ];
    let places = layers_to_instructions(&image.history, &keywords);
    assert_eq!(places.len(), image.diff_ids.len());
    let made: Vec<&str> = places.iter().map(|place| keywords[place.expect("all is our own")]).collect();
    // Engines differ on whether an instruction that changes nothing leaves a layer.
    assert_eq!(made[..6], ["COPY", "RUN", "WORKDIR", "COPY", "RUN", "ADD"], "{:#?}", image.history);
    assert!(made[6..].is_empty() || made[6..] == ["RUN"], "{:#?}", image.history);
}
