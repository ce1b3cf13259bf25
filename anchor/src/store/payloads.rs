//! The payloads of some entries in one answer, from the log's file or a mirror's. docs/ledger.md §4

use std::ops::Range;

use sqlx::SqliteConnection;

use super::{signed, unsigned};

/// Bytes of payloads that are read into memory for one request, at most.
const MOST_BYTES: i64 = 4 * 1024 * 1024;

/// Two statements over the entries from one number up to another.
pub(crate) struct PayloadRows {
    /// How many payloads there are, and how many bytes they have together.
    pub(crate) extent: &'static str,
    /// The payloads, in order.
    pub(crate) bytes: &'static str,
}

impl PayloadRows {
    /// The payloads of these entries, in order; `None` where not all are there, or where they are long.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn read(
        &self,
        connection: &mut SqliteConnection,
        range: Range<u64>,
    ) -> Result<Option<Vec<Vec<u8>>>, sqlx::Error> {
        let all = range.end.saturating_sub(range.start);
        let (start, end) = (signed(range.start), signed(range.end));
        let extent = sqlx::query_as(self.extent).bind(start).bind(end);
        let (count, bytes): (i64, i64) = extent.fetch_one(&mut *connection).await?;
        if unsigned(count) != all || bytes > MOST_BYTES {
            return Ok(None);
        }
        let payloads = sqlx::query_scalar(self.bytes).bind(start).bind(end);
        payloads.fetch_all(connection).await.map(Some)
    }
}
