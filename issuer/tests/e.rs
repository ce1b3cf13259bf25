//! What the issuer fetches of others: catalogue E5, E7, E8.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use http::Request;
use serde_json::Value;

use crate::citizens::{Browser, DISCOVERY, Push, code, location};
use crate::h17::{begins, error};
use crate::world::{World, send};

/// Where the provider's metadata are to be had from in these tests.
fn discovery(world: &World) -> String {
    let port = world.citizens.as_ref().unwrap().port;
    format!("http://login.localhost:{port}{DISCOVERY}")
}

/// The provider's metadata as they should be.
async fn good(world: &World) -> Vec<u8> {
    let provider = world.citizens.as_ref().unwrap().provider.router();
    send(provider, Request::get(DISCOVERY).body(Body::empty()).unwrap())
        .await
        .body
}

fn json() -> http::response::Builder {
    Response::builder().header("content-type", "application/json")
}

/// Nobody can sign in while this is answered; how often the provider was asked.
async fn unusable(world: &World, answer: impl Fn() -> Response + Send + 'static) -> usize {
    let service = world.citizens.as_ref().unwrap();
    // What failed before is tried again.
    world.clock.advance(5);
    let before = service.discoveries.load(Ordering::SeqCst);
    service.answer_discovery(answer);
    assert_eq!(error(&begins(world).await), "temporarily_unavailable");
    assert_eq!(world.count("authorization_codes").await, 0);
    service.discoveries.load(Ordering::SeqCst) - before
}

/// Once the provider is well again, people sign in.
async fn mended(world: &World) {
    world.citizens.as_ref().unwrap().mend();
    world.clock.advance(5);
    code(world, &Push::of("residence"), "SYN-000001").await;
}

fn redirect(to: &str) -> Response {
    let answer = Response::builder().status(302).header("location", to);
    answer.body(Body::empty()).unwrap()
}

/// The provider once more, on a port that is none of this run; and how often anybody came there.
async fn outside(world: &World) -> (u16, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&came);
    let watched = move |request: Request<Body>, next: Next| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move { next.run(request).await }
    };
    let provider = world.citizens.as_ref().unwrap().provider.router();
    let router = provider.layer(axum::middleware::from_fn(watched));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (port, came)
}

/// The provider's metadata with another address in them.
fn naming(metadata: &Value, member: &str, address: &str) -> String {
    let mut metadata = metadata.clone();
    metadata[member] = address.into();
    metadata.to_string()
}

#[tokio::test]
async fn e5_issuer_keys_of_the_provider_at_an_address_inside() {
    let world = World::citizens().await;
    let metadata: Value = serde_json::from_slice(&good(&world).await).unwrap();
    let listed = world.citizens.as_ref().unwrap().port;
    let (port, came) = outside(&world).await;
    let addresses = [
        format!("http://login.localhost:{port}/keys"),
        format!("http://127.0.0.1:{listed}/keys"),
        format!("https://127.0.0.1:{port}/keys"),
        format!("https://127.1:{port}/keys"),
        format!("https://2130706433:{port}/keys"),
        format!("https://0x7f000001:{port}/keys"),
        format!("https://[::1]:{port}/keys"),
        format!("https://[::ffff:7f00:1]:{port}/keys"),
        "https://10.0.0.1/keys".to_owned(),
        "https://169.254.169.254/keys".to_owned(),
    ];
    for address in addresses {
        let text = naming(&metadata, "jwks_uri", &address);
        let asked = unusable(&world, move || json().body(Body::from(text.clone())).unwrap()).await;
        assert_eq!(asked, 1, "{address}");
    }
    assert_eq!(came.load(Ordering::SeqCst), 0, "no connection is opened");
    mended(&world).await;
}

