//! The simulated store against the one that logs run on: the same operations, the same answers.

use std::slice::from_ref;
use std::sync::{Arc, Mutex};

use anchor::log::{AppendError, Sequencing, StopReason, first_batch};
use anchor::store::{Batch, CommitError, LogStore, Published, Store, commit_batch};
use ledger::{BlobRef, Submission};
use service::{Clock, TestClock};
use testkit::ledger::ORIGIN;
use tlog::{Checkpoint, Frontier, UnverifiedCheckpoint, leaf_hash};

use crate::chance::Chance;
use crate::disk::{Disk, Drive};
use crate::fixture::{Fixture, NOW, entries};
use crate::oracle::Observer;
use crate::store::{SimStore, head_of, published_size};

/// What an operation came to, as far as anybody can tell the stores apart by it.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Committed(u64),
    Admitted(u64),
    Refused(String),
    HeadMoved,
    ReadBack,
    Failed,
}

fn simulated() -> SimStore {
    SimStore {
        drive: Drive {
            disk: Arc::new(Mutex::new(Disk::default())),
            chance: Chance::new(7),
            is_lazy: false,
        },
        is_changing_key: false,
        plant: None,
        observer: Observer::default(),
        bound: None,
    }
}

fn came(result: Result<u64, CommitError>) -> Came {
    match result {
        Ok(size) => Came::Committed(size),
        Err(CommitError::HeadMoved) => Came::HeadMoved,
        Err(CommitError::ReadBack) => Came::ReadBack,
        Err(_) => Came::Failed,
    }
}

async fn commit<S: LogStore>(store: &S, batch: &Batch) -> Came {
    let transaction = store.begin().await.unwrap();
    came(commit_batch(transaction, batch).await.map(|()| batch.after.size))
}

async fn admit<S: LogStore>(sequencing: &mut Sequencing<S>, submission: &Submission) -> Came {
    match sequencing.admit(from_ref(submission)).await.answers.remove(0) {
        Ok(index) => Came::Admitted(index),
        Err(AppendError::Store) => Came::Failed,
        Err(error) => Came::Refused(error.to_string()),
    }
}

/// Everything a log does to its store, in an order that a seed gives: two instances, submissions twice, commits that
/// come too late, publications of older and newer trees.
async fn history<S: LogStore>(store: S, seed: u64) -> Vec<Came> {
    let chance = Chance::new(seed);
    let (first, _) = entries();
    let first = first_batch(&store, ORIGIN, &first, NOW).await.unwrap();
    let mut came = vec![commit(&store, &first).await, commit(&store, &first).await];
    let clock: Arc<dyn Clock> = Arc::new(TestClock::at(NOW));
    let load = || Sequencing::load(store.clone(), ORIGIN, Arc::clone(&clock));
    let mut instances = [load().await.unwrap(), load().await.unwrap()];
    for _ in 0..30 {
        let at = chance.place(instances.len());
        match chance.below(8) {
            0..=3 => {
                let submissions = &Fixture::get().submissions;
                let submission = &submissions[chance.place(submissions.len())];
                came.push(admit(&mut instances[at], submission).await);
            }
            4 | 5 if instances[at].has_draft() => match instances[at].commit().await {
                Ok(size) => came.push(Came::Committed(size)),
                Err(failed) => {
                    let reason = instances[at].recover(failed).await.unwrap_err();
                    came.push(Came::Refused(reason.to_string()));
                    instances[at] = load().await.unwrap();
                }
            },
            6 => publish(&store, chance.below(20)).await,
            _ => {}
        }
    }
    came
}

/// Publishes the tree of this size or of the largest below it. Who signed it is not for the store to ask.
async fn publish<S: LogStore>(store: &S, size: u64) {
    let head = store.head().await.unwrap().unwrap();
    let size = size.clamp(1, head.size);
    let root = store.frontier(size).await.unwrap().root();
    let note = UnverifiedCheckpoint::new(Checkpoint::new(ORIGIN.parse().unwrap(), size, root), Vec::new());
    let note = note.to_string().into_bytes();
    let published = Published { size, note, time: NOW };
    store.publish(&published).await.unwrap();
}

