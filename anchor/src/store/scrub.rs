//! What is stored, hashed again: before the swap of a batch, and day by day.

use std::collections::BTreeMap;

use ledger::{BlobRef, Hash, Leaf, MapNode, PrivateBlob};
use sqlx::SqliteConnection;
use tlog::{Frontier, leaf_hash};

use super::read::nodes_of;
use super::{Head, ReadError, Store, signed};
use crate::scrub::PORTION;

/// A pass over what was committed when it began.
#[derive(Debug)]
pub(crate) struct Pass {
    head: Head,
    /// The tree of the entries that were hashed.
    frontier: Frontier,
    next: Place,
}

/// Which rows are next.
#[derive(Debug)]
enum Place {
    Entries,
    /// After the row of this name.
    Named(Named, Vec<u8>),
    /// After the row of this subject.
    Subjects(String),
    End,
}

/// Tables whose rows are named by their hash.
#[derive(Clone, Copy, Debug)]
enum Named {
    PrivateBlobs,
    MapNodes,
    Records,
}

impl Store {
    /// Begins a pass.
    ///
    /// # Errors
    /// [`ReadError`]
    pub(crate) async fn begin_pass(&self) -> Result<Pass, ReadError> {
        Ok(Pass {
            head: self.head().await?.ok_or(ReadError::Damaged("head"))?,
            frontier: Frontier::default(),
            next: Place::Entries,
        })
    }

    /// Hashes the next portion again; false once there is none. After an error the pass is over.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where the bytes are not those that were committed.
    pub(crate) async fn hash_again(&self, pass: &mut Pass) -> Result<bool, ReadError> {
        // One read transaction: rows that belong together are of one state.
        let mut connection = self.sqlite.reader().begin().await?;
        let next = match std::mem::replace(&mut pass.next, Place::End) {
            Place::Entries => pass.entries(&mut connection).await?,
            Place::Named(table, after) => named(&mut connection, table, after).await?,
            Place::Subjects(after) => subjects(&mut connection, after).await?,
            Place::End => Place::End,
        };
        pass.next = next;
        Ok(!matches!(pass.next, Place::End))
    }
}

impl Pass {
    async fn entries(&mut self, connection: &mut SqliteConnection) -> Result<Place, ReadError> {
        let end = self.head.size.min(self.frontier.size() + PORTION);
        hash_entries(connection, &mut self.frontier, end).await?;
        if end < self.head.size {
            return Ok(Place::Entries);
        }
        if self.frontier.root() != self.head.root {
            return Err(ReadError::Damaged("entries"));
        }
        Ok(Place::Named(Named::PrivateBlobs, Vec::new()))
    }
}

impl Named {
    fn statement(self) -> &'static str {
        match self {
            Self::PrivateBlobs => {
                "SELECT commitment, salt, bytes FROM private_blobs WHERE commitment > ? ORDER BY commitment LIMIT ?"
            }
            Self::MapNodes => "SELECT hash, x'', node FROM map_nodes WHERE hash > ? ORDER BY hash LIMIT ?",
            Self::Records => "SELECT hash, x'', record FROM records WHERE hash > ? ORDER BY hash LIMIT ?",
        }
    }

    /// The name that a row should have.
    fn name(self, salt: &[u8], bytes: &[u8]) -> Option<Hash> {
        match self {
            Self::PrivateBlobs => Some(
                PrivateBlob {
                    salt: salt.try_into().ok()?,
                    bytes: bytes.to_vec(),
                }
                .commitment(),
            ),
            Self::MapNodes => MapNode::from_bytes(bytes).map(|node| node.hash()),
            Self::Records => Some(BlobRef::of(bytes).hash),
        }
    }

    fn damaged(self) -> ReadError {
        ReadError::Damaged(match self {
            Self::PrivateBlobs => "private blobs",
            Self::MapNodes => "map nodes",
            Self::Records => "records",
        })
    }

    fn after(self) -> Place {
        match self {
            Self::PrivateBlobs => Place::Named(Self::MapNodes, Vec::new()),
            Self::MapNodes => Place::Named(Self::Records, Vec::new()),
            Self::Records => Place::Subjects(String::new()),
        }
    }
}

/// An entry as it is stored.
struct StoredEntry {
    leaf: Vec<u8>,
    leaf_hash: Vec<u8>,
    payload_hash: Vec<u8>,
    payload: Vec<u8>,
}

service::from_columns!(StoredEntry {
    leaf,
    leaf_hash,
    payload_hash,
    payload
});

/// Hashes the entries up to `end` as they are stored, and holds them against their names and the stored tree. The
/// frontier is that of the entries before, and moves on.
pub(super) async fn hash_entries(
    connection: &mut SqliteConnection,
    frontier: &mut Frontier,
    end: u64,
) -> Result<(), ReadError> {
    let start = frontier.size();
    let rows: Vec<StoredEntry> = sqlx::query_as(
        "SELECT leaf, leaf_hash, payload_hash, bytes AS payload FROM entries JOIN blobs ON blobs.hash = entries.payload_hash
         WHERE idx >= ? AND idx < ? ORDER BY idx",
    )
    .bind(signed(start))
    .bind(signed(end))
    .fetch_all(&mut *connection)
    .await?;
    if rows.len() as u64 != end.saturating_sub(start) {
        return Err(ReadError::Damaged("entries"));
    }
    let mut tree = BTreeMap::new();
    for row in &rows {
        let hash = leaf_hash(&row.leaf);
        let payload = BlobRef::of(&row.payload);
        let names = Leaf::parse(&row.leaf).is_ok_and(|leaf| leaf.payload == payload);
        if !names || hash.as_bytes().as_slice() != row.leaf_hash || payload.hash.as_slice() != row.payload_hash {
            return Err(ReadError::Damaged("entries"));
        }
        frontier.append_with(hash, |node, hash| {
            tree.insert(node, hash);
        });
    }
    if nodes_of(connection, tree.keys().copied().collect()).await? != tree {
        return Err(ReadError::Damaged("hashes"));
    }
    Ok(())
}

async fn named(connection: &mut SqliteConnection, table: Named, after: Vec<u8>) -> Result<Place, ReadError> {
    let rows: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> = sqlx::query_as(table.statement())
        .bind(after)
        .bind(signed(PORTION))
        .fetch_all(connection)
        .await?;
    let is_good = |(name, salt, bytes): &(Vec<u8>, Vec<u8>, Vec<u8>)| {
        table.name(salt, bytes).is_some_and(|hash| hash.as_slice() == name)
    };
    if !rows.iter().all(is_good) {
        return Err(table.damaged());
    }
    Ok(match rows.into_iter().next_back() {
        Some((last, ..)) => Place::Named(table, last),
        None => table.after(),
    })
}

/// What the next entries are judged by: the record of each subject has to be one that the map has now.
async fn subjects(connection: &mut SqliteConnection, after: String) -> Result<Place, ReadError> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT subject, record FROM subjects WHERE subject > ? ORDER BY subject LIMIT ?")
            .bind(after)
            .bind(signed(PORTION))
            .fetch_all(&mut *connection)
            .await?;
    for (_, record) in &rows {
        let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM records WHERE hash = ? AND removed_at IS NULL")
            .bind(BlobRef::of(record).hash.as_slice())
            .fetch_optional(&mut *connection)
            .await?;
        if found.is_none() {
            return Err(ReadError::Damaged("subjects"));
        }
    }
    Ok(match rows.into_iter().next_back() {
        Some((last, _)) => Place::Subjects(last),
        None => Place::End,
    })
}
