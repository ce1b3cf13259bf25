//! What sequencer and publisher need of a store.

use std::collections::BTreeMap;
use std::future::Future;

use jose::UnixTime;
use ledger::{Hash, Kind};
use sqlx::{Sqlite, Transaction};
use tlog::{Frontier, NodeId};

use super::{BatchTransaction, CommitError, Head, LoadNode, Published, ReadError, Store, many};

/// Leaf and payload of an entry.
pub type LeafAndPayload = (Vec<u8>, Vec<u8>);

/// What sequencer and publisher need of a store. [`Store`] is the one that logs run on; a simulated disk is another.
///
/// What a transaction committed is durable when [`BatchTransaction::finish`] returns, and so is what was published when
/// [`LogStore::publish`] does.
pub trait LogStore: Clone + Send + Sync + 'static {
    /// What a batch is committed by.
    type Transaction: BatchTransaction;

    /// Begins a transaction that holds the write lock from its beginning.
    ///
    /// # Errors
    /// [`CommitError::Store`]
    fn begin(&self) -> impl Future<Output = Result<Self::Transaction, CommitError>> + Send;

    /// The committed head; `None` before the first batch.
    ///
    /// # Errors
    /// [`ReadError`]
    fn head(&self) -> impl Future<Output = Result<Option<Head>, ReadError>> + Send;

    /// The right edge of the tree of `size` leaves.
    ///
    /// # Errors
    /// [`ReadError`]
    fn frontier(&self, size: u64) -> impl Future<Output = Result<Frontier, ReadError>> + Send;

    /// Leaf and payload of an entry.
    ///
    /// # Errors
    /// [`ReadError`]
    fn entry(&self, index: u64) -> impl Future<Output = Result<Option<LeafAndPayload>, ReadError>> + Send;

    /// Hashes of single subtrees, for proofs.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where one is missing.
    fn nodes(&self, nodes: Vec<NodeId>)
    -> impl Future<Output = Result<BTreeMap<NodeId, tlog::Hash>, ReadError>> + Send;

    /// A content-addressed blob.
    ///
    /// # Errors
    /// [`ReadError`]
    fn blob(&self, hash: &Hash) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The index of a leaf, where it is committed.
    ///
    /// # Errors
    /// [`ReadError`]
    fn index_of(&self, leaf: &tlog::Hash) -> impl Future<Output = Result<Option<u64>, ReadError>> + Send;

    /// The newest record of a subject.
    ///
    /// # Errors
    /// [`ReadError`]
    fn record(&self, subject: &str) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The newest records of these subjects, of those that have one.
    ///
    /// # Errors
    /// [`ReadError`]
    fn records(&self, subjects: &[&str]) -> impl Future<Output = Result<BTreeMap<String, Vec<u8>>, ReadError>> + Send;

    /// When entries about a subject were written since `since`, by kind.
    ///
    /// # Errors
    /// [`ReadError`]
    fn times(
        &self,
        subject: &str,
        since: UnixTime,
    ) -> impl Future<Output = Result<Vec<(Kind, UnixTime)>, ReadError>> + Send;

    /// The leaves before an index, the newest first, `most` at most, each with the time at which it was written.
    ///
    /// # Errors
    /// [`ReadError`]
    fn entries_before(
        &self,
        index: u64,
        most: u64,
    ) -> impl Future<Output = Result<Vec<(Vec<u8>, UnixTime)>, ReadError>> + Send;

    /// The node of the map that is stored by this hash.
    ///
    /// # Errors
    /// [`ReadError`]
    fn map_node(&self, hash: &Hash) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// Publishes a checkpoint: it becomes the newest, unless a larger one is, and the receipt of its size where it is
    /// the first.
    ///
    /// # Errors
    /// [`ReadError`]
    fn publish(&self, published: &Published) -> impl Future<Output = Result<(), ReadError>> + Send;
}

impl LogStore for Store {
    type Transaction = Transaction<'static, Sqlite>;

    async fn begin(&self) -> Result<Self::Transaction, CommitError> {
        Ok(self.begin_batch().await?)
    }

    async fn head(&self) -> Result<Option<Head>, ReadError> {
        Self::head(self).await
    }

    async fn frontier(&self, size: u64) -> Result<Frontier, ReadError> {
        Self::frontier(self, size).await
    }

    async fn entry(&self, index: u64) -> Result<Option<(Vec<u8>, Vec<u8>)>, ReadError> {
        Self::entry(self, index).await
    }

    async fn nodes(&self, nodes: Vec<NodeId>) -> Result<BTreeMap<NodeId, tlog::Hash>, ReadError> {
        Self::nodes(self, nodes).await
    }

    async fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        Self::blob(self, hash).await
    }

    async fn index_of(&self, leaf: &tlog::Hash) -> Result<Option<u64>, ReadError> {
        Self::index_of(self, leaf).await
    }

    async fn record(&self, subject: &str) -> Result<Option<Vec<u8>>, ReadError> {
        Self::record(self, subject).await
    }

    async fn records(&self, subjects: &[&str]) -> Result<BTreeMap<String, Vec<u8>>, ReadError> {
        let mut reading = self.sqlite.read().await?;
        Ok(many::records(&mut reading, subjects).await?)
    }

    async fn times(&self, subject: &str, since: UnixTime) -> Result<Vec<(Kind, UnixTime)>, ReadError> {
        Self::times(self, subject, since).await
    }

    async fn entries_before(&self, index: u64, most: u64) -> Result<Vec<(Vec<u8>, UnixTime)>, ReadError> {
        Self::entries_before(self, index, most).await
    }

    async fn map_node(&self, hash: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        let mut reading = self.sqlite.read().await?;
        LoadNode::map_node(&mut *reading, hash).await
    }

    async fn publish(&self, published: &Published) -> Result<(), ReadError> {
        Self::publish(self, published).await
    }
}

/// The nodes of the map that a store has.
pub(crate) struct NodesOf<'a, S>(pub(crate) &'a S);

impl<S: LogStore> LoadNode for NodesOf<'_, S> {
    async fn map_node(&mut self, hash: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        self.0.map_node(hash).await
    }
}
