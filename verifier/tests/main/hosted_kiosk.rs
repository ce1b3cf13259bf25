//! A kiosk of a business that has no machine of its own: pages and calls of the service, for its staff alone.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;

use crate::added::{Added, provisioning};
use crate::kiosk::Kiosk;
use crate::staff::Staff;
use crate::wallet::assert_outcome;
use crate::world::World;

/// A business that was added, and somebody of its staff.
async fn hosted() -> (Kiosk, Added) {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner").await;
    let staff = Staff::sign_in_at(&world, &added.id, "ada", "staff").await;
    (Kiosk { world, staff }, added)
}

#[tokio::test]
async fn a_business_without_a_machine_has_a_kiosk() {
    let (kiosk, added) = hosted().await;
    let held = kiosk.held().await;
    assert_eq!(
        (&held["kiosk"], &held["registered"]["standing"]),
        (&json!(false), &json!("active"))
    );
    assert!(held["registered"]["age_s"].is_u64(), "of its own record: {held}");
    let (opened, challenge, shown) = kiosk.ready().await;
    let client = challenge.challenge().client_id().to_string();
    assert!(client.contains(added.organisation.did().as_str()), "{client}");
    let outcome = kiosk.answer(&opened, &challenge, shown).await;
    assert_outcome(&outcome, "yes", "ok");
    assert!(outcome["ages"]["ledger_s"].is_u64() && outcome["ages"]["status_s"].is_u64());
    assert_eq!(outcome["offline"], true);
    // It is unknown to the staff of every other business.
    let other = Staff::sign_in(&kiosk.world, "bob", "staff").await;
    let path = format!("/sessions/{}", opened["id"].as_str().unwrap());
    assert_eq!(other.get(&kiosk.world, &path).await.0, StatusCode::NOT_FOUND);
    let cookie = other.cookie();
    let foreign = Request::get("/b/corner/desk/api/v1/held").header("cookie", cookie);
    let (status, _) = kiosk.world.call(foreign.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn f4_verifier_a_kiosk_of_a_business_that_is_suspended_says_so_and_makes_no_challenge() {
    let (mut kiosk, added) = hosted().await;
    kiosk.world.clock.advance(60);
    kiosk.world.ledger.revoke_registration(&added.organisation);
    kiosk.world.refresh().await;
    assert_eq!(kiosk.held().await["registered"]["standing"], "suspended");
    let (status, refused) = kiosk.try_ask("adult").await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::FORBIDDEN, &json!("not_registered"))
    );
}

#[tokio::test]
async fn a_kiosk_of_a_business_that_waits_says_so() {
    let mut world = World::with(provisioning()).await;
    world.add_waiting("late").await;
    let (status, problem) = world.set_checks("late", &[crate::added::check("adult")]).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");
    let staff = Staff::sign_in_at(&world, "late", "ada", "staff").await;
    let kiosk = Kiosk { world, staff };
    assert_eq!(kiosk.held().await["registered"]["standing"], "waiting");
    let (_, refused) = kiosk.try_ask("adult").await;
    assert_eq!(refused["code"], "not_registered");
}
