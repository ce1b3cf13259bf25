//! The lists as the newest snapshots name them, for those who ask how they were. draft-ietf-oauth-status-list §8.4

use sqlx::{Row, SqliteExecutor};

use super::{Write, signed, unsigned};

/// So long the lists of a snapshot are kept after the next took its place: two days, and a bit.
const KEPT: u64 = 50 * 3_600;

/// The token of a list that a snapshot names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedToken {
    /// The list.
    pub list: i64,
    /// What the snapshot names.
    pub sha256: [u8; 32],
    /// The token with this hash.
    pub token: String,
}

/// A token as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptToken {
    /// The time of the snapshot that names it.
    pub time: u64,
    /// The token.
    pub token: String,
}

/// Keeps what a snapshot of `time` is about to name. What was kept from `not_before` on is dropped: the ledger never took
/// those snapshots.
pub async fn keep(write: &mut Write, time: u64, not_before: u64, named: &[NamedToken]) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM kept_lists WHERE time >= ?")
        .bind(signed(not_before))
        .execute(&mut **write)
        .await?;
    for named in named {
        sqlx::query("INSERT INTO kept_tokens (sha256, token) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(named.sha256.to_vec())
            .bind(&named.token)
            .execute(&mut **write)
            .await?;
        sqlx::query("INSERT INTO kept_lists (list_id, time, sha256) VALUES (?, ?, ?)")
            .bind(named.list)
            .bind(signed(time))
            .bind(named.sha256.to_vec())
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// The token of a list in the newest snapshot that is not later than `time`, and later than `after`.
pub async fn at(
    executor: impl SqliteExecutor<'_>,
    name: &str,
    time: u64,
    after: u64,
) -> Result<Option<KeptToken>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT kept_lists.time AS time, kept_tokens.token AS token FROM kept_lists
         JOIN kept_tokens ON kept_tokens.sha256 = kept_lists.sha256
         JOIN status_lists ON status_lists.id = kept_lists.list_id
         WHERE status_lists.name = ? AND kept_lists.time <= ? AND kept_lists.time > ?
         ORDER BY kept_lists.time DESC LIMIT 1",
    )
    .bind(name)
    .bind(signed(time))
    .bind(signed(after))
    .fetch_optional(executor)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(KeptToken {
        time: unsigned(row.try_get("time")?),
        token: row.try_get("token")?,
    }))
}

/// Drops the lists of snapshots whose place another took long ago. The newest snapshot stays.
pub async fn forget(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM kept_lists WHERE time < (SELECT max(time) FROM kept_lists WHERE time <= ?)")
        .bind(signed(now.saturating_sub(KEPT)))
        .execute(&mut **write)
        .await?;
    sqlx::query("DELETE FROM kept_tokens WHERE sha256 NOT IN (SELECT sha256 FROM kept_lists)")
        .execute(&mut **write)
        .await?;
    Ok(())
}
