//! The description says what the routers answer, no less and no more.

use std::collections::BTreeSet;

use issuer::App;
use issuer::development_provider::Provider;
use testkit::routes::{described, open_to_strangers, routed};

use crate::world::World;

/// The page of the agency and its files: for people, and described nowhere.
fn pages() -> BTreeSet<String> {
    ["GET /", "GET /assets/{path}"].map(str::to_owned).into()
}

fn assert_described(app: &App) {
    let routes = routed(&app.router());
    assert!(routes.is_superset(&pages()), "{routes:?}");
    assert_eq!(described(&app.description().to_json()), &routes - &pages());
}

#[tokio::test]
async fn every_route_is_described_and_every_operation_is_routed() {
    let world = World::x5c().await;
    assert_described(&world.app);
    let lists = App::status_description().to_json();
    assert_eq!(described(&lists), routed(&world.app.status_router()));
}

#[tokio::test]
async fn where_people_sign_in_their_routes_are_described_too() {
    let world = World::citizens().await;
    assert_described(&world.app);
    assert!(described(&world.app.description().to_json()).contains("POST /par"));
    let provider = &world.citizens.as_ref().unwrap().provider;
    assert_eq!(
        described(&Provider::description().to_json()),
        routed(&provider.router())
    );
}

#[tokio::test]
async fn what_needs_credentials_is_closed_without_and_with_wrong_ones() {
    let world = World::citizens().await;
    let description = world.app.description().to_json();
    assert_eq!(open_to_strangers(&world.router(), &description).await, [""; 0]);
}
