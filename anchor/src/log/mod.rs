//! The log at work: admission, batches, signing, cosigning, publishing.
//!
//! The order is the same for every batch, and each step is an invariant:
//!
//! 1. validate: nothing is stored whose signatures were not checked;
//! 2. commit in one transaction, read back and hashed again, swapped in under the head
//!    that was there before ([`Store::commit`]);
//! 3. sign what is committed, which gives the same bytes every time;
//! 4. mirrors replay and cosign, then witnesses cosign;
//! 5. publish once the quorum is reached;
//! 6. only then do receipts leave.
//!
//! Two tasks share the store: the sequencer (1 and 2) and the publisher (3 to 5). A third, the scrubber, reads what
//! was committed again and again. What the first two decide is apart from when: [`Sequencing`] and [`Publishing`] know
//! no timer and no task, and run on any [`LogStore`](crate::store::LogStore).

mod admission;
mod cosigner;
mod first;
mod gate;
mod keys;
mod publisher;
mod publishing;
mod queue;
mod round;
mod scrubber;
mod sequencer;
mod sequencing;
mod working;

use std::sync::Arc;
use std::time::Duration;

use ledger::{Refusal, Submission};
use service::{CancellationToken, Clock};
use tlog::TransparencyProof;
use tokio::sync::watch;

pub use admission::AppendError;
pub use cosigner::{Reply, Transport, Unreachable};
pub use first::first_batch;
pub use gate::gate;
pub use keys::LogKeys;
pub use publishing::{Publishing, RoundOutcome};
use queue::Queue;
pub use sequencing::{Admitted, Failed, Sequencing};
use working::Working;

use crate::store::{ReadError, Store};

/// How the log behaves over time.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How long a batch is collected.
    pub batch: Duration,
    /// Entries at which a batch is closed early.
    pub batch_entries: usize,
    /// Committed entries without a quorum at which admission pauses.
    pub backlog: u64,
    /// How often an idle log is cosigned again.
    pub cosign: Duration,
    /// How long a witness may take to answer.
    pub witness: Duration,
    /// How long a mirror may take, which replays before it answers.
    pub mirror: Duration,
    /// Pause after a round without quorum.
    pub retry: Duration,
    /// How long the quorum may stay away before operators are told.
    pub quorum_lost: Duration,
    /// How long after all of the store was hashed again this begins anew.
    pub scrub: Duration,
    /// How often an idle log looks whether a new hour has begun: each hour has a map head, for its landmark.
    pub hour: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            batch: Duration::from_millis(100),
            batch_entries: 256,
            backlog: 1000,
            cosign: Duration::from_secs(60),
            witness: Duration::from_secs(5),
            mirror: Duration::from_secs(30),
            retry: Duration::from_millis(500),
            quorum_lost: Duration::from_secs(180),
            scrub: Duration::from_secs(24 * 3600),
            hour: Duration::from_secs(1),
        }
    }
}

/// What the log is: its keys, who must cosign, and which of those replay.
#[derive(Debug)]
pub struct Identity {
    /// The log's own key, and the one before while it counts.
    pub keys: LogKeys,
    /// The quorum.
    pub policy: tlog::Policy,
    /// Verifier keys of the mirrors among the cosigners.
    pub mirrors: Vec<String>,
}

impl Identity {
    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.keys.newest().verifier_key().name().as_str()
    }
}

/// Whether the log writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Too few cosigners have said yet that they know of nothing newer: reading only.
    ReadOnly,
    /// Entries are admitted.
    Writing,
    /// The log writes no more; somebody has to look at it.
    Stopped(StopReason),
}

/// How the cosigners answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quorum {
    /// Whether a quorum was reached, and not too long ago.
    pub is_reached: bool,
    /// Rounds that ended without anything published.
    pub missed: u64,
    /// Seconds between the clock of this machine and the time that the newest quorum signed.
    pub clock_off: u64,
}

