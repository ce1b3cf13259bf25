use std::path::Path;

use service::store::{Sqlite, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqliteExecutor};
use tlog::{LogCheckpoint, UnverifiedCheckpoint};

use crate::landmarks::{self, NewLandmark, StoredLandmark};
use crate::source::FetchedEntry;
use crate::store::{PayloadRows, many};

/// A few signed checkpoints that should not exist are enough to prove the point.
const MOST_EVIDENCE: i64 = 1024;

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE entry (
        number INTEGER PRIMARY KEY,
        leaf BLOB NOT NULL,
        payload BLOB NOT NULL REFERENCES blob (hash)
    ) STRICT;
    CREATE TABLE blob (
        hash BLOB PRIMARY KEY,
        bytes BLOB NOT NULL
    ) STRICT;
    -- One row: the newest checkpoint recorded, which covers all entries.
    CREATE TABLE recorded (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        size INTEGER NOT NULL,
        note TEXT NOT NULL
    ) STRICT;
    -- One row: the newest checkpoint with a quorum, which is what is served.
    CREATE TABLE published (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        note TEXT NOT NULL
    ) STRICT;
    CREATE TABLE evidence (
        note TEXT PRIMARY KEY,
        reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    landmarks::SCHEMA,
    "
    -- The evidence file, where the note contradicts what was recorded. docs/ledger.md §12.3
    ALTER TABLE evidence ADD COLUMN file BLOB;
",
];

/// The payloads of stored entries.
const PAYLOADS: PayloadRows = PayloadRows {
    extent: "SELECT count(*), coalesce(sum(length(bytes)), 0)
             FROM entry JOIN blob ON hash = payload WHERE number >= ? AND number < ?",
    bytes: "SELECT bytes FROM entry JOIN blob ON hash = payload
            WHERE number >= ? AND number < ? ORDER BY number",
};

/// A mirror's copy of a log, in one SQLite file.
#[derive(Debug, Clone)]
pub struct MirrorStore(Sqlite);

