use std::collections::BTreeMap;

use ledger::{Alarm, BlobRef, Replayed, Replica, SplitEvidence, TrustPack, UnverifiedLandmark};
use tlog::{
    Checkpoint, Frontier, Hash, HashSource, NodeId, Tree, UnverifiedCheckpoint, WitnessState, leaf_hash,
    prove_consistency,
};

use super::error::{DamagedError, MirrorError};
use super::store::MirrorStore;
use crate::source::FetchedEntry;

/// Entries whose judgement is kept at most, for the replica that is served: some seconds of a busy log.
const MOST_JUDGED: usize = 4096;

/// What the mirror works on: the checkpoint recorded last, and the replica that stands there.
pub(super) struct Working {
    pub(super) state: WitnessState,
    pub(super) replica: Replica,
    pub(super) judged: Judged,
}

/// What a replica made of entries, by their numbers: one that stands behind it takes that over, and need not check
/// every signature a second time.
#[derive(Default)]
pub(super) struct Judged(BTreeMap<u64, (Fingerprint, Replayed)>);

/// The hashes of leaf and payload.
type Fingerprint = (Hash, ledger::Hash);

impl Judged {
    fn keep(&mut self, number: u64, entry: &FetchedEntry, replayed: Replayed) {
        self.0.insert(number, (Self::fingerprint(entry), replayed));
        if self.0.len() > MOST_JUDGED {
            self.0.pop_first();
        }
    }

    /// Gives away what is known of a tree of this size.
    pub(super) fn up_to(&mut self, size: u64) -> Self {
        let later = self.0.split_off(&size);
        Self(std::mem::replace(&mut self.0, later))
    }

    /// What was made of this entry, where it is the one of that number.
    fn take(&mut self, number: u64, entry: &FetchedEntry) -> Option<Replayed> {
        let (fingerprint, replayed) = self.0.remove(&number)?;
        (fingerprint == Self::fingerprint(entry)).then_some(replayed)
    }

    fn fingerprint(entry: &FetchedEntry) -> Fingerprint {
        (leaf_hash(&entry.leaf), BlobRef::of(&entry.payload).hash)
    }
}

impl Working {
    /// Takes up the checkpoint that the store has, and lets the replica stand there. `base`
    /// is a replica that stands there or before.
    pub(super) async fn restore(&mut self, base: Replica, store: &MirrorStore) -> Result<(), RestoreError> {
        // What was judged on the way from elsewhere counts for nothing here.
        self.judged = Judged::default();
        self.replica = base;
        let Some(note) = store.recorded().await? else {
            return Ok(());
        };
        let note = UnverifiedCheckpoint::parse(note.as_bytes()).map_err(DamagedError::Checkpoint)?;
        let checkpoint = note.dangerous_checkpoint().clone();
        self.state.restore(note).map_err(DamagedError::State)?;
        replay_stored(&mut self.replica, store, checkpoint.size(), Judged::default()).await?;
        self.replica.endorse(&checkpoint).map_err(DamagedError::Endorse)?;
        Ok(())
    }

    /// Replays new entries up to a checkpoint that the log signed, and finds out whether it
    /// may be cosigned. After an error the replica has to be taken from the store again.
    pub(super) fn replay(&mut self, entries: &[FetchedEntry], checkpoint: &Checkpoint) -> Result<(), MirrorError> {
        for entry in entries {
            let number = self.replica.size();
            let replayed = self.replica.push(&entry.leaf, &entry.payload)?;
            if let Replayed::Alarm(alarm) = &replayed {
                tracing::error!(number, %alarm, "the log has an entry that changes nothing");
            }
            self.judged.keep(number, entry, replayed);
        }
        Ok(self.replica.endorse(checkpoint)?)
    }

