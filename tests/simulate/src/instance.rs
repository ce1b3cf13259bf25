//! A running log: the product's sequencing and publishing, and tasks around them that go by turns instead of timers.

use std::collections::VecDeque;
use std::slice::from_ref;
use std::sync::{Arc, Mutex};

use anchor::log::{AppendError, Pace, Publishing, Sequencing, Status, StopReason, Transport, gate};
use service::Clock;

use crate::chance::give_way;
use crate::disk::Table;
use crate::fixture::Fixture;
use crate::lock;
use crate::network::Network;
use crate::oracle::Oracle;
use crate::plant::Plant;
use crate::store::{SimStore, head_of, published_size};

/// Submissions that may stand in the queue.
pub(crate) const QUEUE: usize = 2;
/// Submissions of one batch.
pub(crate) const BATCH: usize = 2;
/// What may wait for its quorum before admission pauses.
pub(crate) const BACKLOG: u64 = 3;
/// What may wait in all: each that passed the gate, and a map head for each.
pub(crate) const BOUND: u64 = BACKLOG + 2 * (QUEUE + BATCH) as u64;

/// What a log shows, and is told. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Face(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    status: Status,
    committed: u64,
    published: u64,
    queue: VecDeque<usize>,
    /// Submissions with the index that their writers were told; they wait for the receipt.
    promised: Vec<(usize, u64)>,
    /// Rounds of publishing that may begin.
    rounds: u32,
    is_hour: bool,
    /// The store has less than the sequencer knows.
    is_taken_back: bool,
}

/// What the sequencer does next.
enum Next {
    Nothing,
    Hour,
    Submission(usize),
}

impl Face {
    /// What a log shows that has just been started on this store.
    pub(crate) fn new(store: &SimStore) -> Self {
        let disk = lock(&store.drive.disk);
        let status = if store.has(Plant::NoQuestionAtStart) {
            Status::Writing
        } else {
            Status::ReadOnly
        };
        Self(Arc::new(Mutex::new(State {
            status,
            committed: head_of(&disk).map_or(0, |head| head.size),
            published: published_size(&disk),
            queue: VecDeque::new(),
            promised: Vec::new(),
            rounds: u32::from(store.drive.chance.one_in(2)),
            is_hour: false,
            is_taken_back: false,
        })))
    }

    pub(crate) fn status(&self) -> Status {
        lock(&self.0).status.clone()
    }

    /// A writer hands a submission in.
    pub(crate) fn submit(&self, submission: usize, store: &SimStore) -> Result<(), AppendError> {
        let mut state = lock(&self.0);
        let backlog = if store.has(Plant::NoGate) { u64::MAX } else { BACKLOG };
        let published = if store.has(Plant::GateCountsPublished) {
            0
        } else {
            state.published
        };
        gate(&state.status, state.committed, published, backlog)?;
        if state.queue.len() >= QUEUE {
            return Err(AppendError::Backlog);
        }
        state.queue.push_back(submission);
        Ok(())
    }

    /// Another round of publishing may begin.
    pub(crate) fn allow_round(&self) {
        lock(&self.0).rounds = 1;
    }

    /// The sequencer is to look whether a new hour has begun.
    pub(crate) fn hour(&self) {
        lock(&self.0).is_hour = true;
    }

    /// Whether another round would bring anything.
    pub(crate) fn wants_round(&self) -> bool {
        let state = lock(&self.0);
        state.rounds == 0 && (state.status == Status::ReadOnly || state.committed > state.published)
    }

    fn stop(&self, reason: StopReason) {
        lock(&self.0).status = Status::Stopped(reason);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        matches!(lock(&self.0).status, Status::Stopped(_))
    }

    /// What was committed is not there any more; the sequencer takes up what is.
    fn take_back(&self, store: &SimStore) {
        let committed = head_of(&lock(&store.drive.disk)).map_or(0, |head| head.size);
        let mut state = lock(&self.0);
        state.committed = committed;
        state.is_taken_back = true;
    }

    fn was_taken_back(&self) -> bool {
        std::mem::take(&mut lock(&self.0).is_taken_back)
    }

    fn next(&self) -> Next {
        let mut state = lock(&self.0);
        if std::mem::take(&mut state.is_hour) && state.status == Status::Writing && state.committed == state.published {
            return Next::Hour;
        }
        state.queue.pop_front().map_or(Next::Nothing, Next::Submission)
    }

    fn promise(&self, waiting: Vec<(usize, u64)>) {
        lock(&self.0).promised.extend(waiting);
    }

    /// Acknowledges what is in a tree of this size.
    fn acknowledge(&self, size: u64, store: &SimStore) {
        let ready: Vec<(usize, u64)> = {
            let mut state = lock(&self.0);
            let (ready, rest) = state.promised.iter().copied().partition(|(_, index)| *index < size);
            state.promised = rest;
            ready
        };
        for (submission, index) in ready {
            store.observer.acknowledged(submission, index);
            check_entry(store, submission, index);
        }
    }
}

