//! What happens without being asked: the ledger is read, snapshots are anchored, old memories are dropped.

use std::time::{Duration, Instant, SystemTime};

use jose::UnixTime;
use ledger::{Family, OrganisationRecord, Part};
use service::{CancellationToken, Condition};
use status_list::Status;

use crate::app::App;
use crate::ledger::{PublicationError, Writer, WriterError};
use crate::status::{SnapshotError, read_snapshot};
use crate::store::status_lists::{self, Copies};
use crate::store::{authorizations, cards, deferred, list_history, offers, refresh_tokens, snapshot, tokens, used};

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_millis(500);
/// How long to wait after the ledger refused or did not answer.
const RETRY: Duration = Duration::from_secs(5);
/// How often a refused request makes the ledger be read again.
const HURRY: Duration = Duration::from_secs(1);
/// How often what has run out is forgotten.
const FORGET: Duration = Duration::from_secs(600);
/// How often it is looked whether the key has to be certified anew.
const CERTIFY: Duration = Duration::from_secs(24 * 3600);
/// How many batches that nobody confirmed are revoked in one transaction.
const SWEEP: u32 = 1_000;

/// Why nothing was anchored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// There is no ledger to publish to.
    #[error("this issuer is not on a ledger")]
    NoLedger,
    /// The ledger.
    #[error(transparent)]
    Writer(#[from] WriterError),
    /// A card type, rule or service.
    #[error(transparent)]
    Publication(#[from] PublicationError),
    /// The lists.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The store.
    #[error("the store cannot be used")]
    Store(#[from] sqlx::Error),
}

impl App {
    /// Anchors the lists as they are now.
    pub async fn publish_snapshot(&self) -> Result<(), PublishError> {
        let client = self.0.ledger.as_ref().ok_or(PublishError::NoLedger)?;
        let signing = self.identity();
        let writer = Writer {
            client,
            signing: &signing,
        };
        let bundle = writer.anchor_log().await?;
        let record = bundle.record().ok_or(WriterError::Unknown)?;
        let not_before = record.status_snapshot().map_or(0, |snapshot| snapshot.time + 1);
        let made = read_snapshot(
            &self.0.store,
            &self.0.tokens,
            &signing,
            &self.0.settings,
            self.now(),
            not_before,
        )
        .await?;
        // Before it is anchored: whoever reads the snapshot can have the lists that it names.
        let mut write = self.0.store.begin().await?;
        list_history::keep(&mut write, made.time, not_before, &made.tokens).await?;
        write.commit().await?;
        writer.anchor_snapshot(record, made.payload).await?;
        let mut write = self.0.store.begin().await?;
        snapshot::published(&mut write, made.time, made.versions).await?;
        write.commit().await?;
        self.0.metrics.snapshots.inc();
        tracing::info!("a status snapshot was anchored");
        Ok(())
    }

    /// Publishes a card type, rule or service of the agency, or the next version of it; its subject. `file` is the
    /// payload as JSON, from which the agency may leave out what is known here. docs/services.md §1
    pub async fn publish(&self, family: Family, file: &[u8]) -> Result<String, PublishError> {
        let client = self.0.ledger.as_ref().ok_or(PublishError::NoLedger)?;
        let signing = self.identity();
        let writer = Writer {
            client,
            signing: &signing,
        };
        Ok(writer.publish(family, file).await?)
    }

    /// Anchors what is not anchored of the DID log, reads the own record, and keeps it. What fails is logged; what
    /// is held stays as it was.
    pub async fn refresh_standing(&self) {
        let Some(client) = &self.0.ledger else { return };
        let signing = self.identity();
        match (Writer {
            client,
            signing: &signing,
        })
        .anchor_log()
        .await
        {
            Ok(bundle) => {
                if let Err(error) = self.learn(bundle).await {
                    tracing::error!(%error, "what the ledger says cannot be kept");
                }
            }
            Err(error) => tracing::warn!(%error, "the ledger cannot be read"),
        }
    }

    /// The same between two turns of the timer, at most once a second: requests that are refused cost the ledger no
    /// more than that.
    pub(crate) async fn refresh_standing_soon(&self) {
        let mut last = self.0.last_hurry.lock().await;
        if last.is_none_or(|last| last.elapsed() >= HURRY) {
            self.refresh_standing().await;
            *last = Some(Instant::now());
        }
    }

    /// Anchors the lines of the DID log that are not anchored yet. Without a ledger there is nothing to do.
    pub async fn anchor_log(&self) -> Result<(), PublishError> {
        let Some(client) = &self.0.ledger else { return Ok(()) };
        let signing = self.identity();
        let bundle = Writer {
            client,
            signing: &signing,
        }
        .anchor_log()
        .await?;
        if bundle.record().is_none() {
            return Err(WriterError::Unknown.into());
        }
        Ok(())
    }

    /// Makes sure that there is a list before the first card is issued, so that it is anchored when cards are shown.
    pub async fn open_first_list(&self) -> Result<(), sqlx::Error> {
        let mut write = self.0.store.begin().await?;
        if status_lists::take_room(&mut write, 0, self.0.settings.own.status_entries)
            .await?
            .is_new
        {
            snapshot::want(&mut write, self.now()).await?;
        }
        write.commit().await
    }

    /// Does what is due, until stopped.
    pub async fn run_background(&self, ledger_read: Condition, keys_there: Condition, stop: CancellationToken) {
        let mut timer = Timer::new();
        let mut stamp = self.0.files.stamp();
        while !stop.is_cancelled() {
            if self.reload_if_changed(&mut stamp) {
                timer.refresh_at = Instant::now();
            }
            keys_there.set(!self.are_keys_gone());
            self.tick(&mut timer).await;
            ledger_read.set(self.0.ledger.is_none() || self.0.standing.time().is_some());
            pause(&stop).await;
        }
    }

    /// Follows a rotation of the keys, until stopped: all that the process of the status lists has to do.
    pub async fn follow_identity(&self, keys_there: Condition, stop: CancellationToken) {
        let mut stamp = self.0.files.stamp();
        while !stop.is_cancelled() {
            self.reload_if_changed(&mut stamp);
            keys_there.set(!self.are_keys_gone());
            pause(&stop).await;
        }
    }

    fn reload_if_changed(&self, stamp: &mut Option<SystemTime>) -> bool {
        let newest = self.0.files.stamp();
        if newest == *stamp {
            return false;
        }
        match self.reload_identity() {
            Ok(()) => {
                *stamp = newest;
                tracing::info!("the identity was read again");
            }
            // Missing, or between two files of one change; the next look may find it whole.
            Err(error) => tracing::warn!(%error, "the identity cannot be read again"),
        }
        true
    }

    async fn tick(&self, timer: &mut Timer) {
        let now = Instant::now();
        if now >= timer.forget_at {
            timer.forget_at = now + FORGET;
            if let Err(error) = self.forget().await {
                tracing::error!(%error, "what has run out cannot be dropped");
            }
            match self.revoke_unconfirmed().await {
                Ok(0) => {}
                Ok(batches) => tracing::info!(batches, "copies that nobody confirmed were revoked"),
                Err(error) => tracing::error!(%error, "copies that nobody confirmed cannot be revoked"),
            }
        }
        if now >= timer.certify_at {
            timer.certify_at = now + CERTIFY;
            self.renew_certificate();
        }
        if self.0.ledger.is_none() {
            return;
        }
        if now >= timer.refresh_at {
            timer.refresh_at = now + Duration::from_secs(self.0.settings.own.ledger_refresh_seconds);
            self.refresh_standing().await;
        }
        let due = now >= timer.snapshot_at && self.0.standing.with_record(may_publish) && self.snapshot_is_due().await;
        if due && let Err(error) = self.publish_snapshot().await {
            tracing::warn!(%error, "no status snapshot was anchored");
            timer.snapshot_at = Instant::now() + RETRY;
        }
    }

    /// The identity is read again once its files have changed.
    fn renew_certificate(&self) {
        match self.0.files.renew_certificate(&self.0.settings, self.now()) {
            Ok(false) => {}
            Ok(true) => tracing::info!("the key was certified anew"),
            Err(error) => tracing::error!(%error, "the key cannot be certified anew"),
        }
    }

    async fn snapshot_is_due(&self) -> bool {
        match snapshot::state(self.0.store.reader()).await {
            Ok(state) => due(&state, self.now(), &self.0.settings.own),
            Err(error) => {
                tracing::error!(%error, "the state of the snapshot cannot be read");
                false
            }
        }
    }

    /// Revokes copies that no wallet confirmed in time: nobody may have them. Where wallets need not confirm, nothing is
    /// ever due. Gives how many batches it were.
    pub async fn revoke_unconfirmed(&self) -> Result<usize, sqlx::Error> {
        let wait = self.0.settings.own.confirm_seconds;
        if wait == 0 {
            return Ok(0);
        }
        let now = self.now();
        let mut write = self.0.store.begin().await?;
        let batches = cards::unconfirmed(&mut write, now.saturating_sub(wait), SWEEP).await?;
        for batch in &batches {
            status_lists::set(&mut write, Copies::OfBatch(batch), Status::Invalid).await?;
        }
        if !batches.is_empty() {
            snapshot::want(&mut write, now).await?;
        }
        write.commit().await?;
        Ok(batches.len())
    }

    /// Drops what has run out: memories of nonces and proofs, access tokens, codes, transactions nobody waits for.
    pub async fn forget(&self) -> Result<(), sqlx::Error> {
        let mut write = self.0.store.begin().await?;
        used::forget(&mut write, self.now()).await?;
        tokens::forget(&mut write, self.now()).await?;
        refresh_tokens::forget(&mut write, self.now()).await?;
        authorizations::forget(&mut write, self.now()).await?;
        deferred::forget(&mut write, self.now()).await?;
        offers::erase_expired_codes(&mut write, self.now()).await?;
        list_history::forget(&mut write, self.now()).await?;
        write.commit().await
    }
}

async fn pause(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(TICK) => {}
    }
}

/// Whether a snapshot is wanted by now: some time after a change, or because the last one is old.
fn due(state: &snapshot::SnapshotState, now: UnixTime, own: &crate::config::Own) -> bool {
    let changed = state
        .wanted_since
        .is_some_and(|since| now >= since + own.snapshot_delay_seconds);
    changed || now >= state.published_at + own.snapshot_interval_seconds
}

/// The ledger takes snapshots of whoever was accredited at some time, so that cards are still revoked after the
/// accreditation. docs/ledger.md §5.4
fn may_publish(record: &OrganisationRecord) -> bool {
    record.head(Part::Accreditation).is_some() && !record.is_deactivated()
}

struct Timer {
    refresh_at: Instant,
    snapshot_at: Instant,
    forget_at: Instant,
    certify_at: Instant,
}

impl Timer {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            refresh_at: now,
            snapshot_at: now,
            forget_at: now,
            certify_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DEFAULT, Own};
    use crate::store::snapshot::SnapshotState;

    /// As configured where nothing is said.
    fn own() -> Own {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.toml");
        let text = r#"
            public_url = "https://agency.example"
            status_url = "https://status.agency.example"
            api_token = "kX3vJ9-abcdefghij"
            name = { en = "Agency" }
        "#;
        std::fs::write(&path, text).unwrap();
        service::config::load::<Own>(DEFAULT, Some(&path), []).unwrap().own
    }

    #[test]
    fn a_snapshot_is_due_every_hour_and_soon_after_a_change() {
        let own = own();
        let at = |wanted_since, now| {
            let state = SnapshotState {
                wanted_since,
                published_at: 10_000,
            };
            due(&state, now, &own)
        };
        assert!(!at(None, 10_000 + 3_599));
        assert!(at(None, 10_000 + 3_600), "hourly");
        assert!(!at(Some(10_100), 10_100 + 299), "several changes go in one");
        assert!(at(Some(10_100), 10_100 + 300));
        let latest = Duration::from_secs(own.snapshot_delay_seconds) + TICK + RETRY;
        assert!(latest < Duration::from_secs(600), "{latest:?}");
    }
}
