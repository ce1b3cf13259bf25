//! Everything that must survive, in one SQLite file.
//!
//! What is acknowledged is durable: each request that changes something runs in one transaction, which is committed
//! before the answer is made.
//!
//! A statement is a message to SQLite's thread and back, which costs more than most of them do: what is asked for at
//! the same time is one statement. Connections that only read fill their page cache anew after every commit; in a
//! transaction the cache is warm.

pub mod authorizations;
pub mod cards;
pub mod deferred;
pub mod list_history;
pub mod offers;
pub mod people;
pub mod refresh_tokens;
pub mod snapshot;
pub mod status_lists;
pub mod together;
pub mod tokens;
pub mod used;

use std::path::Path;

pub use service::store::Write;
use service::store::{Reading, Sqlite as File, StoreError};
use sqlx::SqlitePool;

/// The migrations, from the first.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("console.sql"),
    service::signin::SCHEMA,
    service::idempotency::SCHEMA,
    include_str!("authorization.sql"),
    include_str!("deferred.sql"),
    include_str!("grants.sql"),
    include_str!("batch_grants.sql"),
    include_str!("list_history.sql"),
    include_str!("formats.sql"),
    include_str!("list_bits.sql"),
];

/// The issuer's store.
#[derive(Debug, Clone)]
pub struct Store(File);

impl Store {
    /// Opens or makes `issuer.sqlite` in the data folder.
    pub async fn open(data_dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(data_dir).map_err(|error| StoreError::Open(sqlx::Error::Io(error)))?;
        File::open(&data_dir.join("issuer.sqlite"), MIGRATIONS).await.map(Self)
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> Result<Write, sqlx::Error> {
        self.0.begin().await
    }

    /// A connection for a short read of the last commit.
    ///
    /// # Errors
    /// Those of [`File::read`].
    pub async fn read(&self) -> Result<Reading, sqlx::Error> {
        self.0.read().await
    }

    /// Connections that read the last commit.
    #[must_use]
    pub fn reader(&self) -> &SqlitePool {
        self.0.reader()
    }

    /// The file, for what all services keep in theirs: operators, and answers given again.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.0
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

/// SQLite's integers are signed; no time or number here reaches the difference.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// A stored value that this version cannot read.
pub(crate) fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
