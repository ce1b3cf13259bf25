use std::sync::Arc;

use service::store::StoreError;
use service::{Clock, Counter, Metrics};
use thiserror::Error;
use tlog::{
    AddCheckpoint, CheckpointError, Cosigner, CosignerKey, LogKey, Origin, Refusal, SignError, SignatureLine,
    UnverifiedCheckpoint, VerifierKeyError, WitnessState, WitnessStateError,
};
use tokio::sync::{Mutex, Semaphore};

use super::store::WitnessStore;
use crate::cosigner::{KeyFileError, MOST_WAITING};

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
    store: WitnessStore,
    cosigner: Cosigner,
    clock: Arc<dyn Clock>,
    cosigned: Counter,
    refused: Counter,
    evidence: Counter,
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
        let mut state = WitnessState::new(keys?);
        for note in store.newest().await? {
            state.restore(UnverifiedCheckpoint::parse(note.as_bytes())?)?;
        }
        let inner = Inner {
            state: Mutex::new(state),
            turns: Arc::new(Semaphore::new(MOST_WAITING)),
            store,
            cosigner,
            clock,
            cosigned: metrics.counter("witness_cosigned", "Checkpoints cosigned"),
            refused: metrics.counter("witness_refused", "Checkpoints refused"),
            evidence: metrics.counter(
                "witness_evidence",
                "Signed checkpoints that may be evidence against a log",
            ),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The witness's public key.
    #[must_use]
    pub fn verifier_key(&self) -> &CosignerKey {
        self.inner.cosigner.verifier_key()
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
            inner.advance(&mut state, request).await
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
            Some(origin) => Ok(self.inner.store.cosigned(origin.as_str()).await?),
            None => Ok(None),
        }
    }
}

impl Inner {
    /// Check, persist, record, cosign; in this order.
    async fn advance(&self, state: &mut WitnessState, request: AddCheckpoint) -> Result<SignatureLine, WitnessError> {
        let to_persist = match state.check(request) {
            Ok(to_persist) => to_persist,
            Err(refusal) => {
                self.keep(state, &refusal).await?;
                return Err(WitnessError::Refused(refusal));
            }
        };
        let (checkpoint, previous) = (to_persist.checkpoint(), to_persist.previous_size());
        match self.store.replace(checkpoint, previous).await {
            Ok(true) => {}
            // The store alone knows whether a write that failed was done after all.
            Ok(false) => {
                self.reload(state).await?;
                return Err(WitnessError::StoreMoved);
            }
            Err(error) => {
                self.reload(state).await?;
                return Err(error.into());
            }
        }
        let recorded = state.record(to_persist).map_err(|_| WitnessError::StoreMoved)?;
        let line = recorded.cosign(&self.cosigner, self.clock.now())?;
        self.store.keep_cosigned(recorded.checkpoint(), &line).await?;
        self.cosigned.inc();
        Ok(line)
    }

    async fn reload(&self, state: &mut WitnessState) -> Result<(), WitnessError> {
        for note in self.store.newest().await? {
            let note = UnverifiedCheckpoint::parse(note.as_bytes()).map_err(|_| WitnessError::StoreMoved)?;
            state.restore(note).map_err(|_| WitnessError::StoreMoved)?;
        }
        Ok(())
    }

    /// Counts a refusal, and keeps what the log should not have signed.
    async fn keep(&self, state: &WitnessState, refusal: &Refusal) -> Result<(), sqlx::Error> {
        self.refused.inc();
        let Some(refused) = refusal.evidence() else {
            return Ok(());
        };
        let origin = refused.checkpoint().origin();
        tracing::error!(%origin, size = refused.checkpoint().size(), %refusal, "a signed checkpoint is not consistent");
        self.evidence.inc();
        let reason = refusal.to_string();
        self.store
            .keep_evidence(refused, state.newest(origin), &reason, self.clock.now())
            .await
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
