//! What is kept for use without a network: fetched whole, never lowered, and a log that shows two histories.

use crate::world::{ChallengeDraft, NEWEST, NOW, World};
use ledger::UnverifiedSplitEvidence;
use std::collections::BTreeSet;
use wallet::{ProofError, Readiness, TrustError};
use wiremock::ResponseTemplate;

const DAY: u64 = 24 * 3_600;

#[tokio::test]
async fn everybody_asks_for_the_same_whole_file() {
    let ready = World::ready_offline().await;
    let mut empty = World::new().await;
    empty.publish_landmark().await;
    empty.wallet.refresh_proofs().await.expect("refreshed");
    let mut asked = BTreeSet::new();
    for world in [&ready, &empty] {
        let sent = world.sent("GET", NEWEST).await;
        assert_eq!(sent.len(), 1);
        let names: Vec<&str> = sent[0].headers.keys().map(http::HeaderName::as_str).collect();
        assert_eq!((sent[0].url.query(), sent[0].body.len()), (None, 0));
        asked.insert(format!("{names:?}"));
    }
    assert_eq!(asked.len(), 1, "the same, whatever cards somebody has");
}

#[tokio::test]
async fn showing_a_card_refreshes_nothing_and_the_time_of_refreshing_is_drawn() {
    let mut world = World::with_card().await;
    let pauses = |world: &World| -> BTreeSet<u64> {
        (0..200)
            .map(|_| world.wallet.proof_refresh_pause().expect("drawn"))
            .collect()
    };
    let soon = pauses(&world);
    assert!(soon.len() > 20 && soon.iter().all(|pause| *pause <= 600), "{soon:?}");
    world.publish_proofs(&[0; 128]).await;
    world.wallet.refresh_proofs().await.expect("refreshed");
    let drawn = pauses(&world);
    assert!(drawn.len() > 20 && drawn.iter().all(|pause| (1_800..=5_400).contains(pause)));
    let before = world.outbound().await;
    let message = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).message(&world);
    let open = world.wallet.open_challenge(&message).expect("opened");
    let consent = open.ask().agree(&[]).expect("agreed");
    world.wallet.show(open, &consent).expect("shown");
    assert_eq!(world.outbound().await, before);
}

#[tokio::test]
async fn a_mirror_serves_the_file_where_the_ledger_does_not() {
    let mut world = World::with_card().await;
    world.publish_proofs(&[0; 128]).await;
    let (_, file) = world.ledger.landmark();
    world.answer(NEWEST, ResponseTemplate::new(503)).await;
    world.answer_cbor("/mirror/landmarks/newest", file).await;
    let refreshed = world.wallet.refresh_proofs().await.expect("refreshed");
    assert_eq!((refreshed.time, refreshed.agencies, refreshed.lists.lists), (NOW, 1, 1));
}

#[tokio::test]
async fn readiness_says_how_old_it_is() {
    let mut world = World::with_card().await;
    let ready = |world: &World| {
        let readiness = world.wallet.offline_readiness().expect("readiness");
        assert_eq!(readiness.cards.len(), 1);
        assert_eq!(readiness.cards[0].copies, 3);
        (readiness.confirmed_at, readiness.proofs, readiness.cards[0].readiness)
    };
    assert_eq!(ready(&world), (None, Readiness::Missing, Readiness::Missing));
    world.publish_proofs(&[0; 128]).await;
    world.wallet.refresh_proofs().await.expect("refreshed");
    let world = world.killed();
    for (later, expected) in [
        (0, Readiness::Ready { hours: 0 }),
        (5 * 3_600 + 10, Readiness::Ready { hours: 5 }),
        (DAY, Readiness::Ready { hours: 24 }),
        (DAY + 3_600, Readiness::Old { hours: 25 }),
    ] {
        world.clock.set(NOW + later);
        assert_eq!(ready(&world), (Some(NOW), expected, expected));
    }
    // Neither does it get younger by setting the clock back behind what was seen.
    world.clock.set(NOW - DAY);
    assert_eq!(ready(&world).1, Readiness::Ready { hours: 0 });
}

#[tokio::test]
async fn k17_wallet_a_file_that_stands_still_is_not_taken() {
    let mut world = World::with_card().await;
    world.publish_proofs(&[0; 128]).await;
    world.clock.set(NOW + DAY + 1);
    let error = world.wallet.refresh_proofs().await.expect_err("frozen");
    assert!(matches!(&error, ProofError::Trust(TrustError::Freshness(_))));
    assert_eq!(error.code(), "ledger_stale");
    let readiness = world.wallet.offline_readiness().expect("readiness");
    assert_eq!((readiness.confirmed_at, readiness.proofs), (None, Readiness::Missing));
}

