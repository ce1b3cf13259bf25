//! Bearer tokens of businesses: their hashes alone.

use jose::UnixTime;

use super::{Store, StoreFailure, restored, stored};

/// A token about to be kept.
#[derive(Debug)]
pub(crate) struct NewToken<'a> {
    pub(crate) id: &'a str,
    pub(crate) business: &'a str,
    pub(crate) name: &'a str,
    pub(crate) prefix: &'a str,
    pub(crate) hash: [u8; 32],
    /// With spaces between.
    pub(crate) scopes: &'a str,
    pub(crate) created_at: UnixTime,
    pub(crate) expires_at: Option<UnixTime>,
}

/// A token, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenRow {
    pub(crate) id: String,
    pub(crate) business: String,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) scopes: String,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_day: Option<i64>,
}

service::from_columns!(TokenRow {
    id,
    business,
    name,
    prefix,
    scopes,
    created_at,
    expires_at,
    last_used_day,
});

impl TokenRow {
    /// When it was made.
    pub(crate) fn created_at(&self) -> Result<UnixTime, StoreFailure> {
        restored(self.created_at)
    }

    /// When it ends, if ever.
    pub(crate) fn expires_at(&self) -> Result<Option<UnixTime>, StoreFailure> {
        self.expires_at.map(restored).transpose()
    }

    /// The last day on which it was used, in days since 1970.
    pub(crate) fn last_used_day(&self) -> Result<Option<u64>, StoreFailure> {
        self.last_used_day.map(restored).transpose()
    }
}

impl Store {
    /// Keeps a token, unless the business has so many; `false` then.
    pub(crate) async fn add_token(&self, token: &NewToken<'_>, most: u64) -> Result<bool, StoreFailure> {
        let query = sqlx::query(
            "INSERT INTO business_token (id, business, name, prefix, hash, scopes, created_at, expires_at) \
             SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM business_token WHERE business = ?) < ?",
        )
        .bind(token.id)
        .bind(token.business)
        .bind(token.name)
        .bind(token.prefix)
        .bind(token.hash.to_vec())
        .bind(token.scopes)
        .bind(stored(token.created_at))
        .bind(token.expires_at.map(stored))
        .bind(token.business)
        .bind(stored(most));
        Ok(self.sqlite.execute(query).await?.rows_affected() == 1)
    }

    /// The tokens of a business.
    pub(crate) async fn tokens(&self, business: &str) -> Result<Vec<TokenRow>, StoreFailure> {
        let rows = sqlx::query_as(
            "SELECT id, business, name, prefix, scopes, created_at, expires_at, last_used_day \
             FROM business_token WHERE business = ? ORDER BY created_at, id",
        )
        .bind(business)
        .fetch_all(self.reader())
        .await?;
        Ok(rows)
    }

    /// The token with this hash, unless it has ended. One that was replaced counts for its grace.
    pub(crate) async fn token(&self, hash: &[u8; 32], now: UnixTime) -> Result<Option<TokenRow>, StoreFailure> {
        let mut reading = self.sqlite.read().await?;
        let row = sqlx::query_as(
            "SELECT id, business, name, prefix, scopes, created_at, expires_at, last_used_day FROM business_token \
             WHERE (hash = ? OR (before = ? AND before_until > ?)) AND (expires_at IS NULL OR expires_at > ?)",
        )
        .bind(hash.to_vec())
        .bind(hash.to_vec())
        .bind(stored(now))
        .bind(stored(now))
        .fetch_optional(&mut *reading)
        .await?;
        Ok(row)
    }

    /// Replaces a token; the one before counts until a time. `false` where there is none.
    pub(crate) async fn rotate_token(
        &self,
        (business, id): (&str, &str),
        (prefix, hash): (&str, [u8; 32]),
        before_until: UnixTime,
    ) -> Result<bool, StoreFailure> {
        let query = sqlx::query(
            "UPDATE business_token SET before = hash, before_until = ?, hash = ?, prefix = ? \
             WHERE business = ? AND id = ?",
        )
        .bind(stored(before_until))
        .bind(hash.to_vec())
        .bind(prefix)
        .bind(business)
        .bind(id);
        Ok(self.sqlite.execute(query).await?.rows_affected() == 1)
    }

    /// Takes a token back, and the one before it; `false` where there is none.
    pub(crate) async fn remove_token(&self, business: &str, id: &str) -> Result<bool, StoreFailure> {
        let query = sqlx::query("DELETE FROM business_token WHERE business = ? AND id = ?")
            .bind(business)
            .bind(id);
        Ok(self.sqlite.execute(query).await?.rows_affected() == 1)
    }

    /// Notes the day of a use.
    pub(crate) async fn used_token(&self, id: &str, day: u64) -> Result<(), StoreFailure> {
        let query = sqlx::query("UPDATE business_token SET last_used_day = ? WHERE id = ?")
            .bind(stored(day))
            .bind(id);
        self.sqlite.execute(query).await?;
        Ok(())
    }
}
