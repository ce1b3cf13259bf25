//! Businesses that were added to the service. Their keys are in files of their own.

use jose::UnixTime;

use super::{Store, StoreFailure, stored};

/// A business, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BusinessRow {
    pub(crate) id: String,
    /// Its checks, as JSON.
    pub(crate) checks: String,
    /// Its registration certificate.
    pub(crate) registration: Option<String>,
}

service::from_columns!(BusinessRow {
    id,
    checks,
    registration
});

impl Store {
    /// Keeps a new business; `false` where there is one of this id.
    pub(crate) async fn add_business(
        &self,
        id: &str,
        contact_url: Option<&str>,
        now: UnixTime,
    ) -> Result<bool, StoreFailure> {
        let query = sqlx::query(
            "INSERT INTO business (id, contact_url, checks, created_at) VALUES (?, ?, '[]', ?) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(contact_url)
        .bind(stored(now));
        Ok(self.sqlite.execute(query).await?.rows_affected() == 1)
    }

    /// Whether a business of this id was added.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn has_business(&self, id: &str) -> Result<bool, StoreFailure> {
        let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM business WHERE id = ?")
            .bind(id)
            .fetch_optional(self.reader())
            .await?;
        Ok(found.is_some())
    }

    /// All of them.
    pub(crate) async fn businesses(&self) -> Result<Vec<BusinessRow>, StoreFailure> {
        let rows = sqlx::query_as("SELECT id, checks, registration FROM business ORDER BY id")
            .fetch_all(self.reader())
            .await?;
        Ok(rows)
    }

    /// Replaces the checks of a business.
    pub(crate) async fn set_checks(&self, id: &str, checks: &str) -> Result<(), StoreFailure> {
        let query = sqlx::query("UPDATE business SET checks = ? WHERE id = ?")
            .bind(checks)
            .bind(id);
        self.sqlite.execute(query).await?;
        Ok(())
    }

    /// Keeps the certificate by which a registrar says what the business may ask. ETSI TS 119 475
    pub(crate) async fn set_registration(&self, id: &str, certificate: &str) -> Result<(), StoreFailure> {
        let query = sqlx::query("UPDATE business SET registration = ? WHERE id = ?")
            .bind(certificate)
            .bind(id);
        self.sqlite.execute(query).await?;
        Ok(())
    }

    /// Deletes sessions that are over and of checks that a business does not ask any more: nothing
    /// says that anything of them may be kept.
    pub(crate) async fn sweep_forgotten(&self, id: &str, known: &[&str], now: UnixTime) -> Result<(), StoreFailure> {
        let known = serde_json::Value::from(known.to_vec()).to_string();
        let query = sqlx::query(
            "DELETE FROM session WHERE business = ? AND expires_at <= ? \
             AND check_id NOT IN (SELECT value FROM json_each(?))",
        )
        .bind(id)
        .bind(stored(now))
        .bind(known);
        self.sqlite.execute(query).await?;
        Ok(())
    }
}
