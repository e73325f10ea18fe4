//! The removal of what runs left.

use plimsoll::engine::{Cleaned, RunId};

use crate::{Scene, quiet};

#[tokio::test]
async fn a_clean_up_takes_all_of_its_run_and_nothing_else() {
    let scene = Scene::new().await;
    let other = Scene::new().await;
    assert_ne!(scene.run, other.run);
    scene.build("a", "RUN echo a > /a").await;
    other.build("a", "RUN echo a > /a").await;
    // A second name, a container that runs, one that does not, and an image that lost its name.
    scene.engine.tag(&scene.run.image("a"), &scene.run.image("second")).await.unwrap();
    let sleeping = Some(["/bin/sleep", "60"].map(ToOwned::to_owned).into());
    let request = plimsoll::engine::ContainerRequest { command: sleeping, ..scene.container("a") };
    scene.engine.create_container(&request).await.unwrap().start().await.unwrap();
    scene.engine.create_container(&request).await.unwrap();
    let mut nameless = scene.request("a", "RUN echo b > /b");
    nameless.tag = None;
    let nameless = scene.engine.build(&nameless, quiet).await.unwrap().image;

    let cleaned = scene.engine.clean(Some(&scene.run)).await.unwrap();
    assert_eq!(cleaned.containers, 2);
    for image in [&scene.run.image("a"), &scene.run.image("second"), &nameless] {
        assert!(scene.engine.inspect(image).await.is_err(), "{image} is still there");
    }
    assert!(other.engine.inspect(&other.run.image("a")).await.is_ok());
    assert_eq!(scene.engine.clean(Some(&scene.run)).await.unwrap(), Cleaned::default());
}

#[tokio::test]
async fn a_name_that_somebody_else_gave_stays_with_its_image() {
    let scene = Scene::new().await;
    scene.build("a", "RUN echo kept > /kept").await;
    let theirs = format!("plimsoll-test-theirs:{}", std::process::id());
    scene.engine.tag(&scene.run.image("a"), &theirs).await.unwrap();
    scene.engine.clean(Some(&scene.run)).await.unwrap();
    let kept = scene.engine.inspect(&theirs).await;
    scene.engine.remove_image(&theirs).await.unwrap();
    assert_eq!(kept.unwrap().tags, [theirs]);
    assert!(scene.engine.inspect(&scene.run.image("a")).await.is_err());
}

#[tokio::test]
async fn a_run_that_left_nothing_is_clean() {
    let scene = Scene::new().await;
    assert_eq!(scene.engine.clean(Some(&RunId::new())).await.unwrap(), Cleaned::default());
}
