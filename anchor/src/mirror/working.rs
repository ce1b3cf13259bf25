use std::collections::BTreeMap;

use ledger::{Alarm, Replayed, Replica, SplitEvidence, TrustPack, UnverifiedLandmark};
use tlog::{
    Checkpoint, Frontier, Hash, HashSource, NodeId, Tree, UnverifiedCheckpoint, WitnessState, leaf_hash,
    prove_consistency,
};

use super::error::{DamagedError, MirrorError};
use super::store::MirrorStore;
use crate::source::FetchedEntry;

/// What the mirror works on: the checkpoint recorded last, and the replica that stands there.
pub(super) struct Working {
    pub(super) state: WitnessState,
    pub(super) replica: Replica,
}

impl Working {
    /// Takes up the checkpoint that the store has, and lets the replica stand there. `base`
    /// is a replica that stands there or before.
    pub(super) async fn restore(&mut self, base: Replica, store: &MirrorStore) -> Result<(), RestoreError> {
        self.replica = base;
        let Some(note) = store.recorded().await? else {
            return Ok(());
        };
        let note = UnverifiedCheckpoint::parse(note.as_bytes()).map_err(DamagedError::Checkpoint)?;
        let checkpoint = note.dangerous_checkpoint().clone();
        self.state.restore(note).map_err(DamagedError::State)?;
        replay_stored(&mut self.replica, store, checkpoint.size()).await?;
        self.replica.endorse(&checkpoint).map_err(DamagedError::Endorse)?;
        Ok(())
    }

    /// Replays new entries up to a checkpoint that the log signed, and finds out whether it
    /// may be cosigned. After an error the replica has to be taken from the store again.
    pub(super) fn replay(&mut self, entries: &[FetchedEntry], checkpoint: &Checkpoint) -> Result<(), MirrorError> {
        for entry in entries {
            let number = self.replica.size();
            if let Replayed::Alarm(alarm) = self.replica.push(&entry.leaf, &entry.payload)? {
                tracing::error!(number, %alarm, "the log has an entry that changes nothing");
            }
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

/// Replays stored entries until the replica has this size; gives those that changed nothing.
pub(super) async fn replay_stored(
    replica: &mut Replica,
    store: &MirrorStore,
    size: u64,
) -> Result<Vec<(u64, Alarm)>, RestoreError> {
    let mut alarms = Vec::new();
    while replica.size() < size {
        let entries = store.entries(replica.size(), size).await?;
        if entries.is_empty() {
            return Err(DamagedError::Missing.into());
        }
        for entry in entries {
            let number = replica.size();
            let replayed = replica.push(&entry.leaf, &entry.payload);
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
