//! Deleting a card: hidden at once, had back for ten seconds, then destroyed with all its keys.

use crate::world::{NOW, World};
use wallet::{CardError, RequestRefused, UNDO_SECONDS};

#[tokio::test]
async fn j14_a_deleted_card_is_gone_at_once_and_no_request_finds_it() {
    let mut world = World::with_card().await;
    let id = world.wallet.cards().expect("cards")[0].id.clone();
    world.wallet.delete_card(id.as_str()).expect("deleted");
    assert!(world.wallet.cards().expect("cards").is_empty());
    assert!(matches!(world.wallet.card(id.as_str()), Err(CardError::Unknown)));
    let link = world.ask("age", &["age_over_18"]).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::NoMatchingCard(_)));
}

#[tokio::test]
async fn j14_for_ten_seconds_it_can_be_had_back() {
    let mut world = World::with_card().await;
    let id = world.wallet.cards().expect("cards")[0].id.clone();
    world.wallet.delete_card(id.as_str()).expect("deleted");
    world.clock.set(NOW + UNDO_SECONDS - 1);
    assert_eq!(world.wallet.sweep_deleted().expect("swept"), 0);
    world.wallet.undo_delete(id.as_str()).expect("had back");
    assert_eq!(world.unused(), 3);
    let link = world.ask("age", &["age_over_18"]).await;
    world.share(&link).await.expect("shared");
}

#[tokio::test]
async fn j14_then_all_its_keys_and_copies_are_destroyed_and_nobody_is_told() {
    let world = World::with_card().await;
    let id = world.wallet.cards().expect("cards")[0].id.clone();
    let told = world.server.received_requests().await.expect("recorded").len();
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 6);
    world.wallet.delete_card(id.as_str()).expect("deleted");
    world.clock.set(NOW + UNDO_SECONDS);
    let late = world.wallet.undo_delete(id.as_str()).expect_err("too late");
    assert_eq!(late.code(), "too_late_to_undo");
    assert_eq!(world.wallet.sweep_deleted().expect("swept"), 1);
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
    assert_eq!(world.server.received_requests().await.expect("recorded").len(), told);
    assert_eq!(world.wallet.history().expect("history").len(), 1, "what happened stays");
}

#[tokio::test]
async fn j14_closing_the_wallet_ends_the_time_to_undo() {
    let world = World::with_card().await;
    let id = world.wallet.cards().expect("cards")[0].id.clone();
    world.wallet.delete_card(id.as_str()).expect("deleted");
    let world = world.killed();
    assert!(matches!(world.wallet.undo_delete(id.as_str()), Err(CardError::TooLate)));
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
}

#[tokio::test]
async fn j14_where_nobody_can_undo_it_a_card_is_destroyed_at_once() {
    let world = World::with_card().await;
    let id = world.wallet.cards().expect("cards")[0].id.clone();
    world.wallet.destroy_card(id.as_str()).expect("destroyed");
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
    assert!(matches!(world.wallet.undo_delete(id.as_str()), Err(CardError::TooLate)));
    assert!(matches!(
        world.wallet.destroy_card(id.as_str()),
        Err(CardError::Unknown)
    ));
}

#[tokio::test]
async fn j14_a_card_that_is_not_there_cannot_be_deleted() {
    let world = World::with_card().await;
    let id = world.wallet.cards().expect("cards")[0].id.clone();
    assert!(matches!(world.wallet.delete_card("none"), Err(CardError::Unknown)));
    assert!(
        matches!(world.wallet.undo_delete(id.as_str()), Err(CardError::TooLate)),
        "it was not deleted"
    );
    world.wallet.delete_card(id.as_str()).expect("deleted");
    assert!(
        matches!(world.wallet.delete_card(id.as_str()), Err(CardError::Unknown)),
        "twice"
    );
}
