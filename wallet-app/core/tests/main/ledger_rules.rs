//! When the ledger is not believed: quorum, proofs, freshness, absence.

use crate::world::{Issuer, NOW, RequestDraft, World};
use ledger::{BundleError, FreshnessError};
use testkit::Cosignatures;
use tlog::QuorumError;
use wallet::{IssuanceError, RequestRefused, TrustError};
use wiremock::ResponseTemplate;

/// A request that carries the business's record with these cosignatures.
async fn with_cosignatures(world: &mut World, cosignatures: &Cosignatures) -> String {
    let bundle = world.business_bundle_with(cosignatures);
    with_record(world, &bundle).await
}

async fn with_record(world: &mut World, bundle: &[u8]) -> String {
    let mut draft = RequestDraft::of(world, "age", &["age_over_18"]);
    draft.set_bundle(bundle);
    draft.publish(world).await
}

#[tokio::test]
async fn k15_wallet_a_checkpoint_without_quorum() {
    let mut world = World::with_card().await;
    for cosignatures in [Cosignatures::without_quorum(NOW), Cosignatures::without_mirror(NOW)] {
        let link = with_cosignatures(&mut world, &cosignatures).await;
        let error = world.refused(&link).await;
        assert!(matches!(
            error,
            RequestRefused::Trust(TrustError::Bundle(BundleError::Quorum(QuorumError::NotReached)))
        ));
        assert_eq!(error.code(), "no_quorum");
    }
}

#[tokio::test]
async fn k15_wallet_one_cosignature_in_the_future_changes_nothing() {
    let mut world = World::with_card().await;
    let cosignatures = Cosignatures {
        witnesses: [Some(NOW + 100_000), Some(NOW), Some(NOW)],
        mirror: Some(NOW),
    };
    let link = with_cosignatures(&mut world, &cosignatures).await;
    world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(world.wallet.vault().newest_ledger_time().expect("time"), NOW);
}

#[tokio::test]
async fn k15_wallet_a_quorum_in_the_future_means_the_clock_is_wrong() {
    let mut world = World::with_card().await;
    let link = with_cosignatures(&mut world, &Cosignatures::all(NOW + 301)).await;
    let error = world.refused(&link).await;
    assert!(matches!(
        error,
        RequestRefused::Trust(TrustError::Freshness(FreshnessError::ClockWrong))
    ));
    assert_eq!(
        world.wallet.vault().newest_ledger_time().expect("time"),
        NOW,
        "not remembered"
    );
}

#[tokio::test]
async fn k16_wallet_the_record_of_another_organisation() {
    let mut world = World::with_card().await;
    let other = world.agency.did().to_string();
    let bundle = world.ledger.bundle(&other);
    let mut draft = RequestDraft::by_did(&mut world, "age", &["age_over_18"]);
    draft.set_bundle(&bundle);
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(
        error,
        RequestRefused::Trust(TrustError::Bundle(BundleError::OtherSubject))
    ));
}

#[tokio::test]
async fn k16_wallet_one_bit_of_a_proof() {
    let mut world = World::with_card().await;
    // No signature more than the quorum needs: none can be lost unnoticed.
    let cosignatures = Cosignatures {
        witnesses: [Some(NOW), Some(NOW), None],
        mirror: Some(NOW),
    };
    let whole = world.business_bundle_with(&cosignatures);
    let mut refused = 0;
    for offset in (0..whole.len()).step_by(whole.len() / 29) {
        let mut bundle = whole.clone();
        bundle[offset] ^= 1;
        let link = with_record(&mut world, &bundle).await;
        let error = world.refused(&link).await;
        assert!(
            matches!(error, RequestRefused::Trust(TrustError::Bundle(_))),
            "offset {offset}: {error:?}"
        );
        refused += 1;
    }
    assert!(refused >= 29);
}

#[tokio::test]
async fn k17_wallet_a_frozen_ledger() {
    let mut world = World::with_card().await;
    let link = with_cosignatures(&mut world, &Cosignatures::all(NOW - 601)).await;
    let error = world.refused(&link).await;
    assert!(matches!(
        error,
        RequestRefused::Trust(TrustError::Freshness(FreshnessError::Stale { age })) if age.0 == 601
    ));
    assert_eq!(error.code(), "ledger_stale");
}

#[tokio::test]
async fn the_newest_time_seen_is_never_lowered() {
    let mut world = World::with_card().await;
    let link = with_cosignatures(&mut world, &Cosignatures::all(NOW + 200)).await;
    world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(world.wallet.vault().newest_ledger_time().expect("time"), NOW + 200);
    // The device's clock is set back: what is old stays old.
    world.clock.set(NOW - 500);
    let link = with_cosignatures(&mut world, &Cosignatures::all(NOW - 500)).await;
    let error = world.refused(&link).await;
    assert!(matches!(
        error,
        RequestRefused::Trust(TrustError::Freshness(FreshnessError::Stale { .. }))
    ));
    assert_eq!(world.wallet.vault().newest_ledger_time().expect("time"), NOW + 200);
}

#[tokio::test]
async fn e14_wallet_the_ledger_is_down_and_a_mirror_answers() {
    let mut world = World::new().await;
    let bundles = world.ledger.accredited_bundles();
    world
        .answer("/ledger/bundles/accredited", ResponseTemplate::new(503))
        .await;
    world.answer_cbor("/mirror/bundles/accredited", bundles).await;
    let issuer = world.issuer("person-identification").await;
    world.accept(&issuer.offer()).await.expect("accepted");
}

#[tokio::test]
async fn e14_wallet_what_is_held_serves_until_it_is_too_old() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    world
        .answer("/ledger/bundles/accredited", ResponseTemplate::new(503))
        .await;
    world.clock.set(NOW + 599);
    world.accept(&issuer.offer()).await.expect("accepted with what is held");
    world.clock.set(NOW + 601);
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(
        error,
        IssuanceError::Trust(TrustError::Freshness(FreshnessError::Stale { age })) if age.0 == 601
    ));
    assert!(matches!(&error, IssuanceError::Trust(reason) if reason.is_could_not_check()));
}

#[tokio::test]
async fn e14_wallet_nothing_answers_and_nothing_is_held() {
    let world = World::new().await;
    world
        .answer("/ledger/bundles/accredited", ResponseTemplate::new(503))
        .await;
    let issuer = Issuer::of(&world, "person-identification");
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(error, IssuanceError::Trust(TrustError::LedgerUnreachable(_))));
}
