//! The emulated link, timed over real connections in wide bands, and the model's laws.
#![expect(clippy::unwrap_used, reason = "what surprises a test fails it")]

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, put};
use plimsoll::bytes::Bytes as Size;
use plimsoll::region::{
    Bandwidth, EngineConstants, Link, Listener, Region, Role, predict_pull, transfer_time,
};
use plimsoll::registry::{Digest, LayerSize};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const MEGABYTE: usize = 1_000_000;

fn server() -> Router {
    Router::new()
        .route("/large", get(|| async { vec![7_u8; MEGABYTE] }))
        .route("/small", get(|| async { "small" }))
        .route("/sink", put(|body: Bytes| async move { body.len().to_string() }))
        .layer(axum::extract::DefaultBodyLimit::disable())
}

fn link(rtt: u64, mbit: u32) -> Link {
    Link::new(Duration::from_millis(rtt), Bandwidth::from_mbit(mbit))
}

/// One request on a connection of its own: the answer's body, and the time from connecting to its end.
async fn ask(listener: &Listener, method: &str, path: &str, body: &[u8]) -> (Vec<u8>, Duration) {
    let start = Instant::now();
    let mut stream = TcpStream::connect(listener.address()).await.unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let taken = start.elapsed();
    let end_of_head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    (answer.split_off(end_of_head), taken)
}

