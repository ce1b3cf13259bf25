//! SQLite: one file, durable, migrated by number.

mod checkpoint;
mod group;
mod quick;

pub use group::Write;
pub use quick::Reading;

use std::path::Path;
use std::time::{Duration, Instant};

use http::StatusCode;
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteQueryResult,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::problem::Problem;
use checkpoint::Checkpoints;
use group::Writers;
use quick::Quick;

/// How long a connection waits for a lock or for its turn.
const WAIT: Duration = Duration::from_secs(2);
/// How long opening waits for another process that migrates the same file.
const OPENING: Duration = Duration::from_secs(30);
/// Connections for reading.
const READERS: u32 = 4;
/// Pages in the memory of a connection, in KiB: as much as SQLite takes by itself.
const CACHE_KIB: u32 = 2_000;
/// Rows that SQLite's thread may be ahead of who reads: it and the reader wake each other for as many at a time.
const ROWS_AHEAD: usize = 512;

/// One SQLite file in WAL mode with `synchronous=FULL`: what is committed
/// survives a power cut.
///
/// There is exactly one writing connection, so writers queue in this process
/// and never meet `SQLITE_BUSY`; those that queue are committed together. Readers
/// see the last commit and never wait.
#[derive(Debug, Clone)]
pub struct Sqlite {
    writer: SqlitePool,
    writers: Writers,
    reader: SqlitePool,
    quick: Quick,
    checkpoints: Checkpoints,
}

/// The problem that a failed query becomes; the cause goes to the log, never outside.
pub(crate) fn problem(error: &sqlx::Error) -> Problem {
    if matches!(error, sqlx::Error::PoolTimedOut) {
        tracing::warn!("the store is busy");
        let title = "Try again in a moment.";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title).retry_after(2);
    }
    tracing::error!(%error, "the store failed");
    Problem::internal()
}

/// Whether the disk did not sync what SQLite wrote (`SQLITE_IOERR_FSYNC`, `SQLITE_IOERR_DIR_FSYNC`). What of it survives a
/// power cut nobody knows then, and a second try tells nothing: the system may take pages for written that are not.
#[must_use]
pub fn is_not_synced(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| matches!(&*code, "1034" | "1290"))
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file was written by a newer version of this program.
    #[error("the store has schema {found}, this version knows {known}: use a newer version")]
    Newer {
        /// The number in the file.
        found: i64,
        /// The highest number known here.
        known: i64,
    },
    /// A migration failed; the file is as it was before it.
    #[error("migration {number} failed")]
    Migration {
        /// The number of the migration, from 1.
        number: i64,
        /// The cause.
        #[source]
        source: sqlx::Error,
    },
    /// The file cannot be opened or is no database.
    #[error("the store cannot be opened")]
    Open(#[source] sqlx::Error),
}

