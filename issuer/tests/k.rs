//! Catalogue K where the issuer reads bundles, and L7: nothing is issued on what is not proved.

use did::identity::OldKey;
use ledger::UnverifiedBundle;
use testkit::Cosignatures;

use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::{Answer, NOW, World};

/// Starts again, so that nothing good is held, and asks for a card.
async fn ask(world: &mut World) -> Answer {
    let wallet = Wallet::new();
    let token = wallet.access_token(world, "residence", "SYN-000001").await;
    world.restart().await;
    world.app.refresh_standing().await;
    let proof = key_proof(&fresh_key(), &c_nonce(world).await);
    wallet.credential(world, &token, "residence", &[proof]).await
}

/// Nothing that can be trusted: the request may be sent again later.
async fn cannot_issue(world: &mut World) {
    let answer = ask(world).await;
    assert_eq!(answer.refusal(), (503, "unavailable".to_owned()));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(world.count("copies").await, 0);
}

/// The ledger says no.
async fn may_not_issue(world: &mut World) {
    assert_eq!(
        ask(world).await.refusal(),
        (400, "credential_request_denied".to_owned())
    );
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn an_accredited_issuer_issues() {
    let mut world = World::ledger().await;
    assert_eq!(ask(&mut world).await.status, 200);
}

#[tokio::test]
async fn k15_issuer_a_checkpoint_without_quorum() {
    let mut world = World::ledger().await;
    let service = world.ledger.clone().unwrap();
    service.tamper(|ledger, did| ledger.bundle_with(did, &Cosignatures::without_quorum(NOW)));
    cannot_issue(&mut world).await;
    service.tamper(|ledger, did| ledger.bundle_with(did, &Cosignatures::without_mirror(NOW)));
    cannot_issue(&mut world).await;
}

#[tokio::test]
async fn k15_issuer_a_quorum_of_the_future() {
    let mut world = World::ledger().await;
    let service = world.ledger.clone().unwrap();
    service.tamper(|ledger, did| ledger.bundle_with(did, &Cosignatures::all(NOW + 301)));
    cannot_issue(&mut world).await;
}

#[tokio::test]
async fn l7_issuer_a_clock_ten_minutes_behind_is_told_and_issues_nothing() {
    let world = World::ledger().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    assert_eq!(world.counted("clock_behind_seconds").await, 0);
    let service = world.ledger.clone().unwrap();
    service.tamper(|ledger, did| ledger.bundle_with(did, &Cosignatures::all(NOW + 600)));
    world.app.refresh_standing().await;
    assert_eq!(world.counted("clock_behind_seconds").await, 600);
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let answer = wallet.credential(&world, &token, "residence", &[proof]).await;
    assert_eq!(answer.refusal(), (503, "unavailable".to_owned()));
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn k15_issuer_a_quorum_of_long_ago() {
    let mut world = World::ledger().await;
    let service = world.ledger.clone().unwrap();
    service.tamper(|ledger, did| ledger.bundle_with(did, &Cosignatures::all(NOW - 601)));
    cannot_issue(&mut world).await;
}

#[tokio::test]
async fn k16_issuer_the_record_of_another() {
    let mut world = World::ledger().await;
    let service = world.ledger.clone().unwrap();
    let other = service.with(|ledger| ledger.create("other.localhost").did().to_string());
    service.tamper(move |ledger, _| ledger.lean_bundle(&other));
    cannot_issue(&mut world).await;
}

#[tokio::test]
async fn k16_issuer_a_bundle_with_one_bit_changed() {
    let mut world = World::ledger().await;
    let service = world.ledger.clone().unwrap();
    let length = service.with(|ledger| {
        let did = world.app.identity().did.clone();
        let bundle = ledger.lean_bundle(&did);
        assert!(UnverifiedBundle::parse(&bundle).is_ok());
        bundle.len()
    });
    for position in [40, length / 2, length - 10] {
        service.tamper(move |ledger, did| {
            let mut bundle = ledger.lean_bundle(did);
            bundle[position] ^= 1;
            bundle
        });
        cannot_issue(&mut world).await;
    }
}

#[tokio::test]
async fn an_issuer_that_the_ledger_does_not_know_issues_nothing() {
    let mut world = World::ledger().await;
    // The same log before this agency was written: its absence is proved.
    let service = world.ledger.clone().unwrap();
    service.tamper(|_, did| testkit::Ledger::new(NOW).lean_bundle(did));
    may_not_issue(&mut world).await;
}

#[tokio::test]
async fn an_issuer_whose_accreditation_was_revoked_issues_nothing() {
    let mut world = World::ledger().await;
    let agency = issuer::identity::IdentityFiles::new(&world.folder.path().join("data"))
        .open()
        .unwrap()
        .0;
    world
        .ledger
        .as_ref()
        .unwrap()
        .with(|ledger| ledger.revoke_accreditation(&agency));
    may_not_issue(&mut world).await;
}

#[tokio::test]
async fn a_rotated_key_is_anchored_and_signs() {
    let mut world = World::ledger().await;
    let config = service::config::load(issuer::DEFAULT, Some(&world.folder.path().join("issuer.toml")), []).unwrap();
    let settings = issuer::Settings::new(config).unwrap();
    let files = issuer::identity::IdentityFiles::new(&settings.common.data_dir);
    let before = world.app.identity().kid.clone().unwrap();
    files.rotate(&settings, OldKey::TakeOut, NOW + 1).unwrap();
    world.app.reload_identity().unwrap();
    world.app.anchor_log().await.unwrap();
    let after = world.app.identity().kid.clone().unwrap();
    assert_ne!(before, after);
    let service = world.ledger.clone().unwrap();
    service.with(|ledger| {
        let record = ledger.record(&world.app.identity().did);
        assert_eq!(record.assertion_key(&before), ledger::KeyLookup::Retired);
        assert!(matches!(record.assertion_key(&after), ledger::KeyLookup::Current(_)));
    });
    assert_eq!(ask(&mut world).await.status, 200);
    let log = world.get("/.well-known/did.jsonl").await;
    assert_eq!(String::from_utf8(log.body).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn a_key_that_is_not_anchored_issues_nothing() {
    let mut world = World::ledger().await;
    let config = service::config::load(issuer::DEFAULT, Some(&world.folder.path().join("issuer.toml")), []).unwrap();
    let settings = issuer::Settings::new(config).unwrap();
    issuer::identity::IdentityFiles::new(&settings.common.data_dir)
        .rotate(&settings, OldKey::Keep, NOW + 1)
        .unwrap();
    let service = world.ledger.clone().unwrap();
    // The ledger takes no entries at this moment, and still shows the record before the rotation.
    service.refuse_entries();
    world.app.reload_identity().unwrap();
    assert!(world.app.anchor_log().await.is_err());
    cannot_issue(&mut world).await;
}
