//! The desk: who may ask, what is told, and answers that were read from a code.

use http::StatusCode;
use oid4vp::PresentationRequest;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::events::Events;
use crate::staff::Staff;
use crate::wallet::assert_outcome;
use crate::world::World;

/// What the wallet would send, as one compact text.
async fn answer(world: &World, opened: &Value) -> String {
    let request = world.request(opened).await;
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    encrypted(request, shown)
}

fn encrypted(request: PresentationRequest, shown: String) -> String {
    let mut token = oid4vp::VpToken::new();
    token.insert(request.query().credential("person").unwrap().id().clone(), shown);
    let (_, body) = request.respond(&token).unwrap();
    let mut form = form_urlencoded::parse(body.as_str().as_bytes());
    form.find(|(name, _)| name == "response").unwrap().1.into_owned()
}

#[track_caller]
fn assert_problem((status, problem): (StatusCode, Value), expected: u16, code: &str) {
    assert_eq!(
        (status.as_u16(), problem["code"].as_str()),
        (expected, Some(code)),
        "{problem}"
    );
}

#[tokio::test]
async fn checks_are_told_in_words() {
    let world = World::new().await;
    let staff = Staff::sign_in(&world, "ada", "staff").await;
    let (status, listed) = staff.get(&world, "/checks").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        listed["site"],
        json!({ "name": { "en": "Shop" }, "host": "shop.example" })
    );
    let checks = listed["checks"].as_array().unwrap();
    let contact = checks.iter().find(|check| check["id"] == "contact").unwrap();
    assert_eq!(contact["title"]["de"], "Lieferung");
    assert_eq!(
        (&contact["channel"], &contact["kept_days"]),
        (&json!("online"), &json!(7))
    );
    let asked = &contact["asked"][0];
    assert_eq!(asked["card"]["fr"], "Carte d'identité");
    assert_eq!(asked["claims"][2]["label"]["en"], "Date of birth");
    assert_eq!(asked["claims"][2]["optional"], json!(true));
    assert_eq!(asked["claims"][2]["choice"], json!(false));
    assert_eq!(asked["claims"][1]["kept"], json!(true));
}

#[tokio::test]
async fn nobody_asks_without_signing_in() {
    let world = World::new().await;
    for request in [
        http::Request::get("/desk/api/v1/checks")
            .body(axum::body::Body::empty())
            .unwrap(),
        crate::staff::post("/desk/api/v1/checks/adult/sessions")
            .header("idempotency-key", "0123456789abcdef0")
            .body("{}".into())
            .unwrap(),
    ] {
        assert_problem(world.call(request).await, 401, "signed_out");
    }
}

#[tokio::test]
async fn a_check_at_the_desk_from_question_to_verdict() {
    let world = World::new().await;
    let staff = Staff::sign_in(&world, "ada", "staff").await;
    let opened = staff.ask(&world, "adult").await;
    let id = opened["id"].as_str().unwrap();
    let mut events = Events::of(&world, staff.request(&format!("/sessions/{id}/events"))).await;
    assert_eq!(events.next().await.unwrap()["state"], "open");
    let request = world.request(&opened).await;
    assert_eq!(events.next().await.unwrap()["state"], "scanned");
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    assert_eq!(world.respond(request, &[("person", shown)]).await.0, StatusCode::OK);
    let told = events.next().await.unwrap();
    assert_outcome(&told, "yes", "ok");
    assert_eq!(
        staff.get(&world, &format!("/sessions/{id}")).await,
        (StatusCode::OK, told)
    );
}

#[tokio::test]
async fn an_answer_read_from_a_code_is_judged_as_one_that_was_sent() {
    let world = World::new().await;
    let staff = Staff::sign_in(&world, "ada", "staff").await;
    let opened = staff.ask(&world, "adult").await;
    let handed_in = answer(&world, &opened).await;
    let (status, outcome) = staff.hand_in(&world, &opened, &format!(" {handed_in}\n")).await;
    assert_eq!(status, StatusCode::OK);
    let sent = world.adult(&world.person(3)).await;
    // Each has a receipt of its own.
    let without_own = |mut outcome: Value| {
        let members = outcome.as_object_mut().unwrap();
        assert!(members.remove("id").is_some() && members.remove("receipt").is_some());
        outcome
    };
    assert_eq!(without_own(outcome), without_own(sent));

    // What the rule refuses is refused by either way.
    let mut claims = testkit::credential::person_identification();
    claims.insert("age_over_18".to_owned(), json!(false));
    let young = world.card("person-identification", claims, 4);
    let opened = staff.ask(&world, "adult").await;
    let request = world.request(&opened).await;
    let shown = world.show(&young, &["age_over_18"], &request);
    let (_, outcome) = staff.hand_in(&world, &opened, &encrypted(request, shown)).await;
    assert_outcome(&outcome, "no", "rule_not_met");
}

