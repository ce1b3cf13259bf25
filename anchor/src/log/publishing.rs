//! One round of publishing: sign what is committed, have it cosigned, store it. Nothing here waits for anything but the
//! store and the cosigners; when to begin a round is for the task around it.

use std::sync::Arc;

use service::Clock;
use service::store::is_not_synced;
use tlog::{Checkpoint, LogCheckpoint, Origin, UnverifiedCheckpoint};

use super::cosigner::{Cosigner, Transport};
use super::round::{Asking, Round, RoundError, Until};
use super::{Identity, Pace, StartError, StopReason};
use crate::store::{LogStore, Published, ReadError};

/// Signs, has cosigned and publishes the tree of a store.
pub struct Publishing<S> {
    store: S,
    identity: Identity,
    cosigners: Vec<Arc<Cosigner>>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
}

/// What a round of publishing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundOutcome {
    /// The size that is published now, where one was.
    pub published: Option<u64>,
    /// Seconds between the clock of this machine and the time that the quorum signed.
    pub clock_off: Option<u64>,
    /// Whether the round did what it was for: published, and at start also ruled out that anybody knows of a newer tree.
    pub is_complete: bool,
}

impl<S: LogStore> Publishing<S> {
    /// Publishing by the quorum of an identity.
    ///
    /// # Errors
    /// [`StartError::CosignerUrl`]
    pub fn new(
        store: S,
        identity: Identity,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        pace: &Pace,
    ) -> Result<Self, StartError> {
        let mut cosigners = Vec::new();
        for witness in identity.policy.witnesses() {
            let key = witness.key().clone();
            let is_mirror = identity.mirrors.contains(&key.to_string());
            let patience = if is_mirror { pace.mirror } else { pace.witness };
            let unusable = || StartError::CosignerUrl(key.verifier_key().name().to_string());
            let url = witness.url().ok_or_else(unusable)?;
            let cosigner = Cosigner::new(key.clone(), url, is_mirror, patience).ok_or_else(unusable)?;
            cosigners.push(Arc::new(cosigner));
        }
        Ok(Self {
            store,
            identity,
            cosigners,
            transport,
            clock,
        })
    }

    /// One round: signs the committed head, asks mirrors and then witnesses, and publishes once the quorum is reached.
    /// `known` is the size that cosigners are thought to have. A log that is `starting` waits for all answers, because
    /// it may write only when too few are left to know of a newer tree.
    ///
    /// # Errors
    /// [`StopReason`] where the log has to stop. Whatever may be better next time is an outcome that is not complete.
    pub async fn publish(&self, known: u64, starting: bool) -> Result<RoundOutcome, StopReason> {
        let checkpoint = match self.sign().await {
            Ok(signed) => signed?,
            Err(error) => return unreadable(&error),
        };
        let size = checkpoint.checkpoint().size();
        let asking = Asking {
            transport: &*self.transport,
            store: &self.store,
            checkpoint,
            known,
            until: if starting { Until::AllAnswered } else { Until::Quorum },
        };
        let mut round = Round::new(&self.identity.policy, &self.cosigners);
        match round.run(&asking).await {
            Ok(()) => {}
            Err(RoundError::Stop(reason)) => return Err(reason),
            Err(RoundError::Read(error)) => return unreadable(&error),
        }
        if !round.is_met() {
            tracing::warn!(size, "no quorum");
            return Ok(RoundOutcome::default());
        }
        let rules_out_newer = round.rules_out_newer();
        let mut outcome = self.release(round.note(&asking.checkpoint)).await?;
        outcome.is_complete = outcome.published.is_some() && (!starting || rules_out_newer);
        Ok(outcome)
    }

    /// Signs the committed head with every key that counts: never a tree that is not committed, and always with the
    /// same bytes, since Ed25519 draws no random number.
    async fn sign(&self) -> Result<Result<LogCheckpoint, StopReason>, ReadError> {
        let head = self.store.head().await?.ok_or(ReadError::Damaged("head"))?;
        if self.store.frontier(head.size).await?.root() != head.root {
            return Err(ReadError::Damaged("tree"));
        }
        let keys = &self.identity.keys;
        let origin = Origin::from(keys.newest().verifier_key().name());
        let signed = keys.sign(Checkpoint::new(origin, head.size, head.root), self.clock.now());
        Ok(signed.ok_or(StopReason::Damaged))
    }

    /// Checks the note as every reader will, and stores it; nothing is published where it cannot be stored now.
    async fn release(&self, note: UnverifiedCheckpoint) -> Result<RoundOutcome, StopReason> {
        let text = note.to_string().into_bytes();
        let quorate = note.verify(&self.identity.policy).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a checkpoint with quorum does not verify"
            );
            StopReason::Damaged
        })?;
        let now = self.clock.now();
        let published = Published {
            size: quorate.size(),
            note: text,
            time: now,
        };
        let stored = self.store.publish(&published).await;
        if let Err(error) = &stored {
            tracing::error!(error = error as &dyn std::error::Error, "a checkpoint cannot be stored");
            if matches!(error, ReadError::Store(error) if is_not_synced(error)) {
                return Err(StopReason::NotSynced);
            }
            // The disk may be full: the next round publishes the same again.
        }
        Ok(RoundOutcome {
            published: stored.is_ok().then_some(published.size),
            clock_off: Some(now.abs_diff(quorate.time())),
            is_complete: false,
        })
    }
}

/// A store that does not fit together stops the log. One that cannot be read now, because
/// all its readers are busy for example, is read again in the next round.
fn unreadable(error: &ReadError) -> Result<RoundOutcome, StopReason> {
    tracing::error!(error = error as &dyn std::error::Error, "the store cannot be read");
    match error {
        ReadError::Store(_) => Ok(RoundOutcome::default()),
        ReadError::Damaged(_) => Err(StopReason::Damaged),
    }
}
