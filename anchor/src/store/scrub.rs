//! What is stored, hashed again: before the swap of a batch, and day by day.

use ledger::{BlobRef, Hash, MapNode, PrivateBlob};
use sqlx::{Connection, SqliteConnection};
use tlog::{Frontier, UnverifiedCheckpoint};

use super::read::frontier;
use super::rows::{Times, hash_entries};
use super::{Head, ReadError, Store, signed, unsigned};
use crate::scrub::{PORTION, altered};

/// A pass over what was committed when it began.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    head: Head,
    /// The tree of the entries that were hashed.
    frontier: Frontier,
    times: Times,
    next: Place,
}

/// Which rows are next.
#[derive(Clone, Debug)]
enum Place {
    /// From this index.
    Entries(u64),
    /// After the row of this name.
    Named(Named, Vec<u8>),
    /// After this row.
    Subjects(u64),
    /// After the receipt of this size.
    Receipts(u64),
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
            times: Times::default(),
            next: Place::Entries(0),
        })
    }

    /// Hashes the next portion again. One that is not as it was committed, or cannot be read, is read once more through
    /// a connection of its own. Gives why a portion was passed over.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] where the bytes are not those that were committed, and whatever keeps all of the store
    /// from being read; the pass is then over.
    pub(crate) async fn hash_again(&self, pass: &mut Pass) -> Result<Option<ReadError>, ReadError> {
        // One read transaction: rows that belong together are of one state.
        let mut transaction = self.sqlite.reader().begin().await?;
        let first = pass.clone().portion(&mut transaction).await;
        drop(transaction);
        let hashed = match first {
            Ok(hashed) => Ok(hashed),
            Err(error) => {
                if let Some(part) = altered(&error) {
                    tracing::warn!(part, "the store is not as it was committed, and is read once more");
                }
                self.portion_afresh(pass.clone()).await?
            }
        };
        match hashed {
            Ok(hashed) => {
                *pass = hashed;
                Ok(None)
            }
            Err(error) if altered(&error).is_some() => Err(error),
            Err(error) => {
                pass.pass_over();
                Ok(Some(error))
            }
        }
    }

    async fn portion_afresh(&self, pass: Pass) -> Result<Result<Pass, ReadError>, sqlx::Error> {
        let mut connection = self.sqlite.read_afresh().await?;
        let mut transaction = connection.begin().await?;
        let hashed = pass.portion(&mut transaction).await;
        drop(transaction);
        drop(connection.close().await);
        Ok(hashed)
    }
}

impl Pass {
    /// Whether there is another portion.
    pub(crate) fn has_more(&self) -> bool {
        !matches!(self.next, Place::End)
    }

    /// The pass after its next portion.
    async fn portion(mut self, connection: &mut SqliteConnection) -> Result<Self, ReadError> {
        self.next = match self.next.clone() {
            Place::Entries(start) => self.entries(connection, start).await?,
            Place::Named(table, after) => named(connection, table, after).await?,
            Place::Subjects(after) => subjects(connection, after).await?,
            Place::Receipts(after) => receipts(connection, after).await?,
            Place::End => Place::End,
        };
        Ok(self)
    }

    async fn entries(&mut self, connection: &mut SqliteConnection, start: u64) -> Result<Place, ReadError> {
        if self.frontier.size() != start {
            // The portion before was passed over: what is stored of the tree stands for it.
            self.frontier = frontier(connection, start).await?;
            self.times = Times::default();
        }
        let end = self.end_of_portion(start);
        hash_entries(connection, &mut self.frontier, &mut self.times, end).await?;
        if end == self.head.size && self.frontier.root() != self.head.root {
            return Err(ReadError::Damaged("entries"));
        }
        Ok(self.after_entries(end))
    }

    fn end_of_portion(&self, start: u64) -> u64 {
        self.head.size.min(start.saturating_add(PORTION))
    }

    fn after_entries(&self, end: u64) -> Place {
        if end < self.head.size {
            Place::Entries(end)
        } else {
            Place::Named(Named::PrivateBlobs, Vec::new())
        }
    }

