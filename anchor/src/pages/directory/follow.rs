//! Keeping up with what is published.

use std::time::Duration;

use service::CancellationToken;
use tlog::{UnverifiedCheckpoint, leaf_hash};

use super::take::{New, take};
use super::{Directory, DirectoryError};
use crate::pages::Host;
use crate::store::{signed, unsigned};

/// How often is looked for something new.
const EVERY: Duration = Duration::from_millis(500);
/// Entries that are taken in one transaction.
const BATCH: u64 = 256;
/// Between two transactions, so that a long way to go leaves the machine to others.
const PAUSE: Duration = Duration::from_millis(10);

/// How far the directory has come.
struct Progress {
    size: u64,
    last_leaf: Vec<u8>,
}

impl Directory {
    /// Keeps up until stopped.
    pub async fn follow<H: Host>(self, host: H, stop: CancellationToken) {
        let mut failing = false;
        loop {
            let caught_up = tokio::select! {
                caught_up = self.catch_up(&host) => caught_up,
                () = stop.cancelled() => return,
            };
            match (&caught_up, failing) {
                (Err(error), false) => {
                    tracing::error!(error = error as &dyn std::error::Error, "the pages fall behind the log");
                }
                (Ok(()), true) => tracing::info!("the pages keep up again"),
                _ => {}
            }
            failing = caught_up.is_err();
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Takes every published entry that is not here yet.
    ///
    /// # Errors
    /// [`DirectoryError`]; what was taken before stays.
    pub async fn catch_up<H: Host>(&self, host: &H) -> Result<(), DirectoryError> {
        let Some(note) = crate::read::ReadStore::checkpoint(host.store()).await? else {
            return Ok(());
        };
        let note = UnverifiedCheckpoint::parse(&note).map_err(|_| DirectoryError::Damaged)?;
        // Nothing is proved by it here: it says how far to read in the host's own store.
        let size = note.dangerous_checkpoint().size();
        let mut at = self.resume(host, size).await?;
        while at < size {
            at = self.take_batch(host, at, size).await?;
            if at < size {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    /// Where to go on. A file that is of another log, or ahead of this one, is begun anew.
    async fn resume<H: Host>(&self, host: &H, size: u64) -> Result<u64, DirectoryError> {
        let Some(progress) = self.progress().await? else {
            return Ok(0);
        };
        if progress.size <= size
            && let Some(last) = progress.size.checked_sub(1)
            && let Some(entry) = host.entry(last).await?
            && leaf_hash(&entry.leaf).as_bytes().as_slice() == progress.last_leaf
        {
            return Ok(progress.size);
        }
        tracing::warn!("the pages' directory is of another log and is made again");
        let mut transaction = self.sqlite.writer().begin().await?;
        for table in [
            "DELETE FROM progress",
            "DELETE FROM entries",
            "DELETE FROM organisations",
            "DELETE FROM competences",
            "DELETE FROM fingerprints",
            "DELETE FROM words",
        ] {
            sqlx::query(table).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(0)
    }

    async fn progress(&self) -> Result<Option<Progress>, DirectoryError> {
        let row: Option<(i64, Vec<u8>)> = sqlx::query_as("SELECT size, last_leaf FROM progress")
            .fetch_optional(self.sqlite.reader())
            .await?;
        Ok(row.map(|(size, last_leaf)| Progress {
            size: unsigned(size),
            last_leaf,
        }))
    }

    async fn take_batch<H: Host>(&self, host: &H, from: u64, size: u64) -> Result<u64, DirectoryError> {
        let end = size.min(from.saturating_add(BATCH));
        // Read first: the transaction waits for nobody else's store.
        let read = host.entries(from, end).await?;
        if read.len() as u64 != end - from {
            return Err(DirectoryError::Damaged);
        }
        let mut new = Vec::with_capacity(read.len());
        for (number, entry) in (from..).zip(&read) {
            new.push(New::of(number, entry, host.alarm(number).await.is_some()));
        }
        let mut transaction = self.sqlite.writer().begin().await?;
        take(&mut transaction, &new).await?;
        if let Some(last) = read.last() {
            sqlx::query("INSERT OR REPLACE INTO progress (one, size, last_leaf) VALUES (1, ?, ?)")
                .bind(signed(end))
                .bind(leaf_hash(&last.leaf).as_bytes().as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(end)
    }
}
