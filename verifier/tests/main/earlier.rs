//! A request brings what the public record of the business was before it might ask more.

use std::sync::Arc;

use ledger::{Purpose, UnverifiedBundle};
use serde_json::Value;

use crate::added::{Added, provisioning};
use crate::trying;
use crate::world::World;

/// The purposes of the earlier record that a request brings, where it brings one.
async fn earlier(world: &World, opened: &Value, did: &str) -> Option<Vec<String>> {
    let request = world.request_of(opened, did).await;
    let bundle = UnverifiedBundle::parse(request.earlier_bundle()?).unwrap();
    let bundle = bundle.verify(world.app.trust.view().pack(), did).unwrap();
    let purposes = bundle.scope().unwrap().purposes.into_iter();
    Some(purposes.map(|purpose| purpose.id).collect())
}

async fn earlier_of(world: &World, added: &Added) -> Option<Vec<String>> {
    let opened = world.open_of(&added.token).await;
    earlier(world, &opened, added.organisation.did().as_str()).await
}

#[tokio::test]
async fn a_request_brings_the_record_from_before_the_business_might_ask_more() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    assert_eq!(earlier_of(&world, &added).await, None, "nothing has changed");
    world.write_scope(&added.organisation, &["adult", "contact"]);
    world.refresh().await;
    let before = Some(vec!["adult".to_owned()]);
    assert_eq!(earlier_of(&world, &added).await, before);
    world.refresh().await;
    assert_eq!(earlier_of(&world, &added).await, before, "nothing is new since");
    // What is read after a restart is what was read before.
    world.restart().await;
    world.refresh().await;
    assert_eq!(earlier_of(&world, &added).await, before, "after a restart");
}

#[tokio::test]
async fn a_business_that_may_ask_less_brings_no_earlier_record() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    world.write_scope(&added.organisation, &["adult"]);
    world.refresh().await;
    assert_eq!(earlier_of(&world, &added).await, None);
}

/// A purpose whose record takes nearly as much room as a record may.
fn wide() -> Purpose {
    let names: Vec<String> = (0..120).map(|number| format!("claim_{number:0400}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    testkit::purpose("wide", "urn:example:card", &[], &names)
}

/// A long record leaves no room for an earlier one: wallets would refuse the request.
#[tokio::test]
async fn a_request_that_would_be_too_long_leaves_the_earlier_record_out() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let main = Arc::clone(world.app.businesses.main());
    let of = |id: &str| main.checks()[id].to_purpose().unwrap();
    for purposes in [vec![of("adult"), wide()], vec![of("adult"), wide(), of("contact")]] {
        world.write_purposes(&added.organisation, purposes);
        world.refresh().await;
    }
    let opened = world.open_of(&added.token).await;
    let did = added.organisation.did().as_str();
    assert_eq!(earlier(&world, &opened, did).await, None, "two of them are too long");
    // It is held, and is brought where there is room.
    world.write_purposes(&added.organisation, vec![of("adult"), of("contact")]);
    world.refresh().await;
    let before = Some(vec!["adult".to_owned(), "wide".to_owned()]);
    assert_eq!(earlier_of(&world, &added).await, before);
}

/// The business of the configuration.
#[tokio::test]
async fn a_request_of_ones_own_service_brings_it_too() {
    let mut world = World::new().await;
    for (checks, expected) in [
        (vec!["adult"], None),
        (vec!["adult", "contact"], Some(vec!["adult".to_owned()])),
    ] {
        let main = world.app.businesses.main();
        let purposes = checks.iter().map(|id| main.checks()[*id].to_purpose().unwrap());
        let scope = world.scope_of(&world.business, purposes.collect());
        world.ledger.register(&scope, &world.business);
        world.refresh().await;
        let opened = world.open("adult").await;
        let did = world.business.did().to_string();
        assert_eq!(earlier(&world, &opened, &did).await, expected, "{checks:?}");
    }
    // What anybody may try out is asked in nobody's name.
    let (_, opened) = trying::open(&world, "age-18").await;
    let request = trying::request(&world, &opened).await;
    assert_eq!(request.earlier_bundle(), None);
}
