use ledger::{EndorseError, Records, ReplayError, Replayed, Replica, TrustPack};
use thiserror::Error;
use tlog::{CheckpointError, HashSource, NodeId, QuorumError, Tile, TileContent, UnverifiedCheckpoint};

use super::summary::{NumberedAlarm, Summary};
use crate::source::{LogSource, SourceError};

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
    mut progress: impl FnMut(u64, u64),
) -> Result<Summary, AuditError> {
    let note = UnverifiedCheckpoint::parse(&source.checkpoint().await?)?;
    let checkpoint = note.verify(pack.policy())?;
    let size = checkpoint.size();
    let mut replica = Replica::new(pack.origin());
    let mut alarms = Vec::new();
    while replica.size() < size {
        for entry in source.entries(replica.size(), size).await? {
            let number = replica.size();
            let replayed = replica.push(&entry.leaf, &entry.payload);
            match replayed.map_err(|source| AuditError::Replay { number, source })? {
                Replayed::Alarm(alarm) => alarms.push(NumberedAlarm { number, alarm }),
                Replayed::Applied(_) => {}
            }
        }
        progress(replica.size(), size);
    }
    replica.endorse(checkpoint.checkpoint())?;
    check_tiles(source, &replica).await?;
    check_pack(&replica, pack)?;
    Ok(Summary::of(&replica, &checkpoint, alarms))
}

/// Readers of proofs rely on the hash tiles, so they have to be those of the entries.
async fn check_tiles(source: &LogSource, replica: &Replica) -> Result<(), AuditError> {
    for level in 0..8 {
        for tile in Tile::grown(TileContent::Hashes { level }, 0, replica.size()) {
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
}
