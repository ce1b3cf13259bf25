//! Landmarks as log and mirrors keep them: one an hour, which never changes. docs/ledger.md §12
//!
//! The table is the same in the store of a log and in that of a mirror.

use sqlx::SqliteConnection;

/// The migration that makes the table.
pub(crate) const SCHEMA: &str = "
    -- The landmark of each hour, and the landmark file that was made from it. Once there, it stays as it is.
    CREATE TABLE landmarks (hour INTEGER PRIMARY KEY, checkpoint BLOB NOT NULL, file BLOB NOT NULL) STRICT;
";

/// Hours whose landmark is kept, the newest with them.
const KEPT: i64 = 48;

/// A landmark that may be kept.
pub(crate) struct NewLandmark {
    /// Whole UTC hours since 1970.
    pub(crate) hour: u64,
    /// The checkpoint with its cosignatures.
    pub(crate) checkpoint: Vec<u8>,
    /// The landmark file.
    pub(crate) file: Vec<u8>,
}

/// A landmark that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLandmark {
    /// Whole UTC hours since 1970.
    pub hour: u64,
    /// The checkpoint with its cosignatures. docs/ledger.md §12.1
    pub checkpoint: Vec<u8>,
}

/// Keeps the landmark, unless its hour has one, and lets go of those that are too old.
pub(crate) async fn keep(connection: &mut SqliteConnection, new: &NewLandmark) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT OR IGNORE INTO landmarks (hour, checkpoint, file) VALUES (?, ?, ?)")
        .bind(signed(new.hour))
        .bind(new.checkpoint.as_slice())
        .bind(new.file.as_slice())
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM landmarks WHERE hour <= (SELECT max(hour) FROM landmarks) - ?")
        .bind(KEPT)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// The newest two, newest first.
pub(crate) async fn newest(connection: &mut SqliteConnection) -> Result<Vec<StoredLandmark>, sqlx::Error> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT hour, checkpoint FROM landmarks ORDER BY hour DESC LIMIT 2")
        .fetch_all(connection)
        .await?;
    let stored = rows.into_iter().map(|(hour, checkpoint)| StoredLandmark {
        hour: u64::try_from(hour).unwrap_or_default(),
        checkpoint,
    });
    Ok(stored.collect())
}

/// The checkpoint of an hour.
pub(crate) async fn checkpoint(connection: &mut SqliteConnection, hour: u64) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("SELECT checkpoint FROM landmarks WHERE hour = ?")
        .bind(signed(hour))
        .fetch_optional(connection)
        .await
}

/// The landmark file of an hour.
pub(crate) async fn file(connection: &mut SqliteConnection, hour: u64) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("SELECT file FROM landmarks WHERE hour = ?")
        .bind(signed(hour))
        .fetch_optional(connection)
        .await
}

/// SQLite holds signed integers; no hour reaches the other half.
fn signed(hour: u64) -> i64 {
    i64::try_from(hour).unwrap_or(i64::MAX)
}
