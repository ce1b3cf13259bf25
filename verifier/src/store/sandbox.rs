//! Sessions of the sandbox, which nobody was asked in: their ids say so.

use jose::UnixTime;

use super::{Store, StoreFailure, restored, stored};

/// How their ids begin. No other has a dot: ids are random, in base64url.
pub(crate) const SANDBOX: &str = "sandbox.";
/// What follows on all of them.
const AFTER: &str = "sandbox/";

impl Store {
    /// How many sessions of the sandbox a business opened after this time.
    pub(crate) async fn sandboxed(&self, business: &str, since: UnixTime) -> Result<u64, StoreFailure> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM session WHERE id >= ? AND id < ? AND business = ? AND created_at > ?",
        )
        .bind(SANDBOX)
        .bind(AFTER)
        .bind(business)
        .bind(stored(since))
        .fetch_one(self.reader())
        .await?;
        restored(count)
    }
}