/// What hashing the store again came to since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrub {
    /// Passes over all of it that found everything as it was committed.
    pub passes: u64,
    /// Passes that did not: the log has stopped signing.
    pub mismatches: u64,
    /// Passes in which not all of the store could be read.
    pub unread: u64,
}

/// Why a log stopped. None of these heals by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StopReason {
    /// A cosigner has a larger tree of ours: this store is an old copy.
    #[error("{cosigner} knows a tree of {size} entries: this store is a restored backup")]
    CosignerAhead {
        /// The cosigner's name.
        cosigner: String,
        /// The size it has.
        size: u64,
    },
    /// A witness has another tree of the same log.
    #[error("{cosigner} knows another tree: this store has forked")]
    Forked {
        /// The witness's name.
        cosigner: String,
    },
    /// Another instance wrote to the store.
    #[error("another instance writes to this store")]
    SecondInstance,
    /// Stored bytes differ from those that were hashed.
    #[error("stored bytes differ from those that were hashed")]
    ReadBack,
    /// The store cannot be read, or does not fit together.
    #[error("the store is damaged")]
    Damaged,
    /// The disk did not sync what was written. What of it is there, a new start finds out.
    #[error("the disk does not sync what is written to it")]
    NotSynced,
    /// What was committed has changed since. The log signs no more, and goes on answering readers.
    #[error("stored {part} are not those that were committed")]
    Altered {
        /// What of the store.
        part: String,
    },
}

/// A running log. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    store: Store,
    queue: Queue,
    status: watch::Receiver<Status>,
    quorum: watch::Receiver<Quorum>,
    scrub: watch::Receiver<Scrub>,
    published: watch::Receiver<u64>,
    committed: watch::Receiver<u64>,
    backlog: u64,
    refuser: admission::Refuser,
}

/// What a log is at first. Where an earlier run found the store altered, signing ends before it begins.
fn begin(altered: Option<String>, signing: &CancellationToken) -> Status {
    let Some(part) = altered else {
        return Status::ReadOnly;
    };
    let reason = StopReason::Altered { part };
    tracing::error!(%reason, "the log signs nothing: an earlier run found this");
    signing.cancel();
    Status::Stopped(reason)
}

/// Why a log does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store has no entry: it was never initialised.
    #[error("the store has no log yet: run init first")]
    NoLog,
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A cosigner of the policy has no address, or one that is no URL.
    #[error("the policy gives no usable address for {0}")]
    CosignerUrl(String),
}

impl Log {
    /// Starts the log on a store that `init` has made. It reads at once, and writes once
    /// enough cosigners have answered; never where an earlier run found the store altered. `stop` ends it, and is
    /// cancelled when it stops itself, but for [`StopReason::Altered`].
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn start(
        store: Store,
        identity: Identity,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        pace: Pace,
        stop: CancellationToken,
    ) -> Result<Self, StartError> {
        let head = store.head().await?.ok_or(StartError::NoLog)?;
        let published = store.published().await?.map_or(0, |published| published.size);
        let sequencing = Sequencing::load(store.clone(), identity.origin(), Arc::clone(&clock)).await?;
        let (queue, requests) = Queue::new(4 * pace.batch_entries);
        let signing = stop.child_token();
        let (status_sender, status) = watch::channel(begin(store.altered().await?, &signing));
        let status_sender = Arc::new(status_sender);
        let (quorum_sender, quorum) = watch::channel(Quorum::default());
        let (committed_sender, committed) = watch::channel(head.size);
        let (published_sender, published) = watch::channel(published);
        let refuser = admission::Refuser {
            keys: identity.keys.clone(),
            clock: Arc::clone(&clock),
        };
        let publisher = publisher::Publisher {
            publishing: Publishing::new(store.clone(), identity, transport, Arc::clone(&clock), &pace)?,
            pace: pace.clone(),
            channels: publisher::Channels {
                committed: committed.clone(),
                published: published_sender,
                status: Arc::clone(&status_sender),
                quorum: quorum_sender,
                signing: signing.clone(),
                stop: stop.clone(),
            },
        };
        tokio::spawn(publisher.run());
        let scrub = scrubber::spawn(
            store.clone(),
            pace.scrub,
            Arc::clone(&status_sender),
            clock,
            signing.clone(),
        );
        let backlog = pace.backlog;
        let sequencer = sequencer::Sequencer {
            sequencing,
            pace,
            committed: committed_sender,
            published: published.clone(),
            status: status_sender,
            signing,
            stop,
        };
        tokio::spawn(sequencer.run(requests));
        Ok(Self {
            store,
            queue,
            status,
            quorum,
            scrub,
            published,
            committed,
            backlog,
            refuser,
        })
    }