/// Never faster than `least`, and not beyond any excuse slower: the machine may be busy with other tests.
fn assert_band(taken: Duration, least: Duration) {
    let tolerance = Duration::from_millis(1);
    assert!(taken + tolerance >= least, "{taken:?} is faster than {least:?}");
    assert!(taken <= least * 3 + Duration::from_secs(2), "{taken:?} is far slower than {least:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_answer_costs_the_handshake_and_the_request() {
    let listener = Listener::bind(server(), Some(link(100, 100))).unwrap();
    let (body, taken) = ask(&listener, "GET", "/small", b"").await;
    assert_eq!(body, b"small");
    assert_band(taken, Duration::from_millis(200));
    assert_eq!(listener.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_arrives_whole_and_no_faster_than_slow_start_and_the_line_allow() {
    for link in [link(100, 100), link(20, 20), link(2, 1000)] {
        let listener = Listener::bind(server(), Some(link)).unwrap();
        let (body, taken) = ask(&listener, "GET", "/large", b"").await;
        assert_eq!(body, vec![7; MEGABYTE]);
        // The closed form counts whole round trips where acknowledgements trickle in: a tenth is left to it.
        assert_band(taken, transfer_time(Size(1_000_000), &link).mul_f64(0.9));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_shaped_as_a_download_is() {
    let link = link(50, 50);
    let listener = Listener::bind(server(), Some(link)).unwrap();
    let (body, taken) = ask(&listener, "PUT", "/sink", &vec![1; MEGABYTE]).await;
    assert_eq!(body, b"1000000");
    let at_full_rate = Duration::from_secs_f64(1e6 / link.bandwidth.payload_per_second());
    assert_band(taken, at_full_rate + link.rtt * 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_share_the_line() {
    let link = link(10, 50);
    let listener = Listener::bind(server(), Some(link)).unwrap();
    let start = Instant::now();
    let answers = futures_util::future::join_all((0..3).map(|_| ask(&listener, "GET", "/large", b""))).await;
    assert!(answers.iter().all(|(body, _)| body.len() == MEGABYTE));
    assert_band(start.elapsed(), Duration::from_secs_f64(3e6 / link.bandwidth.payload_per_second()));
}

#[tokio::test(flavor = "multi_thread")]
async fn loss_slows_one_connection_down() {
    let clean = link(50, 100);
    let lossy = Link { loss: "1%".parse().unwrap(), ..clean };
    let listener = Listener::bind(server(), Some(lossy)).unwrap();
    let (_, taken) = ask(&listener, "GET", "/large", b"").await;
    // Twelve segments each 50 ms.
    assert_band(taken, Duration::from_secs_f64(1e6 / (13.0 * 1448.0) * 0.05));
}

#[tokio::test(flavor = "multi_thread")]
async fn jitter_keeps_the_order_of_bytes() {
    let jittery = Link { jitter: Duration::from_millis(20), ..link(20, 200) };
    let numbers: Vec<u8> = (0..200_000_u32).flat_map(u32::to_be_bytes).collect();
    let expected = numbers.clone();
    let router = Router::new().route("/", get(|| async move { numbers }));
    let listener = Listener::bind(router, Some(jittery)).unwrap();
    let (body, taken) = ask(&listener, "GET", "/", b"").await;
    assert_eq!(body, expected);
    assert_band(taken, Duration::from_millis(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_link_nothing_is_shaped() {
    let listener = Listener::bind(server(), None).unwrap();
    let (body, _) = ask(&listener, "GET", "/large", b"").await;
    assert_eq!(body.len(), MEGABYTE);
    let address = listener.address();
    drop(listener);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(TcpStream::connect(address).await.is_err(), "a dropped listener closes its port");
}

#[test]
fn the_default_regions_are_a_primary_and_two_failovers_ever_farther() {
    let regions = Region::defaults();
    assert_eq!(regions.each_ref().map(|region| region.role), [Role::Primary, Role::Failover, Role::Failover]);
    assert!(regions.windows(2).all(|pair| pair[0].link.rtt < pair[1].link.rtt));
    assert!(regions.windows(2).all(|pair| pair[0].link.bandwidth > pair[1].link.bandwidth));
}

fn engine(keep_alive: bool) -> EngineConstants {
    EngineConstants {
        lanes: 3,
        keep_alive,
        round_trips_before_layers: EngineConstants::round_trips(keep_alive),
        fixed: Duration::from_millis(20),
        per_layer: Duration::from_millis(60),
        extract_rate: 300e6,
    }
}

fn layers(sizes: &[u64]) -> Vec<LayerSize> {
    let layer = |(index, size): (usize, &u64)| LayerSize {
        digest: Digest::of(&index.to_be_bytes()),
        compressed: Size(*size),
        uncompressed: Size(size * 2),
    };
    sizes.iter().enumerate().map(layer).collect()
}

#[test]
fn the_model_gives_what_was_measured_of_an_old_engine() {
    // Engine 20.10.24, 30 MB that no compressor shortens, medians of three pulls and more; the constants are that host's.
    let old =
        EngineConstants { fixed: Duration::ZERO, per_layer: Duration::from_millis(45), ..engine(false) };
    for (rtt, mbit, count, measured) in [
        (20, 100, 1, 2.962),
        (20, 100, 10, 3.021),
        (100, 100, 1, 4.278),
        (100, 100, 10, 5.407),
        (100, 100, 40, 11.390),
        (200, 50, 10, 10.786),
        (200, 50, 40, 22.359),
    ] {
        let each = LayerSize { uncompressed: Size(30_000_000 / count), ..layers(&[30_000_000 / count])[0] };
        let all: Vec<LayerSize> =
            (0..count).map(|index| LayerSize { digest: Digest::of(&index.to_be_bytes()), ..each }).collect();
        let predicted = predict_pull(&all, &link(rtt, mbit), &old).as_secs_f64();
        assert!(
            (predicted / measured - 1.0).abs() < 0.05,
            "{rtt} ms, {mbit} Mbit, {count}: {predicted} {measured}"
        );
    }
}

#[test]
fn keeping_connections_alive_helps_many_layers_most() {
    let far = link(100, 100);
    let gain = |sizes: &[u64]| {
        let [without, with] = [false, true].map(|keep_alive| {
            predict_pull(&layers(sizes), &far, &EngineConstants { keep_alive, ..engine(false) })
        });
        without.as_secs_f64() / with.as_secs_f64()
    };
    assert!(gain(&[750_000; 40]) > gain(&[3_000_000; 10]));
    assert!(gain(&[3_000_000; 10]) > gain(&[30_000_000]));
    assert!(gain(&[30_000_000]) >= 1.0);
}

#[test]
fn a_layer_that_is_there_twice_is_downloaded_once() {
    let one = layers(&[5_000_000]);
    let twice = [one[0], one[0]];
    let far = link(100, 20);
    let extra =
        predict_pull(&twice, &far, &engine(false)).saturating_sub(predict_pull(&one, &far, &engine(false)));
    assert!(extra < Duration::from_millis(150), "{extra:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_pull_takes_longer_for_more_bytes_more_layers_a_longer_way_and_a_slower_line(
        sizes in prop::collection::vec(0_u64..4_000_000, 1..8),
        rtt in 1_u64..200,
        mbit in 10_u32..1000,
        grown in 0_usize..8,
        keep_alive: bool,
    ) {
        let engine = engine(keep_alive);
        let base = predict_pull(&layers(&sizes), &link(rtt, mbit), &engine);
        // Trains that end elsewhere move a pull by a round trip or a few trains. More layers than lanes are scheduled as
        // lanes come free, where Graham's anomalies (1969) let one layer that ends later spare another its wait.
        let waiting = sizes.len() > engine.lanes;
        let longest = sizes.iter().max().filter(|_| waiting).map_or(Duration::ZERO, |longest| transfer_time(Size(*longest), &link(rtt, mbit)));
        let slack = Duration::from_millis(2 * rtt) + Duration::from_secs_f64(1.5 / f64::from(mbit)) + longest;

        let mut more_bytes = sizes.clone();
        let index = grown % sizes.len();
        more_bytes[index] += 2_000_000;
        prop_assert!(predict_pull(&layers(&more_bytes), &link(rtt, mbit), &engine) + slack >= base);
        let more_layers = [sizes.as_slice(), &[1_000_000]].concat();
        prop_assert!(predict_pull(&layers(&more_layers), &link(rtt, mbit), &engine) >= base);
        prop_assert!(predict_pull(&layers(&sizes), &link(rtt + 20, mbit), &engine) + slack >= base);
        prop_assert!(predict_pull(&layers(&sizes), &link(rtt, mbit / 2 + 1), &engine) + slack >= base);

        // And never less than the bytes take on the line, nor than all layers take to extract.
        let bytes: u64 = sizes.iter().sum();
        let line = Size(bytes).as_f64() / link(rtt, mbit).bandwidth.payload_per_second();
        prop_assert!(base.as_secs_f64() >= line);
        prop_assert!(base >= engine.per_layer * u32::try_from(sizes.len()).unwrap());
    }

    #[test]
    fn one_transfer_takes_longer_for_more_bytes(bytes in 0_u64..50_000_000, more in 0_u64..1_000_000, rtt in 1_u64..200, mbit in 1_u32..1000) {
        let link = link(rtt, mbit);
        prop_assert!(transfer_time(Size(bytes + more), &link) >= transfer_time(Size(bytes), &link));
    }
}
