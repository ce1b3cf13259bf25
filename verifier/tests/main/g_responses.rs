//! Group G: handling of responses.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use jose::jwe;
use oid4vp::{RequestUri, ResponseMode};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::credential::{key, residence};
use verifier::{Case, Engine, Judgement};

use crate::wallet::{assert_outcome, request_path};
use crate::world::{Options, TOKEN, World};

async fn get(world: &World, path: &str) -> (StatusCode, Value) {
    world.call(Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn g1_verifier_unknown_state() {
    let world = World::new().await;
    let (status, problem) = world
        .post("/openid4vp/response/unknown", "error=access_denied&state=unknown")
        .await;
    let expected = json!("authorization_request_object_not_found");
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &expected));
    let (status, problem) = get(&world, "/openid4vp/request/unknown").await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &expected));
}

#[tokio::test]
async fn g1_verifier_expired_and_closed() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let (target, body) = world.request(&opened).await.refuse();
    world.clock.advance(300);
    let (status, problem) = world.post(target.path(), body.as_str()).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::NOT_FOUND, &json!("authorization_request_object_not_found"))
    );
    assert_eq!(world.outcome(&opened).await["state"], "expired");
    assert_eq!(get(&world, &request_path(&opened)).await.0, StatusCode::NOT_FOUND);

    let opened = world.open("adult").await;
    let (target, body) = world.request(&opened).await.refuse();
    assert_eq!(world.post(target.path(), body.as_str()).await.0, StatusCode::OK);
    let (status, problem) = world.post(target.path(), body.as_str()).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("verification_process_closed"))
    );
    assert_eq!(get(&world, &request_path(&opened)).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn g3_verifier_guessed_session() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let link = RequestUri::parse(opened["request_uri"].as_str().unwrap()).unwrap();
    let wallet_id = link
        .request_uri()
        .path_segments()
        .unwrap()
        .next_back()
        .unwrap()
        .to_owned();
    for id in ["AAAAAAAAAAAAAAAAAAAAAA", wallet_id.as_str()] {
        let request = Request::get(format!("/api/v1/sessions/{id}"))
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Body::empty())
            .unwrap();
        assert_eq!(world.call(request).await.0, StatusCode::NOT_FOUND);
    }
    let id = opened["id"].as_str().unwrap();
    assert_eq!(
        get(&world, &format!("/api/v1/sessions/{id}")).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_ne!(id, wallet_id);
    assert!(id.len() >= 22);
}

/// Posts a body to a fresh session, which must stay as it was.
async fn refused(body: impl FnOnce(&oid4vp::PresentationRequest) -> String) {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let (status, problem) = world.post(request.response_uri().path(), &body(&request)).await;
    assert_eq!(
        (status, &problem["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_request"))
    );
    assert_eq!(
        world.outcome(&opened).await,
        json!({ "id": opened["id"], "state": "scanned" })
    );
    assert_eq!(world.counted("refused_responses"), 1);
    // The session can still be answered.
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    assert_outcome(&world.answer(&opened, request, "person", shown).await, "yes", "ok");
}

#[tokio::test]
async fn g4_verifier_plain_response() {
    refused(|request| {
        let token = r#"{"person":["x~"]}"#;
        format!("vp_token={token}&state={}", request.state().unwrap())
    })
    .await;
}

fn encrypted(request: &oid4vp::PresentationRequest, payload: &Value) -> String {
    let ResponseMode::DirectPostJwt(encryption) = request.response_mode() else {
        panic!("not encrypted")
    };
    let payload = payload.to_string();
    let jwe = jwe::encrypt(payload.as_bytes(), encryption.key(), encryption.content(), None, None).unwrap();
    format!("response={jwe}")
}

#[test_case(json!("x~") ; "string")]
#[test_case(json!(["x~"]) ; "array")]
#[test_case(json!({}) ; "empty")]
#[test_case(json!({"other": ["x~"]}) ; "unknown query")]
#[test_case(json!({"person": "x~"}) ; "string instead of array")]
#[test_case(json!({"person": []}) ; "no presentation")]
#[test_case(json!({"person": ["x~", "y~"]}) ; "two presentations")]
#[test_case(json!({"person": [1]}) ; "number as presentation")]
#[tokio::test]
async fn g5_verifier_vp_token(token: Value) {
    refused(|request| {
        encrypted(
            request,
            &json!({ "vp_token": token, "state": request.state().unwrap().as_str() }),
        )
    })
    .await;
}

#[tokio::test]
async fn g5_verifier_state_of_another_session() {
    refused(|request| encrypted(request, &json!({ "vp_token": { "person": ["x~"] }, "state": "other" }))).await;
}

#[tokio::test]
async fn a13_verifier_key_of_another_session() {
    refused(|_| {
        let other = key(70).with_kid("other").public().clone().for_encryption().unwrap();
        let jwe = jwe::encrypt(b"{}", &other, jwe::ContentEncryption::A128Gcm, None, None).unwrap();
        format!("response={jwe}")
    })
    .await;
}

#[tokio::test]
async fn g6_verifier_one_of_two_presentations_fails() {
    let world = World::new().await;
    let (person, home) = (world.person(3), world.card("residence", residence(), 4));
    let opened = world.open("resident").await;
    let request = world.request(&opened).await;
    let unbound = home.select(&["country".into()]).unwrap().into_sd_jwt();
    let answers = [
        ("person", world.show(&person, &["age_over_18"], &request)),
        ("home", unbound),
    ];
    assert_eq!(world.respond(request, &answers).await.0, StatusCode::OK);
    assert_outcome(&world.outcome(&opened).await, "no", "holder_binding_mismatch");
}

/// An engine that fails as a fault in it would.
struct Broken;

impl Engine for Broken {
    fn judge(&self, _: &Case<'_>) -> Judgement {
        panic!("a fault in the engine")
    }
}

#[tokio::test]
async fn g7_verifier_engine_panics() {
    let world = World::with(Options {
        engine: Arc::new(Broken),
        ..Options::default()
    })
    .await;
    assert_outcome(&world.adult(&world.person(3)).await, "could_not_check", "internal");
    assert_eq!(world.counted("engine_failures"), 1);
}

#[tokio::test]
async fn g7_verifier_database_down() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    world.app.store.close().await;
    let (status, problem) = world.respond(request, &[("person", shown)]).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable"))
    );
    let request = Request::get(format!("/api/v1/sessions/{}", opened["id"].as_str().unwrap()))
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Body::empty())
        .unwrap();
    let (status, problem) = world.call(request).await;
    assert_eq!(
        (status, problem.get("verdict")),
        (StatusCode::SERVICE_UNAVAILABLE, None)
    );
}

#[tokio::test]
async fn a_wallet_nonce_that_is_none_is_refused() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    for body in ["wallet_nonce=a%20b", "wallet_nonce=", "wallet_nonce=a&wallet_nonce=b"] {
        let (status, _) = world.post(&request_path(&opened), body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(world.outcome(&opened).await["state"], "open");
}
