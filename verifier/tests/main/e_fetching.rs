//! Group E: how much, of what kind and from where is fetched.

use std::io::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use test_case::test_case;
use testkit::ledger::newest_line;

use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{LEDGER, LIST, World};

const TOKEN: &str = "application/statuslist+jwt";
const CBOR: &str = "application/cbor";

/// Serves this on a port of the machine until the test ends.
pub(crate) async fn serve(router: Router) -> Reply {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Reply::Far(port)
}

pub(crate) fn answer(kind: &str, body: impl Into<Body>) -> Response {
    Response::builder()
        .header("content-type", kind)
        .body(body.into())
        .unwrap()
}

pub(crate) fn redirect(to: &str) -> Response {
    let answer = Response::builder().status(307).header("location", to);
    answer.body(Body::empty()).unwrap()
}

/// What a card is worth whose list, good in itself, comes like this when the one that is held has become too old.
async fn with_list(router: impl FnOnce(String) -> Router) -> Value {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(3601);
    world.publish();
    let token = world.list_token(&world.statuses, 3600);
    world.site.set(LIST, serve(router(token)).await);
    world.refresher.round().await;
    world.adult(&card).await
}

/// Answers every path with the same.
pub(crate) fn always(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Router {
    Router::new().fallback(move || {
        let answer = answer();
        async move { answer }
    })
}

/// This at the end of so many redirects that begin at a path.
pub(crate) fn after(path: &str, redirects: usize, kind: &'static str, body: String) -> Router {
    let step = move |Path(step): Path<usize>| {
        let answer = match step {
            _ if step == redirects => answer(kind, body.clone()),
            _ => redirect(&format!("/steps/{}", step + 1)),
        };
        async move { answer }
    };
    let first = || async { redirect("/steps/1") };
    Router::new().route(path, get(first)).route("/steps/{step}", get(step))
}

#[tokio::test]
async fn e7_verifier_redirects_without_end() {
    let as_many_as_allowed = with_list(|token| after("/status/1", 3, TOKEN, token)).await;
    assert_outcome(&as_many_as_allowed, "yes", "ok");
    let outcome = with_list(|token| after("/status/1", 4, TOKEN, token)).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    let outcome = with_list(|_| always(|| redirect("/status/1"))).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

#[test_case("http://127.0.0.1:1/status/1" ; "an address written out")]
#[test_case("https://10.0.0.1/status/1" ; "a private address")]
#[test_case("ftp://agency.localhost/status/1" ; "another protocol")]
#[tokio::test]
async fn e7_verifier_a_redirect_is_checked_like_the_first_address(to: &'static str) {
    let outcome = with_list(move |_| always(move || redirect(to))).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

/// What is at `path` lies on the same server, by an address written out; who fetches it there is counted.
pub(crate) fn behind_an_address_written_out(
    path: &str,
    content_type: &'static str,
    body: String,
    reached: Arc<AtomicUsize>,
) -> Router {
    let first = |headers: http::HeaderMap| async move {
        let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap();
        let elsewhere = host.replace("agency.localhost", "127.0.0.1");
        redirect(&format!("http://{elsewhere}/elsewhere"))
    };
    let elsewhere = move || {
        reached.fetch_add(1, Ordering::SeqCst);
        let answer = answer(content_type, body.clone());
        async move { answer }
    };
    Router::new()
        .route(path, get(first))
        .route("/elsewhere", get(elsewhere))
}

/// The list, good in itself, on the same server by an address written out.
#[tokio::test]
async fn e7_verifier_a_redirect_to_an_address_written_out_reaches_nobody() {
    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    let outcome = with_list(move |token| behind_an_address_written_out("/status/1", TOKEN, token, counter)).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn e8_verifier_a_list_that_is_too_long_packed_or_of_another_kind() {
    let as_it_is = with_list(|token| always(move || answer(TOKEN, token.clone()))).await;
    assert_outcome(&as_it_is, "yes", "ok");
    let long = with_list(|token| {
        let body = Bytes::from(token + &" ".repeat(16 * 1024 * 1024));
        always(move || answer(TOKEN, body.clone()))
    });
    let endless = with_list(|token| {
        always(move || {
            let spaces = stream::repeat(Bytes::from_static(&[b' '; 4096]));
            let body = stream::iter([Bytes::from(token.clone())]).chain(spaces);
            answer(TOKEN, Body::from_stream(body.map(Ok::<_, Error>)))
        })
    });
    let packed = with_list(|token| {
        always(move || {
            let mut answer = answer(TOKEN, token.clone());
            let gzip = http::HeaderValue::from_static("gzip");
            answer.headers_mut().insert("content-encoding", gzip);
            answer
        })
    });
    let page = with_list(|token| always(move || answer("text/html", token.clone())));
    for outcome in [long.await, endless.await, packed.await, page.await] {
        assert_outcome(&outcome, "could_not_check", "status_unavailable");
    }
}

#[tokio::test]
async fn e8_verifier_a_list_that_comes_byte_by_byte() {
    let started = Instant::now();
    let outcome = with_list(|token| {
        always(move || {
            let bytes = stream::iter(token.clone().into_bytes()).then(|byte| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, Error>(Bytes::copy_from_slice(&[byte]))
            });
            answer(TOKEN, Body::from_stream(bytes))
        })
    })
    .await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert!(started.elapsed() < Duration::from_secs(100));
}

/// What a card is worth where the ledger's newest answer, good in itself, comes like this.
async fn with_ledger(router: impl FnOnce(Vec<u8>) -> Router) -> Value {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(601);
    world.publish();
    let set = world.ledger.accredited_bundles();
    let address = format!("{LEDGER}/bundles/accredited");
    world.site.set(&address, serve(router(set)).await);
    world.refresher.round().await;
    world.adult(&card).await
}

#[tokio::test]
async fn e6_verifier_a_redirect_of_the_ledger_is_not_followed() {
    let followed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&followed);
    let outcome = with_ledger(move |set| {
        let elsewhere = move || {
            counter.fetch_add(1, Ordering::SeqCst);
            let answer = answer(CBOR, set.clone());
            async move { answer }
        };
        let first = || async { redirect("/elsewhere") };
        Router::new()
            .route("/bundles/accredited", get(first))
            .route("/elsewhere", get(elsewhere))
    })
    .await;
    assert_outcome(&outcome, "could_not_check", "ledger_stale");
    assert_eq!(followed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn e8_verifier_a_ledger_that_answers_with_too_much_or_another_kind() {
    let as_it_is = with_ledger(|set| always(move || answer(CBOR, set.clone()))).await;
    assert_outcome(&as_it_is, "yes", "ok");
    let page = with_ledger(|set| always(move || answer("text/html", set.clone()))).await;
    let endless = with_ledger(|_| {
        always(|| {
            let body = stream::repeat(Bytes::from_static(&[0; 1 << 16]));
            answer(CBOR, Body::from_stream(body.map(Ok::<_, Error>)))
        })
    })
    .await;
    for outcome in [page, endless] {
        assert_outcome(&outcome, "could_not_check", "ledger_stale");
    }
}

/// The agency's bundle with the newest line of its DID log.
fn with_line(world: &mut World) -> Vec<u8> {
    let (note, line) = (world.ledger.publish(), newest_line(&world.agency));
    let did = world.agency.did().as_str();
    world.ledger.replica().bundle(&note, did, &[line.as_slice()]).unwrap()
}

/// The same with the first byte after a text changed.
fn spoiled(bundle: &[u8], after: &str) -> Vec<u8> {
    let found = bundle
        .windows(after.len())
        .position(|window| window == after.as_bytes());
    let place = found.unwrap_or_else(|| panic!("{after}")) + after.len();
    let mut bundle = bundle.to_vec();
    bundle[place] ^= 1;
    bundle
}

#[tokio::test]
async fn e12_verifier_a_broken_did_log_leaves_what_was_held() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(300);
    world.publish();
    let good = with_line(&mut world);
    let set = |bundle: &[u8]| Reply::Body(ledger::encode_bundles([bundle].into_iter()));
    let parts = [
        "\"versionId\":\"1-Qm",
        "\"scid\":\"Qm",
        "\"versionTime\":\"",
        "\"proofValue\":\"z",
    ];
    let mut answers: Vec<Reply> = parts.iter().map(|part| set(&spoiled(&good, part))).collect();
    answers.push(Reply::Body(vec![0; 100 * 1024 * 1024]));
    let address = format!("{LEDGER}/bundles/accredited");
    for answer in answers {
        world.site.set(&address, answer);
        world.refresher.round().await;
        let outcome = world.adult(&card).await;
        assert_outcome(&outcome, "yes", "ok");
        assert_eq!(outcome["ages"]["ledger_s"], 300, "what was held, and its age");
    }
    world.clock.advance(301);
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "could_not_check", "ledger_stale");
    assert_eq!(outcome["ages"]["ledger_s"], 601);
    let good = with_line(&mut world);
    world.publish();
    world.site.set(&address, set(&good));
    world.refresher.round().await;
    assert_eq!(world.adult(&card).await["ages"]["ledger_s"], 301);
}
