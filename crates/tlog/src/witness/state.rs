use std::collections::BTreeMap;

use thiserror::Error;

use super::AddCheckpoint;
use crate::{
    ConsistencyError, Cosigner, Hash, LogCheckpoint, LogKey, NoteSignatureError, Origin, SignError, SignatureLine,
    UnixTime, UnverifiedCheckpoint, verify_consistency,
};

/// What a witness knows: the logs it cosigns, and of each the newest checkpoint recorded.
///
/// One request goes through three types, so that no cosignature leaves before its
/// checkpoint is durable: [`WitnessState::check`] gives [`ToPersist`]; after writing that,
/// [`WitnessState::record`] gives [`Recorded`], which alone can be cosigned. Hold one lock
/// from `check` to `record`, or write with compare-and-swap on
/// [`ToPersist::previous_size`]: else a smaller tree could replace a larger one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WitnessState {
    logs: BTreeMap<Origin, WitnessedLog>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct WitnessedLog {
    keys: Vec<LogKey>,
    newest: Option<LogCheckpoint>,
}

impl WitnessedLog {
    /// Before the first cosignature that is the empty tree.
    fn head(&self) -> (u64, Hash) {
        self.newest.as_ref().map_or((0, Hash::EMPTY_TREE), |newest| {
            (newest.checkpoint().size(), *newest.checkpoint().root())
        })
    }
}

impl WitnessState {
    /// Starts with these logs and nothing recorded. Several keys with one name are keys of
    /// one log.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = LogKey>) -> Self {
        let mut logs: BTreeMap<Origin, WitnessedLog> = BTreeMap::new();
        for key in keys {
            let origin = Origin::from(key.verifier_key().name());
            let log = logs.entry(origin).or_insert_with(|| WitnessedLog {
                keys: Vec::new(),
                newest: None,
            });
            log.keys.push(key);
        }
        Self { logs }
    }

    /// Takes up a checkpoint that was persisted earlier: its signature is checked again.
    ///
    /// # Errors
    /// When it is of no known log or not signed by it: then the file is not this witness's.
    pub fn restore(&mut self, note: UnverifiedCheckpoint) -> Result<(), WitnessStateError> {
        let log = self.logs.get_mut(note.dangerous_checkpoint().origin());
        let log = log.ok_or(WitnessStateError::UnknownOrigin)?;
        log.newest = Some(note.verify_log(&log.keys)?);
        Ok(())
    }

    /// The newest checkpoint recorded of a log.
    #[must_use]
    pub fn newest(&self, origin: &Origin) -> Option<&LogCheckpoint> {
        self.logs.get(origin)?.newest.as_ref()
    }

    /// The logs that this witness cosigns.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.logs.keys()
    }

    /// Decides on a request; changes nothing. tlog-witness, "add-checkpoint"
    ///
    /// # Errors
    /// One variant for each answer that is not 200.
    pub fn check(&self, request: AddCheckpoint) -> Result<ToPersist, Refusal> {
        let log = self.logs.get(request.checkpoint.dangerous_checkpoint().origin());
        let log = log.ok_or(Refusal::UnknownOrigin)?;
        let checkpoint = request.checkpoint.verify_log(&log.keys)?;
        let (size, root) = log.head();
        let (new_size, new_root) = (checkpoint.checkpoint().size(), checkpoint.checkpoint().root());
        if request.old_size > new_size {
            return Err(Refusal::OldSizeAboveCheckpoint);
        }
        if request.old_size != size {
            return Err(Refusal::Conflict { size });
        }
        match verify_consistency(size, &root, new_size, new_root, &request.proof) {
            Ok(()) => Ok(ToPersist {
                checkpoint,
                previous_size: size,
            }),
            Err(source) => {
                let refused = Box::new(checkpoint);
                Err(match source {
                    ConsistencyError::RootsDiffer => Refusal::RootsDiffer { refused },
                    source => Refusal::Proof { source, refused },
                })
            }
        }
    }

    /// Takes over what has been written to durable storage.
    ///
    /// # Errors
    /// [`StateMoved`] when another request was recorded since `check`.
    pub fn record(&mut self, persisted: ToPersist) -> Result<Recorded, StateMoved> {
        let ToPersist {
            checkpoint,
            previous_size,
        } = persisted;
        let log = self.logs.get_mut(checkpoint.checkpoint().origin()).ok_or(StateMoved)?;
        if log.head().0 != previous_size {
            return Err(StateMoved);
        }
        log.newest = Some(checkpoint.clone());
        Ok(Recorded { checkpoint })
    }
}

