//! Answers, sealed in the store.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use axum::body::{Bytes, to_bytes};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use sqlx::Row;

use super::key::Key;
use crate::problem::Problem;
use crate::store::Sqlite;

/// Seconds for which an answer is given again.
const LIFETIME: i64 = 60 * 60;
/// Answers kept at one time; the oldest go.
const MOST: i64 = 10_000;

/// What is given again of an answer: status and JSON.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    content_type: Option<HeaderValue>,
    body: Bytes,
}

impl Answer {
    /// Reads an answer of a handler to its end.
    pub(super) async fn read(response: Response, longest: usize) -> Result<Self, Problem> {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, longest).await.map_err(|_| {
            tracing::error!("an answer is too long to be given again");
            Problem::internal()
        })?;
        Ok(Self {
            status: parts.status,
            content_type: parts.headers.get(CONTENT_TYPE).cloned(),
            body,
        })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        response.headers_mut().remove(CONTENT_TYPE);
        if let Some(content_type) = self.content_type {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        response
    }
}

/// An answer as it is kept.
pub(super) struct Kept {
    pub(super) body_hash: Vec<u8>,
    status: i64,
    sealed: Vec<u8>,
}

impl Kept {
    /// The answer, for whoever holds the key.
    pub(super) fn open(mut self, key: &Key) -> Result<Answer, Problem> {
        let opened = sealing_key(key).and_then(|sealing| {
            let opened = sealing.open_in_place(nonce(), Aad::empty(), &mut self.sealed).ok()?;
            Some(Bytes::copy_from_slice(opened))
        });
        let status = u16::try_from(self.status)
            .ok()
            .and_then(|code| StatusCode::from_u16(code).ok());
        let (Some(body), Some(status)) = (opened, status) else {
            tracing::error!("a kept answer cannot be read");
            return Err(Problem::internal());
        };
        let json = match (body.is_empty(), status.is_success()) {
            (true, _) => None,
            (false, true) => Some("application/json"),
            (false, false) => Some("application/problem+json"),
        };
        Ok(Answer {
            status,
            content_type: json.map(HeaderValue::from_static),
            body,
        })
    }
}

/// The answer kept under a key.
pub(super) async fn find(store: &Sqlite, key: &Key, now: u64) -> Result<Option<Kept>, sqlx::Error> {
    let row = sqlx::query("SELECT body_hash, status, answer FROM idempotency WHERE id = ? AND expires_at > ?")
        .bind(key.id().to_vec())
        .bind(signed(now))
        .fetch_optional(store.reader())
        .await?;
    row.map(|row| {
        Ok(Kept {
            body_hash: row.try_get("body_hash")?,
            status: row.try_get("status")?,
            sealed: row.try_get("answer")?,
        })
    })
    .transpose()
}

/// Keeps an answer, and forgets what is past.
pub(super) async fn keep(
    store: &Sqlite,
    key: &Key,
    body_hash: &[u8],
    answer: &Answer,
    now: u64,
) -> Result<(), sqlx::Error> {
    let mut sealed = answer.body.to_vec();
    sealing_key(key)
        .and_then(|sealing| {
            sealing
                .seal_in_place_append_tag(nonce(), Aad::empty(), &mut sealed)
                .ok()
        })
        .ok_or_else(|| sqlx::Error::Protocol("an answer cannot be sealed".to_owned()))?;
    let mut write = store.begin().await?;
    sqlx::query("DELETE FROM idempotency WHERE expires_at <= ?")
        .bind(signed(now))
        .execute(&mut *write)
        .await?;
    sqlx::query(
        "DELETE FROM idempotency WHERE id IN (SELECT id FROM idempotency ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
    )
    .bind(MOST - 1)
    .execute(&mut *write)
    .await?;
    sqlx::query("INSERT INTO idempotency (id, body_hash, status, answer, expires_at) VALUES (?, ?, ?, ?, ?)")
        .bind(key.id().to_vec())
        .bind(body_hash)
        .bind(i64::from(answer.status.as_u16()))
        .bind(sealed)
        .bind(signed(now) + LIFETIME)
        .execute(&mut *write)
        .await?;
    write.commit().await
}

fn sealing_key(key: &Key) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key.seal()).ok().map(LessSafeKey::new)
}

/// Each sealing key seals one answer, the first, so the nonce need not differ.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
