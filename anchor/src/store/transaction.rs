//! The order of a commit: write, read back, swap, commit. Whatever the store is made of.

use std::future::Future;

use ledger::{BlobRef, Hash, MapChange};

use super::rows::{StoredRows, Times, hash_entries};
use super::{Batch, CommitError, Head};

/// A transaction that a batch is committed by. Dropped before [`BatchTransaction::finish`] it leaves the store as it
/// was.
pub trait BatchTransaction: Send {
    /// How the transaction reads what it wrote.
    type Rows: StoredRows;

    /// Rows as this transaction has them.
    fn rows(&mut self) -> &mut Self::Rows;

    /// Writes entries, hashes, map and records of the batch.
    ///
    /// # Errors
    /// [`CommitError::HeadMoved`] where an index or a leaf is there already, [`CommitError::Store`].
    fn write(&mut self, batch: &Batch) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Replaces the head, if it is still the one before; says whether it was.
    ///
    /// # Errors
    /// [`CommitError::Store`]
    fn swap_head(&mut self, before: &Head, after: &Head) -> impl Future<Output = Result<bool, CommitError>> + Send;

    /// Commits: what was written is durable when this returns.
    ///
    /// # Errors
    /// [`CommitError::Store`]. It may be there all the same.
    fn finish(self) -> impl Future<Output = Result<(), CommitError>> + Send;
}

/// Commits a batch, or nothing of it: written, read back and hashed again, and swapped in under the head that was there
/// before.
///
/// # Errors
/// Each reason is a variant of [`CommitError`].
pub async fn commit_batch<T: BatchTransaction>(mut transaction: T, batch: &Batch) -> Result<(), CommitError> {
    transaction.write(batch).await?;
    read_back(transaction.rows(), batch).await?;
    read_back_map(transaction.rows(), batch).await?;
    // Nobody has committed since `before` was read.
    if !transaction.swap_head(&batch.before, &batch.after).await? {
        return Err(CommitError::HeadMoved);
    }
    transaction.finish().await
}

/// Reads every entry of the batch as it is stored and makes the root from that.
async fn read_back<R: StoredRows>(rows: &mut R, batch: &Batch) -> Result<(), CommitError> {
    let mut frontier = rows.frontier(batch.before.size).await?;
    if frontier.root() != batch.before.root {
        return Err(CommitError::ReadBack);
    }
    hash_entries(rows, &mut frontier, &mut Times::default(), batch.after.size).await?;
    if frontier.root() != batch.after.root {
        return Err(CommitError::ReadBack);
    }
    Ok(())
}

/// Reads the nodes and records of the map as they are stored; each is named by its hash.
async fn read_back_map<R: StoredRows>(rows: &mut R, batch: &Batch) -> Result<(), CommitError> {
    let added = || batch.map.iter().flat_map(MapChange::added);
    let hashes: Vec<Hash> = added().map(|(hash, _)| *hash).collect();
    let stored = rows.map_nodes(&hashes).await?;
    if added().any(|(hash, node)| stored.get(hash) != Some(&node.to_bytes())) {
        return Err(CommitError::ReadBack);
    }
    let records = batch.records.values();
    let hashes: Vec<Hash> = records.map(|record| BlobRef::of(&record.bytes).hash).collect();
    let stored = rows.records(&hashes).await?;
    let is_stored = |hash: &Hash| stored.get(hash).is_some_and(|record| BlobRef::of(record).hash == *hash);
    if hashes.iter().all(is_stored) {
        Ok(())
    } else {
        Err(CommitError::ReadBack)
    }
}
