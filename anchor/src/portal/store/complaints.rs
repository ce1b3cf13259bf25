//! Complaints that were proved: who asked for what beyond its scope, and in which hour.

use jose::UnixTime;
use service::store::Sqlite;

use super::{Store, restored, stored};
use crate::portal::complaints::Finding;

/// The number of complaints about each business. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Counts {
    sqlite: Sqlite,
}

impl Counts {
    pub(super) fn new(sqlite: Sqlite) -> Self {
        Self { sqlite }
    }

    /// How many complaints about this organisation were proved.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(&self, did: &str) -> Result<u64, sqlx::Error> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM complaints WHERE did = ?")
            .bind(did)
            .fetch_one(self.sqlite.reader())
            .await?;
        Ok(restored(count))
    }
}

/// A complaint as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComplaintRow {
    pub(crate) did: String,
    /// What was asked beyond the scope: names of claims, with commas between them.
    pub(crate) asked: String,
    hour: i64,
    received_at: i64,
}

service::from_columns!(ComplaintRow {
    did,
    asked,
    hour,
    received_at
});

impl ComplaintRow {
    /// The hour in which it was asked.
    pub(crate) fn hour(&self) -> UnixTime {
        restored(self.hour)
    }

    /// When the complaint came.
    pub(crate) fn received_at(&self) -> UnixTime {
        restored(self.received_at)
    }
}

impl Store {
    /// Keeps a finding, once for each file: whether it is a new one.
    pub(crate) async fn keep_complaint(&self, finding: &Finding, now: UnixTime) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "INSERT INTO complaints (digest, did, asked, hour, received_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(finding.digest.as_slice())
        .bind(&finding.did)
        .bind(finding.asked.join(", "))
        .bind(stored(finding.hour))
        .bind(stored(now))
        .execute(self.sqlite.writer())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// All complaints, newest first.
    pub(crate) async fn complaints(&self) -> Result<Vec<ComplaintRow>, sqlx::Error> {
        sqlx::query_as("SELECT did, asked, hour, received_at FROM complaints ORDER BY received_at DESC LIMIT 200")
            .fetch_all(self.sqlite.reader())
            .await
    }
}