    /// The evidence that a note contradicts the checkpoint recorded last, where it does: both signed by the log.
    pub(super) fn split(&self, pack: &TrustPack, note: &UnverifiedCheckpoint) -> Option<SplitEvidence> {
        let landmark = |note: &UnverifiedCheckpoint| UnverifiedLandmark::from_note(note).ok()?.verify_log(pack).ok();
        let recorded = self.state.newest(note.dangerous_checkpoint().origin())?;
        let (other, own) = (landmark(note)?, landmark(&recorded.to_note(&[]))?);
        if other.size() > own.size() {
            return None;
        }
        SplitEvidence::in_tree(&other, &own, self.replica.tree()).ok().flatten()
    }

    /// The tree as it is with these entries, without replaying them.
    pub(super) fn extended(&self, entries: &[FetchedEntry]) -> Result<Extended<'_>, MirrorError> {
        let tree = self.replica.tree();
        let mut frontier = frontier(tree)?;
        let mut new = BTreeMap::new();
        for entry in entries {
            frontier.append_with(leaf_hash(&entry.leaf), |node, hash| {
                new.insert(node, hash);
            });
        }
        Ok(Extended { tree, new, frontier })
    }
}

/// A tree and more leaves after it.
pub(super) struct Extended<'a> {
    tree: &'a Tree,
    new: BTreeMap<NodeId, Hash>,
    frontier: Frontier,
}

impl Extended<'_> {
    /// Whether these leaves are those of the checkpoint.
    pub(super) fn is(&self, checkpoint: &Checkpoint) -> bool {
        self.frontier.size() == checkpoint.size() && self.frontier.root() == *checkpoint.root()
    }

    /// The proof that the tree grew from a size that it had.
    pub(super) fn consistency(&self, old_size: u64) -> Result<Vec<Hash>, MirrorError> {
        Ok(prove_consistency(old_size, self.frontier.size(), self)?)
    }
}

impl HashSource for Extended<'_> {
    fn hash(&self, node: NodeId) -> Option<Hash> {
        self.tree.hash(node).or_else(|| self.new.hash(node))
    }
}

fn frontier(tree: &Tree) -> Result<Frontier, MirrorError> {
    let hash = |node| tree.hash(node).ok_or(tlog::MakeProofError::MissingHash { node });
    let subtrees = Frontier::nodes(tree.size())
        .into_iter()
        .map(hash)
        .collect::<Result<_, _>>()?;
    Frontier::from_subtrees(tree.size(), subtrees).map_err(|_| MirrorError::Damaged(DamagedError::Missing))
}

/// Replays stored entries until the replica has this size, and gives those that changed nothing. Of entries that were
/// judged by a replica at the same places the judgement is taken over, where the stored bytes are those.
pub(super) async fn replay_stored(
    replica: &mut Replica,
    store: &MirrorStore,
    size: u64,
    mut judged: Judged,
) -> Result<Vec<(u64, Alarm)>, RestoreError> {
    let mut alarms = Vec::new();
    while replica.size() < size {
        let entries = store.entries(replica.size(), size).await?;
        if entries.is_empty() {
            return Err(DamagedError::Missing.into());
        }
        for entry in entries {
            let number = replica.size();
            let replayed = match judged.take(number, &entry) {
                Some(judged) => replica.dangerous_take_over(&entry.leaf, &entry.payload, judged),
                None => replica.push(&entry.leaf, &entry.payload),
            };
            if let Replayed::Alarm(alarm) = replayed.map_err(DamagedError::Replay)? {
                alarms.push((number, alarm));
            }
        }
    }
    Ok(alarms)
}

/// Why the store cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub(super) enum RestoreError {
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    #[error(transparent)]
    Damaged(#[from] DamagedError),
}

impl From<RestoreError> for MirrorError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => Self::Store(error),
            RestoreError::Damaged(error) => Self::Damaged(error),
        }
    }
}

impl From<RestoreError> for super::StartError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => Self::Store(error),
            RestoreError::Damaged(error) => Self::Damaged(error),
        }
    }
}
