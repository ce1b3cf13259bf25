//! The timer: when what is read, with jitter.

use std::time::{Duration, Instant};

use service::{CancellationToken, Condition};

use super::{RefreshError, Refresher, jitter};

impl Refresher {
    /// One round over everything, as far as it can be read.
    pub async fn round(&self) {
        self.report(self.refresh_anchors());
        self.report(self.refresh_ledger().await);
        self.report(self.refresh_registrars().await);
        self.report(self.refresh_businesses().await);
        self.report(self.refresh_landmarks().await);
        self.report(self.refresh_issuers().await);
        self.report(self.refresh_types().await);
        self.report(self.refresh_lists().await);
    }

    /// Runs until stopped. The service is ready once the accredited
    /// organisations are known, however old what is known may be.
    pub async fn run(&self, ready: Condition, stop: CancellationToken) {
        self.round().await;
        ready.set(self.trust.view().accredited_at().is_some());
        tokio::join!(
            self.keep_ledger(&ready, stop.clone()),
            self.keep_issuers(stop.clone()),
            self.keep_lists(stop)
        );
    }

    async fn keep_ledger(&self, ready: &Condition, stop: CancellationToken) {
        while self
            .pause_unless(self.trust.wanted(), self.watch.schedule.ledger, &stop)
            .await
        {
            self.report(self.refresh_anchors());
            self.report(self.refresh_ledger().await);
            self.report(self.refresh_registrars().await);
            self.report(self.refresh_businesses().await);
            self.report(self.refresh_landmarks().await);
            ready.set(self.trust.view().accredited_at().is_some());
        }
    }

    /// Beside the ledger, which slow issuers do not hold up.
    async fn keep_issuers(&self, stop: CancellationToken) {
        while self.pause(self.watch.schedule.ledger, &stop).await {
            self.report(self.refresh_issuers().await);
            self.report(self.refresh_types().await);
        }
    }

    /// All lists when it is their time, and in between those that are newly wanted, which neither has the others fetched
    /// again nor puts their time off.
    async fn keep_lists(&self, stop: CancellationToken) {
        let mut round = Instant::now();
        loop {
            let rest = self.list_pause().saturating_sub(round.elapsed());
            let read = tokio::select! {
                () = self.trust.lists_wanted() => self.refresh_new_lists().await,
                waited = self.pause(rest, &stop) => {
                    if !waited {
                        return;
                    }
                    let read = self.refresh_lists().await;
                    round = Instant::now();
                    read
                }
            };
            self.report(read);
        }
    }

    /// False when it is time to stop.
    async fn pause(&self, time: Duration, stop: &CancellationToken) -> bool {
        tokio::select! {
            () = stop.cancelled() => false,
            () = tokio::time::sleep(jitter(time)) => true,
        }
    }

    /// The same, and shorter where somebody wants that.
    async fn pause_unless(&self, wanted: impl Future<Output = ()>, time: Duration, stop: &CancellationToken) -> bool {
        tokio::select! {
            waited = self.pause(time, stop) => waited,
            () = wanted => true,
        }
    }

    fn report(&self, outcome: Result<(), RefreshError>) {
        if let Err(error) = outcome {
            tracing::warn!(%error, "refresh failed");
        }
    }
}
