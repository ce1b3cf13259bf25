//! The scrubber: bits that turn on the disk after they were committed. Catalogue K8

use std::time::Duration;

use anchor::log::{AppendError, Pace, Status, StopReason};
use anchor::serve::watch;
use service::Ops;

use crate::world::{Running, World, agency, eventually};

/// A log that scrubs and signs all the time, and what its operator sees.
async fn scrubbing() -> (World, Running, Ops) {
    let mut world = World::new().await;
    world.pace.scrub = Duration::from_millis(20);
    world.pace.cosign = Duration::from_millis(20);
    let running = world.start().await;
    let ops = Ops::new();
    watch(&running.log, &ops);
    running.reaches(&Status::Writing).await;
    (world, running, ops)
}

/// What a log says that found this changed.
fn altered(part: &str) -> Status {
    Status::Stopped(StopReason::Altered { part: part.to_owned() })
}

/// A counter of `/metrics`.
fn counted(ops: &Ops, name: &str) -> u64 {
    let text = ops.metrics().encode();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap().parse().unwrap()
}

/// Two passes from now on, so that one of them began after this.
async fn passes(ops: &Ops) {
    let before = counted(ops, "ledger_scrub_passes_total");
    eventually(|| counted(ops, "ledger_scrub_passes_total") >= before + 2).await;
}

/// An accredited agency, so that every table but that of private blobs has rows.
async fn written(world: &World, running: &Running) {
    running.log.append(world.create(&agency(1))).await.unwrap();
    running.publishes(5).await;
    let record = world.record(running, agency(1).did().as_str()).await.unwrap();
    running.log.append(world.grant(&record, "urn:a")).await.unwrap();
    running.publishes(7).await;
}

