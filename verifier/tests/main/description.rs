//! The description says what the router answers, no less and no more.

use std::collections::BTreeSet;

use serde_json::{Value, json};
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
const OTHERS: [&str; 11] = [
    "GET /b/{business}/desk",
    "GET /b/{business}/join",
    "GET /b/{business}/ask/{check}",
    "GET /b/{business}/today",
    "GET /b/{business}/scan",
    "GET /b/{business}/scan/{check}",
    "GET /b/{business}/offline",
    "GET /b/{business}/offline/{check}",
    "GET /try",
    "GET /try/{check}",
    "GET /developers",
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

/// Where the client for other languages finds what a business may call. It is written anew with
/// `HOLDFAST_WRITE_DESCRIPTION=1`, and `node clients/typescript/generate.mjs` after that.
const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../clients/typescript/openapi.json");

#[tokio::test]
async fn the_client_is_made_from_what_is_described() {
    let world = World::new().await;
    let mut description = description(&world.app).to_json();
    let paths = description["paths"].as_object_mut().unwrap();
    for item in paths.values_mut() {
        let operations = item.as_object_mut().unwrap();
        operations.retain(|_, operation| operation["tags"] == json!(["business"]));
    }
    paths.retain(|_, item| item.as_object().is_some_and(|operations| !operations.is_empty()));
    let problem = &description["components"]["schemas"]["Problem"];
    let told = json!({
        "paths": description["paths"],
        "components": { "schemas": { "Problem": problem } },
    });
    if std::env::var_os("HOLDFAST_WRITE_DESCRIPTION").is_some() {
        std::fs::write(CLIENT, format!("{}\n", serde_json::to_string_pretty(&told).unwrap())).unwrap();
    }
    let held: Value = serde_json::from_slice(&std::fs::read(CLIENT).unwrap()).unwrap();
    assert_eq!(
        held, told,
        "run it with HOLDFAST_WRITE_DESCRIPTION=1, then generate.mjs"
    );
}
