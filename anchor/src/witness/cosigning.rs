use std::sync::Arc;

use service::store::StoreError;
use service::{Clock, Metrics};
use thiserror::Error;
use tlog::{
    AddCheckpoint, CheckpointError, Cosigner, CosignerKey, LogKey, Origin, Refusal, SignError, SignatureLine,
    VerifierKeyError, WitnessState, WitnessStateError,
};
use tokio::sync::{Mutex, Semaphore};

use super::advance::Cosigning;
use super::store::WitnessStore;
use crate::cosigner::{Disk, KeyFileError, MOST_WAITING};

/// A running witness. Cheap to clone.
#[derive(Clone)]
pub struct Witness {
    inner: Arc<Inner>,
}

struct Inner {
    /// One request at a time goes from check to record, so that a smaller tree can never
    /// replace a larger one.
    state: Mutex<WitnessState>,
    /// How many requests may wait for that.
    turns: Arc<Semaphore>,
    cosigning: Cosigning<WitnessStore>,
    disk: Disk,
}

impl Witness {
    /// Takes up what the store holds.
    ///
    /// # Errors
    /// When a log key is none, or the store holds a checkpoint that no configured log has
    /// signed: then it is not this witness's store.
    pub async fn start(
        logs: &[String],
        store: WitnessStore,
        cosigner: Cosigner,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Result<Self, StartError> {
        let keys: Result<Vec<LogKey>, _> = logs.iter().map(|key| key.parse()).collect();
        let cosigning = Cosigning::new(store, cosigner, clock, metrics);
        let inner = Inner {
            state: Mutex::new(cosigning.load(keys?).await?),
            turns: Arc::new(Semaphore::new(MOST_WAITING)),
            cosigning,
            disk: Disk::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The witness's public key.
    #[must_use]
    pub fn verifier_key(&self) -> &CosignerKey {
        self.inner.cosigning.verifier_key()
    }

    /// Whether the witness has to end, because its disk does not sync.
    pub(crate) fn disk(&self) -> &Disk {
        &self.inner.disk
    }

    /// Handles a request: when this returns a cosignature, its checkpoint is durable. It goes
    /// on when the caller gives up, so that memory and store never part.
    /// tlog-witness, "add-checkpoint"
    ///
    /// # Errors
    /// [`WitnessError::Refused`] when the request breaks a rule, [`WitnessError::Busy`] when too
    /// many wait; the state is unchanged.
    pub async fn add_checkpoint(&self, request: AddCheckpoint) -> Result<SignatureLine, WitnessError> {
        let inner = Arc::clone(&self.inner);
        let turn = Arc::clone(&inner.turns).try_acquire_owned();
        let turn = turn.map_err(|_| WitnessError::Busy)?;
        let task = tokio::spawn(async move {
            let _turn = turn;
            let mut state = inner.state.lock().await;
            if !inner.disk.syncs() {
                return Err(WitnessError::Stopped);
            }
            let cosigned = inner.cosigning.advance(&mut state, request).await;
            cosigned.inspect_err(|error| {
                if let WitnessError::Store(error) = error {
                    inner.disk.failed(error);
                }
            })
        });
        task.await.map_err(|_| WitnessError::Stopped)?
    }

    /// The newest cosigned checkpoint of the log with this hash (lower-case hex of the
    /// SHA-256 of its origin). tlog-witness, "Monitor Retrieval Mechanism"
    ///
    /// # Errors
    /// When the store fails.
    pub async fn checkpoint(&self, origin_hash: &str) -> Result<Option<String>, WitnessError> {
        let origin = {
            let state = self.inner.state.lock().await;
            let mut origins = state.origins();
            origins.find(|origin| hash_of(origin) == origin_hash).cloned()
        };
        match origin {
            Some(origin) => Ok(self.inner.cosigning.store().cosigned(origin.as_str()).await?),
            None => Ok(None),
        }
    }
}

fn hash_of(origin: &Origin) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(origin.as_str()))
}

/// Why a witness does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The key file is missing, readable by others, or no cosigner's key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// `logs` has something that is no log key.
    #[error("logs: {0}")]
    LogKey(#[from] VerifierKeyError),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] StoreError),
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[from] sqlx::Error),
    /// The store holds no checkpoint where one should be.
    #[error("a stored checkpoint is damaged: {0}")]
    Damaged(#[from] CheckpointError),
    /// The store is of other logs.
    #[error(transparent)]
    State(#[from] WitnessStateError),
}

/// Why there is no cosignature.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The request breaks a rule of the protocol.
    #[error(transparent)]
    Refused(Refusal),
    /// Too many requests wait for their turn.
    #[error("too many requests wait")]
    Busy,
    /// The store holds another checkpoint than memory: somebody else writes to it.
    #[error("the store was changed by somebody else")]
    StoreMoved,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The task that cosigns ended early.
    #[error("the witness ended early")]
    Stopped,
}
