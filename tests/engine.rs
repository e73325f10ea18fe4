//! The room `engine` against a real Docker Engine: the one that `docker` would use.

use plimsoll::engine::{Endpoint, Engine, Environment};

async fn engine() -> Engine {
    let endpoint = Endpoint::discover(&Environment::of_process()).unwrap();
    Engine::connect(&endpoint).await.unwrap()
}

#[tokio::test]
async fn an_engine_says_what_it_is() {
    let engine = engine().await;
    eprintln!("{:?}", engine.info());
}
