//! `/readyz` and `/metrics` of the log, as the operator sees them.

use std::sync::Arc;
use std::time::Duration;

use anchor::log::Status;
use anchor::serve::watch;
use service::{Clock, Ops, TestClock};
use tlog::UnverifiedCheckpoint;

use crate::world::{World, agency, eventually};

/// Two witnesses gone: nothing is published, which a supervisor has to learn.
#[tokio::test]
async fn readyz_names_a_quorum_that_is_lost_for_long() {
    let mut world = World::new().await;
    world.pace.quorum_lost = Duration::from_millis(300);
    world.pace.cosign = Duration::from_millis(50);
    let running = world.start().await;
    let ops = Ops::new();
    watch(&running.log, &ops);
    running.reaches(&Status::Writing).await;
    eventually(|| ops.waiting_for().is_empty()).await;
    world.cosigners.set_up(&["w1", "w2"], false);
    running.log.append(world.create(&agency(1))).await.unwrap();
    eventually(|| ops.waiting_for() == ["quorum"]).await;
    let metrics = ops.metrics().encode();
    let missed = metrics
        .lines()
        .find_map(|line| line.strip_prefix("ledger_rounds_without_quorum_total "));
    assert!(missed.unwrap().parse::<u64>().unwrap() > 0, "{metrics}");
    world.cosigners.set_up(&["w1", "w2"], true);
    eventually(|| ops.waiting_for().is_empty()).await;
    running.publishes(5).await;
}

#[tokio::test]
async fn readyz_says_no_until_enough_cosigners_have_answered() {
    let world = World::new().await;
    world.cosigners.set_up(&["m1"], false);
    let running = world.start().await;
    let ops = Ops::new();
    watch(&running.log, &ops);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(ops.waiting_for(), ["writing", "quorum"]);
    world.cosigners.set_up(&["m1"], true);
    eventually(|| ops.waiting_for().is_empty()).await;
}

/// Operators learn of it; the time that readers go by is the quorum's.
#[tokio::test]
async fn l7_anchor_a_clock_ten_minutes_off_is_told_and_moves_no_readers_time() {
    let mut world = World::new().await;
    let quorum = world.clock.now();
    world.clock = Arc::new(TestClock::at(quorum + 600));
    let running = world.start().await;
    let ops = Ops::new();
    watch(&running.log, &ops);
    running.reaches(&Status::Writing).await;
    eventually(|| {
        let metrics = ops.metrics().encode();
        metrics.lines().any(|line| line == "ledger_clock_off_seconds 600")
    })
    .await;
    let note = running.log.store().published().await.unwrap().unwrap().note;
    let note = UnverifiedCheckpoint::parse(&note).unwrap();
    assert_eq!(note.verify(world.pack.policy()).unwrap().time(), quorum);
}

#[tokio::test]
async fn readyz_says_no_once_the_log_has_stopped() {
    let world = World::new().await;
    let running = world.start().await;
    let ops = Ops::new();
    watch(&running.log, &ops);
    eventually(|| ops.waiting_for().is_empty()).await;
    running.stop.cancel();
    eventually(|| ops.waiting_for().contains(&"writing")).await;
}
