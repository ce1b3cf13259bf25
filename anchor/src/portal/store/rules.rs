//! Rules of purposes, on their way to the ledger.

use ledger::Hash;

use super::Store;

/// Rules that are taken to the ledger at a time.
const AT_A_TIME: i64 = 10;

impl Store {
    /// Keeps a rule, once.
    pub(crate) async fn keep_rule(&self, hash: &Hash, payload: &[u8]) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO rules (hash, payload) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(hash.as_slice())
            .bind(payload)
            .execute(self.sqlite.writer())
            .await?;
        Ok(())
    }

    /// Payloads that the ledger does not have yet, by their hashes.
    pub(crate) async fn rules_to_anchor(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>, sqlx::Error> {
        sqlx::query_as("SELECT hash, payload FROM rules WHERE anchored = 0 ORDER BY hash LIMIT ?")
            .bind(AT_A_TIME)
            .fetch_all(self.sqlite.reader())
            .await
    }

    /// Notes that the ledger has a rule.
    pub(crate) async fn rule_is_anchored(&self, hash: &[u8]) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE rules SET anchored = 1 WHERE hash = ?")
            .bind(hash)
            .execute(self.sqlite.writer())
            .await?;
        Ok(())
    }
}
