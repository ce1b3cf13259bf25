//! What may be used once. The memory survives a restart, so that a crash opens no window for a replay.

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

/// Marks something as used; false if it was used before.
pub async fn mark(write: &mut Write, what: Used, id: &[u8], forget_at: u64) -> Result<bool, sqlx::Error> {
    let kind = match what {
        Used::Nonce => 1_i64,
        Used::DpopProof => 2,
        Used::ClientProof => 3,
    };
    let done = sqlx::query("INSERT INTO used (kind, id, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(kind)
        .bind(id)
        .bind(signed(forget_at))
        .execute(&mut **write)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets what has run out.
pub async fn forget(write: &mut Write, now: u64) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM used WHERE expires_at <= ?")
        .bind(signed(now))
        .execute(&mut **write)
        .await?;
    Ok(done.rows_affected())
}
