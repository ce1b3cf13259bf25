//! Where businesses want to be told, and what they have not been told yet.
//!
//! Messages are written by the trigger `session_closed`, with the outcome that they are about.

use jose::UnixTime;

use super::{Store, StoreFailure, restored, stored};
use crate::verdict::Reason;

/// An address of a business, as it is kept.
#[derive(Clone)]
pub(crate) struct WebhookRow {
    pub(crate) business: String,
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) secret: String,
    failures: i64,
    disabled_at: Option<i64>,
    dropped: i64,
    /// How many messages wait.
    waiting: i64,
}

service::from_columns!(WebhookRow {
    business,
    id,
    url,
    secret,
    failures,
    disabled_at,
    dropped,
    waiting,
});

/// A message that waits.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Its place in the line.
    pub(crate) number: i64,
    /// Names it for whoever takes it, each time it is sent.
    pub(crate) id: String,
    pub(crate) session: String,
    pub(crate) check_id: String,
    pub(crate) reason: Reason,
    pub(crate) closed_at: UnixTime,
}

struct MessageRow {
    number: i64,
    id: String,
    session: String,
    check_id: String,
    reason: String,
    closed_at: i64,
}

service::from_columns!(MessageRow {
    number,
    id,
    session,
    check_id,
    reason,
    closed_at
});

impl WebhookRow {
    /// Attempts that failed since the last that did not.
    pub(crate) fn failures(&self) -> u32 {
        u32::try_from(self.failures).unwrap_or(u32::MAX)
    }

    /// When the address was given up.
    pub(crate) fn disabled_at(&self) -> Result<Option<UnixTime>, StoreFailure> {
        self.disabled_at.map(restored).transpose()
    }

    /// Messages that were not kept, because too many waited.
    pub(crate) fn dropped(&self) -> Result<u64, StoreFailure> {
        restored(self.dropped)
    }

    /// Messages that wait.
    pub(crate) fn waiting(&self) -> Result<u64, StoreFailure> {
        restored(self.waiting)
    }
}

/// All that is known of an address, and how many messages wait for it.
const WEBHOOK: &str = "SELECT business, id, url, secret, failures, disabled_at, dropped, \
    (SELECT count(*) FROM webhook_message AS waiting \
     WHERE waiting.business = webhook.business AND waiting.webhook = webhook.id) AS waiting FROM webhook ";

impl Store {
    /// Sets an address anew, unless the business has so many others; `false` then. What waited for
    /// it before is sent there, at once.
    pub(crate) async fn set_webhook(
        &self,
        (business, id): (&str, &str),
        (url, secret): (&str, &str),
        now: UnixTime,
        most: u64,
    ) -> Result<bool, StoreFailure> {
        let query = sqlx::query(
            "INSERT INTO webhook (business, id, url, secret, created_at) \
             SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM webhook WHERE business = ? AND id <> ?) < ? \
             ON CONFLICT (business, id) DO UPDATE SET url = excluded.url, secret = excluded.secret, failures = 0, \
             next_at = 0, disabled_at = NULL, dropped = 0",
        )
        .bind(business)
        .bind(id)
        .bind(url)
        .bind(secret)
        .bind(stored(now))
        .bind(business)
        .bind(id)
        .bind(stored(most));
        Ok(self.sqlite.execute(query).await?.rows_affected() == 1)
    }

    /// An address of a business.
    pub(crate) async fn webhook(&self, business: &str, id: &str) -> Result<Option<WebhookRow>, StoreFailure> {
        let sql = sqlx::AssertSqlSafe(format!("{WEBHOOK} WHERE business = ? AND id = ?"));
        let row = sqlx::query_as(sql)
            .bind(business)
            .bind(id)
            .fetch_optional(self.reader())
            .await?;
        Ok(row)
    }

    /// Takes an address away, with what waited for it; `false` where there is none.
    pub(crate) async fn remove_webhook(&self, business: &str, id: &str) -> Result<bool, StoreFailure> {
        let query = sqlx::query("DELETE FROM webhook WHERE business = ? AND id = ?")
            .bind(business)
            .bind(id);
        Ok(self.sqlite.execute(query).await?.rows_affected() == 1)
    }

    /// The addresses that something waits for, whose pause is over.
    pub(crate) async fn due_webhooks(&self, now: UnixTime) -> Result<Vec<WebhookRow>, StoreFailure> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{WEBHOOK} WHERE disabled_at IS NULL AND next_at <= ? AND EXISTS (SELECT 1 FROM webhook_message AS one \
             WHERE one.business = webhook.business AND one.webhook = webhook.id) ORDER BY next_at LIMIT 256"
        ));
        let rows = sqlx::query_as(sql).bind(stored(now)).fetch_all(self.reader()).await?;
        Ok(rows)
    }

    /// The message that has waited longest for an address.
    pub(crate) async fn first_message(&self, webhook: &WebhookRow) -> Result<Option<Message>, StoreFailure> {
        let row: Option<MessageRow> = sqlx::query_as(
            "SELECT number, id, session, check_id, reason, closed_at FROM webhook_message \
             WHERE business = ? AND webhook = ? ORDER BY number LIMIT 1",
        )
        .bind(&webhook.business)
        .bind(&webhook.id)
        .fetch_optional(self.reader())
        .await?;
        row.map(Message::try_from).transpose()
    }

    /// Notes that a message was taken.
    pub(crate) async fn delivered(&self, webhook: &WebhookRow, number: i64) -> Result<(), StoreFailure> {
        let mut transaction = self.sqlite.begin().await?;
        sqlx::query("DELETE FROM webhook_message WHERE number = ?")
            .bind(number)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE webhook SET failures = 0, next_at = 0 WHERE business = ? AND id = ?")
            .bind(&webhook.business)
            .bind(&webhook.id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Notes that an attempt failed; there is another at this time, or none until the address is
    /// set anew. One that was set meanwhile is left alone.
    pub(crate) async fn not_delivered(
        &self,
        webhook: &WebhookRow,
        next_at: Option<UnixTime>,
        now: UnixTime,
    ) -> Result<(), StoreFailure> {
        let query = sqlx::query(
            "UPDATE webhook SET failures = failures + 1, next_at = ?, disabled_at = ? \
             WHERE business = ? AND id = ? AND secret = ?",
        )
        .bind(stored(next_at.unwrap_or(now)))
        .bind(next_at.is_none().then(|| stored(now)))
        .bind(&webhook.business)
        .bind(&webhook.id)
        .bind(&webhook.secret);
        self.sqlite.execute(query).await?;
        Ok(())
    }
}

impl TryFrom<MessageRow> for Message {
    type Error = StoreFailure;

    fn try_from(row: MessageRow) -> Result<Self, StoreFailure> {
        Ok(Self {
            number: row.number,
            id: row.id,
            session: row.session,
            check_id: row.check_id,
            reason: row.reason.parse().map_err(|_| StoreFailure::Malformed("reason"))?,
            closed_at: restored(row.closed_at)?,
        })
    }
}
