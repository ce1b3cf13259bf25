//! Rows as they are stored, and whether they are what was hashed.

use std::collections::BTreeMap;
use std::future::Future;

use ledger::{BlobRef, Hash, Kind, Leaf, MapHead};
use sqlx::SqliteConnection;
use tlog::{Frontier, NodeId, leaf_hash};

use super::{ReadError, many, read, signed, unsigned};

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The leaf.
    pub leaf: Vec<u8>,
    /// Its hash.
    pub leaf_hash: Vec<u8>,
    /// The hash that its payload is stored by.
    pub payload_hash: Vec<u8>,
    /// Whom it is about.
    pub subject: String,
    /// Number of its kind.
    pub kind: i64,
    /// When its batch was sealed.
    pub time: i64,
    /// The payload.
    pub payload: Vec<u8>,
}

service::from_columns!(StoredEntry {
    leaf,
    leaf_hash,
    payload_hash,
    subject,
    kind,
    time,
    payload
});

/// Reads what is stored, to be hashed again.
pub trait StoredRows: Send {
    /// The right edge of the tree of `size` leaves.
    ///
    /// # Errors
    /// [`ReadError`]
    fn frontier(&mut self, size: u64) -> impl Future<Output = Result<Frontier, ReadError>> + Send;

    /// Hashes of single subtrees.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where one is missing.
    fn nodes(
        &mut self,
        nodes: Vec<NodeId>,
    ) -> impl Future<Output = Result<BTreeMap<NodeId, tlog::Hash>, ReadError>> + Send;

    /// Entries `start..end`, in order, as many as there are.
    ///
    /// # Errors
    /// [`ReadError`]
    fn entries(&mut self, start: u64, end: u64) -> impl Future<Output = Result<Vec<StoredEntry>, ReadError>> + Send;

    /// The nodes of the map that are stored by these hashes, those that there are.
    ///
    /// # Errors
    /// [`ReadError`]
    fn map_nodes(&mut self, hashes: &[Hash])
    -> impl Future<Output = Result<BTreeMap<Hash, Vec<u8>>, ReadError>> + Send;

    /// The records of the map that are stored by these hashes, those that there are.
    ///
    /// # Errors
    /// [`ReadError`]
    fn records(&mut self, hashes: &[Hash]) -> impl Future<Output = Result<BTreeMap<Hash, Vec<u8>>, ReadError>> + Send;
}

impl StoredRows for SqliteConnection {
    async fn frontier(&mut self, size: u64) -> Result<Frontier, ReadError> {
        read::frontier(self, size).await
    }

    async fn nodes(&mut self, nodes: Vec<NodeId>) -> Result<BTreeMap<NodeId, tlog::Hash>, ReadError> {
        read::nodes_of(self, nodes).await
    }

    async fn entries(&mut self, start: u64, end: u64) -> Result<Vec<StoredEntry>, ReadError> {
        let entries: Vec<StoredEntry> = sqlx::query_as(
            "SELECT leaf, leaf_hash, payload_hash, subject, kind, time, bytes AS payload
             FROM entries JOIN blobs ON blobs.hash = entries.payload_hash WHERE idx >= ? AND idx < ? ORDER BY idx",
        )
        .bind(signed(start))
        .bind(signed(end))
        .fetch_all(&mut *self)
        .await?;
        Ok(entries)
    }

    async fn map_nodes(&mut self, hashes: &[Hash]) -> Result<BTreeMap<Hash, Vec<u8>>, ReadError> {
        many::by_hash(self, "SELECT hash, node FROM map_nodes WHERE hash IN (", hashes).await
    }

    async fn records(&mut self, hashes: &[Hash]) -> Result<BTreeMap<Hash, Vec<u8>>, ReadError> {
        many::by_hash(self, "SELECT hash, record FROM records WHERE hash IN (", hashes).await
    }
}

/// The times that entries are stored with: one for each batch, that of its map head, or an earlier one where the clock
/// was set back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    batch: Option<u64>,
    map_head: Option<u64>,
}

impl Times {
    /// Takes the time of the next entry, and what it says where it is a map head.
    fn take(&mut self, time: u64, map_head: Option<u64>) -> bool {
        if self.batch.replace(time).is_some_and(|batch| batch != time) {
            return false;
        }
        let Some(says) = map_head else { return true };
        self.batch = None;
        let before = self.map_head.replace(says);
        time == says || (time < says && before.is_none_or(|before| before == says))
    }
}

impl StoredEntry {
    /// Whether the columns beside the leaf are those of the leaf.
    fn is_of(&self, leaf: &Leaf, times: &mut Times) -> bool {
        let map_head = match leaf.kind {
            Kind::MapHead => match MapHead::parse(&self.payload) {
                Ok(head) => Some(head.time),
                Err(_) => return false,
            },
            _ => None,
        };
        self.subject == leaf.subject
            && unsigned(self.kind) == leaf.kind.number()
            && times.take(unsigned(self.time), map_head)
    }
}

/// Hashes the entries up to `end` as they are stored, and holds them against their names, the columns beside them and
/// the stored tree. The frontier is that of the entries before, and moves on.
pub(crate) async fn hash_entries<R: StoredRows>(
    stored: &mut R,
    frontier: &mut Frontier,
    times: &mut Times,
    end: u64,
) -> Result<(), ReadError> {
    let start = frontier.size();
    let rows = stored.entries(start, end).await?;
    if rows.len() as u64 != end.saturating_sub(start) {
        return Err(ReadError::Damaged("entries"));
    }
    let mut tree = BTreeMap::new();
    for row in &rows {
        let hash = leaf_hash(&row.leaf);
        let payload = BlobRef::of(&row.payload);
        let names = Leaf::parse(&row.leaf).is_ok_and(|leaf| leaf.payload == payload && row.is_of(&leaf, times));
        if !names || hash.as_bytes().as_slice() != row.leaf_hash || payload.hash.as_slice() != row.payload_hash {
            return Err(ReadError::Damaged("entries"));
        }
        frontier.append_with(hash, |node, hash| {
            tree.insert(node, hash);
        });
    }
    if stored.nodes(tree.keys().copied().collect()).await? != tree {
        return Err(ReadError::Damaged("hashes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Times;

    #[test]
    fn a_clock_that_was_set_back_is_no_damage() {
        let mut times = Times::default();
        // A batch of two and its map head, one while the clock is back, one as it should be.
        let fits = [
            (100, None),
            (100, None),
            (100, Some(100)),
            (90, None),
            (90, Some(100)),
            (120, Some(120)),
        ];
        assert!(fits.into_iter().all(|(time, says)| times.take(time, says)));
        for damaged in [
            [(130, None), (131, Some(131))],
            [(130, None), (130, Some(129))],
            [(130, None), (130, Some(131))],
        ] {
            let mut times = times;
            assert!(
                !damaged.into_iter().all(|(time, says)| times.take(time, says)),
                "{damaged:?}"
            );
        }
    }
}
