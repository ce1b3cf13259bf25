//! Hashes what is committed again, day by day. What is not as it was committed ends the signing.

use std::sync::Arc;
use std::time::Duration;

use service::CancellationToken;
use tokio::sync::watch;

use super::{Scrub, Status, StopReason};
use crate::scrub::{rest, until_altered};
use crate::store::{ReadError, Store};

struct Scrubber {
    store: Store,
    status: Arc<watch::Sender<Status>>,
    scrub: watch::Sender<Scrub>,
    signing: CancellationToken,
}

/// Passes over the store until `signing` is cancelled, and cancels it where what is stored has changed: that ends
/// sequencer and publisher, and readers are answered as before.
pub(super) fn spawn(
    store: Store,
    every: Duration,
    status: Arc<watch::Sender<Status>>,
    signing: CancellationToken,
) -> watch::Receiver<Scrub> {
    let (scrub, found) = watch::channel(Scrub::default());
    let scrubber = Scrubber {
        store,
        status,
        scrub,
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
            self.stop(part);
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
