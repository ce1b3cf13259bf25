//! One transaction for each batch: entries, hashes, map, the new head.

use std::collections::BTreeMap;

use ledger::{BlobRef, MapChange, PrivateBlob};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tlog::{NodeId, leaf_hash};

use super::transaction::{BatchTransaction, commit_batch};
use super::{Head, ReadError, Store, signed};

/// An entry that has been checked and has its place.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The leaf.
    pub leaf: Vec<u8>,
    /// The public payload.
    pub payload: Vec<u8>,
    /// The blob that no rule reads.
    pub private: Option<PrivateBlob>,
    /// Whom it is about.
    pub subject: String,
    /// Number of its kind.
    pub kind: u64,
}

/// A record of the map that an entry made.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// The record.
    pub bytes: Vec<u8>,
    /// Whether it says that the organisation was ever accredited.
    pub accredited: bool,
}

/// Entries in order, the map head last, and what they change.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What was committed before.
    pub before: Head,
    /// What is committed with this batch.
    pub after: Head,
    /// The entries.
    pub entries: Vec<NewEntry>,
    /// Hashes of the subtrees that they complete.
    pub hashes: Vec<(NodeId, tlog::Hash)>,
    /// Nodes of the map that come and go.
    pub map: Option<MapChange>,
    /// The newest record of each subject.
    pub records: BTreeMap<String, NewRecord>,
    /// When it was sealed.
    pub time: u64,
}

/// Why a batch was not committed. The store is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// Somebody else has committed since: another instance writes to this store.
    #[error("the head of the log is not the one this instance wrote: another instance is at work")]
    HeadMoved,
    /// What was read back is not what was hashed: memory or disk is at fault.
    #[error("stored bytes read back differ from those that were hashed")]
    ReadBack,
    /// The database failed, for example because the disk is full.
    #[error("the store cannot be written")]
    Store(#[from] sqlx::Error),
}

impl From<ReadError> for CommitError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => Self::Store(error),
            ReadError::Damaged(_) => Self::ReadBack,
        }
    }
}

impl Store {
    /// Commits a batch, or nothing of it.
    ///
    /// # Errors
    /// Each reason is a variant of [`CommitError`].
    pub async fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        commit_batch(self.begin_batch().await?, batch).await
    }

    /// A transaction that holds the write lock from its beginning.
    pub(super) async fn begin_batch(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.sqlite.writer().begin_with("BEGIN IMMEDIATE").await
    }
}

impl BatchTransaction for Transaction<'static, Sqlite> {
    type Rows = SqliteConnection;

    fn rows(&mut self) -> &mut SqliteConnection {
        self
    }

    async fn write(&mut self, batch: &Batch) -> Result<(), CommitError> {
        insert_entries(self, batch).await?;
        insert_hashes(self, batch).await?;
        insert_map(self, batch).await?;
        insert_records(self, batch).await
    }

    async fn swap_head(&mut self, before: &Head, after: &Head) -> Result<bool, CommitError> {
        swap_head(self, before, after).await
    }

    async fn finish(self) -> Result<(), CommitError> {
        Ok(self.commit().await?)
    }
}

