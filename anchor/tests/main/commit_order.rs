//! The commit order, rule by rule: validate, commit, sign, mirrors, witnesses, publish, receipts.

use std::time::Duration;

use anchor::log::{AppendError, Pace, Status, StopReason};
use ledger::{BlobRef, Rejection, Submission};
use tlog::leaf_hash;

use crate::world::{Running, World, agency, eventually};

async fn fault(world: &World, sql: &'static str) {
    crate::fixtures::fault(&world.files().store(), sql).await;
}

fn forged(submission: &Submission) -> Submission {
    // The last byte of the authority is the signature's.
    let mut bytes = submission.encode();
    let leaf = submission.leaf().encode();
    let at = bytes.windows(leaf.len()).position(|window| window == leaf).unwrap();
    bytes[at + leaf.len() - 1] ^= 1;
    Submission::parse(&bytes).unwrap()
}

pub(crate) async fn writing(world: &World) -> Running {
    let running = world.start().await;
    running.reaches(&Status::Writing).await;
    running
}

#[tokio::test]
async fn nothing_is_stored_before_its_signatures_are_checked() {
    let world = World::new().await;
    let running = writing(&world).await;
    let forged = forged(&world.create(&agency(1)));
    let refused = running.log.append(forged.clone()).await.unwrap_err();
    assert!(matches!(refused, AppendError::Rejected(Rejection::SignatureInvalid)));
    let store = running.log.store();
    assert_eq!(store.blob(&BlobRef::of(forged.payload()).hash).await.unwrap(), None);
    assert_eq!(store.index_of(&leaf_hash(&forged.leaf().encode())).await.unwrap(), None);
    assert_eq!(running.log.committed(), 3);
}

#[tokio::test]
async fn k1_anchor_entries_hashes_map_and_head_are_committed_together_or_not_at_all() {
    let world = World::new().await;
    let running = writing(&world).await;
    let store = running.log.store();
    let before = store.head().await.unwrap();
    fault(
        &world,
        "CREATE TRIGGER fails BEFORE UPDATE ON head BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    )
    .await;
    let submission = world.create(&agency(1));
    let refused = running.log.append(submission.clone()).await.unwrap_err();
    assert!(matches!(refused, AppendError::Store));
    assert_eq!(store.head().await.unwrap(), before);
    assert_eq!(store.entry(3).await.unwrap(), None);
    assert!(store.hashes(0, 3..4).await.is_err());
    assert_eq!(store.record(agency(1).did().as_str()).await.unwrap(), None);
    // The log recovers as soon as the store does.
    fault(&world, "DROP TRIGGER fails").await;
    assert_eq!(running.log.append(submission).await.unwrap(), 3);
    running.publishes(5).await;
}

/// Each table that a commit writes to, in turn.
#[tokio::test]
async fn k4_anchor_each_step_of_a_commit_that_fails_leaves_nothing_and_is_done_again() {
    for sql in [
        "CREATE TRIGGER fails BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER fails BEFORE INSERT ON blobs BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER fails BEFORE INSERT ON hashes BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER fails BEFORE INSERT ON map_nodes BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER fails BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER fails BEFORE INSERT ON subjects BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER fails BEFORE UPDATE ON head BEGIN SELECT RAISE(ABORT, 'no'); END",
    ] {
        let world = World::new().await;
        let running = writing(&world).await;
        let (before, asked) = (running.log.committed(), world.cosigners.asked().len());
        fault(&world, sql).await;
        let submission = world.create(&agency(1));
        let refused = running.log.append(submission.clone()).await.unwrap_err();
        assert!(matches!(refused, AppendError::Store), "{sql}");
        assert_eq!(running.log.status(), Status::Writing, "{sql}");
        assert_eq!(running.log.committed(), before, "{sql}");
        let store = running.log.store();
        assert_eq!(
            store.index_of(&leaf_hash(&submission.leaf().encode())).await.unwrap(),
            None
        );
        assert_eq!(world.cosigners.asked().len(), asked, "{sql}: nothing new was signed");
        fault(&world, "DROP TRIGGER fails").await;
        assert_eq!(running.log.append(submission).await.unwrap(), 3, "{sql}");
        running.publishes(5).await;
    }
}

#[tokio::test]
async fn k5_anchor_a_second_instance_stops_before_it_signs() {
    let world = World::new().await;
    let (first, second) = (writing(&world).await, writing(&world).await);
    first.log.append(world.create(&agency(1))).await.unwrap();
    first.publishes(5).await;
    let asked = world.cosigners.asked().len();
    let refused = second.log.append(world.create(&agency(2))).await.unwrap_err();
    assert!(matches!(refused, AppendError::Store));
    second.reaches(&Status::Stopped(StopReason::SecondInstance)).await;
    assert!(second.stop.is_cancelled());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.cosigners.asked().len(), asked);
    assert_eq!(first.log.store().head().await.unwrap().unwrap().size, 5);
    // The first goes on.
    assert_eq!(first.log.append(world.create(&agency(3))).await.unwrap(), 5);
}

