//! Group B: key binding.

use http::StatusCode;
use serde_json::json;
use service::Clock;
use testkit::credential::key;

use crate::forge::disclosure;
use crate::wallet::assert_outcome;
use crate::world::World;

const MISMATCH: &str = "holder_binding_mismatch";

#[tokio::test]
async fn b9_verifier_key_binding_stripped() {
    let world = World::new().await;
    assert_outcome(&world.judge_text(|forged| forged.sd_jwt()).await, "no", MISMATCH);
}

#[tokio::test]
async fn b10_verifier_key_binding_too_old_or_ahead() {
    let world = World::new().await;
    let now = world.clock.now();
    let none = world
        .judge(|forged| drop(forged.kb_payload.as_object_mut().unwrap().remove("iat")))
        .await;
    assert_outcome(&none, "no", MISMATCH);
    for (iat, verdict) in [
        (now - 31_536_000, "no"),
        (now - 301, "no"),
        (now - 300, "yes"),
        (now + 60, "yes"),
        (now + 61, "no"),
        (now + 31_536_000, "no"),
    ] {
        let outcome = world.judge(|forged| forged.kb_payload["iat"] = json!(iat)).await;
        assert_eq!(outcome["verdict"], verdict, "{}", i128::from(iat) - i128::from(now));
    }
}

#[tokio::test]
async fn b11_verifier_nonce_of_another_session() {
    let world = World::new().await;
    let wrong = world.judge(|forged| forged.kb_payload["nonce"] = json!("wrong")).await;
    assert_outcome(&wrong, "no", MISMATCH);
    let missing = world
        .judge(|forged| drop(forged.kb_payload.as_object_mut().unwrap().remove("nonce")))
        .await;
    assert_outcome(&missing, "no", MISMATCH);
    let other = world.request(&world.open("adult").await).await;
    let foreign = world
        .judge(|forged| forged.kb_payload["nonce"] = json!(other.nonce().as_str()))
        .await;
    assert_outcome(&foreign, "no", MISMATCH);
}

#[tokio::test]
async fn b11_verifier_nonce_used_twice() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let (first, second) = (world.request(&opened).await, world.request(&opened).await);
    let shown = world.show(&world.person(3), &["age_over_18"], &first);
    let outcome = world.answer(&opened, first, "person", shown.clone()).await;
    assert_outcome(&outcome, "yes", "ok");
    let (status, problem) = world.respond(second, &[("person", shown)]).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("verification_process_closed"))
    );
    assert_eq!(world.outcome(&opened).await, outcome);
}

#[tokio::test]
async fn b12_verifier_disclosures_changed_after_binding() {
    let world = World::new().await;
    let added = world
        .judge_text(|forged| {
            let binding = forged.key_binding(&forged.sd_jwt());
            forged.disclosures.push(disclosure("nationality", json!("DE")));
            forged.sd_jwt() + &binding
        })
        .await;
    assert_outcome(&added, "no", MISMATCH);
    let removed = world
        .judge_text(|forged| {
            forged.disclosures.push(disclosure("nationality", json!("DE")));
            let whole = forged.sd_jwt();
            let binding = forged.key_binding(&whole);
            let (first, _) = whole.trim_end_matches('~').rsplit_once('~').unwrap();
            format!("{first}~{binding}")
        })
        .await;
    assert_outcome(&removed, "no", MISMATCH);
}

#[tokio::test]
async fn b13_verifier_key_binding_by_another_key() {
    let world = World::new().await;
    assert_outcome(&world.judge(|forged| forged.holder = key(51)).await, "no", MISMATCH);
    for cnf in [
        json!({ "kid": "key-1" }),
        json!({ "jku": "https://evil.example/jwks" }),
        json!({}),
    ] {
        let outcome = world.judge(|forged| forged.payload["cnf"] = cnf).await;
        assert_outcome(&outcome, "no", MISMATCH);
    }
}
