//! Organisations with keys: their DIDs, and what the registrar gave them.

use super::Store;

/// An organisation and what it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Business {
    pub(crate) id: String,
    pub(crate) did: Option<String>,
    /// The first line of its DID log.
    pub(crate) did_line: Option<String>,
    /// Its certificate signing request, PEM.
    pub(crate) csr: Option<String>,
    /// Its access certificate, PEM.
    pub(crate) certificate: Option<String>,
    /// The access certificate before that, PEM.
    pub(crate) certificate_before: Option<String>,
    /// Its registration certificate.
    pub(crate) registration: Option<String>,
}

service::from_columns!(Business {
    id,
    did,
    did_line,
    csr,
    certificate,
    certificate_before,
    registration
});

/// What the ledger has of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchored {
    Registered,
    Revoked,
}

impl Anchored {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Revoked => "revoked",
        }
    }
}

impl Store {
    /// One organisation.
    pub(crate) async fn business(&self, id: &str) -> Result<Option<Business>, sqlx::Error> {
        sqlx::query_as(
            "SELECT id, did, did_line, csr, certificate, certificate_before, registration FROM businesses WHERE id = ?",
        )
        .bind(id)
        .fetch_optional(self.sqlite.reader())
        .await
    }

    /// Whether an organisation has this DID.
    pub(crate) async fn has_did(&self, did: &str) -> Result<bool, sqlx::Error> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM businesses WHERE did = ?")
            .bind(did)
            .fetch_one(self.sqlite.reader())
            .await?;
        Ok(count > 0)
    }

    /// Gives an organisation its DID, once: whether it has this one now. Two organisations never have the same.
    pub(crate) async fn settle_did(
        &self,
        id: &str,
        did: &str,
        line: &str,
        csr: Option<&str>,
    ) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE OR IGNORE businesses SET did = ?1, did_line = ?2, csr = ?3 WHERE id = ?4 AND (did IS NULL OR did = ?1)",
        )
        .bind(did)
        .bind(line)
        .bind(csr)
        .bind(id)
        .execute(self.sqlite.writer())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps the access certificate of an organisation, and the one before it; `None` where there is none by the
    /// registrar.
    pub(crate) async fn keep_certificate(&self, id: &str, pem: Option<&str>) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE businesses SET certificate = ?1,
             certificate_before = CASE WHEN certificate IS ?1 THEN certificate_before ELSE certificate END
             WHERE id = ?2",
        )
        .bind(pem)
        .bind(id)
        .execute(self.sqlite.writer())
        .await?;
        Ok(())
    }

    /// Keeps the registration certificate of an organisation.
    pub(crate) async fn keep_registration(&self, id: &str, certificate: &str) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE businesses SET registration = ? WHERE id = ?")
            .bind(certificate)
            .bind(id)
            .execute(self.sqlite.writer())
            .await?;
        Ok(())
    }

    /// Notes what the ledger has of an organisation.
    pub(crate) async fn keep_anchored(&self, id: &str, anchored: Anchored) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE businesses SET anchored = ? WHERE id = ?")
            .bind(anchored.as_str())
            .bind(id)
            .execute(self.sqlite.writer())
            .await?;
        Ok(())
    }
}
