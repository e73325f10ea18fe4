//! Engines that are not there, and engines that go away.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use plimsoll::engine::{
    Address, BuildEvent, BuildFailure, Endpoint, Engine, EngineError, Environment, Readiness, StartFailure,
};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::watch;

use crate::{Scene, endpoint};

/// A socket in front of the engine that counts its connections, and can cut them all and go away.
struct Cut {
    socket: PathBuf,
    knife: watch::Sender<bool>,
    open: Arc<AtomicUsize>,
}

impl Cut {
    fn new(folder: &Path) -> Self {
        let Address::Unix(engine) = endpoint().address else {
            panic!("the tests of faults need an engine at a Unix socket, not {}", endpoint());
        };
        let socket = folder.join("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let (knife, cut) = watch::channel(false);
        let open = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&open);
        tokio::spawn(async move {
            let mut is_cut = cut.clone();
            loop {
                let (mut near, _) = tokio::select! {
                    connection = listener.accept() => connection.unwrap(),
                    _ = is_cut.changed() => return,
                };
                let mut far = UnixStream::connect(&engine).await.unwrap();
                let (mut is_cut, counter) = (cut.clone(), Arc::clone(&counter));
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = is_cut.changed() => {}
                    }
                    counter.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { socket, knife, open }
    }

    fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Waits until no more connections are open than `before`.
    async fn rests(&self, before: usize) -> bool {
        for _ in 0..100 {
            if self.open() <= before {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    fn cut(&self) {
        self.knife.send(true).unwrap();
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::at(&format!("unix://{}", self.socket.display()), &Environment::default()).unwrap()
    }
}

#[tokio::test]
async fn a_build_whose_engine_goes_away_is_lost() {
    let scene = Scene::new().await;
    let cut = Cut::new(scene.folder.path());
    let engine = Engine::connect(&cut.endpoint()).await.unwrap();
    let request = scene.request("a", &format!("RUN echo {} && sleep 20", scene.run));
    let began = Instant::now();
    let failure = engine
        .build(&request, |event| {
            if matches!(event, BuildEvent::Log { .. }) {
                cut.cut();
            }
        })
        .await
        .unwrap_err();
    assert!(matches!(failure, BuildFailure::Engine(EngineError::Lost { .. })), "{failure:?}");
    assert!(failure.to_string().contains("docker info"), "{failure}");
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_build_leaves_no_connection_behind_whether_it_ends_or_is_dropped() {
    let scene = Scene::new().await;
    let cut = Cut::new(scene.folder.path());
    let engine = Engine::connect(&cut.endpoint()).await.unwrap();
    let before = cut.open();
    engine.build(&scene.request("a", ""), |_| ()).await.unwrap();
    assert!(cut.rests(before).await, "{} connections are open, {before} before", cut.open());
    let request = scene.request("a", &format!("RUN echo {} && sleep 20", scene.run));
    let build = tokio::spawn(async move { engine.build(&request, |_| ()).await });
    while cut.open() <= before {
        assert!(!build.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    build.abort();
    assert!(cut.rests(before).await, "{} connections are open, {before} before", cut.open());
}

#[tokio::test]
async fn a_start_whose_engine_goes_away_is_lost() {
    let scene = Scene::new().await;
    scene.build("a", "").await;
    let cut = Cut::new(scene.folder.path());
    let engine = Engine::connect(&cut.endpoint()).await.unwrap();
    let command = Some(["/bin/sleep", "20"].map(ToOwned::to_owned).into());
    let request = plimsoll::engine::ContainerRequest { command, ..scene.container("a") };
    let container = engine.create_container(&request).await.unwrap();
    let waiting = container.start_until_ready(&Readiness::Exit { code: 0 }, Duration::from_secs(30));
    let (failure, ()) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cut.cut();
    });
    let failure = failure.unwrap_err();
    assert!(matches!(failure, StartFailure::Engine(EngineError::Lost { .. })), "{failure:?}");
}

#[tokio::test]
async fn a_call_after_the_engine_went_away_is_lost() {
    let scene = Scene::new().await;
    let cut = Cut::new(scene.folder.path());
    let engine = Engine::connect(&cut.endpoint()).await.unwrap();
    cut.cut();
    std::fs::remove_file(&cut.socket).unwrap();
    let error = engine.inspect("anything").await.unwrap_err();
    assert!(matches!(error, EngineError::Lost { .. }), "{error:?}");
}

/// The error of a connection, which must come soon.
async fn refused(address: &str) -> String {
    let endpoint =
        Endpoint::discover(&Environment { docker_host: Some(address.into()), ..Environment::default() });
    let began = Instant::now();
    let error = Engine::connect(&endpoint.unwrap()).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(matches!(error, EngineError::Unreachable { .. }), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_told_with_what_was_tried_and_what_to_do() {
    let message = refused("unix:///no/such/docker.sock").await;
    for part in ["unix:///no/such/docker.sock", "from DOCKER_HOST", "there is no socket", "unset or correct"]
    {
        assert!(message.contains(part), "{part} is missing: {message}");
    }
    let message = refused("tcp://127.0.0.1:9").await;
    assert!(message.contains("refused"), "{message}");
    // An address of the range for documentation: nobody answers, or nobody can be reached.
    refused("tcp://203.0.113.1:2375").await;
    refused("ssh://nobody@no-such-host.invalid").await;
    refused("npipe:////./pipe/docker_engine").await;
}

#[tokio::test]
async fn an_engine_that_accepts_and_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let silent = tokio::spawn(async move {
        let connection = listener.accept().await;
        std::future::pending::<()>().await;
        drop(connection);
    });
    let message = refused(&address).await;
    assert!(message.contains("no answer within 3 s"), "{message}");
    silent.abort();
}

#[tokio::test]
async fn something_else_that_answers_is_no_engine() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await.unwrap();
        }
    });
    refused(&address).await;
}
