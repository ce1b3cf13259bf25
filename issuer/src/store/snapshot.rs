//! What the ledger is to be told about the status lists, and the newest time it has told us.

use sqlx::{Row, SqliteExecutor};

use super::{Write, signed, unsigned};

/// Where the status snapshot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotState {
    /// Since when a change waits to be anchored.
    pub wanted_since: Option<u64>,
    /// When the last snapshot was anchored.
    pub published_at: u64,
}

/// Where it stands.
pub async fn state(executor: impl SqliteExecutor<'_>) -> Result<SnapshotState, sqlx::Error> {
    let row = sqlx::query("SELECT wanted_since, published_at FROM snapshot")
        .fetch_one(executor)
        .await?;
    let wanted: Option<i64> = row.try_get("wanted_since")?;
    Ok(SnapshotState {
        wanted_since: wanted.map(unsigned),
        published_at: unsigned(row.try_get("published_at")?),
    })
}

/// Marks that something changed, unless something earlier waits already.
pub async fn want(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE snapshot SET wanted_since = coalesce(wanted_since, ?)")
        .bind(signed(now))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// A snapshot of this time was anchored, made when the lists' versions added up to `versions`. What changed since
/// still waits.
pub async fn published(write: &mut Write, time: u64, versions: u64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE snapshot SET published_at = ?1, wanted_since =
         CASE WHEN (SELECT coalesce(sum(version), 0) FROM status_lists) > ?2 THEN wanted_since END",
    )
    .bind(signed(time))
    .bind(signed(versions))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// The newest quorum time ever accepted.
pub async fn newest_seen(executor: impl SqliteExecutor<'_>) -> Result<u64, sqlx::Error> {
    sqlx::query_scalar("SELECT newest_seen FROM snapshot")
        .fetch_one(executor)
        .await
        .map(unsigned)
}

/// Keeps a quorum time; it is never lowered.
pub async fn saw(write: &mut Write, time: u64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE snapshot SET newest_seen = max(newest_seen, ?)")
        .bind(signed(time))
        .execute(&mut **write)
        .await?;
    Ok(())
}
