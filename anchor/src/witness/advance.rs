//! What a witness does with a request, apart from who waits for whom: check, persist, record, cosign.

use std::future::Future;
use std::sync::Arc;

use service::{Clock, Counter, Metrics};
use tlog::{
    AddCheckpoint, Cosigner, CosignerKey, LogCheckpoint, LogKey, Refusal, SignatureLine, UnixTime,
    UnverifiedCheckpoint, WitnessState,
};

use super::{StartError, WitnessError};

/// What a witness keeps. [`WitnessStore`](super::WitnessStore) is the one that witnesses run on; a simulated disk is
/// another. What was written is durable when a method returns.
pub trait WitnessRecords: Send + Sync {
    /// The notes recorded, one for each log.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn newest(&self) -> impl Future<Output = Result<Vec<String>, sqlx::Error>> + Send;

    /// Replaces the checkpoint of a log, if it still has the previous size; says whether it was replaced.
    ///
    /// # Errors
    /// When the store cannot be written. It may be there all the same.
    fn replace(
        &self,
        checkpoint: &LogCheckpoint,
        previous_size: u64,
    ) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;

    /// Keeps what monitors may ask for: the checkpoint with the cosignature.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_cosigned(
        &self,
        checkpoint: &LogCheckpoint,
        cosignature: &SignatureLine,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Keeps a checkpoint that the log signed and the witness refused, beside the one recorded.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_evidence(
        &self,
        refused: &LogCheckpoint,
        recorded: Option<&LogCheckpoint>,
        reason: &str,
        now: UnixTime,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

/// The rules of a witness over what it keeps. One request at a time has the state, from check to record.
pub struct Cosigning<R> {
    store: R,
    cosigner: Cosigner,
    clock: Arc<dyn Clock>,
    cosigned: Counter,
    refused: Counter,
    evidence: Counter,
}

impl<R: WitnessRecords> Cosigning<R> {
    /// A witness with this key.
    #[must_use]
    pub fn new(store: R, cosigner: Cosigner, clock: Arc<dyn Clock>, metrics: &Metrics) -> Self {
        Self {
            store,
            cosigner,
            clock,
            cosigned: metrics.counter("witness_cosigned", "Checkpoints cosigned"),
            refused: metrics.counter("witness_refused", "Checkpoints refused"),
            evidence: metrics.counter(
                "witness_evidence",
                "Signed checkpoints that may be evidence against a log",
            ),
        }
    }

    /// The state that the store holds, of logs with these keys.
    ///
    /// # Errors
    /// When the store holds a checkpoint that none of these logs has signed.
    pub async fn load(&self, keys: Vec<LogKey>) -> Result<WitnessState, StartError> {
        let mut state = WitnessState::new(keys);
        for note in self.store.newest().await? {
            state.restore(UnverifiedCheckpoint::parse(note.as_bytes())?)?;
        }
        Ok(state)
    }

    /// The witness's public key.
    #[must_use]
    pub fn verifier_key(&self) -> &CosignerKey {
        self.cosigner.verifier_key()
    }

    /// What the witness keeps.
    #[must_use]
    pub fn store(&self) -> &R {
        &self.store
    }

    /// Check, persist, record, cosign; in this order.
    ///
    /// # Errors
    /// [`WitnessError`]; nothing was cosigned.
    pub async fn advance(
        &self,
        state: &mut WitnessState,
        request: AddCheckpoint,
    ) -> Result<SignatureLine, WitnessError> {
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
