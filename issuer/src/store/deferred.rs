//! Deferred transactions: cards that wallets wait for. OpenID4VCI 1.0 §9

use jose::PublicJwk;
use oid4vci::SecretHash;
use serde_json::Value;
use sqlx::{Row, SqliteExecutor};

use super::{Write, signed, unreadable};

/// What a wallet waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    /// The offer it belongs to.
    pub offer_id: String,
    /// The credential configuration.
    pub configuration: String,
    /// The keys that were proven: one copy for each.
    pub keys: Vec<PublicJwk>,
    /// From when on nobody waits any more.
    pub expires_at: u64,
}

/// Keeps a transaction. A wallet that asks again for the same waits in the new one alone.
pub async fn put(write: &mut Write, transaction_id: &str, deferred: &Deferred) -> Result<(), sqlx::Error> {
    let keys: Vec<Value> = deferred.keys.iter().map(PublicJwk::to_value).collect();
    sqlx::query(
        "INSERT OR REPLACE INTO deferred (transaction_hash, offer_id, configuration, keys, expires_at)
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind(SecretHash::of(transaction_id).0.to_vec())
    .bind(&deferred.offer_id)
    .bind(&deferred.configuration)
    .bind(Value::Array(keys).to_string())
    .bind(signed(deferred.expires_at))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// A transaction, unless its time is over.
pub async fn find(
    executor: impl SqliteExecutor<'_>,
    transaction_id: &str,
    now: u64,
) -> Result<Option<Deferred>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT offer_id, configuration, keys, expires_at FROM deferred
         WHERE transaction_hash = ? AND expires_at > ?",
    )
    .bind(SecretHash::of(transaction_id).0.to_vec())
    .bind(signed(now))
    .fetch_optional(executor)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let keys: Vec<Value> = serde_json::from_str(row.try_get("keys")?).map_err(unreadable)?;
    Ok(Some(Deferred {
        offer_id: row.try_get("offer_id")?,
        configuration: row.try_get("configuration")?,
        keys: keys
            .iter()
            .map(PublicJwk::parse)
            .collect::<Result<_, _>>()
            .map_err(unreadable)?,
        expires_at: super::unsigned(row.try_get("expires_at")?),
    }))
}

/// Whether a wallet waits for something of this offer.
pub async fn is_waited_for(executor: impl SqliteExecutor<'_>, offer_id: &str, now: u64) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT 1 FROM deferred WHERE offer_id = ? AND expires_at > ? LIMIT 1")
        .bind(offer_id)
        .bind(signed(now))
        .fetch_optional(executor)
        .await?;
    Ok(row.is_some())
}

/// Ends the transaction that a card was asked for with, if there was one: the wallet has got it. OpenID4VCI 1.0 §9.1
pub async fn end(write: &mut Write, card: &str, configuration: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM deferred WHERE configuration = ?
         AND offer_id = (SELECT offer_id FROM credentials WHERE id = ?)",
    )
    .bind(configuration)
    .bind(card)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Drops what nobody waits for any more.
pub async fn forget(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM deferred WHERE expires_at <= ?")
        .bind(signed(now))
        .execute(&mut **write)
        .await?;
    Ok(())
}
