//! The log's one SQLite file. What is committed is never changed; the row `head`
//! is the lock between whoever might write.

mod altered;
mod commit;
mod landmark;
mod log_store;
pub(crate) mod many;
mod map;
mod objects;
mod payloads;
mod published;
mod read;
mod receipt;
mod rows;
mod scrub;
mod transaction;

use std::path::Path;

use service::store::{Sqlite, StoreError};

pub use commit::{Batch, CommitError, NewEntry, NewRecord};
pub(crate) use log_store::NodesOf;
pub use log_store::{LeafAndPayload, LogStore};
pub use map::LoadNode;
pub(crate) use map::with_nodes;
pub(crate) use payloads::PayloadRows;
pub use published::Published;
pub use read::ReadError;
use receipt::NewestReceipts;
pub use rows::{StoredEntry, StoredRows};
pub use transaction::{BatchTransaction, commit_batch};

/// Migrations; the number of a migration is its place, from 1.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    crate::landmarks::SCHEMA,
];

/// Pages that the writer keeps in memory, in KiB. The nodes of the map that a batch changes are all over the file: 256
/// entries of new organisations touch 3 MB of it with ten thousand organisations, 15 MB with a million.
const CACHE_KIB: u32 = 64 * 1024;

/// What is committed: so many entries, this tree, this map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// Root of the tree.
    pub root: tlog::Hash,
    /// Root of the map after all entries.
    pub map_root: ledger::Hash,
}

/// The store of one log.
#[derive(Clone, Debug)]
pub struct Store {
    sqlite: Sqlite,
    receipts: NewestReceipts,
}

impl Store {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened or comes from a newer version.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            sqlite: Sqlite::open_caching(path, MIGRATIONS, CACHE_KIB).await?,
            receipts: NewestReceipts::default(),
        })
    }

    /// Closes the file after running transactions.
    pub async fn close(&self) {
        self.sqlite.close().await;
    }
}

/// SQLite holds signed integers; sizes and times stay far below the limit.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The other way round.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
