//! Authorizations under way: pushed requests, sign-ins, codes.

use oid4vci::{CodeBinding, IssuedCode, SecretHash};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteExecutor};

use super::tokens::Wanted;
use super::{Write, signed, unreadable, unsigned};

/// What is kept of a request that a wallet pushed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pushed {
    /// Whom the code will be for.
    pub binding: CodeBinding,
    /// Sent back with the answer. RFC 6749 §4.1.1
    pub state: Option<String>,
    /// What the offer carried. OpenID4VCI 1.0 §5.1.3
    pub issuer_state: Option<String>,
    /// What it asks for.
    pub wanted: Wanted,
}

/// A sign-in under way: what the answer of the provider is checked with.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignInUnderWay {
    /// `nonce` of the ID Token.
    pub nonce: String,
    /// PKCE towards the provider.
    pub verifier: String,
    /// Hash of the cookie of the browser that began.
    pub browser: SecretHash,
}

impl std::fmt::Debug for SignInUnderWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignInUnderWay(…)")
    }
}

/// A code that was given to a wallet.
#[derive(Debug, Clone)]
pub struct Code {
    /// What guards it.
    pub issued: IssuedCode,
    /// What it is for.
    pub wanted: Wanted,
    /// Who signed in.
    pub subject: String,
    /// The offer that it takes up, if there was one.
    pub offer_id: Option<String>,
    /// The name under which all tokens of this authorization are kept.
    pub grant_id: String,
}

/// Keeps a pushed request under the hash of its token.
pub async fn push(write: &mut Write, token: &str, pushed: &Pushed, expires_at: u64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO authorization_requests (id, request, expires_at) VALUES (?, ?, ?)")
        .bind(hash(token))
        .bind(json(pushed)?)
        .bind(signed(expires_at))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// How many pushed requests and sign-ins are under way.
pub async fn under_way(write: &mut Write, now: u64) -> Result<u64, sqlx::Error> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM authorization_requests WHERE expires_at > ?")
        .bind(signed(now))
        .fetch_one(&mut **write)
        .await?;
    Ok(unsigned(count))
}

/// A pushed request with which nobody began yet.
pub async fn find_pushed(
    executor: impl SqliteExecutor<'_>,
    token: &str,
    now: u64,
) -> Result<Option<Pushed>, sqlx::Error> {
    let row =
        sqlx::query("SELECT request FROM authorization_requests WHERE id = ? AND sign_in IS NULL AND expires_at > ?")
            .bind(hash(token))
            .bind(signed(now))
            .fetch_optional(executor)
            .await?;
    row.map(|row| from_json(&row, "request")).transpose()
}

/// A sign-in began with this request; it is named by the `state` towards the provider from now on.
pub async fn begin_sign_in(
    write: &mut Write,
    token: &str,
    state: &str,
    sign_in: &SignInUnderWay,
    expires_at: u64,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE authorization_requests SET sign_in = ?, sign_in_state = ?, expires_at = ? WHERE id = ?")
        .bind(json(sign_in)?)
        .bind(hash(state))
        .bind(signed(expires_at))
        .bind(hash(token))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Forgets a pushed request that came to nothing; not one with which another browser began meanwhile.
pub async fn drop_pushed(write: &mut Write, token: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM authorization_requests WHERE id = ? AND sign_in IS NULL")
        .bind(hash(token))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// The sign-in that a `state` names.
pub async fn find_sign_in(
    write: &mut Write,
    state: &str,
    now: u64,
) -> Result<Option<(Pushed, SignInUnderWay)>, sqlx::Error> {
    let row =
        sqlx::query("SELECT request, sign_in FROM authorization_requests WHERE sign_in_state = ? AND expires_at > ?")
            .bind(hash(state))
            .bind(signed(now))
            .fetch_optional(&mut **write)
            .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((from_json(&row, "request")?, from_json(&row, "sign_in")?)))
}

/// A sign-in is over, however it ended.
pub async fn end_sign_in(write: &mut Write, state: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM authorization_requests WHERE sign_in_state = ?")
        .bind(hash(state))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Keeps a new code.
pub async fn insert_code(write: &mut Write, secret: &str, code: &Code, forget_at: u64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO authorization_codes (hash, issued, wanted, subject, offer_id, grant_id, forget_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(hash(secret))
    .bind(json(&code.issued)?)
    .bind(json(&code.wanted)?)
    .bind(&code.subject)
    .bind(&code.offer_id)
    .bind(&code.grant_id)
    .bind(signed(forget_at))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// A code that a wallet shows.
pub async fn find_code(write: &mut Write, secret: &str) -> Result<Option<Code>, sqlx::Error> {
    let row = sqlx::query("SELECT issued, wanted, subject, offer_id, grant_id FROM authorization_codes WHERE hash = ?")
        .bind(hash(secret))
        .fetch_optional(&mut **write)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Code {
        issued: from_json(&row, "issued")?,
        wanted: from_json(&row, "wanted")?,
        subject: row.try_get("subject")?,
        offer_id: row.try_get("offer_id")?,
        grant_id: row.try_get("grant_id")?,
    }))
}

/// Keeps where a code stands now.
pub async fn put_code(write: &mut Write, secret: &str, issued: &IssuedCode) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE authorization_codes SET issued = ? WHERE hash = ?")
        .bind(json(issued)?)
        .bind(hash(secret))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Drops what has run out.
pub async fn forget(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM authorization_requests WHERE expires_at <= ?",
        "DELETE FROM authorization_codes WHERE forget_at <= ?",
    ] {
        sqlx::query(statement).bind(signed(now)).execute(&mut **write).await?;
    }
    Ok(())
}

fn hash(secret: &str) -> Vec<u8> {
    SecretHash::of(secret).0.to_vec()
}

pub(super) fn json(value: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(unreadable)
}

fn from_json<T: serde::de::DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, sqlx::Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(unreadable)
}
