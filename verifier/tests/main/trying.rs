//! Trying out what anybody may ask.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use oid4vp::{RequestUri, UnverifiedRequest, VerifierEvidence};
use serde_json::{Value, json};
use service::Clock;

use crate::events::{Events, watch};
use crate::wallet::assert_outcome;
use crate::world::{STREAMS, TOKEN, TRIES, World};

pub(crate) async fn open(world: &World, check: &str) -> (StatusCode, Value) {
    let request = Request::post(format!("/try/api/v1/checks/{check}/sessions"))
        .header("content-type", "application/json")
        .body("{}".into());
    world.call(request.unwrap()).await
}

async fn get(world: &World, path: &str) -> (StatusCode, Value) {
    world.call(Request::get(path).body(Body::empty()).unwrap()).await
}

/// The request of a session, from somebody of whom a wallet knows the certificate alone.
pub(crate) async fn request(world: &World, opened: &Value) -> oid4vp::PresentationRequest {
    let link = RequestUri::parse(opened["request_uri"].as_str().unwrap()).unwrap();
    let fetch = Request::get(link.request_uri().path()).body(Body::empty()).unwrap();
    let body = to_bytes(world.send(fetch).await.into_body(), 1 << 20).await.unwrap();
    let text = std::str::from_utf8(&body).unwrap();
    let request = UnverifiedRequest::parse(text, &link, None).unwrap();
    assert!(request.dangerous_bundle().is_none(), "no record comes along");
    let chain = jose::x5c::UnverifiedChain::parse(request.dangerous_x5c().unwrap()).unwrap();
    let own = *chain.dangerous_leaf_sha256();
    let leaf = chain.verify_listed(&[own], world.clock.now()).unwrap();
    let request = request.authenticate(VerifierEvidence::Certificate(&leaf)).unwrap();
    request.check(world.clock.now()).unwrap()
}

#[tokio::test]
async fn somebody_without_an_account_has_a_verdict() {
    let world = World::new().await;
    let (_, listed) = get(&world, "/try/api/v1/checks").await;
    let ids: Vec<&str> = listed["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["age-16", "age-18", "age-21", "age-65", "valid"]);
    for (check, claims, verdict, reason) in [
        ("age-18", &["age_over_18"][..], "yes", "ok"),
        ("valid", &[][..], "yes", "ok"),
    ] {
        let (status, opened) = open(&world, check).await;
        assert_eq!(status, StatusCode::OK, "{opened}");
        let request = request(&world, &opened).await;
        let shown = world.show(&world.person(3), claims, &request);
        let (status, reply) = world.respond(request, &[("person", shown)]).await;
        // The operator of the service signs for nobody's question.
        assert_eq!((status, reply), (StatusCode::OK, json!({})), "a receipt");
        let path = format!("/try/api/v1/sessions/{}", opened["id"].as_str().unwrap());
        let outcome = get(&world, &path).await.1;
        assert_outcome(&outcome, verdict, reason);
        assert_eq!(outcome.get("receipt"), None);
    }
}

#[tokio::test]
async fn what_anybody_may_ask_identifies_nobody() {
    let world = World::new().await;
    let (_, listed) = get(&world, "/try/api/v1/checks").await;
    for check in listed["checks"].as_array().unwrap() {
        let (status, opened) = open(&world, check["id"].as_str().unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{opened}");
        assert!(opened.get("start_url").is_none());
        world.clock.advance(600);
    }
    // The wallet's own rule: `age_over_` and two digits, or no claim at all.
    let file = include_str!("../../src/business/anonymous.toml");
    let paths = file.split(r#"{"path":[""#).skip(1);
    let claims: Vec<&str> = paths.map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(claims, ["age_over_16", "age_over_18", "age_over_21", "age_over_65"]);
}

#[tokio::test]
async fn one_address_tries_so_often_and_no_session_of_others_is_seen() {
    let world = World::new().await;
    for _ in 0..TRIES {
        assert_eq!(open(&world, "age-18").await.0, StatusCode::OK);
    }
    let (status, problem) = open(&world, "age-18").await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_attempts"))
    );
    let of_business = world.open("adult").await;
    let path = format!("/try/api/v1/sessions/{}", of_business["id"].as_str().unwrap());
    assert_eq!(get(&world, &path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(open(&world, "adult").await.0, StatusCode::NOT_FOUND);
    world.clock.advance(600);
    let (_, opened) = open(&world, "age-18").await;
    let read = Request::get(format!("/api/v1/sessions/{}", opened["id"].as_str().unwrap()))
        .header("authorization", format!("Bearer {TOKEN}"));
    let (status, _) = world.call(read.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn those_who_try_take_no_streams_of_businesses() {
    let world = World::new().await;
    let (_, opened) = open(&world, "age-18").await;
    let path = format!("/try/api/v1/sessions/{}/events", opened["id"].as_str().unwrap());
    let follow = || Request::get(path.as_str()).body(Body::empty()).unwrap();
    let mut held = vec![Events::of(&world, follow()).await];
    let (status, problem) = world.call(follow()).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("too_many_streams"))
    );
    let of_business = world.open("adult").await;
    for _ in 0..STREAMS {
        held.push(Events::of(&world, watch(&of_business["id"])).await);
    }
    // Nor do businesses take theirs.
    held.remove(0);
    held.push(Events::of(&world, follow()).await);
}
