//! That what is stored was found not to be what was committed, kept beside it: the next start knows.

use jose::UnixTime;

use super::{ReadError, Store, signed};

impl Store {
    /// What an earlier run found not to be as it was committed; `None` where none did.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn altered(&self) -> Result<Option<String>, ReadError> {
        Ok(sqlx::query_scalar("SELECT part FROM altered")
            .fetch_optional(self.sqlite.reader())
            .await?)
    }

    /// Keeps it; what was found first stays.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) async fn note_altered(&self, part: &str, now: UnixTime) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT OR IGNORE INTO altered (id, part, at) VALUES (1, ?, ?)")
            .bind(part)
            .bind(signed(now))
            .execute(self.sqlite.writer())
            .await?;
        Ok(())
    }
}