#[tokio::test]
async fn k5_anchor_a_head_of_somebody_else_is_not_taken_over_after_a_failure() {
    let world = World::new().await;
    let (first, second) = (writing(&world).await, writing(&world).await);
    first.log.append(world.create(&agency(1))).await.unwrap();
    first.publishes(5).await;
    // The second meets a failing disk at the same time; it must not go on from the first's head.
    fault(
        &world,
        "CREATE TRIGGER fails BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    )
    .await;
    let refused = second.log.append(world.create(&agency(2))).await.unwrap_err();
    assert!(matches!(refused, AppendError::Store));
    second.reaches(&Status::Stopped(StopReason::SecondInstance)).await;
}

#[tokio::test]
async fn k8_anchor_stored_bytes_are_read_back_and_hashed_before_the_swap() {
    for sql in [
        "CREATE TRIGGER flips AFTER INSERT ON entries BEGIN
             UPDATE entries SET leaf = CAST(substr(leaf, 1, 40) || x'ff' || substr(leaf, 42) AS BLOB) WHERE idx = NEW.idx; END",
        "CREATE TRIGGER flips AFTER INSERT ON blobs BEGIN
             UPDATE blobs SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB) WHERE hash = NEW.hash; END",
        "CREATE TRIGGER flips AFTER INSERT ON hashes BEGIN
             UPDATE hashes SET hash = zeroblob(32) WHERE level = NEW.level AND idx = NEW.idx; END",
        "CREATE TRIGGER flips AFTER INSERT ON map_nodes BEGIN
             UPDATE map_nodes SET node = zeroblob(65) WHERE hash = NEW.hash; END",
        "CREATE TRIGGER flips AFTER INSERT ON records BEGIN
             UPDATE records SET record = zeroblob(9) WHERE hash = NEW.hash; END",
    ] {
        let world = World::new().await;
        let running = writing(&world).await;
        let before = running.log.store().head().await.unwrap();
        let asked = world.cosigners.asked().len();
        fault(&world, sql).await;
        let refused = running.log.append(world.create(&agency(1))).await.unwrap_err();
        assert!(matches!(refused, AppendError::Store));
        running.reaches(&Status::Stopped(StopReason::ReadBack)).await;
        assert_eq!(running.log.store().head().await.unwrap(), before);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(world.cosigners.asked().len(), asked, "nothing new was signed");
    }
}

#[tokio::test]
async fn a_tree_that_is_not_committed_is_never_signed() {
    let world = World::new().await;
    let running = writing(&world).await;
    for number in 1..6 {
        running.log.append(world.create(&agency(number))).await.unwrap();
    }
    running.publishes(running.log.committed()).await;
    let store = running.log.store();
    let head = store.head().await.unwrap().unwrap();
    for (host, checkpoint, _) in world.cosigners.asked() {
        assert!(checkpoint.size() <= head.size, "{host}");
        let root = store.frontier(checkpoint.size()).await.unwrap().root();
        assert_eq!(
            *checkpoint.root(),
            root,
            "{host} was shown a tree that was never committed"
        );
        // Every checkpoint ends in a map head.
        let (leaf, _) = store.entry(checkpoint.size() - 1).await.unwrap().unwrap();
        assert_eq!(ledger::Leaf::parse(&leaf).unwrap().kind, ledger::Kind::MapHead);
    }
}

