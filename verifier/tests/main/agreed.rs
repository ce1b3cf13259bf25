//! People agree to what they were shown: what a check becomes later is not asked of them, and what
//! they left stays no longer than they were told.

use http::StatusCode;
use serde_json::{Value, json};

use crate::added::{Added, check, provisioning};
use crate::wallet::request_path;
use crate::world::{CHECKS, Options, TOKEN, World};

/// The check `adult`, which keeps what was shown.
const KEEPING: &str = "rule = \"person.age_over_18\"\nkeep = [\"person.age_over_18\"]\nretention_days = 30\n";

/// A service where `adult` is registered for 30 days.
fn keeping() -> Options {
    Options {
        checks: |_| CHECKS.replacen("rule = \"person.age_over_18\"\n", KEEPING, 1),
        ..provisioning()
    }
}

/// The check `adult` as a business sets it, kept for so long.
fn kept_for(days: u32) -> Value {
    let mut check = check("adult");
    if days > 0 {
        check["keep"] = json!(["person.age_over_18"]);
        check["retention_days"] = json!(days);
    }
    check
}

impl World {
    async fn sets(&self, added: &Added, days: u32) {
        let set = self.set_checks(&added.id, &[kept_for(days)]).await;
        assert_eq!(set.0, StatusCode::NO_CONTENT, "{}", set.1);
    }

    /// Stops the service, changes its file of checks and starts it again.
    async fn restart_with(&mut self, from: &str, to: &str) {
        let path = self.folder.path().join("checks.toml");
        let checks = std::fs::read_to_string(&path).unwrap();
        let changed = checks.replacen(from, to, 1);
        assert_ne!(changed, checks);
        std::fs::write(&path, changed).unwrap();
        self.restart().await;
    }
}

#[tokio::test]
async fn g1_verifier_a_check_that_is_changed_between_request_and_answer_has_no_answer() {
    let mut world = World::with(keeping()).await;
    let added = world.add("corner-shop").await;
    let opened = world.open_of(&added.token).await;
    let request = world.request_of(&opened, added.organisation.did().as_str()).await;
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    world.sets(&added, 30).await;
    let (status, problem) = world.respond(request, &[("person", shown)]).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::NOT_FOUND, &json!("authorization_request_object_not_found"))
    );
    let outcome = world.outcome_for(&added.token, &opened["id"]).await.1;
    assert_eq!(outcome, json!({ "id": opened["id"], "state": "expired" }));
}

#[tokio::test]
async fn a_check_that_is_set_as_it_was_has_its_answers() {
    let mut world = World::with(keeping()).await;
    let added = world.add("corner-shop").await;
    world.sets(&added, 30).await;
    let opened = world.open_of(&added.token).await;
    world.sets(&added, 30).await;
    let outcome = world.show_to(&added, &opened).await;
    assert_eq!(outcome["claims"], json!({ "person": { "age_over_18": true } }));
}

#[tokio::test]
async fn no_request_is_signed_of_a_check_that_was_changed_in_the_file() {
    let mut world = World::new().await;
    let opened = world.open("contact").await;
    world
        .restart_with("keep = [\"person.family_name\"]", "keep = [\"person.given_name\"]")
        .await;
    let asked = world.site.asked();
    let request = http::Request::get(request_path(&opened)).body(axum::body::Body::empty());
    let (status, problem) = world.call(request.unwrap()).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::NOT_FOUND, &json!("authorization_request_object_not_found"))
    );
    assert_eq!(world.site.asked(), asked);
    assert_eq!(world.outcome(&opened).await["state"], "expired");
}

#[tokio::test]
async fn claims_stay_as_long_as_was_said_when_they_were_shown() {
    let mut world = World::with(keeping()).await;
    let added = world.add("corner-shop").await;
    world.sets(&added, 7).await;
    let opened = world.open_of(&added.token).await;
    let outcome = world.show_to(&added, &opened).await;
    assert_eq!(outcome["claims"], json!({ "person": { "age_over_18": true } }));
    world.sets(&added, 30).await;
    world.clock.advance(7 * 86_400 - 1);
    world.app.sweep().await.unwrap();
    let outcome = world.outcome_for(&added.token, &opened["id"]).await.1;
    assert!(outcome["claims"].is_object(), "{outcome}");
    world.clock.advance(1);
    world.app.sweep().await.unwrap();
    let (status, _) = world.outcome_for(&added.token, &opened["id"]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn claims_of_a_check_that_was_taken_out_of_the_file_do_not_stay() {
    let mut world = World::new().await;
    let shown = world.person(3);
    let outcome = world
        .present("contact", "person", &shown, &["given_name", "family_name"])
        .await;
    assert_eq!(outcome["claims"], json!({ "person": { "family_name": "Mustermann" } }));
    world.restart_with("id = \"contact\"", "id = \"delivery\"").await;
    world.clock.advance(300);
    world.app.sweep().await.unwrap();
    let (status, _) = world.outcome_for(TOKEN, &outcome["id"]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
