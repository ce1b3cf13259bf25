//! A store that is older than what was signed: from a backup, or with the memory of most cosigners gone too.

use std::time::Duration;

use anchor::log::{AppendError, Status, StopReason};

use crate::commit_order::writing;
use crate::world::{Running, World, agency, eventually};

/// A copy of the store, and the log that has grown since it was made.
async fn grown_since(world: &World) -> (Vec<u8>, Running) {
    writing(world).await.end().await;
    let backup = std::fs::read(world.files().store()).unwrap();
    let running = writing(world).await;
    running.log.append(world.create(&agency(1))).await.unwrap();
    running.publishes(5).await;
    (backup, running)
}

/// Puts an old copy of the store back.
fn put_back(world: &World, backup: &[u8]) {
    let store = world.files().store();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", store.display()));
    }
    std::fs::write(&store, backup).unwrap();
}

#[tokio::test]
async fn k6_anchor_a_restored_backup_stops_and_never_signs_a_smaller_tree() {
    let world = World::new().await;
    let (backup, running) = grown_since(&world).await;
    running.end().await;
    put_back(&world, &backup);
    let restored = world.start().await;
    restored
        .reaches(&Status::Stopped(StopReason::CosignerAhead {
            cosigner: "m1.localhost".to_owned(),
            size: 5,
        }))
        .await;
    let refused = restored.log.append(world.create(&agency(2))).await.unwrap_err();
    assert!(matches!(refused, AppendError::ReadOnly));
    assert_eq!(restored.log.store().head().await.unwrap().unwrap().size, 3);
}

#[tokio::test]
async fn k6_anchor_a_store_that_forked_stops() {
    // Another log of the same key and origin has grown elsewhere to the same size.
    let world = World::new().await;
    let (backup, running) = grown_since(&world).await;
    running.end().await;
    put_back(&world, &backup);
    // Mirror and two witnesses lost their memory; the third did not.
    world.cosigners.forget("m1", world.pack.log_key(), world.pack.origin());
    world.cosigners.forget("w1", world.pack.log_key(), world.pack.origin());
    world.cosigners.forget("w2", world.pack.log_key(), world.pack.origin());
    world.cosigners.set_up(&["w3"], false);
    let running = writing(&world).await;
    world.cosigners.set_up(&["w3"], true);
    running.log.append(world.create(&agency(2))).await.unwrap();
    running
        .reaches(&Status::Stopped(StopReason::Forked {
            cosigner: "w3.localhost".to_owned(),
        }))
        .await;
}

/// The lock lies in the store, and was rolled back with it; so were the mirror and two witnesses.
#[tokio::test]
async fn k7_anchor_one_witness_that_knows_a_larger_tree_stops_a_log_that_was_rolled_back() {
    let world = World::new().await;
    let (backup, running) = grown_since(&world).await;
    // A quorum may be reached before the last witness has answered.
    let asked = || {
        world
            .cosigners
            .asked()
            .iter()
            .any(|(host, seen, _)| host == "w3.localhost" && seen.size() == 5)
    };
    eventually(asked).await;
    running.end().await;
    put_back(&world, &backup);
    for name in ["m1", "w1", "w2"] {
        world.cosigners.forget(name, world.pack.log_key(), world.pack.origin());
    }
    // It stops each time, and nothing is written meanwhile.
    for _ in 0..2 {
        let restored = world.start().await;
        let reason = StopReason::CosignerAhead {
            cosigner: "w3.localhost".to_owned(),
            size: 5,
        };
        restored.reaches(&Status::Stopped(reason)).await;
        assert!(restored.stop.is_cancelled());
        let refused = restored.log.append(world.create(&agency(2))).await.unwrap_err();
        assert!(matches!(refused, AppendError::ReadOnly));
        assert_eq!(restored.log.store().head().await.unwrap().unwrap().size, 3);
        assert!(
            world
                .cosigners
                .asked()
                .iter()
                .all(|(_, checkpoint, _)| [3, 5].contains(&checkpoint.size()))
        );
        restored.end().await;
    }
}

#[tokio::test]
async fn k7_anchor_too_few_answers_leave_the_log_read_only() {
    for missing in [&["w1", "w2"][..], &["m1"][..]] {
        let world = World::new().await;
        world.cosigners.set_up(missing, false);
        let running = world.start().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(running.log.status(), Status::ReadOnly);
        let refused = running.log.append(world.create(&agency(1))).await.unwrap_err();
        assert!(matches!(refused, AppendError::ReadOnly));
        assert_eq!(running.log.store().head().await.unwrap().unwrap().size, 3);
        // Writing begins once n-k+1 have answered and none is ahead.
        world.cosigners.set_up(missing, true);
        running.reaches(&Status::Writing).await;
        assert_eq!(running.log.append(world.create(&agency(1))).await.unwrap(), 3);
    }
}