#[tokio::test]
async fn a_committed_tree_is_signed_again_with_the_same_bytes() {
    let world = World::new().await;
    world.cosigners.set_up(&["m1"], false);
    let first = world.start().await;
    eventually(|| !world.cosigners.asked().is_empty()).await;
    first.end().await;
    let second = world.start().await;
    world.cosigners.set_up(&["m1"], true);
    second.reaches(&Status::Writing).await;
    let asked = world.cosigners.asked();
    let (_, checkpoint, line) = &asked[0];
    assert!(
        asked
            .iter()
            .all(|(_, other, signed)| other == checkpoint && signed == line)
    );
}

#[tokio::test]
async fn mirrors_cosign_before_witnesses_are_asked() {
    let world = World::new().await;
    let running = writing(&world).await;
    running.log.append(world.create(&agency(1))).await.unwrap();
    running.publishes(5).await;
    let asked = world.cosigners.asked();
    let hosts: Vec<&str> = asked
        .iter()
        .filter(|(_, c, _)| c.size() == 5)
        .map(|(h, ..)| h.as_str())
        .collect();
    assert_eq!(hosts[0], "m1.localhost");
    // What no mirror has replayed is shown to nobody else.
    world.cosigners.set_up(&["m1"], false);
    running.log.append(world.create(&agency(2))).await.unwrap();
    eventually(|| world.cosigners.asked().iter().filter(|(_, c, _)| c.size() == 7).count() > 2).await;
    let asked = world.cosigners.asked();
    assert!(
        asked
            .iter()
            .filter(|(_, c, _)| c.size() == 7)
            .all(|(host, ..)| host == "m1.localhost")
    );
    assert_eq!(running.log.published(), 5);
}

