//! Access tokens, kept as hashes.

use oid4vci::SecretHash;
use sqlx::{Row, SqliteExecutor};

use super::{Write, signed, unsigned};

/// How the wallet names what it asks for. OpenID4VCI 1.0 §8.2
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// By credential configuration id.
    Configuration,
    /// By the credential identifiers of the token response.
    Identifier,
}

impl AskedBy {
    const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Identifier => "identifier",
        }
    }
}

/// What an access token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token's hash.
    pub hash: [u8; 32],
    /// The offer it came from.
    pub offer_id: String,
    /// The thumbprint of the key it is bound to.
    pub jkt: [u8; 32],
    /// How the wallet names what it asks for.
    pub asked_by: AskedBy,
    /// From when on it is worth nothing.
    pub expires_at: u64,
}

/// Keeps a new token.
pub async fn insert(write: &mut Write, token: &AccessToken) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO access_tokens (hash, offer_id, jkt, asked_by, expires_at) VALUES (?, ?, ?, ?, ?)")
        .bind(token.hash.to_vec())
        .bind(&token.offer_id)
        .bind(token.jkt.to_vec())
        .bind(token.asked_by.name())
        .bind(signed(token.expires_at))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// What a token stands for, unless it has expired.
pub async fn find(
    executor: impl SqliteExecutor<'_>,
    token: &str,
    now: u64,
) -> Result<Option<AccessToken>, sqlx::Error> {
    let hash = SecretHash::of(token).0;
    let row =
        sqlx::query("SELECT offer_id, jkt, asked_by, expires_at FROM access_tokens WHERE hash = ? AND expires_at > ?")
            .bind(hash.to_vec())
            .bind(signed(now))
            .fetch_optional(executor)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let asked_by: String = row.try_get("asked_by")?;
    let jkt: Vec<u8> = row.try_get("jkt")?;
    Ok(Some(AccessToken {
        hash,
        offer_id: row.try_get("offer_id")?,
        jkt: jkt
            .try_into()
            .map_err(|_| sqlx::Error::Decode("a thumbprint has 32 bytes".into()))?,
        asked_by: if asked_by == AskedBy::Identifier.name() {
            AskedBy::Identifier
        } else {
            AskedBy::Configuration
        },
        expires_at: unsigned(row.try_get("expires_at")?),
    }))
}

/// Drops what has expired.
pub async fn forget(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM access_tokens WHERE expires_at <= ?")
        .bind(signed(now))
        .execute(&mut **write)
        .await?;
    Ok(())
}
