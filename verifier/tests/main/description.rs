//! The description says what the router answers, no less and no more.

use std::collections::BTreeSet;

use testkit::routes::{described, open_to_strangers, routed};
use verifier::{Place, ShopSettings, description};

use crate::added;
use crate::world::{Options, World};

/// Pages and their files: for people, and described nowhere.
const DESK: [&str; 8] = [
    "GET /",
    "GET /ask/{check}",
    "GET /today",
    "GET /scan",
    "GET /scan/{check}",
    "GET /offline",
    "GET /offline/{check}",
    "GET /assets/{path}",
];
/// What only a service has.
const OTHERS: [&str; 9] = [
    "GET /b/{business}/desk",
    "GET /b/{business}/ask/{check}",
    "GET /b/{business}/today",
    "GET /b/{business}/scan",
    "GET /b/{business}/scan/{check}",
    "GET /b/{business}/offline",
    "GET /b/{business}/offline/{check}",
    "GET /try",
    "GET /try/{check}",
];
const SHOP: [&str; 3] = ["GET /shop", "GET /shop/check", "GET /shop/return"];

fn assert_described(world: &World, pages: &[&str]) {
    let pages: BTreeSet<String> = pages.iter().map(|page| (*page).to_owned()).collect();
    let routes = routed(&world.router);
    assert!(routes.is_superset(&pages), "{routes:?}");
    assert_eq!(described(&description(&world.app).to_json()), &routes - &pages);
}

#[tokio::test]
async fn every_route_is_described_and_every_operation_is_routed() {
    assert_described(&World::new().await, &[&DESK[..], &OTHERS[..]].concat());
}

#[tokio::test]
async fn where_there_is_a_shop_its_routes_are_described_too() {
    let shop = ShopSettings {
        check: "adult".to_owned(),
        checks_per_address: 4,
    };
    let options = Options {
        shop: Some(shop),
        ..Options::default()
    };
    let world = World::with(options).await;
    assert_described(&world, &[&DESK[..], &OTHERS[..], &SHOP[..]].concat());
    let operations = described(&description(&world.app).to_json());
    assert!(operations.contains("GET /shop/api/v1/order"), "{operations:?}");
}

#[tokio::test]
async fn where_businesses_can_be_added_that_is_described_too() {
    let world = World::with(added::provisioning()).await;
    assert_described(&world, &[&DESK[..], &OTHERS[..]].concat());
    let description = description(&world.app).to_json();
    assert!(described(&description).contains("POST /api/v1/businesses"));
    assert_eq!(open_to_strangers(&world.router, &description).await, [""; 0]);
}

#[tokio::test]
async fn a_kiosk_has_its_desk_alone() {
    let options = Options {
        place: Place::Kiosk,
        ..Options::default()
    };
    let world = World::with(options).await;
    assert_described(&world, &DESK);
    let operations = described(&description(&world.app).to_json());
    assert!(
        operations.iter().all(|operation| operation.contains(" /desk/api/v1/")),
        "{operations:?}"
    );
    assert!(!operations.contains("POST /desk/api/v1/checks/{check}/sessions"));
    assert_eq!(
        open_to_strangers(&world.router, &description(&world.app).to_json()).await,
        [""; 0]
    );
}

#[tokio::test]
async fn what_needs_credentials_is_closed_without_and_with_wrong_ones() {
    let world = World::new().await;
    let description = description(&world.app).to_json();
    assert_eq!(open_to_strangers(&world.router, &description).await, [""; 0]);
}
