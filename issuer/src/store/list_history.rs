//! The lists as the newest snapshots name them, for those who ask how they were. draft-ietf-oauth-status-list §8.4

use sqlx::{Row, SqliteExecutor};
use status_list::StatusPurpose;

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
    /// The Bitstring Status Lists beside it, which say the same.
    pub bits: Vec<(StatusPurpose, String)>,
}

/// A list as it was, as a token or as bits for a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptList {
    /// The time of the snapshot that names the token.
    pub time: u64,
    /// The list as it was signed.
    pub signed: String,
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
        for (purpose, bits) in &named.bits {
            sqlx::query("INSERT INTO kept_bits (sha256, purpose, bits) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(named.sha256.to_vec())
                .bind(purpose.as_str())
                .bind(bits)
                .execute(&mut **write)
                .await?;
        }
        sqlx::query("INSERT INTO kept_lists (list_id, time, sha256) VALUES (?, ?, ?)")
            .bind(named.list)
            .bind(signed(time))
            .bind(named.sha256.to_vec())
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// A list in the newest snapshot that is not later than `time`, and later than `after`: the token that it names, or the
/// bits for a purpose beside it. `None` also where those are not kept: older versions kept tokens alone.
pub async fn at(
    executor: impl SqliteExecutor<'_>,
    name: &str,
    purpose: Option<StatusPurpose>,
    time: u64,
    after: u64,
) -> Result<Option<KeptList>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT kept_lists.time AS time, iif(?1 IS NULL, kept_tokens.token, kept_bits.bits) AS signed FROM kept_lists
         JOIN kept_tokens ON kept_tokens.sha256 = kept_lists.sha256
         LEFT JOIN kept_bits ON kept_bits.sha256 = kept_lists.sha256 AND kept_bits.purpose = ?1
         JOIN status_lists ON status_lists.id = kept_lists.list_id
         WHERE status_lists.name = ?2 AND kept_lists.time <= ?3 AND kept_lists.time > ?4
         ORDER BY kept_lists.time DESC LIMIT 1",
    )
    .bind(purpose.map(StatusPurpose::as_str))
    .bind(name)
    .bind(signed(time))
    .bind(signed(after))
    .fetch_optional(executor)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let time = unsigned(row.try_get("time")?);
    let signed: Option<String> = row.try_get("signed")?;
    Ok(signed.map(|signed| KeptList { time, signed }))
}

/// Drops the lists of snapshots whose place another took long ago. The newest snapshot stays.
pub async fn forget(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM kept_lists WHERE time < (SELECT max(time) FROM kept_lists WHERE time <= ?)")
        .bind(signed(now.saturating_sub(KEPT)))
        .execute(&mut **write)
        .await?;
    for delete in [
        "DELETE FROM kept_bits WHERE sha256 NOT IN (SELECT sha256 FROM kept_lists)",
        "DELETE FROM kept_tokens WHERE sha256 NOT IN (SELECT sha256 FROM kept_lists)",
    ] {
        sqlx::query(delete).execute(&mut **write).await?;
    }
    Ok(())
}
