//! What the issuer fetches of others: catalogue E7, E8.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use http::Request;

use crate::citizens::{DISCOVERY, Push, code};
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
    for to in [elsewhere.as_str(), "https://10.0.0.1/"] {
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
