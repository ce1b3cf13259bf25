//! Group K: checkpoints, quorum, proofs.

use did::identity::OldKey;
use serde_json::{Value, json};
use service::Clock;
use testkit::Cosignatures;
use testkit::credential::vct;

use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{LEDGER, World};

#[tokio::test]
async fn k15_verifier_without_quorum() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(601);
    let now = world.clock.now();
    for cosignatures in [Cosignatures::without_quorum(now), Cosignatures::without_mirror(now)] {
        world.publish_with(&cosignatures);
        world.refresher.round().await;
        let outcome = world.adult(&card).await;
        assert_outcome(&outcome, "could_not_check", "no_quorum");
        assert_eq!(outcome["ages"]["ledger_s"], 601);
    }
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
}

#[tokio::test]
async fn k15_verifier_never_any_quorum() {
    let mut world = World::new().await;
    let card = world.person(3);
    std::fs::remove_file(world.folder.path().join("verifier.sqlite")).unwrap();
    world.restart().await;
    world.publish_with(&Cosignatures::without_quorum(world.clock.now()));
    world.refresher.round().await;
    let opened = world.open("adult").await;
    // Without a bundle the wallet cannot tell who asks; the engine judges all the same.
    let session = world
        .app
        .store
        .session(opened["id"].as_str().unwrap())
        .await
        .unwrap()
        .unwrap();
    let client_id = world.app.businesses.main().identity().unwrap().client_id().to_string();
    let shown = world.show_at(
        &card,
        &["age_over_18"],
        &client_id,
        session.nonce.as_str(),
        world.clock.now(),
    );
    let token = json!({ "person": [shown] });
    let check = &world.app.businesses.main().checks()["adult"];
    let token = oid4vp::UnverifiedVpToken::parse(&token, check.query()).unwrap();
    let judgement = world.app.engine.judge(&verifier::Case {
        check,
        client_id: &client_id,
        nonce: session.nonce.as_str(),
        handover: None,
        token: &token,
        trust: &world.app.trust.view(),
        device: world.clock.now(),
        limits: check.freshness(),
    });
    assert_eq!(judgement.reason, verifier::Reason::NoQuorum);
}

#[tokio::test]
async fn k15_verifier_one_cosignature_in_the_future_changes_nothing() {
    let mut world = World::new().await;
    let now = world.clock.now();
    world.publish_with(&Cosignatures {
        witnesses: [Some(now + 86_400), Some(now), Some(now)],
        mirror: Some(now),
    });
    world.refresher.round().await;
    let outcome = world.adult(&world.person(3)).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"]["ledger_s"], 0);
}

#[tokio::test]
async fn k15_verifier_quorum_in_the_future() {
    let mut world = World::new().await;
    let now = world.clock.now();
    world.publish_with(&Cosignatures::all(now + 301));
    world.refresher.round().await;
    assert_outcome(&world.adult(&world.person(3)).await, "could_not_check", "clock_wrong");
    assert_eq!(world.app.store.newest_seen().await.unwrap(), now);
}

#[tokio::test]
async fn k16_verifier_spoiled_proofs() {
    let mut world = World::new().await;
    let card = world.person(3);
    let business = world.business.did().to_string();
    let agency = world.agency.did().to_string();
    world.clock.advance(601);
    world.publish();
    let now = world.clock.now();
    // Fresh, so that it alone decides, and with no signature more than the quorum needs: none can be
    // lost unnoticed.
    let quorum = Cosignatures {
        witnesses: [Some(now), Some(now), None],
        mirror: Some(now),
    };
    let good = world.ledger.bundle_with(&agency, &quorum);
    let own = world.ledger.bundle(&business);
    let set = format!("{LEDGER}/bundles/accredited");
    let ours = format!("{LEDGER}/bundle?{business}");
    let only = |bundle: &[u8]| Reply::Body(ledger::encode_bundles([bundle].into_iter()));
    // Every hash in it is hit: it has 32 bytes.
    for place in (0..good.len()).step_by(16) {
        let mut spoiled = good.clone();
        spoiled[place] ^= 1;
        world.site.set(&set, only(&spoiled));
        world.refresher.round().await;
        let outcome = world.adult(&card).await;
        assert_eq!(outcome["verdict"], "could_not_check", "byte {place}");
    }
    // The proof of another organisation instead of ours.
    world.site.set(&set, only(&good));
    world.site.set(&ours, Reply::Body(good));
    world.refresher.round().await;
    assert_outcome(&world.adult(&card).await, "could_not_check", "ledger_stale");
    // Nothing else was amiss.
    world.site.set(&ours, Reply::Body(own));
    world.refresher.round().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
}

