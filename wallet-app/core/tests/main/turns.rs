//! Who waits for whom: what lies begun in the wallet is received by one at a time, and nobody waits for an issuer that
//! has nothing to do with it.

use crate::waiting::defer;
use crate::world::{Issuer, World};
use did::identity::Organisation;
use std::sync::atomic::Ordering;
use std::time::Duration;
use testkit::credential::vct;
use wallet::Wallet;
use wiremock::ResponseTemplate;

/// Where an issuer takes its time.
const SLOW: &str = "/slow";

/// Cards that are waited for, of an issuer that does not answer for longer than anybody waits.
async fn wait_for_a_slow_one(world: &World, kind: &str) {
    defer(world, &Issuer::of(world, kind), SLOW).await;
    let answer = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
    world.answer(SLOW, answer).await;
}

/// Another organisation, at a host of its own.
pub(crate) fn office(world: &mut World) -> Organisation {
    let location = format!("office.localhost%3A{}", world.port());
    world.ledger.create(&location)
}

/// Another accredited agency, at a host of its own.
async fn second_agency(world: &mut World) -> Issuer {
    let office = office(world);
    world.ledger.accredit(&office, "Transport Office", &[&vct("residence")]);
    world.publish_agencies().await;
    issuer_of(world, &office)
}

/// What such an agency issues.
pub(crate) fn issuer_of(world: &World, office: &Organisation) -> Issuer {
    let (kid, key) = office.assertion_key().expect("key");
    let mut issuer = Issuer::of(world, "residence");
    issuer.url = world.url("office", "");
    issuer.did = office.did().to_string();
    issuer.kid = kid.to_string();
    issuer.key = key.clone();
    issuer
}

/// Ends when cards wait for the person's word.
async fn arrival(wallet: &Wallet) {
    while wallet.pending_cards().expect("pending").is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_issuer_that_takes_its_time_holds_up_no_other() {
    let mut world = World::new().await;
    wait_for_a_slow_one(&world, "person-identification").await;
    let office = second_agency(&mut world).await;
    let delivers = defer(&world, &office, "/deferred").await;
    delivers.store(2, Ordering::SeqCst);
    world.clock.advance(60);
    let wallet = &world.wallet;
    tokio::select! {
        biased;
        _ = wallet.collect_waiting() => panic!("the slow one was waited for"),
        () = arrival(wallet) => {}
    }
    let came = wallet.pending_cards().expect("pending");
    assert_eq!((came.len(), came[0].cards[0].vct.clone()), (1, vct("residence")));
    assert_eq!(world.sent("POST", SLOW).await.len(), 1, "both were asked");
    assert_eq!(
        wallet.waiting_cards().expect("waiting").len(),
        1,
        "the other still waits"
    );
}

#[tokio::test]
async fn nobody_who_has_a_card_waits_for_the_issuer_of_another() {
    let world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    wait_for_a_slow_one(&world, "residence").await;
    world.issuer("person-identification").await;
    world.clock.advance(60);
    tokio::select! {
        biased;
        _ = world.wallet.collect_waiting() => panic!("the slow one was waited for"),
        reissued = world.wallet.refresh_card(card.id.as_str()) => {
            assert_eq!(reissued.expect("refreshed").copies, 6);
        }
    }
    assert_eq!(world.sent("POST", SLOW).await.len(), 1, "it was asked");
}
