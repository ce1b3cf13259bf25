//! Organisations that may apply, and their sessions.

use sha2::{Digest, Sha256};

use super::{Store, stored};

/// Seconds without work after which a session ends.
const IDLE: u64 = 60 * 60;
/// Seconds after which every session ends.
const LONGEST: u64 = 8 * 60 * 60;

/// An organisation that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) organisation: String,
}

service::from_columns!(Account { id, organisation });

impl Store {
    /// The account of an organisation with a number in a register; made where there is none.
    pub(crate) async fn account_of(&self, number: &str, organisation: &str, now: u64) -> Result<String, sqlx::Error> {
        let id = service::random::id();
        sqlx::query(
            "INSERT INTO accounts (id, organisation, number, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (number) DO UPDATE SET organisation = ?2",
        )
        .bind(&id)
        .bind(organisation)
        .bind(number)
        .bind(stored(now))
        .execute(self.sqlite.writer())
        .await?;
        sqlx::query_scalar("SELECT id FROM accounts WHERE number = ?")
            .bind(number)
            .fetch_one(self.sqlite.reader())
            .await
    }

    /// Begins a session; the cookie's token. What has ended is forgotten.
    pub(crate) async fn begin_session(&self, account: &str, now: u64) -> Result<String, sqlx::Error> {
        let token = service::random::token();
        let mut write = self.sqlite.writer().begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM applicant_sessions WHERE seen_at <= ? OR started_at <= ?")
            .bind(stored(now.saturating_sub(IDLE)))
            .bind(stored(now.saturating_sub(LONGEST)))
            .execute(&mut *write)
            .await?;
        sqlx::query("INSERT INTO applicant_sessions (token, account, started_at, seen_at) VALUES (?, ?, ?, ?)")
            .bind(token_hash(&token))
            .bind(account)
            .bind(stored(now))
            .bind(stored(now))
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(token)
    }

    /// Who a cookie's token stands for, unless the session has ended. Asking counts as work.
    pub(crate) async fn session(&self, token: &str, now: u64) -> Result<Option<Account>, sqlx::Error> {
        let found: Option<Account> = sqlx::query_as(
            "SELECT id, organisation FROM accounts JOIN applicant_sessions ON account = id
             WHERE token = ? AND seen_at > ? AND started_at > ?",
        )
        .bind(token_hash(token))
        .bind(stored(now.saturating_sub(IDLE)))
        .bind(stored(now.saturating_sub(LONGEST)))
        .fetch_optional(self.sqlite.reader())
        .await?;
        if found.is_some() {
            // A minute more or less makes no difference, and saves a write for each page.
            sqlx::query("UPDATE applicant_sessions SET seen_at = ?1 WHERE token = ?2 AND seen_at <= ?1 - 60")
                .bind(stored(now))
                .bind(token_hash(token))
                .execute(self.sqlite.writer())
                .await?;
        }
        Ok(found)
    }

    /// Ends the session of a token; there may be none.
    pub(crate) async fn end_session(&self, token: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM applicant_sessions WHERE token = ?")
            .bind(token_hash(token))
            .execute(self.sqlite.writer())
            .await?;
        Ok(())
    }

    /// Notes which check of a card a browser waits for: its session, its link, and when it ends. What has ended is
    /// forgotten.
    pub(crate) async fn open_card_sign_in(
        &self,
        visit: &str,
        (session, request_uri, expires_at): (&str, &str, u64),
        now: u64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM card_sign_ins WHERE expires_at <= ?")
            .bind(stored(now))
            .execute(self.sqlite.writer())
            .await?;
        sqlx::query(
            "INSERT INTO card_sign_ins (visit, session, request_uri, expires_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (visit) DO UPDATE SET session = ?2, request_uri = ?3, expires_at = ?4",
        )
        .bind(token_hash(visit))
        .bind(session)
        .bind(request_uri)
        .bind(stored(expires_at))
        .execute(self.sqlite.writer())
        .await?;
        Ok(())
    }

    /// The check that a browser waits for: its session and its link.
    pub(crate) async fn card_sign_in(&self, visit: &str, now: u64) -> Result<Option<(String, String)>, sqlx::Error> {
        sqlx::query_as("SELECT session, request_uri FROM card_sign_ins WHERE visit = ? AND expires_at > ?")
            .bind(token_hash(visit))
            .bind(stored(now))
            .fetch_optional(self.sqlite.reader())
            .await
    }

    /// Takes the check of a browser away: whether it was there. Its outcome counts once.
    pub(crate) async fn close_card_sign_in(&self, visit: &str, session: &str) -> Result<bool, sqlx::Error> {
        let done = sqlx::query("DELETE FROM card_sign_ins WHERE visit = ? AND session = ?")
            .bind(token_hash(visit))
            .bind(session)
            .execute(self.sqlite.writer())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
