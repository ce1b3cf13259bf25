//! One transaction for each batch: entries, hashes, map, the new head.

use std::collections::BTreeMap;

use ledger::{BlobRef, MapChange, PrivateBlob};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tlog::{NodeId, leaf_hash};

use super::transaction::{BatchTransaction, commit_batch};
use super::{Head, ReadError, Store, many, signed};

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
    let numbered = (batch.before.size..).zip(&batch.entries);
    let entries: Vec<_> = numbered
        .map(|(index, entry)| (signed(index), entry, BlobRef::of(&entry.payload).hash))
        .collect();
    let private: Vec<&PrivateBlob> = batch
        .entries
        .iter()
        .filter_map(|entry| entry.private.as_ref())
        .collect();
    let into = "INSERT INTO entries (idx, leaf, leaf_hash, payload_hash, subject, kind, time) ";
    many::insert(transaction, into, &entries, "", |mut row, (index, entry, payload)| {
        row.push_bind(*index)
            .push_bind(entry.leaf.as_slice())
            .push_bind(leaf_hash(&entry.leaf).as_bytes().as_slice())
            .push_bind(payload.as_slice())
            .push_bind(entry.subject.as_str())
            .push_bind(signed(entry.kind))
            .push_bind(signed(batch.time));
    })
    .await
    .map_err(taken_index)?;
    let into = "INSERT OR IGNORE INTO blobs (hash, bytes) ";
    many::insert(transaction, into, &entries, "", |mut row, (_, entry, payload)| {
        row.push_bind(payload.as_slice()).push_bind(entry.payload.as_slice());
    })
    .await?;
    let into = "INSERT OR IGNORE INTO private_blobs (commitment, salt, bytes) ";
    many::insert(transaction, into, &private, "", |mut row, private| {
        row.push_bind(private.commitment().as_slice())
            .push_bind(private.salt.as_slice())
            .push_bind(private.bytes.as_slice());
    })
    .await?;
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
    let into = "INSERT INTO hashes (level, idx, hash) ";
    many::insert(transaction, into, &batch.hashes, "", |mut row, (node, hash)| {
        row.push_bind(i64::from(node.level))
            .push_bind(signed(node.index))
            .push_bind(hash.as_bytes().as_slice());
    })
    .await
    .map_err(taken_index)
}

/// What a tree before last had may come back.
const BACK: &str = " ON CONFLICT (hash) DO UPDATE SET removed_at = NULL";

async fn insert_map(transaction: &mut Transaction<'_, Sqlite>, batch: &Batch) -> Result<(), CommitError> {
    let Some(change) = &batch.map else { return Ok(()) };
    let added: Vec<_> = change.added().iter().collect();
    let into = "INSERT INTO map_nodes (hash, node) ";
    many::insert(transaction, into, &added, BACK, |mut row, (hash, node)| {
        row.push_bind(hash.as_slice()).push_bind(node.to_bytes());
    })
    .await?;
    let removed: Vec<&[u8]> = change.removed().iter().map(|hash| hash.as_slice()).collect();
    many::remove(transaction, "map_nodes", &removed, signed(batch.after.size)).await?;
    Ok(())
}

async fn insert_records(transaction: &mut Transaction<'_, Sqlite>, batch: &Batch) -> Result<(), CommitError> {
    let subjects: Vec<&str> = batch.records.keys().map(String::as_str).collect();
    let before = many::records(transaction, &subjects).await?;
    let before: Vec<_> = before.values().map(|record| BlobRef::of(record).hash).collect();
    let removed: Vec<&[u8]> = before.iter().map(|hash| hash.as_slice()).collect();
    many::remove(transaction, "records", &removed, signed(batch.after.size)).await?;
    let records: Vec<_> = batch.records.iter().collect();
    let into = "INSERT INTO records (hash, record) ";
    many::insert(transaction, into, &records, BACK, |mut row, (_, record)| {
        row.push_bind(BlobRef::of(&record.bytes).hash.as_slice())
            .push_bind(record.bytes.as_slice());
    })
    .await?;
    let then = " ON CONFLICT (subject) DO UPDATE SET record = excluded.record, accredited = excluded.accredited";
    let into = "INSERT INTO subjects (subject, record, accredited) ";
    many::insert(transaction, into, &records, then, |mut row, (subject, record)| {
        row.push_bind(subject.as_str())
            .push_bind(record.bytes.as_slice())
            .push_bind(record.accredited);
    })
    .await?;
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
