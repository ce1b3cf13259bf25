//! Sessions, held by the service.

use sha2::{Digest, Sha256};
use sqlx::Row;

use super::SignIn;
use super::operators::{OperatorName, kept_name, split_name};
use crate::problem::Problem;
use crate::random;
use crate::store::problem;

/// Seconds without work after which a session ends.
pub(super) const IDLE: u64 = 15 * 60;
/// Seconds after which every session ends.
pub(super) const LONGEST: u64 = 8 * 60 * 60;
/// Seconds between two writes of when somebody was last seen.
const GRAIN: u64 = 15;
/// Sessions of one operator at one time; the oldest ends.
const AT_ONCE: i64 = 8;

/// An operator who is signed in.
#[derive(Clone)]
pub(super) struct Session {
    token: Vec<u8>,
    pub(super) operator: String,
    pub(super) role: String,
    pub(super) started_at: u64,
    seen_at: u64,
}

impl Session {
    /// The operator's name, as it is typed.
    pub(super) fn name(&self) -> &str {
        split_name(&self.operator).1
    }
}

impl SignIn {
    /// The session a cookie names, unless it has ended or is of another realm.
    pub(super) async fn find_session(&self, token: &str) -> Result<Option<Session>, Problem> {
        self.kept(&hash(token)).await
    }

    async fn kept(&self, token: &[u8]) -> Result<Option<Session>, Problem> {
        let now = self.now();
        let row = sqlx::query(
            "SELECT token, operator, role, started_at, seen_at
             FROM operator_sessions JOIN operators ON operators.name = operator
             WHERE token = ? AND seen_at > ? AND started_at > ?",
        )
        .bind(token)
        .bind(signed(now) - signed(IDLE))
        .bind(signed(now) - signed(LONGEST))
        .fetch_optional(self.0.store.reader())
        .await;
        let session = row.and_then(|row| row.map(|row| session(&row)).transpose());
        let session = session.map_err(|error| problem(&error))?;
        Ok(session.filter(|session| split_name(&session.operator).0 == &*self.1))
    }

    /// Whether a session goes on: a page that stays open asks again.
    pub(super) async fn lasts(&self, session: &Session) -> Result<bool, Problem> {
        Ok(self.kept(&session.token).await?.is_some())
    }

    /// Begins a session; the cookie's token. What has ended is forgotten.
    pub(super) async fn begin_session(
        &self,
        operator: &OperatorName,
        role: &str,
    ) -> Result<(String, Session), Problem> {
        let token = random::token();
        let now = self.now();
        let session = Session {
            token: hash(&token),
            operator: kept_name(&self.1, operator.as_str()),
            role: role.to_owned(),
            started_at: now,
            seen_at: now,
        };
        self.keep(&session).await.map_err(|error| problem(&error))?;
        Ok((token, session))
    }

    async fn keep(&self, session: &Session) -> Result<(), sqlx::Error> {
        let now = signed(session.started_at);
        let mut write = self.0.store.writer().begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM operator_sessions WHERE seen_at <= ? OR started_at <= ?")
            .bind(now - signed(IDLE))
            .bind(now - signed(LONGEST))
            .execute(&mut *write)
            .await?;
        sqlx::query("INSERT INTO operator_sessions (token, operator, started_at, seen_at) VALUES (?, ?, ?, ?)")
            .bind(&session.token)
            .bind(&session.operator)
            .bind(now)
            .bind(now)
            .execute(&mut *write)
            .await?;
        sqlx::query(
            "DELETE FROM operator_sessions WHERE token IN (SELECT token FROM operator_sessions WHERE operator = ?
             ORDER BY started_at DESC, token = ? DESC LIMIT -1 OFFSET ?)",
        )
        .bind(&session.operator)
        .bind(&session.token)
        .bind(AT_ONCE)
        .execute(&mut *write)
        .await?;
        write.commit().await
    }

    /// Notes that there was work in this session.
    pub(super) async fn touch(&self, session: &Session) -> Result<(), Problem> {
        let now = self.now();
        if now < session.seen_at + GRAIN {
            return Ok(());
        }
        let done = sqlx::query("UPDATE operator_sessions SET seen_at = ? WHERE token = ?")
            .bind(signed(now))
            .bind(&session.token)
            .execute(self.0.store.writer())
            .await;
        done.map(|_| ()).map_err(|error| problem(&error))
    }

    /// Ends the session of a token; there may be none.
    pub(super) async fn end_session(&self, token: &str) -> Result<(), Problem> {
        let done = sqlx::query("DELETE FROM operator_sessions WHERE token = ?")
            .bind(hash(token))
            .execute(self.0.store.writer())
            .await;
        done.map(|_| ()).map_err(|error| problem(&error))
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

fn session(row: &sqlx::sqlite::SqliteRow) -> Result<Session, sqlx::Error> {
    let time = |column: &str| -> Result<u64, sqlx::Error> {
        let seconds: i64 = row.try_get(column)?;
        Ok(u64::try_from(seconds).unwrap_or_default())
    };
    Ok(Session {
        token: row.try_get("token")?,
        operator: row.try_get("operator")?,
        role: row.try_get("role")?,
        started_at: time("started_at")?,
        seen_at: time("seen_at")?,
    })
}

/// SQLite's integers are signed; no time here reaches the difference.
pub(super) fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
