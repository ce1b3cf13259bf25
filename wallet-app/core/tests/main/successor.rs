//! An office that has the name of one whose cards are held, and goes on for it or does not. docs/ledger.md §4.2

use crate::turns::{issuer_of, office};
use crate::world::{METADATA, NOW, World, YEAR};
use did::identity::Organisation;
use ledger::{Accreditation, AccreditedType, Kind, Localized};
use testkit::credential::vct;
use testkit::ledger::signed_by_both;

/// How long a succession is public before it counts.
const WAIT: u64 = 72 * 3600;

/// Two registrars let an office go on for the agency of the world.
fn succeed(world: &mut World, office: &Organisation) {
    let second = world.ledger.second_registrar();
    world.ledger.publish();
    let grant = Accreditation {
        name: Localized::english("City Office").expect("a name"),
        subject: office.did().clone(),
        succeeds: Some(world.agency.did().clone()),
        types: vec![AccreditedType {
            until: NOW + YEAR,
            vct: vct("residence"),
        }],
    };
    let payload = grant.encode().expect("a grant");
    let leaf = world
        .ledger
        .next_leaf(Kind::AccreditationGrant, office.did().as_str(), payload);
    let submission = signed_by_both(world.ledger.registrar(), &second, leaf);
    world.ledger.write(&submission);
}

/// What an offer of this office is refused with, and whether it was asked for anything.
async fn offered_by(world: &mut World, office: &Organisation) -> (Option<&'static str>, bool) {
    world.publish_agencies().await;
    let issuer = issuer_of(world, office);
    issuer.mount(world).await;
    let before = world.sent("GET", METADATA).await.len();
    let opened = world.wallet.open_offer(&issuer.offer()).await;
    let was_asked = world.sent("GET", METADATA).await.len() > before;
    (opened.err().map(|error| error.code()), was_asked)
}

#[tokio::test]
async fn f14_wallet_an_office_with_the_name_of_one_whose_cards_are_held_is_refused() {
    for name in [
        "City Office",
        "CITY OFFICE",
        "City 0ffice",
        "CITY 0FFICE",
        "CITY OFFlCE",
    ] {
        let mut world = World::with_card().await;
        let office = office(&mut world);
        world.ledger.accredit(&office, name, &[&vct("residence")]);
        let refused = offered_by(&mut world, &office).await;
        assert_eq!(refused, (Some("issuer_name_taken"), false), "{name}");
        assert_eq!(world.wallet.cards().expect("cards").len(), 1);
    }
}

#[tokio::test]
async fn f14_wallet_copies_by_an_office_with_that_name_are_refused_wherever_they_are_offered() {
    let mut world = World::with_card().await;
    let office = office(&mut world);
    world.ledger.accredit(&office, "Transport Office", &[&vct("residence")]);
    let location = format!("squatter.localhost%3A{}", world.port());
    let squatter = world.ledger.create(&location);
    world.ledger.accredit(&squatter, "City Office", &[&vct("residence")]);
    world.publish_agencies().await;
    let issuer = issuer_of(&world, &squatter);
    assert_eq!(
        issuer.url,
        world.url("office", ""),
        "offered by the office with a name of its own"
    );
    issuer.mount(&world).await;
    let refused = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(refused.code(), "issuer_name_taken");
    assert_eq!(world.wallet.vault().cards().expect("cards").len(), 1);
    assert_eq!(world.wallet.pending_cards().expect("pending").len(), 0);
}

#[tokio::test]
async fn f14_wallet_an_office_that_takes_that_name_later_brings_it_in_with_no_new_copies() {
    let mut world = World::with_card().await;
    let office = office(&mut world);
    world.ledger.accredit(&office, "Transport Office", &[&vct("residence")]);
    world.publish_agencies().await;
    let issuer = issuer_of(&world, &office);
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    world.ledger.accredit(&office, "City Office", &[&vct("residence")]);
    world.publish_agencies().await;
    let card = world.wallet.cards().expect("cards").remove(1);
    let refused = world.wallet.refresh_card(card.id.as_str()).await.expect_err("refused");
    assert_eq!(refused.code(), "issuer_name_taken");
    let cards = world.wallet.cards().expect("cards");
    let names: Vec<_> = cards.iter().map(|card| card.issuer.name()).collect();
    assert_eq!(names, ["City Office", "Transport Office"]);
    assert_eq!(cards[1].unused, card.unused, "and the copies that are there stay");
}

#[tokio::test]
async fn f14_wallet_an_office_that_goes_on_for_another_is_believed_after_72_hours() {
    let mut world = World::with_card().await;
    let office = office(&mut world);
    succeed(&mut world, &office);
    assert_eq!(
        offered_by(&mut world, &office).await,
        (Some("issuer_name_taken"), false)
    );
    let card = world.wallet.cards().expect("cards").remove(0);
    let before = world.wallet.issuer_successor(&card).expect("read");
    assert_eq!(before, None, "not while it waits");
    world.clock.set(NOW + WAIT + 60);
    world.ledger.set_now(NOW + WAIT + 60);
    assert_eq!(offered_by(&mut world, &office).await, (None, true));
    let after = world.wallet.issuer_successor(&card).expect("read");
    let after = after.expect("it goes on");
    assert_eq!(after.name.text("en"), "City Office");
    assert!(after.host.starts_with("office.localhost") && after.since <= NOW + WAIT + 60);
}

#[tokio::test]
async fn an_office_with_another_name_goes_on_for_nobody_and_is_believed() {
    let mut world = World::with_card().await;
    let office = office(&mut world);
    world.ledger.accredit(&office, "Transport Office", &[&vct("residence")]);
    assert_eq!(offered_by(&mut world, &office).await, (None, true));
}