#[tokio::test]
async fn an_older_file_takes_no_newer_ones_place_and_time_is_never_lowered() {
    let mut world = World::with_card().await;
    world.publish_proofs(&[0; 128]).await;
    let (_, older) = world.ledger.landmark();
    world.ledger.set_now(NOW + 200);
    world.publish_proofs(&[0; 128]).await;
    world.wallet.refresh_proofs().await.expect("refreshed");
    let held = |world: &World| world.wallet.offline_readiness().expect("readiness").confirmed_at;
    assert_eq!(held(&world), Some(NOW + 200));
    world.answer_cbor(NEWEST, older).await;
    let refreshed = world.wallet.refresh_proofs().await.expect("nothing wrong with it");
    assert_eq!(refreshed.time, NOW + 200, "what is held");
    assert_eq!(held(&world), Some(NOW + 200));
    assert_eq!(world.wallet.vault().newest_ledger_time().expect("time"), NOW + 200);
}

#[tokio::test]
async fn k16_wallet_a_file_that_proves_nothing_is_not_kept() {
    let mut world = World::with_card().await;
    world.publish_proofs(&[0; 128]).await;
    let (_, mut file) = world.ledger.landmark();
    let last = file.len() - 1;
    file[last] ^= 1;
    for bytes in [file, b"nothing".to_vec()] {
        world.answer_cbor(NEWEST, bytes).await;
        let error = world.wallet.refresh_proofs().await.expect_err("refused");
        assert_eq!(error.code(), "proofs_invalid");
        let readiness = world.wallet.offline_readiness().expect("readiness");
        assert_eq!(readiness.proofs, Readiness::Missing);
    }
}

#[tokio::test]
async fn k14_wallet_a_challenge_that_shows_another_history() {
    let mut world = World::ready_offline().await;
    let good = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).message(&world);
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    let size = world.ledger.replica().size();
    draft.landmarks = vec![world.ledger.signed_landmark(size, [7; 32].into())];
    let before = world.outbound().await;
    let error = world
        .wallet
        .open_challenge(&draft.message(&world))
        .expect_err("refused");
    assert_eq!(error.code(), "split_view");
    assert!(error.is_could_not_check());
    assert_eq!(world.outbound().await, before, "nobody is told without consent");
    assert_eq!(world.unused_offline(), 3);

    let mut world = world.killed();
    let evidence = world.wallet.split_evidence().expect("evidence");
    assert_eq!((evidence.len(), evidence[0].found_at), (1, NOW));
    let pack = world.ledger.trust_pack();
    let file = UnverifiedSplitEvidence::parse(&evidence[0].file).expect("a file");
    file.verify(&pack).expect("anybody can check it");
    assert!(world.wallet.offline_readiness().expect("readiness").two_histories);

    // From now on nothing of this log is believed, with a network or without.
    let error = world.wallet.open_challenge(&good).expect_err("refused");
    assert_eq!(error.code(), "split_view");
    let link = world.ask("age", &["age_over_18"]).await;
    let error = world.wallet.open_request(&link).await.expect_err("refused");
    assert_eq!(error.code(), "split_view");
    let error = world.wallet.refresh_proofs().await.expect_err("refused");
    assert_eq!(error.code(), "split_view");
}

#[tokio::test]
async fn k14_wallet_two_challenges_that_show_two_histories() {
    let mut world = World::with_card().await;
    let mut draft = ChallengeDraft::of(&mut world, "age", &["age_over_18"]);
    let size = world.ledger.replica().size();
    world.wallet.open_challenge(&draft.message(&world)).expect("opened");
    // Of another size, or the same once more: nothing contradicts.
    draft
        .landmarks
        .push(world.ledger.signed_landmark(size - 1, [7; 32].into()));
    world.wallet.open_challenge(&draft.message(&world)).expect("opened");
    assert!(world.wallet.split_evidence().expect("evidence").is_empty());
    draft.landmarks = vec![world.ledger.signed_landmark(size - 1, [8; 32].into())];
    let error = world
        .wallet
        .open_challenge(&draft.message(&world))
        .expect_err("refused");
    assert_eq!(error.code(), "split_view");
    assert_eq!(world.wallet.split_evidence().expect("evidence").len(), 1);
}
