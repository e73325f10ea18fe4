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
        #[expect(clippy::zombie_processes, reason = "Drop waits for it")]
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

    /// The head and the body of an answer.
    fn ask(&self, method: &str, path: &str, header: &str, body: &[u8]) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (host, length) = (&self.address, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\n{header}\r\n\r\n"
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        (String::from_utf8(answer).unwrap(), body)
    }

    fn get(&self, path: &str, accept: &str) -> Vec<u8> {
        self.ask("GET", path, &format!("Accept: {accept}"), b"").1
    }

    /// Stores a blob and gives its descriptor.
    fn put_blob(&self, name: &str, kind: &str, bytes: &[u8]) -> serde_json::Value {
        let digest = digest(bytes);
        let (head, _) = self.ask("POST", &format!("/v2/{name}/blobs/uploads/"), "X-None: x", b"");
        let place = head.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap();
        let place = place.split_once(&self.address).map_or(place, |(_, path)| path);
        let binary = "Content-Type: application/octet-stream";
        let (head, _) = self.ask("PUT", &format!("{place}&digest={digest}"), binary, bytes);
        assert!(head.contains(" 201 "), "{head}");
        serde_json::json!({"mediaType": kind, "digest": digest, "size": bytes.len()})
    }

    /// Stores an image of these layers that no engine has seen; gives its reference.
    fn put_image(&self, name: &str, layers: &[Vec<u8>]) -> String {
        let diff_ids: Vec<String> = layers.iter().map(|layer| digest(layer)).collect();
        let config = serde_json::json!({
            "architecture": "amd64", "os": "linux", "config": {"Cmd": ["/none"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let oci = "application/vnd.oci.image";
        let config =
            self.put_blob(name, &format!("{oci}.config.v1+json"), &serde_json::to_vec(&config).unwrap());
        let layers: Vec<_> =
            layers.iter().map(|layer| self.put_blob(name, &format!("{oci}.layer.v1.tar"), layer)).collect();
        let kind = format!("{oci}.manifest.v1+json");
        let manifest =
            serde_json::json!({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers});
        let path = format!("/v2/{name}/manifests/cold");
        let (head, _) =
            self.ask("PUT", &path, &format!("Content-Type: {kind}"), &serde_json::to_vec(&manifest).unwrap());
        assert!(head.contains(" 201 "), "{head}");
        format!("{}/{name}:cold", self.address)
    }
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digits: Vec<String> = sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{}", digits.concat())
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
async fn a_pull_of_unknown_layers_downloads_and_unpacks_each() {
    let scene = Scene::new().await;
    let registry = Registry::new();
    let layers: Vec<Vec<u8>> = (0..3)
        .map(|place| {
            let text = format!("{} {place}", scene.run).repeat(50_000);
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            let mut layer = tar::Builder::new(Vec::new());
            layer.append_data(&mut header, format!("file{place}"), text.as_bytes()).unwrap();
            layer.into_inner().unwrap()
        })
        .collect();
    let reference = registry.put_image(&format!("plimsoll/{}", scene.run), &layers);
    let pull = scene.engine.pull(&reference, |_| ()).await.unwrap();
    let inspect = scene.engine.inspect(&reference).await;
    // It carries no label, so that the scene does not remove it.
    scene.engine.remove_image(&reference).await.unwrap();
    assert_eq!(inspect.unwrap().diff_ids.len(), 3);
    assert_eq!(pull.layers.len(), 3, "{pull:#?}");
    for layer in &pull.layers {
        // A busy engine lets the end of a download pass unsaid where the extraction begins at once.
        let there = layer.downloaded.or(layer.extract_began);
        assert!(!layer.was_present && there.is_some() && layer.extracted >= there, "{pull:#?}");
    }
    assert!(pull.planned <= pull.downloaded && pull.downloaded <= pull.extracted, "{pull:#?}");
    assert!(pull.planned.is_some() && pull.extracted <= Some(pull.total), "{pull:#?}");
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
