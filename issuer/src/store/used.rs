//! What may be used once. The memory survives a restart, so that a crash opens no window for a replay.

use sqlx::{QueryBuilder, Row, Sqlite};

use super::{Write, signed};

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// The nonce of a key proof.
    Nonce,
    /// A DPoP proof. RFC 9449 §11.1
    DpopProof,
    /// A proof of possession of a wallet attestation. draft-ietf-oauth-attestation-based-client-auth §12.1
    ClientProof,
}

impl Used {
    const fn kind(self) -> i64 {
        match self {
            Self::Nonce => 1,
            Self::DpopProof => 2,
            Self::ClientProof => 3,
        }
    }
}

/// What is marked as used.
#[derive(Debug, Clone, Copy)]
pub struct Mark<'a> {
    /// What it is.
    pub what: Used,
    /// Which one.
    pub id: &'a [u8],
    /// From when on it need not be remembered.
    pub forget_at: u64,
}

/// Marks something as used; false if it was used before.
pub async fn mark(write: &mut Write, what: Used, id: &[u8], forget_at: u64) -> Result<bool, sqlx::Error> {
    let used_before = mark_all(write, &[Mark { what, id, forget_at }]).await?;
    Ok(used_before.is_none())
}

/// Marks all of these as used; what the first of them is that was used before, if one was. One that stands here twice
/// was.
pub async fn mark_all(write: &mut Write, marks: &[Mark<'_>]) -> Result<Option<Used>, sqlx::Error> {
    if marks.is_empty() {
        return Ok(None);
    }
    let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO used (kind, id, expires_at) ");
    query.push_values(marks, |mut row, mark| {
        row.push_bind(mark.what.kind())
            .push_bind(mark.id)
            .push_bind(signed(mark.forget_at));
    });
    query.push(" ON CONFLICT DO NOTHING RETURNING kind, id");
    let mut new: Vec<(i64, Vec<u8>)> = Vec::with_capacity(marks.len());
    for row in query.build().fetch_all(&mut **write).await? {
        new.push((row.try_get("kind")?, row.try_get("id")?));
    }
    for mark in marks {
        let found = new
            .iter()
            .position(|(kind, id)| *kind == mark.what.kind() && id == mark.id);
        match found {
            Some(position) => drop(new.swap_remove(position)),
            None => return Ok(Some(mark.what)),
        }
    }
    Ok(None)
}

/// Forgets what has run out.
pub async fn forget(write: &mut Write, now: u64) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM used WHERE expires_at <= ?")
        .bind(signed(now))
        .execute(&mut **write)
        .await?;
    Ok(done.rows_affected())
}
