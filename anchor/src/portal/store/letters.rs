//! Codes in letters: each is used once, and whoever guesses has to wait.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use sqlx::{Sqlite, Transaction};

use super::{Store, restored, stored};
use crate::portal::letter;

/// Wrong codes from one address, after which it waits.
const TRIES: i64 = 5;
/// Seconds of the wait.
const WAIT: u64 = 15 * 60;
/// Seconds after which wrong codes are forgotten.
const MEMORY: u64 = 60 * 60;

/// Why a code lets nobody in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LetterError {
    /// No such code, or it was used, or its time is over: one answer for all.
    #[error("the code is not one that can be used")]
    Wrong,
    /// Too many wrong codes; how many seconds to wait.
    #[error("too many wrong codes")]
    TooMany(u64),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

type Write = Transaction<'static, Sqlite>;

impl Store {
    /// Keeps a new code; one that is there stays as it is. With an account it lets its organisation in again.
    pub(crate) async fn issue_letter(
        &self,
        code: &str,
        organisation: &str,
        account: Option<&str>,
        issued_by: Option<&str>,
        now: u64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO letters (code, organisation, account, issued_by, issued_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(letter::hash(code))
        .bind(organisation)
        .bind(account)
        .bind(issued_by)
        .bind(stored(now))
        .bind(stored(now.saturating_add(letter::LIFETIME)))
        .execute(self.sqlite.writer())
        .await?;
        Ok(())
    }

    /// Uses a code up; the account that it opens. A wrong one is counted against the address before it is looked up,
    /// so that a hundred at once are no more than one after the other.
    pub(crate) async fn use_letter(&self, typed: &str, address: IpAddr, now: u64) -> Result<String, LetterError> {
        let address = address_hash(address);
        let mut write = self.sqlite.writer().begin_with("BEGIN IMMEDIATE").await?;
        if let Some(wait) = begin_try(&mut write, &address, now).await? {
            write.commit().await?;
            return Err(LetterError::TooMany(wait));
        }
        let Some(account) = open_account(&mut write, typed, now).await? else {
            write.commit().await?;
            return Err(LetterError::Wrong);
        };
        sqlx::query("UPDATE letter_failures SET failures = failures - 1, blocked_until = 0 WHERE address = ?")
            .bind(&address)
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(account)
    }
}

/// The account of an unused code, which is used with that.
async fn open_account(write: &mut Write, typed: &str, now: u64) -> Result<Option<String>, sqlx::Error> {
    let code = letter::hash(typed);
    let found: Option<(String, Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT organisation, account, issued_by FROM letters
         WHERE code = ? AND used_at IS NULL AND expires_at > ?",
    )
    .bind(&code)
    .bind(stored(now))
    .fetch_optional(&mut **write)
    .await?;
    let Some((organisation, account, issued_by)) = found else {
        return Ok(None);
    };
    sqlx::query("UPDATE letters SET used_at = ? WHERE code = ?")
        .bind(stored(now))
        .bind(&code)
        .execute(&mut **write)
        .await?;
    if account.is_some() {
        return Ok(account);
    }
    let id = service::random::id();
    sqlx::query("INSERT INTO accounts (id, organisation, vouched_by, created_at) VALUES (?, ?, ?, ?)")
        .bind(&id)
        .bind(organisation)
        .bind(issued_by)
        .bind(stored(now))
        .execute(&mut **write)
        .await?;
    Ok(Some(id))
}

/// Counts a try as failed; how long to wait where there were too many.
async fn begin_try(write: &mut Write, address: &[u8], now: u64) -> Result<Option<u64>, sqlx::Error> {
    sqlx::query("DELETE FROM letter_failures WHERE last_at <= ?")
        .bind(stored(now.saturating_sub(MEMORY)))
        .execute(&mut **write)
        .await?;
    let before: Option<(i64, i64)> =
        sqlx::query_as("SELECT failures, blocked_until FROM letter_failures WHERE address = ?")
            .bind(address)
            .fetch_optional(&mut **write)
            .await?;
    let (failures, blocked_until) = before.unwrap_or_default();
    let wait = restored(blocked_until).saturating_sub(now);
    if wait > 0 {
        return Ok(Some(wait));
    }
    let blocked_until = if failures + 1 >= TRIES { stored(now + WAIT) } else { 0 };
    sqlx::query(
        "INSERT INTO letter_failures (address, failures, blocked_until, last_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (address) DO UPDATE SET failures = ?2, blocked_until = ?3, last_at = ?4",
    )
    .bind(address)
    .bind(failures + 1)
    .bind(blocked_until)
    .bind(stored(now))
    .execute(&mut **write)
    .await?;
    Ok(None)
}

/// Whoever has one address of IPv6 has its /64.
fn address_hash(address: IpAddr) -> Vec<u8> {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
    };
    Sha256::new()
        .chain_update("holdfast/letter-address/v1\n")
        .chain_update(octets)
        .finalize()
        .to_vec()
}