#[tokio::test]
async fn k8_anchor_bytes_that_changed_on_the_disk_end_the_signing() {
    for (sql, part) in [
        (
            "UPDATE entries SET leaf = CAST(substr(leaf, 1, 40) || x'ff' || substr(leaf, 42) AS BLOB) WHERE idx = 3",
            "entries",
        ),
        (
            "UPDATE blobs SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB)
             WHERE hash = (SELECT payload_hash FROM entries WHERE idx = 3)",
            "entries",
        ),
        ("DELETE FROM entries WHERE idx = 1", "entries"),
        (
            "UPDATE entries SET subject = 'did:web:elsewhere.example' WHERE idx = 3",
            "entries",
        ),
        ("UPDATE entries SET kind = kind + 1 WHERE idx = 3", "entries"),
        ("UPDATE entries SET time = time - 1 WHERE idx = 3", "entries"),
        ("UPDATE entries SET time = time + 1", "entries"),
        (
            "UPDATE receipts SET note = (SELECT note FROM receipts WHERE size = 7) WHERE size = 5",
            "receipts",
        ),
        (
            "UPDATE hashes SET hash = zeroblob(32) WHERE level = 0 AND idx = 1",
            "hashes",
        ),
        (
            "UPDATE hashes SET hash = zeroblob(32) WHERE level = 1 AND idx = 0",
            "hashes",
        ),
        (
            "INSERT INTO private_blobs VALUES (zeroblob(32), zeroblob(32), x'01')",
            "private blobs",
        ),
        (
            "UPDATE map_nodes SET node = CAST(substr(node, 1, length(node) - 1) || x'ff' AS BLOB)",
            "map nodes",
        ),
        (
            "UPDATE records SET record = CAST(x'00' || substr(record, 2) AS BLOB)",
            "records",
        ),
        (
            "UPDATE subjects SET record = CAST(x'00' || substr(record, 2) AS BLOB) WHERE accredited = 1",
            "subjects",
        ),
        (
            "UPDATE subjects SET subject = CAST(x'ff' AS TEXT) WHERE accredited = 1",
            "rows",
        ),
    ] {
        let (world, running, ops) = scrubbing().await;
        written(&world, &running).await;
        passes(&ops).await;
        assert_eq!(
            (running.log.status(), ops.waiting_for()),
            (Status::Writing, vec![]),
            "{sql}"
        );
        crate::fixtures::fault(&world.files().store(), sql).await;
        running.reaches(&altered(part)).await;
        eventually(|| ops.waiting_for() == ["writing", "stored bytes"]).await;
        assert_eq!(counted(&ops, "ledger_scrub_mismatches_total"), 1, "{sql}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let asked = world.cosigners.asked().len();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(world.cosigners.asked().len(), asked, "nothing more is signed: {sql}");
        let refused = running.log.append(world.create(&agency(2))).await.unwrap_err();
        assert!(matches!(refused, AppendError::ReadOnly), "{sql}");
        assert!(!running.stop.is_cancelled(), "readers are still answered: {sql}");
        assert_eq!(running.log.store().published().await.unwrap().unwrap().size, 7);
    }
}

#[tokio::test]
async fn k8_anchor_what_the_scrubber_found_is_found_again_after_a_restart() {
    let (mut world, running, _) = scrubbing().await;
    written(&world, &running).await;
    running.end().await;
    let sql = "UPDATE entries SET leaf = CAST(substr(leaf, 1, 40) || x'ff' || substr(leaf, 42) AS BLOB) WHERE idx = 3";
    crate::fixtures::fault(&world.files().store(), sql).await;
    // However long it is until the next pass: nothing was mended, and a start begins with one.
    world.pace.scrub = Duration::from_secs(3600);
    for _ in 0..2 {
        let running = world.start().await;
        running.reaches(&altered("entries")).await;
        running.end().await;
    }
}

#[tokio::test]
async fn k8_anchor_what_the_scrubber_found_is_known_at_once_after_a_restart() {
    let (mut world, running, _) = scrubbing().await;
    written(&world, &running).await;
    let sql = "UPDATE entries SET leaf = CAST(substr(leaf, 1, 40) || x'ff' || substr(leaf, 42) AS BLOB) WHERE idx = 3";
    crate::fixtures::fault(&world.files().store(), sql).await;
    running.reaches(&altered("entries")).await;
    running.end().await;
    world.pace.scrub = Duration::from_secs(3600);
    for _ in 0..2 {
        let asked = world.cosigners.asked().len();
        let running = world.start().await;
        assert_eq!(
            running.log.status(),
            altered("entries"),
            "before anything is read again"
        );
        let ops = Ops::new();
        watch(&running.log, &ops);
        assert!(ops.waiting_for().contains(&"stored bytes"));
        let refused = running.log.append(world.create(&agency(2))).await.unwrap_err();
        assert!(matches!(refused, AppendError::ReadOnly));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(world.cosigners.asked().len(), asked, "nothing is signed meanwhile");
        assert_eq!(running.log.status(), altered("entries"));
        assert_eq!(running.log.store().published().await.unwrap().unwrap().size, 7);
        running.end().await;
    }
}

#[tokio::test]
async fn k8_anchor_the_scrubber_goes_through_every_portion_while_entries_come() {
    let (world, running, ops) = scrubbing().await;
    for number in 1..80 {
        running.log.append(world.create(&agency(number))).await.unwrap();
    }
    running.publishes(running.log.committed()).await;
    assert!(running.log.committed() > 128, "more than two portions");
    passes(&ops).await;
    assert_eq!(
        (running.log.status(), counted(&ops, "ledger_scrub_mismatches_total")),
        (Status::Writing, 0)
    );
    let sql = "UPDATE hashes SET hash = zeroblob(32) WHERE level = 0 AND idx = 130";
    crate::fixtures::fault(&world.files().store(), sql).await;
    running.reaches(&altered("hashes")).await;
}

#[tokio::test]
async fn k8_anchor_what_cannot_be_read_keeps_nothing_after_it_unread() {
    let (world, running, ops) = scrubbing().await;
    written(&world, &running).await;
    passes(&ops).await;
    let sql = "ALTER TABLE blobs RENAME TO elsewhere";
    crate::fixtures::fault(&world.files().store(), sql).await;
    eventually(|| counted(&ops, "ledger_scrub_unread_total") > 0).await;
    assert_eq!(running.log.status(), Status::Writing);
    let sql = "UPDATE records SET record = CAST(x'00' || substr(record, 2) AS BLOB)";
    crate::fixtures::fault(&world.files().store(), sql).await;
    running.reaches(&altered("records")).await;
}

#[tokio::test]
async fn the_store_is_scrubbed_daily_where_nothing_else_is_configured() {
    assert_eq!(Pace::default().scrub, Duration::from_secs(86_400));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anchor.toml");
    for (text, seconds) in [("", 86_400), ("scrub_seconds = 60", 60)] {
        std::fs::write(&path, text).unwrap();
        let pace = anchor::config::load(&path).unwrap().own.pace();
        assert_eq!(pace.scrub, Duration::from_secs(seconds));
    }
}