/// A request that passed all checks. It has to be durable before it can be cosigned.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub struct ToPersist {
    checkpoint: LogCheckpoint,
    previous_size: u64,
}

impl ToPersist {
    /// The checkpoint to write, with the log's signature.
    #[must_use]
    pub fn checkpoint(&self) -> &LogCheckpoint {
        &self.checkpoint
    }

    /// The size that the stored checkpoint must still have when this one replaces it.
    #[must_use]
    pub fn previous_size(&self) -> u64 {
        self.previous_size
    }
}

/// A checkpoint that is durable, and so may be cosigned.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub struct Recorded {
    checkpoint: LogCheckpoint,
}

impl Recorded {
    /// The checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> &LogCheckpoint {
        &self.checkpoint
    }

    /// Cosigns: the line is the body of the 200 response.
    ///
    /// # Errors
    /// When the time is out of range or the library fails.
    pub fn cosign(&self, cosigner: &Cosigner, now: UnixTime) -> Result<SignatureLine, SignError> {
        cosigner.cosign(self.checkpoint.checkpoint(), now)
    }
}

/// Another request was recorded in between; check this one again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the recorded checkpoint is not the one that was checked against")]
pub struct StateMoved;

/// Why a stored checkpoint cannot be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WitnessStateError {
    /// The log is not configured.
    #[error("a stored checkpoint is of an unknown log")]
    UnknownOrigin,
    /// The log has not signed it.
    #[error(transparent)]
    Signature(#[from] NoteSignatureError),
}

/// Why a witness does not cosign. tlog-witness, "add-checkpoint"
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// 404: the witness does not know the log.
    #[error("unknown log")]
    UnknownOrigin,
    /// 403: no signature of the log, or one that does not verify.
    #[error(transparent)]
    Signature(#[from] NoteSignatureError),
    /// 400: the old size is above the checkpoint's.
    #[error("the old size is above the checkpoint's size")]
    OldSizeAboveCheckpoint,
    /// 409: the old size is not that of the newest checkpoint recorded.
    #[error("the newest checkpoint recorded has size {size}")]
    Conflict {
        /// The size recorded: the response's body.
        size: u64,
    },
    /// 422: the consistency proof does not verify. The log's signature did, so the
    /// checkpoint is kept: it may be evidence.
    #[error("{source}")]
    Proof {
        /// What is wrong with the proof.
        source: ConsistencyError,
        /// What the log signed.
        refused: Box<LogCheckpoint>,
    },
    /// 422: the same size with another root, both signed by the log: two faces.
    #[error("the log signed two roots for one size")]
    RootsDiffer {
        /// What the log signed.
        refused: Box<LogCheckpoint>,
    },
}

impl Refusal {
    /// The HTTP status of the response.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::UnknownOrigin => 404,
            Self::Signature(_) => 403,
            Self::OldSizeAboveCheckpoint => 400,
            Self::Conflict { .. } => 409,
            Self::Proof { .. } | Self::RootsDiffer { .. } => 422,
        }
    }

    /// A checkpoint that the log signed and nobody may cosign: to be kept.
    #[must_use]
    pub fn evidence(&self) -> Option<&LogCheckpoint> {
        match self {
            Self::Proof { refused, .. } | Self::RootsDiffer { refused } => Some(refused),
            _ => None,
        }
    }
}