impl Sqlite {
    /// Opens or makes the file and brings it to the newest schema. Migration
    /// number n (from 1) is `migrations[n - 1]`; each runs in a transaction with
    /// its `user_version`.
    ///
    /// # Errors
    /// [`StoreError`]; a file from a newer version is left untouched.
    pub async fn open(path: &Path, migrations: &[&'static str]) -> Result<Self, StoreError> {
        Self::open_caching(path, migrations, CACHE_KIB).await
    }

    /// The same for a store whose transactions touch many pages: the connection that writes keeps up to so many KiB of
    /// them in memory. What does not find room is written to the log before the commit, and read again.
    ///
    /// # Errors
    /// As of [`Sqlite::open`].
    pub async fn open_caching(path: &Path, migrations: &[&'static str], cache_kib: u32) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .row_buffer_size(ROWS_AHEAD)
            .busy_timeout(WAIT);
        // The first connection switches to WAL and migrates, which may take its
        // time on a busy disk; requests never wait so long.
        let mut first = open_first(&options.clone().busy_timeout(OPENING), migrations).await?;
        settle(&mut first).await?;
        // A connection is a thread in this process: asking it before each use whether it is there costs as much as a
        // query.
        let pool = || SqlitePoolOptions::new().test_before_acquire(false);
        let writer = pool()
            .max_connections(1)
            .acquire_timeout(WAIT)
            .connect_lazy_with(Checkpoints::of_writer(options.clone()).pragma("cache_size", format!("-{cache_kib}")));
        let checkpoints = Checkpoints::begin(options.clone());
        let reader = pool()
            .max_connections(READERS)
            .acquire_timeout(WAIT)
            .connect_lazy_with(options.clone().read_only(true).create_if_missing(false));
        let quick = Quick::new(options.read_only(true).create_if_missing(false));
        // Closed only now that the writer is open: the last one to close takes
        // the write-ahead log away.
        drop(writer.acquire().await.map_err(StoreError::Open)?);
        first.close().await.map_err(StoreError::Open)?;
        Ok(Self {
            writers: Writers::new(writer.clone(), checkpoints.clone()),
            writer,
            reader,
            quick,
            checkpoints,
        })
    }

    /// Begins a transaction that writes, and holds the write lock from its beginning. Others that wait for it are
    /// committed together with it. What it reads may be of another that is not committed yet: whoever answers yes by
    /// what it read commits first, though it has written nothing.
    ///
    /// # Errors
    /// [`sqlx::Error::PoolTimedOut`] where its turn does not come in time; those of SQLite.
    pub async fn begin(&self) -> Result<Write, sqlx::Error> {
        self.writers.begin().await
    }

    /// Runs one statement that writes, as a transaction of its own; it is durable when this returns.
    ///
    /// # Errors
    /// [`sqlx::Error::PoolTimedOut`] where its turn does not come in time; those of SQLite.
    pub async fn execute(
        &self,
        query: Query<'_, sqlx::Sqlite, SqliteArguments>,
    ) -> Result<SqliteQueryResult, sqlx::Error> {
        self.writers.execute(query).await
    }

    /// The one connection that writes. A transaction begun here holds it until
    /// it ends, and is committed alone. Those who write by [`Sqlite::begin`] and [`Sqlite::execute`] keep it for some
    /// milliseconds after each other.
    #[must_use]
    pub fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// A connection for a short read, which others wait for. Whoever reads for longer takes one of
    /// [`Sqlite::reader`].
    ///
    /// # Errors
    /// [`sqlx::Error::PoolTimedOut`] where none becomes free in time, and when it cannot be opened.
    pub async fn read(&self) -> Result<Reading, sqlx::Error> {
        self.quick.read().await
    }

    /// The connections that read.
    #[must_use]
    pub fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// A connection of its own that reads: nothing that the others hold in memory is in it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn read_afresh(&self) -> Result<SqliteConnection, sqlx::Error> {
        SqliteConnection::connect_with(&self.reader.connect_options()).await
    }

    /// Closes the file after running transactions have ended.
    pub async fn close(&self) {
        self.checkpoints.close().await;
        self.quick.close().await;
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Opens and migrates, and tries again while another process does the same:
/// SQLite does not wait for the switch to WAL, whatever the busy timeout.
async fn open_first(
    options: &SqliteConnectOptions,
    migrations: &[&'static str],
) -> Result<SqliteConnection, StoreError> {
    let end = Instant::now() + OPENING;
    loop {
        let opened = async {
            let mut connection = SqliteConnection::connect_with(options)
                .await
                .map_err(StoreError::Open)?;
            migrate(&mut connection, migrations).await?;
            Ok(connection)
        };
        match opened.await {
            Err(StoreError::Open(error)) if is_busy(&error) && Instant::now() < end => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other,
        }
    }
}

/// What an earlier run wrote may be in the memory of the system alone, where its sync failed: it is brought into the file,
/// and synced, before anybody builds on it.
async fn settle(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let moved = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(connection).await;
    match moved {
        Err(error) if is_not_synced(&error) => Err(StoreError::Open(error)),
        Err(error) => {
            // There may be no room: what is in the write-ahead log stays there.
            tracing::warn!(%error, "the write-ahead log was not moved");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

/// `SQLITE_BUSY`.
fn is_busy(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code == "5")
}

async fn migrate(connection: &mut SqliteConnection, migrations: &[&'static str]) -> Result<(), StoreError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found = user_version(connection).await.map_err(StoreError::Open)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (number, &sql) in (1_i64..).zip(migrations).filter(|&(number, _)| number > found) {
        let applied = apply(connection, number, sql).await;
        applied.map_err(|source| StoreError::Migration { number, source })?;
    }
    Ok(())
}

/// Runs a migration unless another process has done so in the meantime: the
/// number is read again under the write lock.
async fn apply(connection: &mut SqliteConnection, number: i64, sql: &'static str) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    if user_version(&mut transaction).await? < number {
        sqlx::raw_sql(sql).execute(&mut *transaction).await?;
        let version = AssertSqlSafe(format!("PRAGMA user_version = {number}"));
        sqlx::raw_sql(version).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

async fn user_version(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await
}

/// Reads a struct from a row, each field from the column of its name. The derive of `sqlx` would
/// do, but builds SQLite, Tokio and itself a second time, for the compiler.
#[macro_export]
macro_rules! from_columns {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),* })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::{Sqlite, StoreError};

    const FIRST: &str = "CREATE TABLE a (x INTEGER PRIMARY KEY);";
    const SECOND: &str = "CREATE TABLE b (y TEXT); INSERT INTO b VALUES ('1');";

    async fn version(store: &Sqlite) -> i64 {
        sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(store.reader())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn migrations_run_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Sqlite::open(&path, &[FIRST]).await.unwrap();
        assert_eq!(version(&store).await, 1);
        store.close().await;
        for _ in 0..2 {
            let store = Sqlite::open(&path, &[FIRST, SECOND]).await.unwrap();
            assert_eq!(version(&store).await, 2);
            let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM b")
                .fetch_one(store.reader())
                .await
                .unwrap();
            assert_eq!(rows, 1);
            store.close().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn several_that_open_a_new_file_at_once_migrate_it_once() {
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.db");
            let open = || {
                let path = path.clone();
                tokio::spawn(async move { Sqlite::open(&path, &[FIRST, SECOND]).await })
            };
            let (one, two, three) = tokio::join!(open(), open(), open());
            for store in [one, two, three] {
                let store = store.unwrap().unwrap();
                let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM b")
                    .fetch_one(store.reader())
                    .await
                    .unwrap();
                assert_eq!(rows, 1);
            }
        }
    }

    #[tokio::test]
    async fn the_file_is_durable_and_readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("store.db"), &[FIRST]).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(store.writer())
            .await
            .unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(store.writer())
            .await
            .unwrap();
        assert_eq!((mode.as_str(), synchronous), ("wal", 2));
        assert!(
            sqlx::query("INSERT INTO a VALUES (1)")
                .execute(store.reader())
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn j7_a_newer_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        Sqlite::open(&path, &[FIRST, SECOND]).await.unwrap().close().await;
        let error = Sqlite::open(&path, &[FIRST]).await.unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1 }), "{error:?}");
    }

    #[tokio::test]
    async fn l5_a_failing_migration_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        Sqlite::open(&path, &[FIRST]).await.unwrap().close().await;
        let broken = "CREATE TABLE c (z TEXT); INSERT INTO nowhere VALUES (1);";
        let error = Sqlite::open(&path, &[FIRST, broken]).await.unwrap_err();
        assert!(matches!(error, StoreError::Migration { number: 2, .. }), "{error:?}");
        let store = Sqlite::open(&path, &[FIRST]).await.unwrap();
        assert_eq!(version(&store).await, 1);
        assert!(
            sqlx::query("SELECT * FROM c")
                .fetch_optional(store.reader())
                .await
                .is_err()
        );
    }
}