/// An acknowledged entry is where its writer was told.
pub(crate) fn check_entry(store: &SimStore, submission: usize, index: u64) {
    let Some(leaf) = Fixture::get().submissions.get(submission) else {
        return;
    };
    let hash = tlog::leaf_hash(&leaf.leaf().encode());
    let disk = lock(&store.drive.disk);
    let found = disk.get(Table::Leaves, hash.as_bytes());
    if found.is_none_or(|found| found.as_slice() != index.to_be_bytes()) {
        store.observer.find(Oracle::AcknowledgedIsThere, || {
            format!("submission {submission} was acknowledged and is not entry {index}")
        });
    }
}

/// Takes submissions and commits them, until the log stops.
pub(crate) async fn sequence(store: SimStore, face: Face, clock: Arc<dyn Clock>) {
    let origin = testkit::ledger::ORIGIN;
    loop {
        let Ok(sequencing) = Sequencing::load(store.clone(), origin, Arc::clone(&clock)).await else {
            face.stop(StopReason::Damaged);
            return;
        };
        go_on(sequencing, &store, &face).await;
        if face.is_stopped() {
            return;
        }
    }
}

/// Goes on from what was taken up, until the log stops or something of it was taken back.
async fn go_on(mut sequencing: Sequencing<SimStore>, store: &SimStore, face: &Face) {
    while !face.is_stopped() && !face.was_taken_back() {
        let done = match face.next() {
            Next::Nothing => {
                give_way().await;
                Ok(())
            }
            Next::Hour if sequencing.is_new_hour() => close(&mut sequencing, store, face, Vec::new()).await,
            Next::Hour => Ok(()),
            Next::Submission(first) => batch(&mut sequencing, store, face, first).await,
        };
        if let Err(reason) = done {
            store.observer.step(format!("  the log stops: {reason}"));
            face.stop(reason);
        }
    }
}

async fn batch(
    sequencing: &mut Sequencing<SimStore>,
    store: &SimStore,
    face: &Face,
    first: usize,
) -> Result<(), StopReason> {
    let mut waiting = Vec::new();
    let mut next = Some(first);
    for _ in 0..BATCH {
        let Some(submission) = next.and_then(|number| Fixture::get().submissions.get(number).map(|one| (number, one)))
        else {
            break;
        };
        let admitted = sequencing.admit(from_ref(submission.1)).await;
        if let [Ok(index)] = admitted.answers[..] {
            waiting.push((submission.0, index));
        }
        if let Some(reason) = admitted.stop {
            return Err(reason);
        }
        next = if store.drive.chance.one_in(2) {
            lock(&face.0).queue.pop_front()
        } else {
            None
        };
    }
    if sequencing.has_draft() {
        close(sequencing, store, face, waiting).await
    } else {
        answer(face, store, waiting, sequencing.size());
        Ok(())
    }
}

async fn close(
    sequencing: &mut Sequencing<SimStore>,
    store: &SimStore,
    face: &Face,
    waiting: Vec<(usize, u64)>,
) -> Result<(), StopReason> {
    if store.has(Plant::PromiseAtAdmission) {
        face.promise(waiting.clone());
    }
    let size = match sequencing.commit().await {
        Ok(size) => {
            answer(face, store, waiting, size);
            size
        }
        Err(failed) => sequencing.recover(failed).await?,
    };
    lock(&face.0).committed = size;
    Ok(())
}

/// Tells writers their index; what is published already is acknowledged at once.
fn answer(face: &Face, store: &SimStore, waiting: Vec<(usize, u64)>, committed: u64) {
    face.promise(waiting);
    let published = lock(&face.0).published;
    let size = if store.has(Plant::AcknowledgeAtCommit) {
        committed
    } else {
        published
    };
    face.acknowledge(size, store);
}

/// Publishes, one round for each that is allowed, until the log stops.
pub(crate) async fn publish(store: SimStore, face: Face, network: Arc<Network>, clock: Arc<dyn Clock>) {
    let identity = Fixture::get().identity(store.has(Plant::WeakQuorum), store.is_changing_key);
    let transport: Arc<dyn Transport> = network;
    let made = Publishing::new(store.clone(), identity, transport, clock, &Pace::default());
    let Ok(publishing) = made else {
        face.stop(StopReason::Damaged);
        return;
    };
    let mut known = lock(&face.0).published;
    while !face.is_stopped() {
        let rounds = lock(&face.0).rounds;
        if rounds == 0 {
            give_way().await;
            continue;
        }
        lock(&face.0).rounds = rounds - 1;
        let starting = face.status() == Status::ReadOnly;
        let outcome = match publishing.publish(known, starting).await {
            Ok(outcome) => outcome,
            Err(reason) => {
                store.observer.step(format!("  the log stops: {reason}"));
                face.stop(reason);
                return;
            }
        };
        if let Some(size) = outcome.published {
            lock(&face.0).published = size;
            face.acknowledge(size, &store);
        } else if store.has(Plant::TakeBackUnpublished) {
            store.take_back().await;
            face.take_back(&store);
        }
        if let (true, Some(size)) = (outcome.is_complete, outcome.published) {
            known = size;
            let mut state = lock(&face.0);
            if state.status == Status::ReadOnly {
                state.status = Status::Writing;
            }
        }
    }
}
