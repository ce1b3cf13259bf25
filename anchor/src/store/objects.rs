//! Bundles of schemas, rules, services, documents, releases, and of the policy.

use ledger::{Family, MemoryNodes, ObjectRecord, encode_bundles};

use super::published::{Basis, published};
use super::{ReadError, Store};

impl Store {
    /// The proof bundle of a subject of any family but the organisations', with its payload; `None` before the first
    /// published checkpoint.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn object(&self, family: Family, subject: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let mut nodes = MemoryNodes::default();
        let mut transaction = self.sqlite.reader().begin().await?;
        let Some(published) = published(&mut transaction).await? else {
            return Ok(None);
        };
        let basis = Basis::load(&mut transaction, &published).await?;
        let bundle = basis.object_bundle(&mut transaction, &mut nodes, family, subject);
        bundle.await.map(Some)
    }

    /// The bundles of everything of a family, as one set, so that nobody learns what a reader looks for; `None` before
    /// the first published checkpoint.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn objects(&self, family: Family) -> Result<Option<Vec<u8>>, ReadError> {
        let mut transaction = self.sqlite.reader().begin().await?;
        let Some(published) = published(&mut transaction).await? else {
            return Ok(None);
        };
        let place = format!("/{}/", family.word().unwrap_or_default());
        let rows: Vec<(String, Vec<u8>)> =
            sqlx::query_as("SELECT subject, record FROM subjects WHERE instr(subject, ?) > 0 ORDER BY subject")
                .bind(place)
                .fetch_all(&mut *transaction)
                .await?;
        let basis = Basis::load(&mut transaction, &published).await?;
        let mut nodes = MemoryNodes::default();
        let mut bundles = Vec::new();
        for (subject, record) in rows {
            if ObjectRecord::parse(&record).is_ok_and(|record| record.family == family) {
                let bundle = basis.object_bundle(&mut transaction, &mut nodes, family, &subject);
                bundles.push(bundle.await?);
            }
        }
        Ok(Some(encode_bundles(bundles.iter().map(Vec::as_slice))))
    }
}
