//! What works.

use axum::body::Body;
use http::{Request, StatusCode};
use jose::base64url;
use rule::UnverifiedRule;
use serde_json::json;
use status_list::Status;
use testkit::credential::{person_identification, residence};
use verifier::ClientIdKind;

use crate::wallet::assert_outcome;
use crate::world::{NOW, Options, TOKEN, World};

#[tokio::test]
async fn eighteen_is_yes_with_ages() {
    let world = World::new().await;
    let outcome = world.adult(&world.person(3)).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "status_s": 0, "ledger_s": 0 }));
    assert_eq!(outcome.get("claims"), None);
}

#[tokio::test]
async fn the_rule_goes_along_and_the_verdict_carries_its_hash() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    assert_eq!(
        world.outcome(&opened).await.get("rule"),
        None,
        "nothing was decided yet"
    );
    let request = world.request(&opened).await;
    let rule = UnverifiedRule::parse(request.dangerous_rule().unwrap()).unwrap();
    assert_eq!(rule.hash(), world.app.businesses.main().checks()["adult"].rule().hash());
    let answers = [("person", world.show(&world.person(3), &["age_over_18"], &request))];
    assert_eq!(world.respond(request, &answers).await.0, StatusCode::OK);
    let outcome = world.outcome(&opened).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["rule"], base64url::encode(rule.hash()));
}

#[tokio::test]
async fn a_did_as_client_id_works_too() {
    let world = World::with(Options {
        kind: ClientIdKind::DecentralizedIdentifier,
        ..Options::default()
    })
    .await;
    assert_outcome(&world.adult(&world.person(3)).await, "yes", "ok");
}

#[tokio::test]
async fn the_rule_decides() {
    let world = World::new().await;
    let mut claims = person_identification();
    claims.insert("age_over_18".to_owned(), json!(false));
    let card = world.card("person-identification", claims, 3);
    assert_outcome(&world.adult(&card).await, "no", "rule_not_met");
}

#[tokio::test]
async fn a_rule_that_cannot_be_evaluated_is_no_answer() {
    let world = World::new().await;
    let mut claims = person_identification();
    claims.insert("age_over_18".to_owned(), json!("yes"));
    let card = world.card("person-identification", claims, 3);
    assert_outcome(&world.adult(&card).await, "could_not_check", "rule_undecided");
}

#[tokio::test]
async fn two_cards_answer_together_or_not_at_all() {
    let world = World::new().await;
    let (person, home) = (world.person(3), world.card("residence", residence(), 4));
    let opened = world.open("resident").await;
    let request = world.request(&opened).await;
    let answers = [
        ("person", world.show(&person, &["age_over_18"], &request)),
        ("home", world.show(&home, &["country"], &request)),
    ];
    assert_eq!(world.respond(request, &answers).await.0, StatusCode::OK);
    assert_outcome(&world.outcome(&opened).await, "yes", "ok");

    let opened = world.open("resident").await;
    let request = world.request(&opened).await;
    let answers = [("person", world.show(&person, &["age_over_18"], &request))];
    assert_eq!(world.respond(request, &answers).await.0, StatusCode::OK);
    assert_outcome(&world.outcome(&opened).await, "no", "rule_not_met");
}

#[tokio::test]
async fn an_optional_claim_may_be_left_out() {
    let world = World::new().await;
    let outcome = world
        .present("contact", "person", &world.person(3), &["given_name", "family_name"])
        .await;
    assert_outcome(&outcome, "yes", "ok");
}

#[tokio::test]
async fn only_what_the_check_keeps_is_told_and_not_for_ever() {
    let world = World::new().await;
    let opened = world.open("contact").await;
    let request = world.request(&opened).await;
    let shown = world.show(&world.person(3), &["given_name", "family_name", "birth_date"], &request);
    let outcome = world.answer(&opened, request, "person", shown).await;
    assert_eq!(outcome["claims"], json!({ "person": { "family_name": "Mustermann" } }));

    world.clock.advance(7 * 86_400);
    world.app.sweep().await.unwrap();
    let request = Request::get(format!("/api/v1/sessions/{}", opened["id"].as_str().unwrap()))
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Body::empty())
        .unwrap();
    let (status, outcome) = world.call(request).await;
    assert_eq!((status, outcome.get("claims")), (StatusCode::NOT_FOUND, None));
}

#[tokio::test]
async fn a_refusal_is_a_state_of_its_own() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let (target, body) = world.request(&opened).await.refuse();
    assert_eq!(world.post(target.path(), body.as_str()).await.0, StatusCode::OK);
    let outcome = world.outcome(&opened).await;
    assert_eq!(
        (&outcome["state"], &outcome["reason"]),
        (&json!("refused"), &json!("refused"))
    );
    assert_ne!(outcome["verdict"], json!("yes"));
}

#[tokio::test]
async fn states_follow_each_other() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let mut names: Vec<&str> = opened.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["expires_at", "id", "qr_svg", "request_uri"]);
    assert_eq!(opened["expires_at"], NOW + 300);
    assert_eq!(
        world.outcome(&opened).await,
        json!({ "id": opened["id"], "state": "open" })
    );
    world.request(&opened).await;
    world.request(&opened).await;
    assert_eq!(world.outcome(&opened).await["state"], "scanned");
    world.clock.advance(300);
    assert_eq!(world.outcome(&opened).await["state"], "expired");
    assert!(opened["qr_svg"].as_str().unwrap().contains("<svg"));
}

#[tokio::test]
async fn suspended_and_valid_again() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(60);
    world.set_status(3, Status::Suspended);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "no", "suspended");
    world.clock.advance(60);
    world.set_status(3, Status::Valid);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
}

#[tokio::test]
async fn the_interface_needs_its_token() {
    let world = World::new().await;
    for request in [
        Request::post("/api/v1/checks/adult/sessions")
            .body(Body::empty())
            .unwrap(),
        Request::get("/api/v1/sessions/x")
            .header("authorization", "Bearer wrong")
            .body(Body::empty())
            .unwrap(),
    ] {
        let (status, problem) = world.call(request).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::UNAUTHORIZED, &json!("unauthorised"))
        );
    }
}

#[tokio::test]
async fn open_sessions_are_bounded() {
    let world = World::new().await;
    for _ in 0..50 {
        world.open("adult").await;
    }
    let request = Request::post("/api/v1/checks/adult/sessions")
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Body::empty())
        .unwrap();
    let (status, problem) = world.call(request).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("too_many_sessions"))
    );
    world.clock.advance(300);
    world.open("adult").await;
}

#[tokio::test]
async fn the_did_log_is_served() {
    let world = World::new().await;
    let request = Request::get("/.well-known/did.jsonl").body(Body::empty()).unwrap();
    let response = world.send(request).await;
    let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
    assert_eq!(body, world.business.log_file().as_bytes());
}
