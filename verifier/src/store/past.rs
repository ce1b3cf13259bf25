//! Sessions of the desk that are over.

use jose::UnixTime;

use super::{Store, StoreFailure, restored, stored};
use crate::verdict::Reason;

/// What is kept of a check at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) closed_at: UnixTime,
    pub(crate) check_id: String,
    pub(crate) reason: Reason,
    pub(crate) operator: String,
}

struct Row {
    closed_at: i64,
    check_id: String,
    reason: String,
    operator: String,
}

service::from_columns!(Row {
    closed_at,
    check_id,
    reason,
    operator
});

impl Store {
    /// The newest checks at the desk of a business that ended after this time.
    pub(crate) async fn past(&self, business: &str, since: UnixTime) -> Result<Vec<Past>, StoreFailure> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT closed_at, check_id, reason, operator FROM session \
             WHERE operator IS NOT NULL AND closed_at > ? AND business = ? ORDER BY closed_at DESC LIMIT ?",
        )
        .bind(stored(since))
        .bind(business)
        .bind(MOST)
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(Past::try_from).collect()
    }
}

impl TryFrom<Row> for Past {
    type Error = StoreFailure;

    fn try_from(row: Row) -> Result<Self, StoreFailure> {
        Ok(Self {
            closed_at: restored(row.closed_at)?,
            check_id: row.check_id,
            reason: row.reason.parse().map_err(|_| StoreFailure::Malformed("reason"))?,
            operator: row.operator,
        })
    }
}

const MOST: i64 = 200;