#[tokio::test]
async fn nothing_is_published_without_a_quorum_and_nothing_is_lost() {
    for missing in [&["w1", "w2"][..], &["m1"][..]] {
        let world = World::new().await;
        let running = writing(&world).await;
        let note = running.log.store().published().await.unwrap().unwrap().note;
        world.cosigners.set_up(missing, false);
        let index = running.log.append(world.create(&agency(1))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(running.log.store().published().await.unwrap().unwrap().note, note);
        world.cosigners.set_up(missing, true);
        running.publishes(5).await;
        let receipt = running.log.receipt(index, Duration::from_secs(5)).await.unwrap();
        assert_eq!(receipt.unwrap().index, 3);
    }
}

#[tokio::test]
async fn one_witness_may_be_missing() {
    let world = World::new().await;
    world.cosigners.set_up(&["w3"], false);
    let running = writing(&world).await;
    running.log.append(world.create(&agency(1))).await.unwrap();
    running.publishes(5).await;
}

#[tokio::test]
async fn receipts_leave_only_after_publication_and_verify() {
    let world = World::new().await;
    let running = writing(&world).await;
    world.cosigners.set_up(&["m1"], false);
    let submission = world.create(&agency(1));
    let index = running.log.append(submission.clone()).await.unwrap();
    let patience = Duration::from_millis(50);
    assert_eq!(running.log.receipt(index, patience).await.unwrap(), None);
    world.cosigners.set_up(&["m1"], true);
    let receipt = running
        .log
        .receipt(index, Duration::from_secs(10))
        .await
        .unwrap()
        .unwrap();
    let verified = receipt
        .verify(&leaf_hash(&submission.leaf().encode()), world.pack.policy())
        .unwrap();
    assert_eq!((verified.index(), verified.checkpoint().size()), (3, 5));
}

#[tokio::test]
async fn k12_anchor_a_backlog_without_quorum_is_bounded() {
    let mut world = World::new().await;
    world.pace.backlog = 4;
    let running = writing(&world).await;
    world.cosigners.set_up(&["m1"], false);
    let mut taken = 0;
    for number in 1..20 {
        match running.log.append(world.create(&agency(number))).await {
            Ok(_) => taken += 1,
            Err(error) => assert!(matches!(error, AppendError::Backlog), "{error}"),
        }
    }
    // Each entry came with a map head of its own.
    assert_eq!((taken, running.log.committed()), (3, 9));
    world.cosigners.set_up(&["m1"], true);
    running.publishes(9).await;
    assert!(running.log.append(world.create(&agency(30))).await.is_ok());
}

/// A burst of ten times what the queue holds, all at once.
#[tokio::test]
async fn k12_anchor_of_a_burst_what_does_not_fit_is_refused_and_the_rest_is_published() {
    let mut world = World::new().await;
    // The queue holds four batches.
    world.pace.batch_entries = 4;
    let running = writing(&world).await;
    let mut answers = tokio::task::JoinSet::new();
    for number in 1..=160 {
        let (log, submission) = (running.log.clone(), world.create(&agency(number)));
        answers.spawn(async move { log.append(submission).await });
    }
    let (taken, refused): (Vec<_>, Vec<_>) = answers.join_all().await.into_iter().partition(Result::is_ok);
    assert!(!taken.is_empty() && taken.len() < 60, "{} were taken", taken.len());
    for answer in refused {
        assert!(matches!(answer, Err(AppendError::Backlog)), "{answer:?}");
    }
    for index in taken.into_iter().flatten() {
        let receipt = running.log.receipt(index, Duration::from_secs(60)).await.unwrap();
        assert_eq!(receipt.unwrap().index, index);
    }
    assert!(running.log.append(world.create(&agency(200))).await.is_ok());
}

#[tokio::test]
async fn an_idle_log_is_cosigned_again() {
    assert_eq!(Pace::default().cosign, Duration::from_secs(60));
    let mut world = World::new().await;
    world.pace.cosign = Duration::from_millis(30);
    let running = writing(&world).await;
    let before = running.log.store().published().await.unwrap().unwrap();
    world.clock.advance(60);
    let mut after = before.clone();
    for _ in 0..200 {
        after = running.log.store().published().await.unwrap().unwrap();
        if after.time > before.time {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!((after.size, after.time), (before.size, before.time + 60));
    let note = tlog::UnverifiedCheckpoint::parse(&after.note).unwrap();
    assert_eq!(note.verify(world.pack.policy()).unwrap().time(), before.time + 60);
}

#[tokio::test]
async fn a_restart_goes_on_where_the_log_was() {
    let world = World::new().await;
    let running = writing(&world).await;
    running.log.append(world.create(&agency(1))).await.unwrap();
    running.publishes(5).await;
    running.end().await;
    let running = writing(&world).await;
    assert_eq!(running.log.append(world.create(&agency(1))).await.unwrap(), 3);
    let record = world.record(&running, agency(1).did().as_str()).await.unwrap();
    assert_eq!(running.log.append(world.grant(&record, "urn:a")).await.unwrap(), 5);
    running.publishes(7).await;
    let record = world.record(&running, agency(1).did().as_str()).await.unwrap();
    assert!(record.accreditation("urn:a", crate::fixtures::NOW).is_some());
}

/// As when readers take all connections for some seconds: reading fails, nothing is wrong.
#[tokio::test]
async fn l1_anchor_a_store_that_cannot_be_read_for_a_moment_does_not_stop_the_log() {
    let mut world = World::new().await;
    world.pace.cosign = Duration::from_millis(20);
    let running = writing(&world).await;
    fault(&world, "ALTER TABLE hashes RENAME TO away").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(running.log.status(), Status::Writing);
    fault(&world, "ALTER TABLE away RENAME TO hashes").await;
    let index = running.log.append(world.create(&agency(1))).await.unwrap();
    running.publishes(index + 1).await;
}
