//! Values that hosts have to show, and what came of looking.

use jose::UnixTime;

use super::{Store, restored, stored};
use crate::portal::host::Outcome;

/// What a host has to show, and what came of the last look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostProof {
    /// The host, with its port.
    pub(crate) host: String,
    /// What has to stand there: 256 random bits.
    pub(crate) value: String,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) checked_at: Option<UnixTime>,
}

impl Store {
    /// What this host has to show for this business; drawn when it is first asked for.
    pub(crate) async fn host_proof(&self, business: &str, host: &str) -> Result<HostProof, sqlx::Error> {
        sqlx::query("INSERT INTO host_proofs (business, host, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(business)
            .bind(host)
            .bind(service::random::token())
            .execute(self.sqlite.writer())
            .await?;
        let (value, outcome, checked_at): (String, Option<String>, Option<i64>) =
            sqlx::query_as("SELECT value, outcome, checked_at FROM host_proofs WHERE business = ? AND host = ?")
                .bind(business)
                .bind(host)
                .fetch_one(self.sqlite.reader())
                .await?;
        Ok(HostProof {
            host: host.to_owned(),
            value,
            outcome: outcome.as_deref().and_then(Outcome::named),
            checked_at: checked_at.map(restored),
        })
    }

    /// Notes what came of a look at a host.
    pub(crate) async fn keep_outcome(
        &self,
        business: &str,
        proof: &HostProof,
        outcome: Outcome,
        now: UnixTime,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE host_proofs SET outcome = ?, checked_at = ? WHERE business = ? AND host = ? AND value = ?")
            .bind(outcome.as_str())
            .bind(stored(now))
            .bind(business)
            .bind(&proof.host)
            .bind(&proof.value)
            .execute(self.sqlite.writer())
            .await?;
        Ok(())
    }
}
