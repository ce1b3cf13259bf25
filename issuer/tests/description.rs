//! The description says what the routers answer, no less and no more.

use std::collections::BTreeSet;

use issuer::App;
use testkit::routes::{described, routed};

use crate::world::World;

/// The page of the agency and its files: for people, and described nowhere.
const PAGES: [&str; 2] = ["GET /", "GET /assets/{path}"];

#[tokio::test]
async fn every_route_is_described_and_every_operation_is_routed() {
    let world = World::x5c().await;
    let description = serde_json::to_value(App::description()).unwrap();
    let mut routes = routed(&world.app.router());
    routes.append(&mut routed(&world.app.status_router()));
    let pages: BTreeSet<String> = PAGES.map(str::to_owned).into();
    assert_eq!(described(&description), &routes - &pages);
    assert!(routes.is_superset(&pages));
}
