//! Places of registration certificates in the status list.

use super::{Store, restored};
use crate::portal::state::State;

impl Store {
    /// The place of an application's certificate, given once: what is signed again has the same.
    pub(crate) async fn settle_status_index(&self, id: &str) -> Result<u64, sqlx::Error> {
        sqlx::query(
            "UPDATE applications SET status_index = (SELECT coalesce(max(status_index) + 1, 0) FROM applications)
             WHERE id = ? AND status_index IS NULL",
        )
        .bind(id)
        .execute(self.sqlite.writer())
        .await?;
        let index: i64 = sqlx::query_scalar("SELECT status_index FROM applications WHERE id = ?")
            .bind(id)
            .fetch_one(self.sqlite.reader())
            .await?;
        Ok(restored(index))
    }

    /// Every place that was given, and where its application stands; `None` where no version of this program knows it.
    pub(crate) async fn status_places(&self) -> Result<Vec<(u64, Option<State>)>, sqlx::Error> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT status_index, state FROM applications WHERE status_index IS NOT NULL ORDER BY 1")
                .fetch_all(self.sqlite.reader())
                .await?;
        let place = |(index, state): (i64, String)| (restored(index), State::named(&state));
        Ok(rows.into_iter().map(place).collect())
    }
}
