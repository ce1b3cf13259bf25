//! Hashes what is committed again, day by day. What is not as it was committed ends the signing.

use std::sync::Arc;
use std::time::Duration;

use service::{CancellationToken, Clock};
use tokio::sync::watch;

use super::{Scrub, Status, StopReason};
use crate::scrub::{rest, until_altered};
use crate::store::{ReadError, Store};

struct Scrubber {
    store: Store,
    status: Arc<watch::Sender<Status>>,
    scrub: watch::Sender<Scrub>,
    clock: Arc<dyn Clock>,
    signing: CancellationToken,
}

/// Passes over the store until `signing` is cancelled, and cancels it where what is stored has changed: that ends
/// sequencer and publisher, and readers are answered as before. The store keeps that it was so.
pub(super) fn spawn(
    store: Store,
    every: Duration,
    status: Arc<watch::Sender<Status>>,
    clock: Arc<dyn Clock>,
    signing: CancellationToken,
) -> watch::Receiver<Scrub> {
    let (scrub, found) = watch::channel(Scrub::default());
    let scrubber = Scrubber {
        store,
        status,
        scrub,
        clock,
        signing,
    };
    tokio::spawn(scrubber.run(every));
    found
}

impl Scrubber {
    async fn run(self, every: Duration) {
        let passed = || self.scrub.send_modify(|scrub| scrub.passes += 1);
        let unread = || self.scrub.send_modify(|scrub| scrub.unread += 1);
        if let Some(part) = until_altered(|| self.pass(), passed, unread, every, &self.signing).await {
            self.stop(part).await;
        }
    }

    async fn pass(&self) -> Result<(), ReadError> {
        let mut pass = self.store.begin_pass().await?;
        let mut unread = None;
        while pass.has_more() {
            let passed_over = self.store.hash_again(&mut pass).await?;
            unread = unread.or(passed_over);
            rest().await;
        }
        unread.map_or(Ok(()), Err)
    }

    /// A reason that the log stopped for already is kept. Nothing is signed any more before anybody is told; and once
    /// somebody is, the next start knows too, as far as the store can still be written.
    async fn stop(&self, part: &'static str) {
        self.signing.cancel();
        let reason = StopReason::Altered { part: part.to_owned() };
        tracing::error!(%reason, "the log signs no more");
        if let Err(error) = self.store.note_altered(part, self.clock.now()).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the store does not keep that it was altered");
        }
        self.scrub.send_modify(|scrub| scrub.mismatches += 1);
        self.status.send_if_modified(|status| {
            let runs = !matches!(status, Status::Stopped(_));
            if runs {
                *status = Status::Stopped(reason);
            }
            runs
        });
    }
}