#[tokio::test]
async fn e5_issuer_token_endpoint_of_the_provider_at_an_address_inside() {
    let world = World::citizens().await;
    let metadata: Value = serde_json::from_slice(&good(&world).await).unwrap();
    let (port, came) = outside(&world).await;
    let here = metadata["token_endpoint"].as_str().unwrap();
    let listed = format!(":{}/", world.citizens.as_ref().unwrap().port);
    let text = naming(
        &metadata,
        "token_endpoint",
        &here.replace(&listed, &format!(":{port}/")),
    );
    let service = world.citizens.as_ref().unwrap();
    service.answer_discovery(move || json().body(Body::from(text.clone())).unwrap());
    let target = Push::of("residence").pushed(&world).await;
    let mut browser = Browser::default();
    let at = location(&browser.open(&world, &target).await);
    let back = browser.sign_in(&world, &at, "SYN-000001").await;
    let answer = browser.open(&world, &back).await;
    assert_eq!(error(&answer), "temporarily_unavailable");
    assert_eq!(world.count("authorization_codes").await, 0);
    assert_eq!(came.load(Ordering::SeqCst), 0, "the provider's code went nowhere");
    assert_eq!(world.counted("ssrf_blocked_total").await, 1, "and operators see it");
}

#[tokio::test]
async fn e5_issuer_the_ledger_at_an_address_inside() {
    let mut world = World::ledger().await;
    assert_eq!(world.counted("ssrf_blocked_total").await, 0);
    let port = world.ledger.as_ref().unwrap().port();
    let path = world.folder.path().join("issuer.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let listed = format!("outbound_ports = [{port}]");
    assert!(text.contains(&listed));
    std::fs::write(&path, text.replace(&listed, "outbound_ports = [1]")).unwrap();
    world.restart().await;
    world.app.refresh_standing().await;
    assert_eq!(world.counted("ssrf_blocked_total").await, 1);
}

#[tokio::test]
async fn e7_issuer_redirects_without_end() {
    let world = World::citizens().await;
    let here = discovery(&world);
    let asked = unusable(&world, move || redirect(&here)).await;
    assert_eq!(asked, 4, "the first, and three redirects");
    mended(&world).await;
}

#[tokio::test]
async fn e7_issuer_a_redirect_is_checked_like_the_first_address() {
    let world = World::citizens().await;
    let elsewhere = discovery(&world).replace("login.localhost", "127.0.0.1");
    let other_protocol = discovery(&world).replacen("http", "ftp", 1);
    for to in [elsewhere.as_str(), "https://10.0.0.1/", &other_protocol] {
        let to = to.to_owned();
        let asked = unusable(&world, move || redirect(&to)).await;
        assert_eq!(asked, 1, "nothing is asked there");
    }
    mended(&world).await;
}

#[tokio::test]
async fn e8_issuer_metadata_that_are_too_long_packed_or_of_another_kind() {
    let world = World::citizens().await;
    let good = good(&world).await;
    let long = [good.as_slice(), &[b' '; 256 * 1024]].concat();
    unusable(&world, move || json().body(Body::from(long.clone())).unwrap()).await;
    let spaces = || stream::repeat(Bytes::from_static(&[b' '; 4096])).map(Ok::<_, std::io::Error>);
    unusable(&world, move || json().body(Body::from_stream(spaces())).unwrap()).await;
    let text = good.clone();
    unusable(&world, move || {
        let packed = json().header("content-encoding", "gzip");
        packed.body(Body::from(text.clone())).unwrap()
    })
    .await;
    unusable(&world, move || {
        let page = Response::builder().header("content-type", "text/html");
        page.body(Body::from(good.clone())).unwrap()
    })
    .await;
    mended(&world).await;
}

#[tokio::test]
async fn e8_issuer_metadata_that_come_byte_by_byte() {
    let world = World::citizens().await;
    let started = Instant::now();
    let drops = || {
        stream::repeat(Bytes::from_static(b" ")).then(|byte| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::io::Error>(byte)
        })
    };
    unusable(&world, move || json().body(Body::from_stream(drops())).unwrap()).await;
    assert!(started.elapsed() < Duration::from_secs(30), "given up");
    mended(&world).await;
}
