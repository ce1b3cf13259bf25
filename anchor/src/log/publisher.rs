//! Signs what is committed, has it cosigned, publishes it.

use std::sync::Arc;
use std::time::Instant;

use service::{CancellationToken, Clock};
use tlog::{Checkpoint, LogCheckpoint, Origin, UnixTime, UnverifiedCheckpoint};
use tokio::sync::watch;

use super::cosigner::{Cosigner, Transport};
use super::round::{Asking, Round, RoundError, Until};
use super::{Identity, Pace, Quorum, StartError, Status, StopReason};
use crate::store::{Published, ReadError, Store};

/// Seconds that the clock of this machine may be off before operators are told.
const CLOCK_TOLERANCE: u64 = 60;

/// What the publisher tells, and is told.
pub(super) struct Channels {
    pub(super) committed: watch::Receiver<u64>,
    pub(super) published: watch::Sender<u64>,
    pub(super) status: Arc<watch::Sender<Status>>,
    pub(super) quorum: watch::Sender<Quorum>,
    /// Ends the work.
    pub(super) signing: CancellationToken,
    /// Is cancelled when the log stops itself.
    pub(super) stop: CancellationToken,
}

pub(super) struct Publisher {
    store: Store,
    identity: Identity,
    cosigners: Vec<Arc<Cosigner>>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    channels: Channels,
}

/// What came of trying to publish.
enum Outcome {
    Published(u64),
    NotYet,
}

impl Publisher {
    pub(super) fn new(
        store: Store,
        identity: Identity,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        pace: Pace,
        channels: Channels,
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
            pace,
            channels,
        })
    }

    /// Publishes until the log stops: at once what is newly committed, and what is published
    /// again and again, so that its age stays small.
    pub(super) async fn run(mut self) {
        let mut newest = *self.channels.published.borrow();
        let mut reached = Instant::now();
        loop {
            let outcome = tokio::select! {
                biased;
                () = self.channels.signing.cancelled() => return,
                outcome = self.publish(newest) => outcome,
            };
            let pause = match outcome {
                Ok(Outcome::Published(size)) => {
                    newest = size;
                    reached = Instant::now();
                    self.channels.quorum.send_modify(|quorum| quorum.is_reached = true);
                    self.pace.cosign
                }
                Ok(Outcome::NotYet) => {
                    let is_lost = reached.elapsed() >= self.pace.quorum_lost;
                    self.channels.quorum.send_modify(|quorum| {
                        quorum.missed += 1;
                        quorum.is_reached &= !is_lost;
                    });
                    self.pace.retry
                }
                Err(reason) => {
                    tracing::error!(%reason, "the log stops");
                    self.channels.status.send_replace(Status::Stopped(reason));
                    self.channels.stop.cancel();
                    return;
                }
            };
            let (signing, published) = (self.channels.signing.clone(), pause == self.pace.cosign);
            tokio::select! {
                () = signing.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                // After a round without quorum only time helps.
                moved = self.channels.committed.wait_for(|size| *size > newest), if published => {
                    if moved.is_err() { return }
                }
            }
        }
    }

    async fn publish(&self, known: u64) -> Result<Outcome, StopReason> {
        let checkpoint = match self.sign().await {
            Ok(signed) => signed?,
            Err(error) => return unreadable(&error),
        };
        let size = checkpoint.checkpoint().size();
        let starting = *self.channels.status.borrow() == Status::ReadOnly;
        let asking = Arc::new(Asking {
            transport: Arc::clone(&self.transport),
            store: self.store.clone(),
            checkpoint,
            known,
            until: if starting { Until::AllAnswered } else { Until::Quorum },
        });
        let mut round = Round::new(&self.identity.policy, &self.cosigners);
        match round.run(&asking).await {
            Ok(()) => {}
            Err(RoundError::Stop(reason)) => return Err(reason),
            Err(RoundError::Read(error)) => return unreadable(&error),
        }
        if !round.is_met() {
            tracing::warn!(size, "no quorum");
            return Ok(Outcome::NotYet);
        }
        let rules_out_newer = round.rules_out_newer();
        let released = self.release(round.note(&asking.checkpoint)).await?;
        if !released || (starting && !rules_out_newer) {
            return Ok(Outcome::NotYet);
        }
        self.begin_writing();
        Ok(Outcome::Published(size))
    }

    /// Signs the committed head: never a tree that is not committed, and always with the same
    /// bytes, since Ed25519 draws no random number.
    async fn sign(&self) -> Result<Result<LogCheckpoint, StopReason>, ReadError> {
        let head = self.store.head().await?.ok_or(ReadError::Damaged("head"))?;
        if self.store.frontier(head.size).await?.root() != head.root {
            return Err(ReadError::Damaged("tree"));
        }
        let key = self.identity.signer.verifier_key();
        let checkpoint = Checkpoint::new(Origin::from(key.verifier_key().name()), head.size, head.root);
        let signed = self.identity.signer.sign(&checkpoint).ok().and_then(|line| {
            UnverifiedCheckpoint::new(checkpoint, vec![line])
                .verify_log(std::slice::from_ref(key))
                .ok()
        });
        Ok(signed.ok_or(StopReason::Damaged))
    }

    /// Checks the note as every reader will, stores it and lets receipts go; false where it
    /// cannot be stored now.
    async fn release(&self, note: UnverifiedCheckpoint) -> Result<bool, StopReason> {
        let text = note.to_string().into_bytes();
        let quorate = note.verify(&self.identity.policy).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a checkpoint with quorum does not verify"
            );
            StopReason::Damaged
        })?;
        let now = self.clock.now();
        self.compare_clocks(now, quorate.time());
        let published = Published {
            size: quorate.size(),
            note: text,
            time: now,
        };
        match self.store.publish(&published).await {
            Ok(()) => {
                self.channels.published.send_replace(published.size);
                Ok(true)
            }
            Err(error) => {
                // The disk may be full: the next round publishes the same again.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a checkpoint cannot be stored"
                );
                Ok(false)
            }
        }
    }

    /// Tells operators how far the clock of this machine is from what the quorum signed.
    fn compare_clocks(&self, now: UnixTime, signed: UnixTime) {
        let off = now.abs_diff(signed);
        if off > CLOCK_TOLERANCE {
            tracing::error!(off_s = off, "the clock of this machine is not that of the quorum");
        }
        self.channels.quorum.send_modify(|quorum| quorum.clock_off = off);
    }

    /// The sequencer may have stopped the log in the meantime: that is never taken back.
    fn begin_writing(&self) {
        self.channels.status.send_if_modified(|status| {
            let waiting = *status == Status::ReadOnly;
            if waiting {
                *status = Status::Writing;
            }
            waiting
        });
    }
}

/// A store that does not fit together stops the log. One that cannot be read now, because
/// all its readers are busy for example, is read again in the next round.
fn unreadable(error: &ReadError) -> Result<Outcome, StopReason> {
    tracing::error!(error = error as &dyn std::error::Error, "the store cannot be read");
    match error {
        ReadError::Store(_) => Ok(Outcome::NotYet),
        ReadError::Damaged(_) => Err(StopReason::Damaged),
    }
}
