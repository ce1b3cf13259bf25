//! Alternatives between claims, as they are registered and as a business asks them.

use http::StatusCode;
use ledger::{ClaimPath, Purpose};
use serde_json::{Value, json};

use crate::added::{check, provisioning};
use crate::world::World;

const PERSON: &str = "urn:holdfast:vct:person-identification:1";
const CLAIMS: [&str; 3] = ["age_over_18", "age_over_21", "age_over_65"];

/// Any one of three is enough.
fn registered() -> Purpose {
    let mut purpose = testkit::purpose("adult", PERSON, &[], &CLAIMS);
    purpose.credentials[0].claim_sets = CLAIMS.map(|claim| vec![ClaimPath::names(&[claim])]).to_vec();
    purpose
}

/// A check that lets people choose between these sets.
fn choosing(sets: &Value) -> Value {
    let mut asked = check("adult");
    let claims = CLAIMS.map(|claim| json!({"id": claim, "path": [claim]}));
    asked["dcql"] = json!({"credentials": [{
        "id": "person", "format": "dc+sd-jwt", "meta": {"vct_values": [PERSON]}, "claims": claims, "claim_sets": sets,
    }]});
    asked["types"] = CLAIMS
        .map(|claim| (format!("person.{claim}"), json!("bool")))
        .into_iter()
        .collect();
    let rule = CLAIMS.map(|claim| format!("has(person.{claim}) && person.{claim}"));
    asked["rule"] = json!(rule.join(" || "));
    asked
}

#[tokio::test]
async fn f4_verifier_a_check_that_takes_a_choice_away_is_refused() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    world.clock.advance(60);
    world.write_purposes(&added.organisation, vec![registered()]);
    world.refresh().await;
    let all = json!([["age_over_18"], ["age_over_21"], ["age_over_65"]]);
    let (status, problem) = world.set_checks(&added.id, &[choosing(&all)]).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");
    let mut for_others_alone = choosing(&all);
    for_others_alone["dcql"]["credentials"][0]["claims"][0]["values"] = json!([false]);
    for fewer in [
        choosing(&json!([["age_over_21"], ["age_over_65"]])),
        choosing(&json!([["age_over_21"], ["age_over_18", "age_over_65"]])),
        for_others_alone,
    ] {
        let (status, refused) = world.set_checks(&added.id, &[fewer]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!(
            (&refused["code"], &refused["outside"]),
            (&json!("outside_scope"), &json!("claim_sets"))
        );
    }
    // What was set before goes on.
    world.open_of(&added.token).await;
}
