//! The descriptions say what log, mirror and witness answer, no less and no more.

use anchor::routes::App;
use anchor::{description, mirror, witness};
use testkit::Ledger;
use testkit::routes::{described, routed};

use crate::fixtures::NOW;
use crate::world::World;

#[tokio::test]
async fn every_route_of_the_log_is_described_and_every_operation_is_routed() {
    let world = World::new().await;
    let running = world.start().await;
    let router = App::new(running.log.clone(), None, None).router();
    assert_eq!(described(&description::log().to_json()), routed(&router));
    running.end().await;
}

#[tokio::test]
async fn every_route_of_a_mirror_is_described_and_every_operation_is_routed() {
    let setup = crate::mirror::setup().await;
    let router = mirror::routes(setup.mirror.clone());
    assert_eq!(described(&description::mirror().to_json()), routed(&router));
}

#[tokio::test]
async fn every_route_of_a_witness_is_described_and_every_operation_is_routed() {
    let (folder, ledger) = (tempfile::tempdir().unwrap(), Ledger::new(NOW));
    let logs = [ledger.log_signer().verifier_key().to_string()];
    let witness = crate::witness::start_at(folder.path(), &logs).await.unwrap();
    assert_eq!(
        described(&description::witness().to_json()),
        routed(&witness::routes(witness))
    );
}