    /// A signed refusal of an entry, so that its writer can prove it; `None` where the log does not write, and so has
    /// decided nothing. docs/ledger.md §13
    #[must_use]
    pub fn refuse(&self, leaf_hash: &tlog::Hash, code: &str) -> Option<Refusal> {
        if self.status() != Status::Writing {
            return None;
        }
        self.refuser.refuse(leaf_hash, code)
    }

    /// The store, for reading.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether the log writes.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Changes of [`Log::status`].
    #[must_use]
    pub fn watch_status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// How the cosigners answer, and changes of it.
    #[must_use]
    pub fn watch_quorum(&self) -> watch::Receiver<Quorum> {
        self.quorum.clone()
    }

    /// What hashing the store again comes to, and changes of it.
    #[must_use]
    pub fn watch_scrub(&self) -> watch::Receiver<Scrub> {
        self.scrub.clone()
    }

    /// How many entries are committed.
    #[must_use]
    pub fn committed(&self) -> u64 {
        *self.committed.borrow()
    }

    /// How many entries are published.
    #[must_use]
    pub fn published(&self) -> u64 {
        *self.published.borrow()
    }

    /// Hands entries in together; what became of each, in their order: its index once it is committed. An entry that is
    /// there already gives the index it has. Those that are taken are committed in one batch.
    ///
    /// # Errors
    /// [`AppendError`] where nothing was decided about any of them.
    pub async fn append_all(&self, submissions: Vec<Submission>) -> Result<Vec<Result<u64, AppendError>>, AppendError> {
        gate(&self.status(), self.committed(), self.published(), self.backlog)?;
        let answers = self.queue.put(submissions)?;
        answers.await.map_err(|_| AppendError::ReadOnly)
    }

    /// The same with one entry.
    ///
    /// # Errors
    /// [`AppendError`]
    pub async fn append(&self, submission: Submission) -> Result<u64, AppendError> {
        let mut answers = self.append_all(vec![submission]).await?;
        answers.pop().unwrap_or(Err(AppendError::ReadOnly))
    }

    /// The receipts of committed entries, in the order of their indices, once a checkpoint with quorum has all of them;
    /// after `patience` the receipts of those that one has.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn receipts(
        &self,
        indices: &[u64],
        patience: Duration,
    ) -> Result<Vec<Option<TransparencyProof>>, ReadError> {
        let mut published = self.published.clone();
        if let Some(last) = indices.iter().max() {
            let all = published.wait_for(|size| size > last);
            // What is published then counts, whether it is all or not.
            drop(tokio::time::timeout(patience, all).await);
        }
        let published = self.published();
        let mut receipts = Vec::with_capacity(indices.len());
        for index in indices {
            let receipt = if published > *index {
                self.store.receipt(*index).await?
            } else {
                None
            };
            receipts.push(receipt);
        }
        Ok(receipts)
    }

    /// The same of one entry; `None` where it takes longer than `patience`.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn receipt(&self, index: u64, patience: Duration) -> Result<Option<TransparencyProof>, ReadError> {
        Ok(self.receipts(&[index], patience).await?.pop().flatten())
    }
}
