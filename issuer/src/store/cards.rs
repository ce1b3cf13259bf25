//! Cards and their batches of copies.

use oid4vci::NotificationEvent;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteExecutor};
use status_list::Status;

use super::together::Together;
use super::tokens::AccessToken;
use super::{Write, signed, unreadable, unsigned};

/// A card: what was issued on one offer, all copies together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The card's id.
    pub id: String,
    /// Valid, suspended or revoked.
    pub status: Status,
}

/// A card as listed with the person it was issued to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The card.
    pub card: Card,
    /// Its credential type.
    pub credential_type: String,
    /// When it was issued.
    pub issued_at: u64,
}

/// A batch of copies, as one credential response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its name towards the wallet.
    pub notification_id: String,
    /// The hash of the access token it was issued with.
    pub access_token: Vec<u8>,
    /// The authorization it was issued with; a batch of a version before has none.
    pub grant_id: Option<String>,
    /// What the wallet said became of it.
    pub event: Option<String>,
    /// The card it is of.
    pub credential: String,
    /// The configuration it is of.
    pub configuration: String,
    /// When it was issued.
    pub issued_at: u64,
}

/// A card by its id.
pub async fn find(executor: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Card>, sqlx::Error> {
    let row = sqlx::query("SELECT id, status FROM credentials WHERE id = ?")
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.map(|row| card(&row)).transpose()
}

/// The card that was issued on an offer.
pub async fn find_by_offer(executor: impl SqliteExecutor<'_>, offer: &str) -> Result<Option<Card>, sqlx::Error> {
    let row = sqlx::query("SELECT id, status FROM credentials WHERE offer_id = ?")
        .bind(offer)
        .fetch_optional(executor)
        .await?;
    row.map(|row| card(&row)).transpose()
}

/// The cards that were issued to a person, newest first, at most so many.
pub async fn of_person(
    executor: impl SqliteExecutor<'_>,
    subject: &str,
    most: u32,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, status, credential_type, issued_at FROM credentials WHERE subject = ?
         ORDER BY issued_at DESC, id LIMIT ?",
    )
    .bind(subject)
    .bind(most)
    .fetch_all(executor)
    .await?;
    let listed = |row: &SqliteRow| -> Result<Listed, sqlx::Error> {
        Ok(Listed {
            card: card(row)?,
            credential_type: row.try_get("credential_type")?,
            issued_at: unsigned(row.try_get("issued_at")?),
        })
    };
    rows.iter().map(listed).collect()
}

/// Keeps a new card.
pub fn add(together: &mut Together, id: &str, offer: &super::offers::Offer, now: u64) {
    let into = "INSERT INTO credentials (id, offer_id, credential_type, subject, status, issued_at)";
    together.insert(into, |mut row| {
        row.push_bind(id)
            .push_bind(offer.id.as_str())
            .push_bind(offer.credential_type.as_str())
            .push_bind(offer.subject.as_str())
            .push_bind(0)
            .push_bind(signed(now));
    });
}

/// Keeps a card's status; that of its copies is set apart.
pub async fn set_status(write: &mut Write, id: &str, status: Status) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE credentials SET status = ? WHERE id = ?")
        .bind(i64::from(status.value()))
        .bind(id)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// The batches of a card for one configuration, oldest first.
pub async fn batches(write: &mut Write, card: &str, configuration: &str) -> Result<Vec<Batch>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM batches WHERE credential_id = ? AND configuration = ? ORDER BY issued_at")
        .bind(card)
        .bind(configuration)
        .fetch_all(&mut **write)
        .await?;
    rows.iter().map(batch).collect()
}

/// Keeps a new batch.
pub fn add_batch(
    together: &mut Together,
    notification_id: &str,
    card: &str,
    configuration: &str,
    token: &AccessToken,
    now: u64,
) {
    let into = "INSERT INTO batches (notification_id, credential_id, configuration, access_token, grant_id, issued_at)";
    together.insert(into, |mut row| {
        row.push_bind(notification_id)
            .push_bind(card)
            .push_bind(configuration)
            .push_bind(token.hash.as_slice())
            .push_bind(token.grant_id.as_deref())
            .push_bind(signed(now));
    });
}

/// A batch by its name towards the wallet.
pub async fn find_batch(write: &mut Write, notification_id: &str) -> Result<Option<Batch>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM batches WHERE notification_id = ?")
        .bind(notification_id)
        .fetch_optional(&mut **write)
        .await?;
    row.map(|row| batch(&row)).transpose()
}

/// Batches issued up to a time of which the wallet never said what became of them, and that are not revoked yet.
pub async fn unconfirmed(write: &mut Write, issued_until: u64, most: u32) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT notification_id FROM batches WHERE event IS NULL AND issued_at <= ? AND EXISTS
         (SELECT 1 FROM copies WHERE copies.notification_id = batches.notification_id AND status <> 1) LIMIT ?",
    )
    .bind(signed(issued_until))
    .bind(most)
    .fetch_all(&mut **write)
    .await?;
    rows.iter().map(|row| row.try_get("notification_id")).collect()
}

/// Keeps what the wallet said.
pub async fn set_event(write: &mut Write, notification_id: &str, event: NotificationEvent) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE batches SET event = ? WHERE notification_id = ?")
        .bind(event.wire_name())
        .bind(notification_id)
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn card(row: &SqliteRow) -> Result<Card, sqlx::Error> {
    Ok(Card {
        id: row.try_get("id")?,
        status: status(row, "status")?,
    })
}

/// The status of a card, from the column of this name.
pub(super) fn status(row: &SqliteRow, column: &str) -> Result<Status, sqlx::Error> {
    let status: i64 = row.try_get(column)?;
    Ok(Status::from(u8::try_from(status).map_err(unreadable)?))
}

fn batch(row: &SqliteRow) -> Result<Batch, sqlx::Error> {
    Ok(Batch {
        notification_id: row.try_get("notification_id")?,
        access_token: row.try_get("access_token")?,
        grant_id: row.try_get("grant_id")?,
        event: row.try_get("event")?,
        credential: row.try_get("credential_id")?,
        configuration: row.try_get("configuration")?,
        issued_at: unsigned(row.try_get("issued_at")?),
    })
}