    /// Goes on after a portion that cannot be read. Nobody knows which names it has: where rows are named by their
    /// hash, all that begin with the same byte are passed over.
    fn pass_over(&mut self) {
        let more = |after: u64| after.saturating_add(PORTION);
        self.next = match &self.next {
            Place::Entries(start) => self.after_entries(self.end_of_portion(*start)),
            Place::Named(table, after) => match after.first().copied().unwrap_or_default().checked_add(1) {
                Some(byte) => Place::Named(*table, vec![byte]),
                None => table.after(),
            },
            // There are no more subjects than entries.
            Place::Subjects(after) if more(*after) < self.head.size => Place::Subjects(more(*after)),
            Place::Subjects(_) => Place::Receipts(0),
            Place::Receipts(after) if more(*after) < self.head.size => Place::Receipts(more(*after)),
            Place::Receipts(_) | Place::End => Place::End,
        };
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
            Self::Records => Place::Subjects(0),
        }
    }
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
async fn subjects(connection: &mut SqliteConnection, after: u64) -> Result<Place, ReadError> {
    let rows: Vec<(i64, String, Vec<u8>)> =
        sqlx::query_as("SELECT rowid, subject, record FROM subjects WHERE rowid > ? ORDER BY rowid LIMIT ?")
            .bind(signed(after))
            .bind(signed(PORTION))
            .fetch_all(&mut *connection)
            .await?;
    for (_, _, record) in &rows {
        let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM records WHERE hash = ? AND removed_at IS NULL")
            .bind(BlobRef::of(record).hash.as_slice())
            .fetch_optional(&mut *connection)
            .await?;
        if found.is_none() {
            return Err(ReadError::Damaged("subjects"));
        }
    }
    Ok(match rows.last() {
        Some((last, ..)) => Place::Subjects(unsigned(*last)),
        None => Place::Receipts(0),
    })
}

/// Each receipt has to say what the tree was at its size. Who signed it is for readers to check.
async fn receipts(connection: &mut SqliteConnection, after: u64) -> Result<Place, ReadError> {
    let damaged = ReadError::Damaged("receipts");
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT size, note FROM receipts WHERE size > ? ORDER BY size LIMIT ?")
            .bind(signed(after))
            .bind(signed(PORTION))
            .fetch_all(&mut *connection)
            .await?;
    for (size, note) in &rows {
        let Ok(note) = UnverifiedCheckpoint::parse(note) else {
            return Err(damaged);
        };
        let (checkpoint, size) = (note.dangerous_checkpoint(), unsigned(*size));
        if checkpoint.size() != size || *checkpoint.root() != frontier(connection, size).await?.root() {
            return Err(damaged);
        }
    }
    Ok(match rows.last() {
        Some((last, _)) => Place::Receipts(unsigned(*last)),
        None => Place::End,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ledger::{Kind, LeafBuilder, Map, MapHead};
    use tlog::leaf_hash;

    use super::*;
    use crate::store::{Batch, NewEntry};

    const ORIGIN: &str = "log.example/1";

    /// A store with one entry, a map head.
    async fn committed(folder: &std::path::Path) -> Store {
        let store = Store::open(&folder.join("log.db")).await.unwrap();
        let map_root = Map::empty().root();
        let map_head = MapHead {
            root: map_root,
            size: 0,
            time: 100,
        };
        let submission = LeafBuilder::new(Kind::MapHead, ORIGIN, None, map_head.encode()).written_by_log();
        let leaf = submission.leaf().encode();
        let (mut frontier, mut hashes) = (Frontier::default(), Vec::new());
        frontier.append_with(leaf_hash(&leaf), |node, hash| hashes.push((node, hash)));
        let head = |size, root| Head { size, root, map_root };
        let batch = Batch {
            before: head(0, tlog::Hash::EMPTY_TREE),
            after: head(1, frontier.root()),
            entries: vec![NewEntry {
                leaf,
                payload: submission.payload().to_vec(),
                private: None,
                subject: ORIGIN.to_owned(),
                kind: Kind::MapHead.number(),
            }],
            hashes,
            map: None,
            records: BTreeMap::new(),
            time: map_head.time,
        };
        store.commit(&batch).await.unwrap();
        store
    }

    /// A whole pass.
    async fn pass(store: &Store) -> Result<(), ReadError> {
        let mut pass = store.begin_pass().await.unwrap();
        while pass.has_more() {
            assert!(store.hash_again(&mut pass).await?.is_none(), "all of it can be read");
        }
        Ok(())
    }

    #[tokio::test]
    async fn what_one_connection_reads_badly_is_read_once_more_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let store = committed(folder.path()).await;
        // Each connection of the pool has a table of its own in front of the one in the file.
        let shadow = "CREATE TEMP TABLE hashes AS SELECT level, idx, zeroblob(32) AS hash FROM main.hashes";
        let mut readers = Vec::new();
        for _ in 0..store.sqlite.reader().options().get_max_connections() {
            let mut reader = store.sqlite.reader().acquire().await.unwrap();
            sqlx::raw_sql(shadow).execute(&mut *reader).await.unwrap();
            readers.push(reader);
        }
        drop(readers);
        pass(&store).await.unwrap();
        sqlx::query("UPDATE hashes SET hash = zeroblob(32)")
            .execute(store.sqlite.writer())
            .await
            .unwrap();
        let found = pass(&store).await;
        assert!(matches!(found, Err(ReadError::Damaged("hashes"))), "{found:?}");
    }
}
