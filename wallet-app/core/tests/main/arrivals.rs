//! "Is this you?": cards that came and wait for the person's word.

use crate::world::{Issuer, NOW, RequestDraft, World};
use serde_json::json;
use wallet::{IssuanceError, Outcome, RequestRefused};
use wiremock::ResponseTemplate;

fn last(world: &World) -> (Outcome, Option<String>) {
    let history = world.wallet.history().expect("history");
    let entry = history.into_iter().next().expect("an entry");
    (entry.record.outcome, entry.record.reason)
}

#[tokio::test]
async fn i2_wallet_a_card_that_came_is_shown_before_it_is_kept() {
    let (world, arrival) = World::with_pending().await;
    assert_eq!((arrival.issuer.as_str(), arrival.cards.len()), ("City Office", 1));
    assert_eq!(arrival.cards[0].claims["given_name"], "Erika");
    assert_eq!(arrival.cards[0].arrival.as_ref(), Some(&arrival.id));
    assert_eq!(
        world.notified().await.len(),
        0,
        "nobody is told before the person has said"
    );
    assert!(world.wallet.history().expect("history").is_empty());
}

#[tokio::test]
async fn i2_wallet_a_waiting_card_counts_as_nothing() {
    let (mut world, arrival) = World::with_pending().await;
    assert!(world.wallet.cards().expect("cards").is_empty());
    let link = world.ask("age", &["age_over_18"]).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::NoMatchingCard(_)));
    let id = arrival.cards[0].id.as_str();
    assert!(world.wallet.delete_card(id).is_err(), "there is nothing to be deleted");
    assert_eq!(world.wallet.card(id).expect("a card").id, arrival.cards[0].id);
    world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!(
        world.sent("GET", "/lists/1").await.len(),
        0,
        "its list is not asked for"
    );
}

#[tokio::test]
async fn i2_wallet_yes_keeps_the_card_and_tells_the_issuer_once() {
    let (world, arrival) = World::with_pending().await;
    let kept = world.wallet.keep_cards(&arrival.id).await.expect("kept");
    assert_eq!((kept.len(), kept[0].copies), (1, 6));
    let cards = world.wallet.cards().expect("cards");
    assert_eq!((cards.len(), cards[0].arrival.clone()), (1, None));
    assert!(world.wallet.pending_cards().expect("pending").is_empty());
    assert_eq!(last(&world), (Outcome::Received, None));
    assert_eq!(world.notified().await, ["credential_accepted", "credential_accepted"]);
    world.wallet.tell_issuers().await;
    assert_eq!(world.notified().await.len(), 2, "told once");
}

#[tokio::test]
async fn i2_wallet_no_destroys_cards_and_keys_and_tells_the_issuer() {
    let (world, arrival) = World::with_pending().await;
    world.wallet.reject_cards(&arrival.id).await.expect("rejected");
    assert!(world.wallet.cards().expect("cards").is_empty());
    assert!(world.wallet.pending_cards().expect("pending").is_empty());
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
    assert_eq!(last(&world), (Outcome::NotStored, Some("not_me".to_owned())));
    assert_eq!(world.notified().await, ["credential_deleted", "credential_deleted"]);
    let history = world.wallet.history().expect("history");
    assert!(!serde_json::to_string(&history).expect("json").contains("Erika"));
}

#[tokio::test]
async fn m6_wallet_a_second_tap_changes_nothing() {
    let (world, arrival) = World::with_pending().await;
    world.wallet.keep_cards(&arrival.id).await.expect("kept");
    for again in [
        world.wallet.keep_cards(&arrival.id).await.map(|_| ()),
        world.wallet.reject_cards(&arrival.id).await,
    ] {
        let error = again.expect_err("decided already");
        assert!(matches!(error, IssuanceError::NoSuchArrival));
        assert_eq!(error.code(), "no_such_card");
    }
    assert_eq!(world.wallet.cards().expect("cards").len(), 1);
    assert_eq!(world.wallet.history().expect("history").len(), 1);
}

#[tokio::test]
async fn i2_wallet_killed_before_the_answer_the_card_still_waits() {
    let (world, arrival) = World::with_pending().await;
    let world = world.killed();
    assert!(world.wallet.cards().expect("cards").is_empty());
    let waiting = world.wallet.pending_cards().expect("pending");
    assert_eq!((waiting.len(), &waiting[0].id), (1, &arrival.id));
    world.wallet.keep_cards(&arrival.id).await.expect("kept");
    assert_eq!(world.notified().await, ["credential_accepted", "credential_accepted"]);
    assert_eq!(world.unused(), 3);
}

#[tokio::test]
async fn i2_wallet_a_kept_card_can_be_shown_after_a_restart() {
    let (world, arrival) = World::with_pending().await;
    world.wallet.keep_cards(&arrival.id).await.expect("kept");
    let mut world = world.killed();
    let link = world.ask("age", &["age_over_18"]).await;
    world.share(&link).await.expect("shared");
}

