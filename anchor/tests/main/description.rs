//! The descriptions say what log, mirror and witness answer, no less and no more. The pages are
//! for people, and described nowhere.

use anchor::routes::App;
use anchor::{mirror, witness};
use serde_json::to_value;
use testkit::Ledger;
use testkit::routes::{described, routed};

use crate::fixtures::NOW;
use crate::world::World;

#[tokio::test]
async fn every_route_of_the_log_is_described() {
    let world = World::new().await;
    let running = world.start().await;
    let router = App::new(running.log.clone(), None, None).router();
    let description = to_value(anchor::routes::description()).unwrap();
    assert_eq!(described(&description), routed(&router));
}

#[tokio::test]
async fn every_route_of_a_mirror_is_described() {
    let setup = crate::mirror::setup().await;
    let description = to_value(mirror::description()).unwrap();
    assert_eq!(described(&description), routed(&mirror::routes(setup.mirror.clone())));
}

#[tokio::test]
async fn every_route_of_a_witness_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let logs = [Ledger::new(NOW).log_signer().verifier_key().to_string()];
    let witness = crate::witness::start_at(folder.path(), &logs).await.unwrap();
    let description = to_value(witness::description()).unwrap();
    assert_eq!(described(&description), routed(&witness::routes(witness)));
}