#[tokio::test]
async fn k17_verifier_frozen_log() {
    let mut world = World::new().await;
    let card = world.person(3);
    let frozen = world.clock.now();
    world.clock.advance(24 * 3600);
    let token = world.list_token(&world.statuses, 3600);
    world.site.set(crate::world::LIST, Reply::Body(token.into_bytes()));
    world.publish_with(&Cosignatures::all(frozen));
    world.refresher.round().await;
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "could_not_check", "ledger_stale");
    assert_eq!(outcome["ages"]["ledger_s"], 24 * 3600);
}

#[tokio::test]
async fn the_newest_time_is_never_lowered() {
    let mut world = World::new().await;
    world.clock.advance(1000);
    world.refresh().await;
    let card = world.person(3);
    // The clock of the machine is set back: what was seen counts.
    world.clock.set(world.clock.now() - 900);
    world.restart().await;
    let outcome = world.adult(&card).await;
    assert_eq!(outcome["reason"], "clock_wrong");
    world.clock.advance(700);
    assert_outcome(&world.adult(&card).await, "yes", "ok");
}

#[tokio::test]
async fn an_older_bundle_does_not_replace_a_newer_one() {
    let mut world = World::new().await;
    let card = world.person(3);
    let old = world.ledger.accredited_bundles();
    world.clock.advance(60);
    world.ledger.revoke_accreditation(&world.agency);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "no", "issuer_not_accepted");
    world
        .site
        .set(&format!("{LEDGER}/bundles/accredited"), Reply::Body(old));
    world.refresher.round().await;
    assert_outcome(&world.adult(&card).await, "no", "issuer_not_accepted");
}

#[tokio::test]
async fn the_history_is_read_from_the_ledger_and_not_from_the_host() {
    let mut world = World::new().await;
    let card = world.person(3);
    // The agency's host keeps to the log from before the key was taken out.
    let host = "https://agency.example/.well-known/did.jsonl";
    world.site.set(host, Reply::Body(world.agency.log_file().into_bytes()));
    world.clock.advance(60);
    world.ledger.rotate(&mut world.agency, OldKey::TakeOut);
    world.publish_lists();
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "no", "key_retired");
    assert!(
        !world.site.asked().iter().any(|url| url.ends_with("did.jsonl")),
        "no host was asked"
    );
}

/// The outcome of a card whose issuer is not among those accredited.
async fn of_an_unknown_issuer(world: &World) -> Value {
    let nobody = json!("did:webvh:QmNobody:nobody.example");
    world.judge(|forged| forged.payload["iss"] = nobody).await
}

#[tokio::test]
async fn a_restored_set_is_as_old_as_its_oldest_bundle() {
    let mut world = World::new().await;
    let second = world.ledger.create("second.example");
    world.ledger.accredit(&second, "Second", &[&vct("residence")]);
    let then = world.clock.now();
    world.clock.advance(400);
    world.publish();
    let agency = world.agency.did().to_string();
    let old = world.ledger.bundle_with(&agency, &Cosignatures::all(then));
    let new = world
        .ledger
        .bundle_with(second.did().as_str(), &Cosignatures::all(then + 400));
    let set = ledger::encode_bundles([old.as_slice(), new.as_slice()].into_iter());
    let address = format!("{LEDGER}/bundles/accredited");
    world.site.set(&address, Reply::Body(set));
    world.refresher.refresh_ledger().await.unwrap();
    world.site.set(&address, Reply::Silence);
    world.restart().await;
    assert_eq!(world.app.trust.view().accredited_at(), Some(then));
    world.clock.advance(201);
    let outcome = of_an_unknown_issuer(&world).await;
    assert_outcome(&outcome, "could_not_check", "ledger_stale");
    assert_eq!(outcome["ages"]["ledger_s"], 601);
}

#[tokio::test]
async fn a_set_that_leaves_out_an_accredited_organisation_is_not_stored() {
    let mut world = World::new().await;
    let card = world.person(3);
    let then = world.clock.now();
    world.clock.advance(60);
    world.publish();
    let none = ledger::encode_bundles(std::iter::empty());
    world
        .site
        .set(&format!("{LEDGER}/bundles/accredited"), Reply::Body(none));
    world.refresher.refresh_ledger().await.unwrap();
    assert_outcome(&world.adult(&card).await, "yes", "ok");
    world.restart().await;
    assert_eq!(world.app.trust.view().accredited_at(), Some(then));
    assert_outcome(&world.adult(&card).await, "yes", "ok");
}

#[tokio::test]
async fn a_set_of_a_time_to_come_does_not_stand_in_the_way_of_the_next() {
    let mut world = World::new().await;
    let now = world.clock.now();
    world.publish_with(&Cosignatures::all(now + 301));
    world.refresher.refresh_ledger().await.unwrap();
    assert_eq!(world.app.trust.view().accredited_at(), Some(now));
    world.refresh().await;
    let outcome = of_an_unknown_issuer(&world).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
    assert_eq!(outcome["ages"]["ledger_s"], 0);
}
