//! Refresh tokens, kept as hashes.

use oid4vci::{IssuedRefresh, SecretHash};
use sqlx::Row;

use super::authorizations::json;
use super::together::Together;
use super::tokens::{AskedBy, Wanted};
use super::{Write, signed, unreadable};

/// What a refresh token stands for.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// Whom and which key it serves, and until when.
    pub issued: IssuedRefresh,
    /// What it is good for.
    pub wanted: Wanted,
    /// The authorization it came from.
    pub grant_id: String,
}

/// Keeps a new refresh token.
pub fn add(together: &mut Together, secret: &str, token: &RefreshToken) -> Result<(), sqlx::Error> {
    let (issued, configurations) = (json(&token.issued)?, json(&token.wanted.configurations)?);
    let into = "INSERT INTO refresh_tokens (hash, grant_id, issued, configurations, asked_by, expires_at)";
    together.insert(into, |mut row| {
        row.push_bind(SecretHash::of(secret).0.to_vec())
            .push_bind(token.grant_id.as_str())
            .push_bind(issued)
            .push_bind(configurations)
            .push_bind(token.wanted.asked_by.name())
            .push_bind(signed(token.issued.expires_at));
    });
    Ok(())
}

/// A refresh token that a wallet shows.
pub async fn find(write: &mut Write, secret: &str) -> Result<Option<RefreshToken>, sqlx::Error> {
    let row = sqlx::query("SELECT grant_id, issued, configurations, asked_by FROM refresh_tokens WHERE hash = ?")
        .bind(SecretHash::of(secret).0.to_vec())
        .fetch_optional(&mut **write)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(Some(RefreshToken {
        issued: serde_json::from_str(&text("issued")?).map_err(unreadable)?,
        wanted: Wanted {
            configurations: serde_json::from_str(&text("configurations")?).map_err(unreadable)?,
            asked_by: AskedBy::from_name(&text("asked_by")?),
        },
        grant_id: text("grant_id")?,
    }))
}

/// Drops what has expired.
pub async fn forget(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM refresh_tokens WHERE expires_at <= ?")
        .bind(signed(now))
        .execute(&mut **write)
        .await?;
    Ok(())
}
