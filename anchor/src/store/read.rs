//! What is committed, read.

use std::collections::BTreeMap;

use jose::UnixTime;
use ledger::{Hash, Kind};
use sqlx::SqliteConnection;
use tlog::{Frontier, NodeId};

use super::{Head, PayloadRows, Store, StoredEntry, StoredRows, many, signed, unsigned};

/// The payloads of committed entries.
const PAYLOADS: PayloadRows = PayloadRows {
    extent: "SELECT count(*), coalesce(sum(length(bytes)), 0)
             FROM entries JOIN blobs ON blobs.hash = entries.payload_hash WHERE idx >= ? AND idx < ?",
    bytes: "SELECT bytes FROM entries JOIN blobs ON blobs.hash = entries.payload_hash
            WHERE idx >= ? AND idx < ? ORDER BY idx",
};

/// Why something cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The database failed.
    #[error("the store cannot be read")]
    Store(#[from] sqlx::Error),
    /// What is stored does not fit together.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
}

impl Store {
    /// The committed head; `None` before the first batch.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn head(&self) -> Result<Option<Head>, ReadError> {
        let mut reading = self.sqlite.read().await?;
        let row: Option<(i64, Vec<u8>, Vec<u8>)> = sqlx::query_as("SELECT size, root, map_root FROM head")
            .fetch_optional(&mut *reading)
            .await?;
        row.map(|(size, root, map_root)| {
            Ok(Head {
                size: unsigned(size),
                root: hash(&root)?.into(),
                map_root: hash(&map_root)?,
            })
        })
        .transpose()
    }

    /// Leaf and payload of an entry.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn entry(&self, index: u64) -> Result<Option<(Vec<u8>, Vec<u8>)>, ReadError> {
        let mut connection = self.sqlite.read().await?;
        entry(&mut connection, index).await
    }

    /// Entries of this range as they are stored, in order, those that there are.
    ///
    /// # Errors
    /// [`ReadError`]
    pub(crate) async fn entries(&self, range: std::ops::Range<u64>) -> Result<Vec<StoredEntry>, ReadError> {
        let mut connection = self.sqlite.reader().acquire().await?;
        StoredRows::entries(&mut *connection, range.start, range.end).await
    }

    /// Leaves `from..to`, in order.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where one is missing.
    pub async fn leaves(&self, range: std::ops::Range<u64>) -> Result<Vec<Vec<u8>>, ReadError> {
        let leaves: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT leaf FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx")
                .bind(signed(range.start))
                .bind(signed(range.end))
                .fetch_all(self.sqlite.reader())
                .await?;
        if leaves.len() as u64 != range.end - range.start {
            return Err(ReadError::Damaged("entries"));
        }
        Ok(leaves)
    }

    /// Hashes of complete subtrees of one level, in order.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where one is missing.
    pub async fn hashes(&self, level: u8, range: std::ops::Range<u64>) -> Result<Vec<tlog::Hash>, ReadError> {
        let rows: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT hash FROM hashes WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx")
                .bind(i64::from(level))
                .bind(signed(range.start))
                .bind(signed(range.end))
                .fetch_all(self.sqlite.reader())
                .await?;
        if rows.len() as u64 != range.end - range.start {
            return Err(ReadError::Damaged("hashes"));
        }
        rows.iter().map(|row| Ok(hash(row)?.into())).collect()
    }

    /// Hashes of single subtrees, for proofs.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where one is missing.
    pub async fn nodes(&self, nodes: Vec<NodeId>) -> Result<BTreeMap<NodeId, tlog::Hash>, ReadError> {
        let mut connection = self.sqlite.read().await?;
        nodes_of(&mut connection, nodes).await
    }

    /// The right edge of the tree of `size` leaves.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn frontier(&self, size: u64) -> Result<Frontier, ReadError> {
        let mut connection = self.sqlite.read().await?;
        frontier(&mut connection, size).await
    }

    /// A content-addressed blob.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        let mut connection = self.sqlite.read().await?;
        blob(&mut connection, hash).await
    }

    /// The payloads of these entries, in order; `None` where not all are committed, or where they are long.
    ///
    /// # Errors
    /// [`ReadError`]
    pub(crate) async fn payloads(&self, range: std::ops::Range<u64>) -> Result<Option<Vec<Vec<u8>>>, ReadError> {
        let mut connection = self.sqlite.reader().acquire().await?;
        Ok(PAYLOADS.read(&mut connection, range).await?)
    }

    /// The index of a leaf, where it is committed.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn index_of(&self, leaf: &tlog::Hash) -> Result<Option<u64>, ReadError> {
        let mut reading = self.sqlite.read().await?;
        let index: Option<i64> = sqlx::query_scalar("SELECT idx FROM entries WHERE leaf_hash = ?")
            .bind(leaf.as_bytes().as_slice())
            .fetch_optional(&mut *reading)
            .await?;
        Ok(index.map(unsigned))
    }

    /// The newest record of a subject.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn record(&self, subject: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let mut reading = self.sqlite.read().await?;
        Ok(sqlx::query_scalar("SELECT record FROM subjects WHERE subject = ?")
            .bind(subject)
            .fetch_optional(&mut *reading)
            .await?)
    }

    /// When entries about a subject were written since `since`, by kind.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn times(&self, subject: &str, since: UnixTime) -> Result<Vec<(Kind, UnixTime)>, ReadError> {
        let mut reading = self.sqlite.read().await?;
        let rows: Vec<(i64, i64)> = sqlx::query_as("SELECT kind, time FROM entries WHERE subject = ? AND time > ?")
            .bind(subject)
            .bind(signed(since))
            .fetch_all(&mut *reading)
            .await?;
        rows.into_iter()
            .map(|(kind, time)| {
                let kind = Kind::from_number(unsigned(kind)).ok_or(ReadError::Damaged("kind"))?;
                Ok((kind, unsigned(time)))
            })
            .collect()
    }

    /// At most so many entries before an index, the newest first: leaf and time.
    ///
    /// # Errors
    /// [`ReadError`]
    pub(crate) async fn entries_before(&self, index: u64, most: u64) -> Result<Vec<(Vec<u8>, UnixTime)>, ReadError> {
        let rows: Vec<(Vec<u8>, i64)> =
            sqlx::query_as("SELECT leaf, time FROM entries WHERE idx < ? ORDER BY idx DESC LIMIT ?")
                .bind(signed(index))
                .bind(signed(most))
                .fetch_all(self.sqlite.reader())
                .await?;
        Ok(rows.into_iter().map(|(leaf, time)| (leaf, unsigned(time))).collect())
    }
}

