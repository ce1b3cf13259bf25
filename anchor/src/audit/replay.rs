use ledger::{EndorseError, Landmark, Records, ReplayError, Replayed, Replica, SplitEvidence, TrustPack};
use thiserror::Error;
use tlog::{
    CheckpointError, HashSource, NodeId, QuorumError, Tile, TileContent, UnverifiedCheckpoint, consistency_nodes,
    prove_consistency, verify_consistency,
};

use super::compare::{Comparison, NotOfLogError, compare, signed_by_log};
use super::state::{Run, StateError, StateFile};
use super::summary::{NumberedAlarm, Summary};
use crate::source::{LogSource, SourceError};

/// Who is told how a replay goes on.
pub(crate) trait Watch {
    /// So many entries of how many are done.
    fn progress(&mut self, done: u64, all: u64);

    /// An entry changed the state: its number, and its leaf.
    fn applied(&mut self, _number: u64, _leaf: &[u8]) {}

    /// An entry breaks a rule, and changed nothing: its number, and the rule in words. Told at once, since the run may
    /// end at something that comes later, and the next one goes on behind the entry.
    fn alarm(&mut self, _number: u64, _rule: &str) {}
}

/// Only how far it is.
struct Progress<F>(F);

impl<F: FnMut(u64, u64)> Watch for Progress<F> {
    fn progress(&mut self, done: u64, all: u64) {
        (self.0)(done, all);
    }
}

/// Reads everything and checks everything: quorum of the checkpoint, hash of every entry and
/// payload, every rule of the state function, the map root, every hash tile. `progress` is
/// told how many entries of how many are done.
///
/// # Errors
/// The first thing that does not hold. Entries that break a rule of the ledger are no error
/// here: they change nothing, and are in the summary.
pub async fn audit(
    source: &LogSource,
    pack: &TrustPack,
    progress: impl FnMut(u64, u64),
) -> Result<Summary, AuditError> {
    let mut run = Run::begin(pack);
    run.finish(source, pack, None, &mut Progress(progress)).await
}

/// The same, going on where the state file says, and keeping it: whatever ends this run, a later one goes on from
/// there. What the log shows now is held against what it showed then.
///
/// # Errors
/// As of [`audit`]; [`AuditError::State`] where the file was changed or is of another log, [`AuditError::Split`] where
/// the log shows another history than it did.
pub async fn audit_from(
    source: &LogSource,
    pack: &TrustPack,
    state: &StateFile,
    progress: impl FnMut(u64, u64),
) -> Result<Summary, AuditError> {
    let mut run = state.read(pack)?.unwrap_or_else(|| Run::begin(pack));
    run.finish(source, pack, Some(state), &mut Progress(progress)).await
}

impl Run {
    /// Takes the run to the newest checkpoint of the source.
    pub(crate) async fn finish(
        &mut self,
        source: &LogSource,
        pack: &TrustPack,
        state: Option<&StateFile>,
        watch: &mut impl Watch,
    ) -> Result<Summary, AuditError> {
        let note = UnverifiedCheckpoint::parse(&source.checkpoint().await?)?;
        let checkpoint = note.clone().verify(pack.policy())?;
        self.hold_against(source, pack, &note).await?;
        self.seen = Some(note);
        let replayed = self.replay(source, pack, checkpoint.size(), state, watch).await;
        if replayed.is_ok() {
            self.replica.endorse(checkpoint.checkpoint())?;
        }
        if let Some(state) = state {
            state.write(pack, self)?;
        }
        replayed?;
        check_tiles(source, &self.replica, self.tiles).await?;
        check_pack(&self.replica, pack)?;
        self.tiles = self.replica.size();
        if let Some(state) = state {
            state.write(pack, self)?;
        }
        Ok(Summary::of(&self.replica, &checkpoint, self.alarms.clone()))
    }

    /// What the log showed before has to be a beginning of what it shows now, and the entries replayed too.
    async fn hold_against(
        &self,
        source: &LogSource,
        pack: &TrustPack,
        note: &UnverifiedCheckpoint,
    ) -> Result<(), AuditError> {
        let newer = signed_by_log(note, pack)?;
        if let Some(seen) = &self.seen {
            let seen = signed_by_log(seen, pack)?;
            if newer.size() < seen.size() {
                return Err(self.older(&newer, &seen));
            }
            match compare(source, &seen, &newer).await? {
                Comparison::Consistent => {}
                Comparison::Split(evidence) => return Err(AuditError::Split(evidence)),
                Comparison::NotShown => return Err(AuditError::GrowthNotShown),
            }
        }
        let (done, size) = (self.replica.size(), newer.size());
        if done == 0 {
            return Ok(());
        }
        // An interrupted run has replayed no more than the checkpoint it went for, which is no larger than this one.
        let nodes = consistency_nodes(done, size).unwrap_or_default();
        let hashes = source.hashes(&nodes, size).await?;
        let proof = prove_consistency(done, size, &hashes).map_err(|_| AuditError::GrowthNotShown)?;
        let (root, newer_root) = (self.replica.tree().root(), newer.root().into());
        verify_consistency(done, &root, size, &newer_root, &proof).map_err(|_| AuditError::OtherEntries)
    }

