//! Images pushed to a registry and pulled from it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use plimsoll::engine::{EngineError, TransferProgress, history_of_config, layers_to_instructions};

use crate::Scene;

/// The distribution's own registry on a loopback port.
struct Registry {
    server: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Registry {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let config = folder.path().join("config.yml");
        let text = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {address}\n",
            folder.path().display()
        );
        std::fs::write(&config, text).unwrap();
        let server = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is missing: install docker-registry");
        for _ in 0..200 {
            if TcpStream::connect(&address).is_ok() {
                return Self { server, address, _folder: folder };
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the registry does not come up");
    }

    /// The body of an answer to a `GET`.
    fn get(&self, path: &str, accept: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\nAccept: {accept}\r\n\r\n", self.address).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        answer.split_off(head + 4)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[tokio::test]
async fn an_image_comes_back_from_a_registry_as_it_was_with_the_time_of_each_phase() {
    let mut scene = Scene::new().await;
    let registry = Registry::new();
    // Bytes of the run's own, so that no other image on the engine has this layer.
    scene.file("own", &scene.run.as_str().repeat(100_000));
    scene.build("a", "COPY own /own\nWORKDIR /made\nCMD [\"/bin/true\"]").await;
    let built = scene.engine.inspect(&scene.run.image("a")).await.unwrap();
    let reference = format!("{}/{}", registry.address, scene.run.image("a"));
    scene.engine.tag(&scene.run.image("a"), &reference).await.unwrap();
    let mut last = TransferProgress::default();
    let pushed = scene.engine.push(&reference, |progress| last = progress).await.unwrap();
    assert!(pushed.digest.starts_with("sha256:") && last.done <= last.total, "{pushed:?} {last:?}");

    // A config says more than the engine does: which entries left no layer.
    let kinds =
        "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json";
    let path = format!("/v2/plimsoll/{}", scene.run);
    let manifest: serde_json::Value =
        serde_json::from_slice(&registry.get(&format!("{path}/manifests/{}", pushed.digest), kinds)).unwrap();
    let config =
        registry.get(&format!("{path}/blobs/{}", manifest["config"]["digest"].as_str().unwrap()), "*/*");
    let keywords = ["FROM", "COPY", "RUN", "COPY", "WORKDIR", "CMD"];
    let places = layers_to_instructions(&history_of_config(&config).unwrap(), &keywords);
    assert_eq!(places, [Some(1), Some(2), Some(3), Some(4)]);
    assert_eq!(places, layers_to_instructions(&built.history, &keywords));

    scene.engine.remove_image(&reference).await.unwrap();
    scene.engine.remove_image(&scene.run.image("a")).await.unwrap();
    assert!(scene.engine.inspect(&reference).await.is_err());
    let pull = scene.engine.pull(&reference, |progress| last = progress).await.unwrap();
    let pulled = scene.engine.inspect(&reference).await.unwrap();
    assert_eq!(pull.digest, pushed.digest);
    assert_eq!((&pulled.diff_ids, &pulled.config), (&built.diff_ids, &built.config));
    assert_eq!((pull.layers.len(), pull.retries), (4, 0), "{pull:#?}");
    assert!(pull.downloaded <= Some(pull.total) && pull.extracted <= Some(pull.total), "{pull:#?}");

    // All of it is there now.
    let again = scene.engine.pull(&reference, |_| ()).await.unwrap();
    assert!(again.layers.iter().all(|layer| layer.was_present), "{again:#?}");
    assert_eq!((again.planned, again.downloaded), (None, None));
}

#[tokio::test]
async fn a_pull_that_the_registry_refuses_is_told_in_its_words() {
    let scene = Scene::new().await;
    let registry = Registry::new();
    let reference = format!("{}/no/such:image", registry.address);
    let error = scene.engine.pull(&reference, |_| ()).await.unwrap_err();
    assert!(matches!(error, EngineError::NotFound { .. } | EngineError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains(&reference), "{error}");
    let error = scene.engine.push(&reference, |_| ()).await.unwrap_err();
    assert!(matches!(error, EngineError::NotFound { .. } | EngineError::Refused { .. }), "{error:?}");
}