pub(super) async fn entry(
    connection: &mut SqliteConnection,
    index: u64,
) -> Result<Option<(Vec<u8>, Vec<u8>)>, ReadError> {
    Ok(
        sqlx::query_as("SELECT leaf, bytes FROM entries JOIN blobs ON blobs.hash = entries.payload_hash WHERE idx = ?")
            .bind(signed(index))
            .fetch_optional(connection)
            .await?,
    )
}

pub(super) async fn blob(connection: &mut SqliteConnection, hash: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
    Ok(sqlx::query_scalar("SELECT bytes FROM blobs WHERE hash = ?")
        .bind(hash.as_slice())
        .fetch_optional(connection)
        .await?)
}

pub(super) async fn frontier(connection: &mut SqliteConnection, size: u64) -> Result<Frontier, ReadError> {
    let nodes = Frontier::nodes(size);
    let hashes = nodes_of(connection, nodes.clone()).await?;
    let subtrees = nodes.iter().filter_map(|node| hashes.get(node).copied()).collect();
    Frontier::from_subtrees(size, subtrees).map_err(|_| ReadError::Damaged("frontier"))
}

pub(super) async fn nodes_of(
    connection: &mut SqliteConnection,
    nodes: Vec<NodeId>,
) -> Result<BTreeMap<NodeId, tlog::Hash>, ReadError> {
    let found = many::nodes(connection, &nodes).await?;
    if nodes.iter().all(|node| found.contains_key(node)) {
        Ok(found)
    } else {
        Err(ReadError::Damaged("hash"))
    }
}

pub(super) fn hash(bytes: &[u8]) -> Result<Hash, ReadError> {
    bytes.try_into().map_err(|_| ReadError::Damaged("hash"))
}

#[cfg(test)]
mod tests {
    use super::super::Store;

    #[tokio::test]
    async fn whoever_reads_many_entries_waits_for_no_short_read_and_the_other_way_round() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("log.db")).await.unwrap();
        // All the connections for short reads.
        let short = (store.sqlite.read().await.unwrap(), store.sqlite.read().await.unwrap());
        assert_eq!(store.payloads(0..1).await.unwrap(), None);
        assert!(store.entries(0..1).await.unwrap().is_empty());
        drop(short);
        // All those for long ones.
        let connections = store.sqlite.reader();
        let mut long = Vec::new();
        for _ in 0..connections.options().get_max_connections() {
            long.push(connections.acquire().await.unwrap());
        }
        assert_eq!(store.head().await.unwrap(), None);
        assert!(store.blob(&[0; 32]).await.unwrap().is_none());
        drop(long);
    }

    #[tokio::test]
    async fn k12_anchor_payloads_that_are_too_long_together_are_not_read_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("log.db")).await.unwrap();
        let sql = "INSERT INTO entries (idx, leaf, leaf_hash, payload_hash, subject, kind, time)
                   VALUES (0, x'00', x'00', x'00', '', 0, 0), (1, x'01', x'01', x'01', '', 0, 0);
                   INSERT INTO blobs (hash, bytes) VALUES (x'00', zeroblob(4 * 1024 * 1024)), (x'01', zeroblob(1));";
        sqlx::raw_sql(sql).execute(store.sqlite.writer()).await.unwrap();
        let lengths = |payloads: Option<Vec<Vec<u8>>>| payloads.map(|all| all.iter().map(Vec::len).collect::<Vec<_>>());
        let one = store.payloads(0..1).await.unwrap();
        assert_eq!(lengths(one), Some(vec![4 * 1024 * 1024]));
        let both = store.payloads(0..2).await.unwrap();
        assert_eq!(lengths(both), None);
        let beyond = store.payloads(1..3).await.unwrap();
        assert_eq!(lengths(beyond), None);
    }
}
