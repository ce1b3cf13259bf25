//! What a restart at any moment leaves.

use http::StatusCode;
use serde_json::json;

use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{LEDGER, LIST, World};

#[tokio::test]
async fn a_session_answers_once_across_a_restart() {
    let mut world = World::new().await;
    let opened = world.open("adult").await;
    let (first, second) = (world.request(&opened).await, world.request(&opened).await);
    let shown = world.show(&world.person(3), &["age_over_18"], &first);
    world.restart().await;
    let outcome = world.answer(&opened, first, "person", shown.clone()).await;
    assert_outcome(&outcome, "yes", "ok");
    world.restart().await;
    let (status, problem) = world.respond(second, &[("person", shown)]).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("verification_process_closed"))
    );
    assert_eq!(world.outcome(&opened).await, outcome);
}

#[tokio::test]
async fn of_many_answers_at_once_one_wins() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let card = world.person(3);
    let mut answers = Vec::new();
    for _ in 0..20 {
        let request = world.request(&opened).await;
        let shown = world.show(&card, &["age_over_18"], &request);
        answers.push((request, shown));
    }
    let sent = answers.into_iter().map(|(request, shown)| async {
        let answer = [("person", shown)];
        world.respond(request, &answer).await.0
    });
    let statuses = futures_util::future::join_all(sent).await;
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(StatusCode::OK), count(StatusCode::CONFLICT)), (1, 19));
}

#[tokio::test]
async fn a_closed_session_has_no_key_any_more() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let id = opened["id"].as_str().unwrap();
    assert!(has_key(&world, id).await);
    let request = world.request(&opened).await;
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    world.answer(&opened, request, "person", shown).await;
    assert!(!has_key(&world, id).await);
}

/// Whether what is encrypted for a session can still be read.
async fn has_key(world: &World, id: &str) -> bool {
    let session = world.app.store.session(id).await.unwrap().unwrap();
    session.encryption_key.is_some()
}

#[tokio::test]
async fn what_was_held_is_held_after_a_restart() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.site.set(&format!("{LEDGER}/bundles/accredited"), Reply::Silence);
    world.site.set(LIST, Reply::Silence);
    world.restart().await;
    world.clock.advance(60);
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "status_s": 60, "ledger_s": 60 }));
}

#[tokio::test]
async fn an_identity_is_never_overwritten() {
    let world = World::new().await;
    let before = std::fs::read(world.folder.path().join("identity/keys.json")).unwrap();
    let common = crate::world::common(&world.folder);
    let names = verifier::Names([("en".to_owned(), "Shop".to_owned())].into());
    let again = verifier::init(&common, names, world.app.businesses.main().checks(), crate::world::NOW);
    assert!(matches!(again, Err(verifier::InitError::Exists)));
    assert_eq!(
        std::fs::read(world.folder.path().join("identity/keys.json")).unwrap(),
        before
    );
}