/// What anybody can read.
async fn contents<S: LogStore>(store: &S) -> Vec<String> {
    let head = store.head().await.unwrap().unwrap();
    let mut read = vec![format!("{head:?}")];
    for size in 1..=head.size {
        read.push(format!("{:?}", store.frontier(size).await.unwrap()));
        read.push(format!("{:?}", store.nodes(Frontier::nodes(size)).await.unwrap()));
    }
    for index in 0..=head.size {
        read.push(format!("{:?}", store.entry(index).await.unwrap()));
    }
    for submission in &Fixture::get().submissions {
        let leaf = submission.leaf();
        read.push(format!(
            "{:?}",
            store.index_of(&leaf_hash(&leaf.encode())).await.unwrap()
        ));
        read.push(format!(
            "{:?}",
            store.blob(&BlobRef::of(submission.payload()).hash).await.unwrap()
        ));
        read.push(format!("{:?}", store.record(&leaf.subject).await.unwrap()));
        read.push(format!("{:?}", store.times(&leaf.subject, 0).await.unwrap()));
        read.push(format!("{:?}", store.times(&leaf.subject, NOW).await.unwrap()));
    }
    let missing = Frontier::nodes(head.size + 1);
    read.push(format!(
        "{:?}",
        store.nodes(missing).await.map_err(|error| error.to_string())
    ));
    read.push(format!("{:?}", store.map_node(&head.map_root).await.unwrap()));
    read.push(format!("{:?}", store.map_node(&[7; 32]).await.unwrap()));
    read
}

#[tokio::test]
async fn the_simulated_store_answers_as_sqlite_does() {
    let (mut committed, mut moved) = (0, 0);
    for seed in 0..12 {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = Store::open(&folder.path().join("log.db")).await.unwrap();
        let simulated = simulated();
        let came = history(sqlite.clone(), seed).await;
        assert_eq!(came, history(simulated.clone(), seed).await, "seed {seed}");
        assert_eq!(contents(&sqlite).await, contents(&simulated).await, "seed {seed}");
        let published = sqlite.published().await.unwrap().map_or(0, |published| published.size);
        let disk = crate::lock(&simulated.drive.disk).clone();
        assert_eq!(published, published_size(&disk), "seed {seed}");
        assert_eq!(sqlite.head().await.unwrap(), head_of(&disk), "seed {seed}");
        committed += came.iter().filter(|one| matches!(one, Came::Committed(_))).count();
        moved += came.iter().filter(|one| matches!(one, Came::Refused(_))).count();
        sqlite.close().await;
    }
    assert!(committed > 24 && moved > 12, "{committed} commits, {moved} refusals");
}

/// What a power cut leaves of a commit, at each of its moments, is all of it or nothing.
#[test]
fn k1_anchor_a_power_cut_leaves_all_of_a_batch_or_nothing() {
    let fixture = Fixture::get();
    let clock: Arc<dyn Clock> = Arc::new(TestClock::at(NOW));
    let (mut before, mut after) = (0, 0);
    for turns in 0..400 {
        let mut store = simulated();
        *crate::lock(&store.drive.disk) = fixture.disk();
        store.drive.chance = Chance::new(turns);
        let (writer, clock) = (store.clone(), Arc::clone(&clock));
        let mut tasks = crate::tasks::Tasks::default();
        tasks.begin(1, async move {
            let mut sequencing = Sequencing::load(writer, ORIGIN, clock).await.unwrap();
            let admitted = sequencing.admit(&fixture.submissions[..1]).await;
            assert!(admitted.answers[0].is_ok());
            sequencing.commit().await.unwrap();
        });
        tasks.run(turns / 8, &Chance::new(1));
        tasks.end(1);
        crate::lock(&store.drive.disk).cut_power(&store.drive.chance);
        let size = head_of(&crate::lock(&store.drive.disk)).unwrap().size;
        let read = crate::tasks::alone(contents(&store)).unwrap();
        let entry = fixture.submissions[0].leaf().subject.as_str();
        let is_there = crate::tasks::alone(store.record(entry)).unwrap().unwrap().is_some();
        assert!(!read.is_empty());
        match size {
            3 => before += u32::from(!is_there),
            5 => after += u32::from(is_there),
            _ => panic!("{size} entries after {turns} turns"),
        }
    }
    assert_eq!(before + after, 400);
    assert!(before > 10 && after > 10, "{before} before, {after} after");
}

