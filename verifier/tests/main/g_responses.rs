//! Group G: handling of responses.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use jose::jwe;
use oid4vp::{RequestUri, ResponseMode};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::credential::{key, residence};
use url::Url;
use verifier::{Case, Engine, Judgement};

use crate::wallet::{assert_outcome, request_path};
use crate::world::{CHECKS, GUESSES, Options, TOKEN, World};

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

#[tokio::test]
async fn g3_verifier_guesses_are_counted_each_kind_apart() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let path = format!("/api/v1/sessions/{}", opened["id"].as_str().unwrap());
    let too_many = (StatusCode::TOO_MANY_REQUESTS, json!("too_many_attempts"));
    let code = async |path: &str| {
        let (status, problem) = get(&world, path).await;
        (status, problem["code"].clone())
    };
    for _ in 0..GUESSES {
        assert_eq!(code(path.as_str()).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(code(path.as_str()).await, too_many);
    for _ in 0..GUESSES {
        assert_eq!(
            code("/return/AAAAAAAAAAAAAAAAAAAAAA").await.0,
            StatusCode::NOT_FOUND,
            "tokens were guessed, not sessions"
        );
    }
    for path in ["/return/AAAAAAAAAAAAAAAAAAAAAA", "/start/AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(code(path).await, too_many);
    }
    world.clock.advance(600);
    assert_eq!(code(path.as_str()).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn g3_verifier_guesses_shut_nobody_out_who_knows() {
    let world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    let path = format!("/api/v1/sessions/{}", opened["id"].as_str().unwrap());
    for _ in 0..=GUESSES {
        get(&world, &path).await;
        get(&world, "/start/AAAAAAAAAAAAAAAAAAAAAA").await;
    }
    assert_eq!(world.outcome(&opened).await["state"], "open");
    let start: Url = opened["start_url"].as_str().unwrap().parse().unwrap();
    assert_eq!(get(&world, start.path()).await.0, StatusCode::SEE_OTHER);
}

/// Posts a body to a fresh session, which must stay as it was.
async fn refused(body: impl FnOnce(&oid4vp::PresentationRequest) -> String) {
    refused_by(World::new().await, body).await;
}

async fn refused_by(world: World, body: impl FnOnce(&oid4vp::PresentationRequest) -> String) {
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

/// A check whose answers come in the clear, as it is configured.
async fn plain() -> World {
    World::with(Options {
        checks: |_| CHECKS.replacen("rule = ", "response_mode = \"direct_post\"\nrule = ", 1),
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn a_plain_answer_is_taken_where_the_check_says_so() {
    let world = plain().await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    assert!(matches!(request.response_mode(), ResponseMode::DirectPost));
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    assert_outcome(&world.answer(&opened, request, "person", shown).await, "yes", "ok");
}

#[tokio::test]
async fn g4_verifier_encrypted_response_where_none_was_asked() {
    refused_by(plain().await, |_| {
        let key = key(70).with_kid("any").public().clone().for_encryption().unwrap();
        let jwe = jwe::encrypt(b"{}", &key, jwe::ContentEncryption::A128Gcm, None, None).unwrap();
        format!("response={jwe}")
    })
    .await;
}

/// A session that was opened for encrypted answers takes no others, also when
/// the check says otherwise by now.
#[tokio::test]
async fn g4_verifier_a_key_that_is_there_is_used() {
    let mut world = World::new().await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let file = world.folder.path().join("checks.toml");
    std::fs::write(
        &file,
        CHECKS.replacen("rule = ", "response_mode = \"direct_post\"\nrule = ", 1),
    )
    .unwrap();
    world.restart().await;
    world.refresh().await;
    let body = format!("vp_token={{\"person\":[\"x~\"]}}&state={}", request.state().unwrap());
    let (status, problem) = world.post(request.response_uri().path(), &body).await;
    assert_eq!(
        (status, &problem["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_request"))
    );
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

/// The good answer, encrypted to the key of another session that is open, and to its own key under another name.
#[tokio::test]
async fn a13_verifier_a_good_answer_under_another_key_or_name() {
    let world = World::new().await;
    let (opened, other) = (world.open("adult").await, world.open("adult").await);
    let (request, elsewhere) = (world.request(&opened).await, world.request(&other).await);
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    let payload = json!({ "vp_token": { "person": [shown] }, "state": request.state().unwrap().as_str() });
    let ResponseMode::DirectPostJwt(encryption) = request.response_mode() else {
        panic!("not encrypted")
    };
    let renamed = encryption.key().clone().with_kid("other");
    let text = payload.to_string();
    let renamed = jwe::encrypt(text.as_bytes(), &renamed, encryption.content(), None, None).unwrap();
    let path = request.response_uri().path();
    for body in [encrypted(&elsewhere, &payload), format!("response={renamed}")] {
        let (status, problem) = world.post(path, &body).await;
        assert_eq!(
            (status, &problem["error"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_request"))
        );
        for session in [&opened, &other] {
            let unchanged = json!({ "id": session["id"], "state": "scanned" });
            assert_eq!(world.outcome(session).await, unchanged);
        }
    }
    assert_eq!(world.counted("refused_responses"), 2);
    assert_eq!(world.post(path, &encrypted(&request, &payload)).await.0, StatusCode::OK);
    assert_outcome(&world.outcome(&opened).await, "yes", "ok");
}

/// Keys of sessions that are in the store.
async fn keys(world: &World) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM session WHERE encryption_key IS NOT NULL")
        .fetch_one(world.app.store.sqlite().reader())
        .await
        .unwrap()
}

/// An answer, a refusal, and the end of its time.
#[tokio::test]
async fn a13_verifier_no_key_outlives_its_session() {
    let world = World::new().await;
    let (answered, refused) = (world.open("adult").await, world.open("adult").await);
    world.open("adult").await;
    assert_eq!(keys(&world).await, 3);
    let request = world.request(&answered).await;
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    assert_outcome(&world.answer(&answered, request, "person", shown).await, "yes", "ok");
    assert_eq!(keys(&world).await, 2);
    let (target, body) = world.request(&refused).await.refuse();
    assert_eq!(world.post(target.path(), body.as_str()).await.0, StatusCode::OK);
    assert_eq!(keys(&world).await, 1);
    world.clock.advance(300);
    world.app.sweep().await.unwrap();
    assert_eq!(keys(&world).await, 0);
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

/// Of two alternatives one fails and the other holds: that is enough.
#[tokio::test]
async fn g6_verifier_the_other_alternative_is_enough() {
    let world = World::with(Options {
        checks: |_| EITHER.to_owned(),
        ..Options::default()
    })
    .await;
    let (person, home) = (world.person(3), world.card("residence", residence(), 4));
    for (good, expected) in [(true, ("yes", "ok")), (false, ("no", "holder_binding_mismatch"))] {
        let opened = world.open("either").await;
        let request = world.request(&opened).await;
        let mut answers = vec![("home", home.select(&["country".into()]).unwrap().into_sd_jwt())];
        if good {
            answers.push(("person", world.show(&person, &["age_over_18"], &request)));
        }
        assert_eq!(world.respond(request, &answers).await.0, StatusCode::OK);
        assert_outcome(&world.outcome(&opened).await, expected.0, expected.1);
    }
}

const EITHER: &str = r#"
[[check]]
id = "either"
purpose = { en = "Entry", de = "Einlass", fr = "Entrée" }
channel = "online"
privacy_policy = "https://shop.example/privacy"
dcql = '''{"credentials":[
  {"id":"person","format":"dc+sd-jwt","meta":{"vct_values":["urn:holdfast:vct:person-identification:1"]},
   "claims":[{"path":["age_over_18"]}]},
  {"id":"home","format":"dc+sd-jwt","meta":{"vct_values":["urn:holdfast:vct:residence:1"]},
   "claims":[{"path":["country"]}]}],
  "credential_sets":[{"options":[["person"],["home"]]}]}'''
types = { "person.age_over_18" = "bool", "home.country" = "string" }
rule = 'has(person.age_over_18) && person.age_over_18 || has(home.country) && home.country == "DE"'
[check.issuers]
"urn:holdfast:vct:person-identification:1" = ["accredited"]
"urn:holdfast:vct:residence:1" = ["accredited"]
"#;

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
        let (status, problem) = world.post(&request_path(&opened), body).await;
        assert_eq!(
            (status, &problem["error"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_request")),
            "{body}"
        );
    }
    assert_eq!(world.outcome(&opened).await["state"], "open");
}

#[test_case(json!({"vp_formats_supported": {"mso_mdoc": {}}}) => "vp_formats_not_supported" ; "another format")]
#[test_case(json!({"client_id_prefixes_supported": ["redirect_uri"]}) => "invalid_request" ; "another prefix")]
#[test_case(json!({"request_object_signing_alg_values_supported": ["EdDSA"]}) => "invalid_request" ; "another signature")]
#[test_case(json!({"authorization_encryption_alg_values_supported": ["RSA-OAEP"]}) => "invalid_request" ; "another encryption")]
#[test_case(json!("text") => "invalid_request" ; "no metadata")]
#[tokio::test]
async fn a_wallet_that_cannot_answer_is_told_so(metadata: Value) -> String {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let encoded: String = url::form_urlencoded::byte_serialize(metadata.to_string().as_bytes()).collect();
    let (status, problem) = world
        .post(
            &request_path(&opened),
            &format!("wallet_metadata={encoded}&wallet_nonce=n"),
        )
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(world.outcome(&opened).await["state"], "open", "nobody has scanned it");
    problem["error"].as_str().unwrap().to_owned()
}

/// GET and POST, as often as a wallet likes; one response.
#[tokio::test]
async fn f10_verifier_the_request_is_served_again_and_answered_once() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let first = world.request(&opened).await;
    let request = Request::get(request_path(&opened)).body(Body::empty()).unwrap();
    let response = world.send(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let again = world.request(&opened).await;
    assert_eq!((first.nonce(), first.state()), (again.nonce(), again.state()));
    let put = Request::put(request_path(&opened)).body(Body::empty()).unwrap();
    assert_eq!(world.send(put).await.status(), StatusCode::METHOD_NOT_ALLOWED);

    let shown = world.show(&world.person(3), &["age_over_18"], &again);
    assert_outcome(&world.answer(&opened, again, "person", shown).await, "yes", "ok");
    let shown = world.show(&world.person(4), &["age_over_18"], &first);
    let (status, problem) = world.respond(first, &[("person", shown)]).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("verification_process_closed"))
    );
    assert_outcome(&world.outcome(&opened).await, "yes", "ok");
    assert_eq!(get(&world, &request_path(&opened)).await.0, StatusCode::CONFLICT);
}