impl MirrorStore {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// When it cannot be used.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(Sqlite::open(path, MIGRATIONS).await?))
    }

    /// The newest checkpoint recorded.
    pub(super) async fn recorded(&self) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT note FROM recorded")
            .fetch_optional(self.0.reader())
            .await
    }

    /// The newest checkpoint with a quorum.
    pub(super) async fn published(&self) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT note FROM published")
            .fetch_optional(self.0.reader())
            .await
    }

    /// Entries and payloads from number `start` up to `end`, at most 256 of them.
    pub(super) async fn entries(&self, start: u64, end: u64) -> Result<Vec<FetchedEntry>, sqlx::Error> {
        entries(self.0.reader(), start, end).await
    }

    /// The payloads of these entries, in order; `None` where not all are stored, or where they are long.
    pub(super) async fn payloads(&self, range: std::ops::Range<u64>) -> Result<Option<Vec<Vec<u8>>>, sqlx::Error> {
        let mut connection = self.0.reader().acquire().await?;
        PAYLOADS.read(&mut connection, range).await
    }

    /// A connection of its own that reads.
    pub(super) async fn read_afresh(&self) -> Result<SqliteConnection, sqlx::Error> {
        self.0.read_afresh().await
    }

    /// A payload.
    pub(super) async fn blob(&self, hash: &ledger::Hash) -> Result<Option<Vec<u8>>, sqlx::Error> {
        sqlx::query_scalar("SELECT bytes FROM blob WHERE hash = ?1")
            .bind(hash.as_slice())
            .fetch_optional(self.0.reader())
            .await
    }

    /// Adds entries and records the checkpoint that covers them, if the stored checkpoint
    /// still has the previous size. Durable when this returns; says whether it was done.
    pub(super) async fn record(
        &self,
        checkpoint: &LogCheckpoint,
        previous_size: u64,
        entries: &[FetchedEntry],
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.0.writer().begin().await?;
        let size: Option<i64> = sqlx::query_scalar("SELECT size FROM recorded")
            .fetch_optional(&mut *transaction)
            .await?;
        if size.unwrap_or(0) != number(previous_size) {
            return Ok(false);
        }
        let entries: Vec<_> = (number(previous_size)..)
            .zip(entries)
            .map(|(at, entry)| (at, entry, ledger::BlobRef::of(&entry.payload).hash))
            .collect();
        let into = "INSERT OR IGNORE INTO blob (hash, bytes) ";
        many::insert(&mut transaction, into, &entries, "", |mut row, (_, entry, hash)| {
            row.push_bind(hash.as_slice()).push_bind(entry.payload.as_slice());
        })
        .await?;
        let into = "INSERT INTO entry (number, leaf, payload) ";
        many::insert(&mut transaction, into, &entries, "", |mut row, (at, entry, hash)| {
            row.push_bind(*at)
                .push_bind(entry.leaf.as_slice())
                .push_bind(hash.as_slice());
        })
        .await?;
        sqlx::query("INSERT OR REPLACE INTO recorded (one, size, note) VALUES (1, ?1, ?2)")
            .bind(number(checkpoint.checkpoint().size()))
            .bind(checkpoint.to_note(&[]).to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Replaces the checkpoint that is served.
    pub(super) async fn publish(&self, note: &UnverifiedCheckpoint) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT OR REPLACE INTO published (one, note) VALUES (1, ?1)")
            .bind(note.to_string())
            .execute(self.0.writer())
            .await
            .map(|_| ())
    }

    /// The newest landmarks, at most two, newest first.
    pub(super) async fn landmarks(&self) -> Result<Vec<StoredLandmark>, sqlx::Error> {
        let mut connection = self.0.reader().acquire().await?;
        landmarks::newest(&mut connection).await
    }

    /// The landmark of an hour.
    pub(super) async fn landmark(&self, hour: u64) -> Result<Option<Vec<u8>>, sqlx::Error> {
        let mut connection = self.0.reader().acquire().await?;
        landmarks::checkpoint(&mut connection, hour).await
    }

    /// The landmark file of an hour.
    pub(super) async fn landmark_file(&self, hour: u64) -> Result<Option<Vec<u8>>, sqlx::Error> {
        let mut connection = self.0.reader().acquire().await?;
        landmarks::file(&mut connection, hour).await
    }

    /// Keeps a landmark, unless its hour has one.
    pub(super) async fn keep_landmark(&self, new: &NewLandmark) -> Result<(), sqlx::Error> {
        let mut transaction = self.0.writer().begin().await?;
        landmarks::keep(&mut transaction, new).await?;
        transaction.commit().await
    }

    /// Keeps a note that the log signed and should not have, with the evidence file where there is one. The same note is
    /// kept once, and not without bound.
    pub(super) async fn keep_evidence(
        &self,
        note: &UnverifiedCheckpoint,
        reason: &str,
        file: Option<Vec<u8>>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT OR IGNORE INTO evidence (note, reason, file)
             SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM evidence) < ?4",
        )
        .bind(note.to_string())
        .bind(reason)
        .bind(file)
        .bind(MOST_EVIDENCE)
        .execute(self.0.writer())
        .await
        .map(|_| ())
    }

    /// Notes that the log signed and should not have, with the reason.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn evidence(&self) -> Result<Vec<(String, String)>, sqlx::Error> {
        sqlx::query_as("SELECT note, reason FROM evidence ORDER BY note")
            .fetch_all(self.0.reader())
            .await
    }

    /// Evidence that the log showed two faces, for others to check. docs/ledger.md §12.3
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn evidence_files(&self) -> Result<Vec<Vec<u8>>, sqlx::Error> {
        sqlx::query_scalar("SELECT file FROM evidence WHERE file IS NOT NULL ORDER BY note")
            .fetch_all(self.0.reader())
            .await
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

/// Entries and payloads from number `start` up to `end`, at most 256 of them.
pub(super) async fn entries(
    executor: impl SqliteExecutor<'_>,
    start: u64,
    end: u64,
) -> Result<Vec<FetchedEntry>, sqlx::Error> {
    let statement = "SELECT leaf, bytes FROM entry JOIN blob ON hash = payload
                     WHERE number >= ?1 AND number < ?2 ORDER BY number LIMIT 256";
    let rows = sqlx::query(statement).bind(number(start)).bind(number(end));
    rows.fetch_all(executor).await?.into_iter().map(entry).collect()
}

fn entry(row: SqliteRow) -> Result<FetchedEntry, sqlx::Error> {
    Ok(FetchedEntry {
        leaf: row.try_get(0)?,
        payload: row.try_get(1)?,
    })
}

/// SQLite has signed integers. No log reaches the other half: the largest number would
/// never equal a stored one.
fn number(of: u64) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}
