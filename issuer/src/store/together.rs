//! New rows of several tables in one message to SQLite's thread.

use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite};

use super::Write;

/// Rows that are inserted in this order. After one that is refused none is, and the transaction is to be given up.
#[derive(Default)]
pub struct Together(Option<QueryBuilder<Sqlite>>);

impl Together {
    /// One more; `into` is the statement up to the values.
    pub(super) fn insert(&mut self, into: &'static str, values: impl FnOnce(Separated<'_, Sqlite, &'static str>)) {
        let query = self.0.get_or_insert_with(|| QueryBuilder::new(""));
        query.push(into).push(" VALUES (");
        values(query.separated(", "));
        query.push(");");
    }

    /// Inserts them.
    pub async fn run(self, write: &mut Write) -> Result<(), sqlx::Error> {
        let Some(mut query) = self.0 else { return Ok(()) };
        query.build().execute(&mut **write).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::Together;
    use crate::store::Store;

    #[tokio::test]
    async fn rows_come_in_their_order_and_what_fails_leaves_nothing_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let mut write = store.begin().await.unwrap();
        let people = |ids: &[&str]| {
            let mut together = Together::default();
            for id in ids {
                together.insert("INSERT INTO people (id, record)", |mut row| {
                    row.push_bind(*id).push_bind("{}");
                });
            }
            together
        };
        people(&[]).run(&mut write).await.unwrap();
        people(&["a", "b"]).run(&mut write).await.unwrap();
        assert!(people(&["c", "a", "d"]).run(&mut write).await.is_err());
        let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM people ORDER BY id")
            .fetch_all(&mut *write)
            .await
            .unwrap();
        assert_eq!(ids, ["a", "b", "c"]);
    }
}