    /// A source that is behind what was seen: with all of that replayed, it is known whether it is the same history.
    fn older(&self, shown: &Landmark, seen: &Landmark) -> AuditError {
        match SplitEvidence::in_tree(shown, seen, self.replica.tree()) {
            Ok(Some(evidence)) => AuditError::Split(Box::new(evidence)),
            _ => AuditError::Older {
                size: shown.size(),
                seen: seen.size(),
            },
        }
    }

    async fn replay(
        &mut self,
        source: &LogSource,
        pack: &TrustPack,
        size: u64,
        state: Option<&StateFile>,
        watch: &mut impl Watch,
    ) -> Result<(), AuditError> {
        watch.progress(self.replica.size(), size);
        while self.replica.size() < size {
            for entry in source.entries(self.replica.size(), size).await? {
                let number = self.replica.size();
                let replayed = self.replica.push(&entry.leaf, &entry.payload);
                match replayed.map_err(|source| AuditError::Replay { number, source })? {
                    Replayed::Alarm(alarm) => {
                        let alarm = alarm.to_string();
                        watch.alarm(number, &alarm);
                        self.alarms.push(NumberedAlarm { number, alarm });
                    }
                    Replayed::Applied(_) => watch.applied(number, &entry.leaf),
                }
            }
            watch.progress(self.replica.size(), size);
            if let Some(state) = state
                && state.is_due()
            {
                state.write(pack, self)?;
            }
        }
        Ok(())
    }
}

/// Readers of proofs rely on the hash tiles, so they have to be those of the entries. Those of `checked` entries were
/// looked at before.
async fn check_tiles(source: &LogSource, replica: &Replica, checked: u64) -> Result<(), AuditError> {
    for level in 0..8 {
        for tile in Tile::grown(TileContent::Hashes { level }, checked, replica.size()) {
            let served = source.tile(tile).await?;
            let hash = |index| {
                replica.tree().hash(NodeId {
                    level: level * 8,
                    index,
                })
            };
            let own = tile.positions().map(hash).collect::<Option<Vec<_>>>();
            let own = own.unwrap_or_default();
            if !served.iter().eq(own.iter().flat_map(|hash| hash.as_bytes())) {
                return Err(AuditError::Tile { path: tile.to_string() });
            }
        }
    }
    Ok(())
}

/// The policy in the log names the trust pack that everybody was given.
fn check_pack(replica: &Replica, pack: &TrustPack) -> Result<(), AuditError> {
    let anchored = replica.policy().map(|state| state.policy.trust_pack.sha256);
    if anchored == Some(pack.sha256()) {
        Ok(())
    } else {
        Err(AuditError::PackNotAnchored)
    }
}

/// The first thing about a log that does not hold.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AuditError {
    /// Something is not there, or not what its name says.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The checkpoint is none.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint has no quorum.
    #[error("checkpoint: {0}")]
    Quorum(#[from] QuorumError),
    /// An entry cannot be replayed.
    #[error("entry {number}: {source}")]
    Replay {
        /// Number of the entry.
        number: u64,
        /// The cause.
        source: ReplayError,
    },
    /// Tree or map are not what the checkpoint says.
    #[error("checkpoint: {0}")]
    Endorse(#[from] EndorseError),
    /// A hash tile is not that of the entries.
    #[error("{path} is not the tile of the entries")]
    Tile {
        /// The tile.
        path: String,
    },
    /// The policy in the log names another trust pack.
    #[error("the log's policy names another trust pack")]
    PackNotAnchored,
    /// The checkpoint is not signed by the log.
    #[error("checkpoint: {0}")]
    NotOfLog(#[from] NotOfLogError),
    /// The state file was changed, is of another log, or cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The log signed two checkpoints that cannot both be true.
    #[error("the log shows another history than it did: two checkpoints of it cannot both be true")]
    Split(Box<SplitEvidence>),
    /// The log's tiles lead from what was seen to nothing that it signed.
    #[error("the log does not show that it only grew: its hash tiles are not those of its checkpoint")]
    GrowthNotShown,
    /// The log serves fewer entries than it did, and not another history as far as is known.
    #[error("the log shows {size} entries, and showed {seen} before")]
    Older {
        /// Entries now.
        size: u64,
        /// Entries seen before.
        seen: u64,
    },
    /// The entries that an interrupted run was given are not those of the checkpoint.
    #[error("the entries replayed so far are not those of the log: begin from scratch")]
    OtherEntries,
}
