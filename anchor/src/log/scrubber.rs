//! Reads all of the store again, day by day. What is not as it was committed ends the signing, and nothing is mended:
//! which copy is right is for people to find out. Catalogue K8

use std::sync::Arc;
use std::time::Duration;

use service::CancellationToken;
use tokio::sync::watch;

use super::{Scrub, Status, StopReason};
use crate::store::{ReadError, Store};

/// Rest between two portions, so that entries and readers come first.
const REST: Duration = Duration::from_millis(10);
/// Pause after a pass that could not be ended because the store could not be read.
const RETRY: Duration = Duration::from_secs(60);
/// SQLITE_CORRUPT, which is the low byte of its extended codes too.
const SQLITE_CORRUPT: u32 = 11;

struct Scrubber {
    store: Store,
    every: Duration,
    status: Arc<watch::Sender<Status>>,
    scrub: watch::Sender<Scrub>,
    signing: CancellationToken,
}

/// Passes over the store until `signing` is cancelled, and cancels it where what is stored has changed: that ends
/// sequencer and publisher, and readers are answered as before. The first pass begins at once.
pub(super) fn spawn(
    store: Store,
    every: Duration,
    status: Arc<watch::Sender<Status>>,
    signing: CancellationToken,
) -> watch::Receiver<Scrub> {
    let (scrub, found) = watch::channel(Scrub::default());
    let scrubber = Scrubber {
        store,
        every,
        status,
        scrub,
        signing,
    };
    tokio::spawn(scrubber.run());
    found
}

impl Scrubber {
    async fn run(self) {
        let signing = self.signing.clone();
        loop {
            let passed = tokio::select! {
                () = signing.cancelled() => return,
                passed = self.pass() => passed,
            };
            let pause = match passed {
                Ok(()) => {
                    self.scrub.send_modify(|scrub| scrub.passes += 1);
                    self.every
                }
                Err(error) => {
                    if let Some(part) = damaged(&error) {
                        self.stop(part);
                        return;
                    }
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the store cannot be scrubbed now"
                    );
                    self.every.min(RETRY)
                }
            };
            tokio::select! {
                () = signing.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn pass(&self) -> Result<(), ReadError> {
        let mut pass = self.store.begin_pass().await?;
        while self.store.hash_again(&mut pass).await? {
            tokio::time::sleep(REST).await;
        }
        Ok(())
    }

    /// A reason that the log stopped for already is kept.
    fn stop(&self, part: &'static str) {
        let reason = StopReason::Altered { part };
        tracing::error!(%reason, "the log signs no more");
        self.scrub.send_modify(|scrub| scrub.mismatches += 1);
        self.status.send_if_modified(|status| {
            let runs = !matches!(status, Status::Stopped(_));
            if runs {
                *status = Status::Stopped(reason);
            }
            runs
        });
        self.signing.cancel();
    }
}

/// What of the store is not as it was committed. That it cannot be read at this moment says nothing.
fn damaged(error: &ReadError) -> Option<&'static str> {
    match error {
        ReadError::Damaged(part) => Some(*part),
        ReadError::Store(sqlx::Error::Database(cause)) => {
            let code = cause.code()?.parse::<u32>().ok()?;
            (code & 0xff == SQLITE_CORRUPT).then_some("pages")
        }
        ReadError::Store(_) => None,
    }
}
