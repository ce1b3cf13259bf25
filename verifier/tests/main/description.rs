//! The description says what the router answers, no less and no more.

use std::collections::BTreeSet;

use testkit::routes::{described, routed};
use verifier::ShopSettings;

use crate::world::{Options, World};

/// Pages and their files: for people, and described nowhere.
const PAGES: [&str; 9] = [
    "GET /",
    "GET /ask/{check}",
    "GET /today",
    "GET /scan",
    "GET /scan/{check}",
    "GET /assets/{path}",
    "GET /shop",
    "GET /shop/check",
    "GET /shop/return",
];

#[tokio::test]
async fn every_route_is_described_and_every_operation_is_routed() {
    let world = World::with(Options {
        shop: Some(ShopSettings {
            check: "adult".to_owned(),
            checks_per_address: 4,
        }),
        ..Options::default()
    })
    .await;
    let description = serde_json::to_value(verifier::description()).unwrap();
    let routes = routed(&world.router);
    let pages: BTreeSet<String> = PAGES.map(str::to_owned).into();
    assert_eq!(described(&description), &routes - &pages);
    assert!(routes.is_superset(&pages));
}