/// A log on a disk of its own.
async fn begun() -> (SimStore, Sequencing<SimStore>) {
    let store = simulated();
    *crate::lock(&store.drive.disk) = Fixture::get().disk();
    let clock: Arc<dyn Clock> = Arc::new(TestClock::at(NOW));
    let sequencing = Sequencing::load(store.clone(), ORIGIN, clock).await.unwrap();
    (store, sequencing)
}

#[tokio::test]
async fn k3_anchor_a_full_disk_takes_nothing_and_loses_nothing() {
    let (store, mut sequencing) = begun().await;
    let submission = &Fixture::get().submissions[0];
    crate::lock(&store.drive.disk).faults.is_full = true;
    let before = contents(&store).await;
    assert_eq!(admit(&mut sequencing, submission).await, Came::Admitted(3));
    let failed = sequencing.commit().await.unwrap_err();
    assert_eq!(sequencing.recover(failed).await, Ok(3));
    assert_eq!(contents(&store).await, before);
    crate::lock(&store.drive.disk).faults.is_full = false;
    assert_eq!(admit(&mut sequencing, submission).await, Came::Admitted(3));
    assert_eq!(sequencing.commit().await.unwrap(), 5);
}

#[tokio::test]
async fn k2_anchor_a_sync_that_failed_is_not_tried_again() {
    let (store, mut sequencing) = begun().await;
    let submission = &Fixture::get().submissions[0];
    crate::lock(&store.drive.disk).faults.failing_syncs = 1;
    assert_eq!(admit(&mut sequencing, submission).await, Came::Admitted(3));
    let failed = sequencing.commit().await.unwrap_err();
    assert_eq!(sequencing.recover(failed).await, Err(StopReason::NotSynced));
    assert_eq!(store.head().await.unwrap().unwrap().size, 3);
    // Who starts anew takes up what is whole: the same entry has the same index.
    crate::lock(&store.drive.disk).open();
    assert_eq!(store.head().await.unwrap().unwrap().size, 5);
    let clock: Arc<dyn Clock> = Arc::new(TestClock::at(NOW));
    let mut started = Sequencing::load(store, ORIGIN, clock).await.unwrap();
    assert_eq!(admit(&mut started, submission).await, Came::Admitted(3));
}

#[tokio::test]
async fn k4_anchor_a_commit_that_failed_and_is_there_all_the_same_is_taken_up() {
    let (store, mut sequencing) = begun().await;
    let [first, second] = [0, 1].map(|number| &Fixture::get().submissions[number]);
    crate::lock(&store.drive.disk).faults.untold = 1;
    assert_eq!(admit(&mut sequencing, first).await, Came::Admitted(3));
    let failed = sequencing.commit().await.unwrap_err();
    // Nobody else wrote it: the log goes on from there.
    assert_eq!(sequencing.recover(failed).await, Ok(5));
    assert_eq!(admit(&mut sequencing, first).await, Came::Admitted(3));
    assert_eq!(admit(&mut sequencing, second).await, Came::Admitted(5));
    assert_eq!(sequencing.commit().await.unwrap(), 7);
}

#[tokio::test]
async fn k4_anchor_a_write_that_broke_off_leaves_nothing() {
    let (store, mut sequencing) = begun().await;
    let submission = &Fixture::get().submissions[0];
    let before = contents(&store).await;
    crate::lock(&store.drive.disk).faults.failing_writes = 1;
    admit(&mut sequencing, submission).await;
    let failed = sequencing.commit().await.unwrap_err();
    assert_eq!(sequencing.recover(failed).await, Ok(3));
    assert_eq!(contents(&store).await, before);
    assert_eq!(admit(&mut sequencing, submission).await, Came::Admitted(3));
    assert_eq!(sequencing.commit().await.unwrap(), 5);
}
