//! Has published what is committed, in time.

use std::sync::Arc;
use std::time::Instant;

use service::CancellationToken;
use tokio::sync::watch;

use super::publishing::{Publishing, RoundOutcome};
use super::{Pace, Quorum, Status, StopReason};
use crate::store::Store;

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
    pub(super) publishing: Publishing<Store>,
    pub(super) pace: Pace,
    pub(super) channels: Channels,
}

/// What came of trying to publish.
enum Outcome {
    Published(u64),
    NotYet,
}

impl Publisher {
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
        let starting = *self.channels.status.borrow() == Status::ReadOnly;
        let outcome = self.publishing.publish(known, starting).await?;
        let RoundOutcome {
            published,
            clock_off,
            is_complete,
        } = outcome;
        if let Some(off) = clock_off {
            self.tell_clock(off);
        }
        // From here on receipts may leave.
        let Some(size) = published else {
            return Ok(Outcome::NotYet);
        };
        self.channels.published.send_replace(size);
        if !is_complete {
            return Ok(Outcome::NotYet);
        }
        self.begin_writing();
        Ok(Outcome::Published(size))
    }

    /// Tells operators how far the clock of this machine is from what the quorum signed.
    fn tell_clock(&self, off: u64) {
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