#[tokio::test]
async fn i2_wallet_killed_before_the_issuer_was_told_it_is_told_later() {
    let (world, arrival) = World::with_pending().await;
    world
        .answer(
            "/notification",
            ResponseTemplate::new(204).set_delay(std::time::Duration::from_secs(30)),
        )
        .await;
    let rejecting = world.wallet.reject_cards(&arrival.id);
    let waiting = tokio::time::timeout(std::time::Duration::from_millis(500), rejecting).await;
    assert!(waiting.is_err(), "the process ends while it waits");
    let world = world.killed();
    assert!(
        world.wallet.pending_cards().expect("pending").is_empty(),
        "the decision stands"
    );
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
    world.answer("/notification", ResponseTemplate::new(204)).await;
    world.wallet.tell_issuers().await;
    assert_eq!(world.notified().await, ["credential_deleted"; 3]);
}

#[tokio::test]
async fn i2_wallet_an_issuer_that_does_not_listen_is_left_alone_once_its_token_is_over() {
    let (world, arrival) = World::with_pending().await;
    world.clock.set(NOW + 300);
    world.wallet.reject_cards(&arrival.id).await.expect("rejected");
    assert_eq!(world.notified().await.len(), 0, "the token is no good any more");
}

#[tokio::test]
async fn i2_wallet_an_issuer_that_asks_for_a_nonce_is_told_again() {
    let (world, arrival) = World::with_pending().await;
    let once = ResponseTemplate::new(401)
        .insert_header("dpop-nonce", "fresh")
        .set_body_json(json!({"error": "use_dpop_nonce"}));
    world.answer_once("/notification", once).await;
    world.wallet.keep_cards(&arrival.id).await.expect("kept");
    assert_eq!(world.notified().await, ["credential_accepted"; 3]);
}

#[tokio::test]
async fn two_arrivals_are_decided_one_by_one() {
    let (world, first) = World::with_pending().await;
    let issuer = world.issuer("residence").await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    let second = world.wallet.receive_offer(offer, None).await.expect("received");
    let waiting: Vec<_> = world
        .wallet
        .pending_cards()
        .expect("pending")
        .into_iter()
        .map(|a| a.id)
        .collect();
    assert_eq!(waiting, [first.id.clone(), second.id.clone()]);
    world.wallet.reject_cards(&first.id).await.expect("rejected");
    world.wallet.keep_cards(&second.id).await.expect("kept");
    let cards = world.wallet.cards().expect("cards");
    assert_eq!(
        cards.iter().map(|card| card.vct.clone()).collect::<Vec<_>>(),
        [testkit::credential::vct("residence")]
    );
}

#[tokio::test]
async fn an_offer_that_is_declined_is_noted_and_asks_for_nothing() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    world.wallet.decline_offer(&offer).expect("noted");
    assert_eq!(last(&world), (Outcome::NotStored, Some("closed".to_owned())));
    assert_eq!(world.sent("POST", "/token").await.len(), 0);
}

#[tokio::test]
async fn the_history_of_a_card_is_what_happened_with_it() {
    let (mut world, arrival) = World::with_pending().await;
    world.wallet.keep_cards(&arrival.id).await.expect("kept");
    let issuer = Issuer::of(&world, "residence");
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let link = RequestDraft::of(&mut world, "age", &["age_over_18"])
        .publish(&world)
        .await;
    world.share(&link).await.expect("shared");
    let history = world.wallet.history_of(&arrival.cards[0].id).expect("history");
    let outcomes: Vec<_> = history.iter().map(|entry| entry.record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Shared, Outcome::Received]);
    let noted = &history[0].record.cards[0];
    assert_eq!(noted.title.as_ref().expect("title").text("en"), "Test card");
    assert_eq!(noted.claims, ["age_over_18"]);
    assert_eq!(
        history[0].record.party_id.as_deref(),
        Some(world.business.did().to_string().as_str())
    );
}

#[tokio::test]
async fn i6_wallet_no_space_for_a_batch() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    world.wallet.vault().dangerous_limit_pages(1).expect("limited");
    let error = world.wallet.accept_offer(offer, None).await.expect_err("no space");
    assert_eq!(error.code(), "storage_full");
    assert!(world.wallet.cards().expect("cards").is_empty());
    assert!(world.wallet.pending_cards().expect("pending").is_empty());
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
    assert_eq!(world.notified().await, ["credential_failure", "credential_failure"]);

    world
        .wallet
        .vault()
        .dangerous_limit_pages(u32::MAX)
        .expect("limited no more");
    let accepted = world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!((accepted[0].copies, world.unused()), (6, 3));
}