async fn insert_entries(transaction: &mut Transaction<'_, Sqlite>, batch: &Batch) -> Result<(), CommitError> {
    for (index, entry) in (batch.before.size..).zip(&batch.entries) {
        let payload = BlobRef::of(&entry.payload).hash;
        sqlx::query(
            "INSERT INTO entries (idx, leaf, leaf_hash, payload_hash, subject, kind, time) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(signed(index))
        .bind(entry.leaf.as_slice())
        .bind(leaf_hash(&entry.leaf).as_bytes().as_slice())
        .bind(payload.as_slice())
        .bind(entry.subject.as_str())
        .bind(signed(entry.kind))
        .bind(signed(batch.time))
        .execute(&mut **transaction)
        .await
        .map_err(taken_index)?;
        sqlx::query("INSERT OR IGNORE INTO blobs (hash, bytes) VALUES (?, ?)")
            .bind(payload.as_slice())
            .bind(entry.payload.as_slice())
            .execute(&mut **transaction)
            .await?;
        if let Some(private) = &entry.private {
            sqlx::query("INSERT OR IGNORE INTO private_blobs (commitment, salt, bytes) VALUES (?, ?, ?)")
                .bind(private.commitment().as_slice())
                .bind(private.salt.as_slice())
                .bind(private.bytes.as_slice())
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}

/// An index or leaf that is there already was written by somebody else: this instance
/// knows every entry of its own.
fn taken_index(error: sqlx::Error) -> CommitError {
    match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() => CommitError::HeadMoved,
        _ => CommitError::Store(error),
    }
}

async fn insert_hashes(transaction: &mut Transaction<'_, Sqlite>, batch: &Batch) -> Result<(), CommitError> {
    for (node, hash) in &batch.hashes {
        sqlx::query("INSERT INTO hashes (level, idx, hash) VALUES (?, ?, ?)")
            .bind(i64::from(node.level))
            .bind(signed(node.index))
            .bind(hash.as_bytes().as_slice())
            .execute(&mut **transaction)
            .await
            .map_err(taken_index)?;
    }
    Ok(())
}

async fn insert_map(transaction: &mut Transaction<'_, Sqlite>, batch: &Batch) -> Result<(), CommitError> {
    let Some(change) = &batch.map else { return Ok(()) };
    for (hash, node) in change.added() {
        // A node that a tree before last had may come back.
        sqlx::query(
            "INSERT INTO map_nodes (hash, node) VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET removed_at = NULL",
        )
        .bind(hash.as_slice())
        .bind(node.to_bytes())
        .execute(&mut **transaction)
        .await?;
    }
    for hash in change.removed() {
        sqlx::query("UPDATE map_nodes SET removed_at = ? WHERE hash = ?")
            .bind(signed(batch.after.size))
            .bind(hash.as_slice())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

async fn insert_records(transaction: &mut Transaction<'_, Sqlite>, batch: &Batch) -> Result<(), CommitError> {
    for (subject, record) in &batch.records {
        let before: Option<Vec<u8>> = sqlx::query_scalar("SELECT record FROM subjects WHERE subject = ?")
            .bind(subject.as_str())
            .fetch_optional(&mut **transaction)
            .await?;
        if let Some(before) = before {
            sqlx::query("UPDATE records SET removed_at = ? WHERE hash = ?")
                .bind(signed(batch.after.size))
                .bind(BlobRef::of(&before).hash.as_slice())
                .execute(&mut **transaction)
                .await?;
        }
        sqlx::query(
            "INSERT INTO records (hash, record) VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET removed_at = NULL",
        )
        .bind(BlobRef::of(&record.bytes).hash.as_slice())
        .bind(record.bytes.as_slice())
        .execute(&mut **transaction)
        .await?;
        sqlx::query(
            "INSERT INTO subjects (subject, record, accredited) VALUES (?, ?, ?)
             ON CONFLICT (subject) DO UPDATE SET record = excluded.record, accredited = excluded.accredited",
        )
        .bind(subject.as_str())
        .bind(record.bytes.as_slice())
        .bind(record.accredited)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// The compare-and-swap; says whether the head was the one before.
async fn swap_head(
    transaction: &mut Transaction<'_, Sqlite>,
    before: &Head,
    after: &Head,
) -> Result<bool, CommitError> {
    let Head { size, root, map_root } = *after;
    let swapped = if before.size == 0 {
        sqlx::query(
            "INSERT INTO head (id, size, root, map_root) SELECT 1, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM head)",
        )
        .bind(signed(size))
        .bind(root.as_bytes().as_slice())
        .bind(map_root.as_slice())
        .execute(&mut **transaction)
        .await?
    } else {
        sqlx::query("UPDATE head SET size = ?, root = ?, map_root = ? WHERE id = 1 AND size = ? AND root = ?")
            .bind(signed(size))
            .bind(root.as_bytes().as_slice())
            .bind(map_root.as_slice())
            .bind(signed(before.size))
            .bind(before.root.as_bytes().as_slice())
            .execute(&mut **transaction)
            .await?
    };
    Ok(swapped.rows_affected() == 1)
}
