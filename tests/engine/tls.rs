//! An engine behind TLS.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use plimsoll::engine::{Address, BuildRequest, Endpoint, Engine, Environment};
use tokio::net::{TcpListener, UnixStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::{Scene, endpoint, quiet};

fn openssl(folder: &Path, arguments: &str) {
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let done = done.expect("openssl is missing: install openssl");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// An authority, a server's certificate and a client's, as `DOCKER_CERT_PATH` has them.
fn certificates(folder: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(folder, &format!("req -x509 {key} -keyout ca-key.pem -out ca.pem -days 2 -subj /CN=authority"));
    for (name, file, usage) in [("server", "server", "serverAuth"), ("client", "cert", "clientAuth")] {
        let extensions = format!("subjectAltName=IP:127.0.0.1\nextendedKeyUsage={usage}\n");
        std::fs::write(folder.join("extensions"), extensions).unwrap();
        let secret = if name == "client" { "key.pem" } else { "server-key.pem" };
        openssl(folder, &format!("req -new {key} -keyout {secret} -out request.pem -subj /CN={name}"));
        openssl(
            folder,
            &format!(
                "x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -days 2 -out {file}.pem -extfile extensions"
            ),
        );
    }
}

/// Listens with TLS in front of the engine and asks for a client's certificate; gives its address.
async fn listen(folder: &Path) -> String {
    let Address::Unix(engine) = endpoint().address else {
        panic!("the test of TLS needs an engine at a Unix socket, not {}", endpoint());
    };
    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let settings = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from_pem_file(folder.join("server.pem")).unwrap()],
            PrivateKeyDer::from_pem_file(folder.join("server-key.pem")).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(settings));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, engine) = (acceptor.clone(), engine.clone());
            tokio::spawn(async move {
                let Ok(mut near) = acceptor.accept(stream).await else { return };
                let mut far = UnixStream::connect(engine).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn an_engine_behind_tls_builds_for_those_whose_certificate_it_knows() {
    let scene = Scene::new().await;
    certificates(scene.folder.path());
    let environment = Environment {
        docker_host: Some(listen(scene.folder.path()).await),
        docker_tls_verify: Some("1".into()),
        docker_cert_path: Some(scene.folder.path().into()),
        ..Environment::default()
    };
    let engine = Engine::connect(&Endpoint::discover(&environment).unwrap()).await.unwrap();
    assert_eq!(engine.info(), scene.engine.info());
    // A build takes connections over, which is more than a request does.
    let request: BuildRequest = scene.request("a", "");
    engine.build(&request, quiet).await.unwrap();
    assert!(engine.inspect(&scene.run.image("a")).await.is_ok());

    // Without a certificate, or with another authority, nobody gets in.
    std::fs::remove_file(scene.path("cert.pem")).unwrap();
    std::fs::rename(scene.path("key.pem"), scene.path("spare-key.pem")).unwrap();
    assert!(Engine::connect(&Endpoint::discover(&environment).unwrap()).await.is_err());
    certificates(scene.folder.path());
    let error = Engine::connect(&Endpoint::discover(&environment).unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}