#[tokio::test]
async fn what_is_no_answer_to_this_check_changes_nothing() {
    let world = World::new().await;
    let staff = Staff::sign_in(&world, "ada", "staff").await;
    let (first, second) = (staff.ask(&world, "adult").await, staff.ask(&world, "adult").await);
    let (of_first, of_second) = (answer(&world, &first).await, answer(&world, &second).await);
    for (text, status, code) in [
        (of_second.as_str(), 409, "answer_of_another_check"),
        ("hello", 400, "answer_unreadable"),
        ("", 400, "answer_unreadable"),
        (&of_first[..of_first.len() - 4], 400, "answer_unreadable"),
        ("a&error=access_denied&state=x", 400, "answer_unreadable"),
    ] {
        assert_problem(staff.hand_in(&world, &first, text).await, status, code);
        assert_eq!(world.outcome(&first).await["state"], "scanned", "{text}");
    }
    assert_eq!(staff.hand_in(&world, &first, &of_first).await.0, StatusCode::OK);
    let before = world.outcome(&first).await;
    assert_problem(
        staff.hand_in(&world, &first, &of_first).await,
        409,
        "verification_process_closed",
    );
    assert_eq!(world.outcome(&first).await, before);
    world.clock.advance(300);
    assert_problem(staff.hand_in(&world, &second, &of_second).await, 410, "session_expired");
}

#[tokio::test]
async fn a_session_is_seen_by_whoever_asked_alone() {
    let world = World::new().await;
    let ada = Staff::sign_in(&world, "ada", "staff").await;
    let bob = Staff::sign_in(&world, "bob", "owner").await;
    let opened = ada.ask(&world, "adult").await;
    let path = format!("/sessions/{}", opened["id"].as_str().unwrap());
    assert_problem(bob.get(&world, &path).await, 404, "not_found");
    assert_problem(bob.get(&world, &format!("{path}/events")).await, 404, "not_found");
    assert_problem(bob.hand_in(&world, &opened, "x").await, 404, "not_found");
    let of_the_program = world.open("adult").await;
    let path = format!("/sessions/{}", of_the_program["id"].as_str().unwrap());
    assert_problem(ada.get(&world, &path).await, 404, "not_found");
}

#[tokio::test]
async fn m6_verifier_a_double_click_asks_once() {
    let world = World::new().await;
    let staff = Staff::sign_in(&world, "ada", "staff").await;
    let path = "/checks/adult/sessions";
    let (_, once) = staff.post(&world, path, &json!({}), "0123456789abcdef0").await;
    let (_, again) = staff.post(&world, path, &json!({}), "0123456789abcdef0").await;
    assert_eq!(once["id"], again["id"]);
    assert_ne!(staff.ask(&world, "adult").await["id"], once["id"]);
}

#[tokio::test]
async fn the_owner_sees_what_was_asked_and_nothing_of_a_card() {
    let world = World::new().await;
    let staff = Staff::sign_in(&world, "ada", "staff").await;
    let owner = Staff::sign_in(&world, "bob", "owner").await;
    let opened = staff.ask(&world, "adult").await;
    let handed_in = answer(&world, &opened).await;
    staff.hand_in(&world, &opened, &handed_in).await;
    world.adult(&world.person(3)).await;
    assert_problem(staff.get(&world, "/today").await, 403, "not_allowed");
    let (_, today) = owner.get(&world, "/today").await;
    let at = today["checks"][0]["at"].clone();
    assert_eq!(
        today,
        json!({ "checks": [{ "at": at, "check": "adult", "verdict": "yes", "reason": "ok", "operator": "ada" }] })
    );
    world.clock.advance(86_400);
    assert_eq!(owner.get(&world, "/today").await.0, StatusCode::UNAUTHORIZED);
}
