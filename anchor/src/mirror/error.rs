use ledger::{EndorseError, LandmarkError, ReplayError, ReplicaBundleError, ReplicaLandmarkError};
use service::store::StoreError;
use thiserror::Error;
use tlog::{CheckpointError, MakeProofError, QuorumError, Refusal, SignError, WitnessStateError};

use crate::cosigner::KeyFileError;
use crate::source::SourceError;

/// Why a mirror does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The key file is missing, readable by others, or no cosigner's key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] StoreError),
    /// What is stored is not what was stored, or is of another log.
    #[error("the stored copy of the log is damaged: {0}")]
    Damaged(#[from] DamagedError),
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[from] sqlx::Error),
}

/// Why stored entries and checkpoints do not fit together.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DamagedError {
    /// A stored note is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The recorded checkpoint is not this log's.
    #[error(transparent)]
    State(#[from] WitnessStateError),
    /// The published checkpoint has no quorum.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
    /// The stored entries cannot be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The stored entries are not those of a stored checkpoint.
    #[error(transparent)]
    Endorse(#[from] EndorseError),
    /// Entries are missing.
    #[error("entries are missing")]
    Missing,
    /// The stored entries are not those that were replayed.
    #[error("stored entries have changed")]
    Altered,
}

/// Why there is no cosignature, or nothing to serve.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// The request breaks a rule of the protocol.
    #[error(transparent)]
    Refused(Refusal),
    /// Too many requests wait for their turn.
    #[error("too many requests wait")]
    Busy,
    /// Entries or payloads cannot be fetched: try again.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The entries that the log serves are not those of the checkpoint that it signed.
    #[error("the entries are not those of the signed checkpoint")]
    EntriesDiffer,
    /// The log commits to something that its entries do not say.
    #[error(transparent)]
    NotEndorsed(#[from] EndorseError),
    /// A checkpoint of the log is none.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The log's published checkpoint has no quorum.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
    /// The log published a checkpoint that contradicts what this mirror holds.
    #[error("the published checkpoint contradicts what was mirrored")]
    Contradiction,
    /// The replica cannot go on.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The stored copy is damaged.
    #[error(transparent)]
    Damaged(#[from] DamagedError),
    /// The mirror's own tree lacks a hash.
    #[error(transparent)]
    Tree(#[from] MakeProofError),
    /// A bundle cannot be made.
    #[error(transparent)]
    Bundle(#[from] ReplicaBundleError),
    /// The store holds another checkpoint than memory: somebody else writes to it.
    #[error("the store was changed by somebody else")]
    StoreMoved,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The task that replays ended early.
    #[error("the replay ended early")]
    Stopped,
}

/// Why a landmark of the log is not taken over.
#[derive(Debug, Error)]
pub(super) enum LandmarkFailure {
    /// The log or the store cannot be read, or the stored copy is damaged.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// It is none of this log.
    #[error(transparent)]
    Landmark(#[from] LandmarkError),
    /// It comes without cosignatures.
    #[error("the landmark has no cosignatures")]
    NoQuorum,
    /// No file can be made of it.
    #[error(transparent)]
    File(#[from] ReplicaLandmarkError),
    /// Its hour has another landmark here.
    #[error("the landmark of an hour has changed")]
    Changed,
    /// The log lists none of the newest hour.
    #[error("the log lists no landmark of the newest hour")]
    NotListed,
}
