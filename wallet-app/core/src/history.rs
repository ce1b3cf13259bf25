//! Everything asked and answered, without values.

use crate::cards::CardId;
use crate::text::Localized;
use crate::vault::{Vault, VaultError};
use jose::UnixTime;
use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: UnixTime,
    /// What.
    #[serde(flatten)]
    pub record: HistoryRecord,
    /// Whether a receipt of theirs that holds is kept. docs/receipts.md
    pub receipt: bool,
    /// Whether that receipt names another history than the public record. docs/receipts.md §7
    pub contradicts: bool,
    /// Whether their request was kept, so that it can be reported.
    pub reportable: bool,
}

/// What is kept about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRecord {
    /// A card received, or cards asked for.
    pub event: HistoryEvent,
    /// Who it was with, as the wallet knew it.
    pub party: String,
    /// Its identifier, where it is publicly recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_id: Option<String>,
    /// The host it was with.
    pub host: String,
    /// Why they asked.
    pub purpose: Option<String>,
    /// Which cards, and the names of the claims asked for or received.
    pub cards: Vec<HistoryCard>,
    /// How it ended.
    pub outcome: Outcome,
    /// The stable code of the reason, where there is one.
    pub reason: Option<String>,
    /// For how many days they keep what they see, as it is recorded; 0: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_days: Option<u32>,
    /// Nobody has recorded that, and they said themselves that they keep something of it. OpenID4VP 1.0 Appendix B.2.4
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub says_kept: bool,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryEvent {
    /// An issuer offered a card.
    Offer,
    /// Somebody asked.
    Request,
}

/// A card in the history: names only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryCard {
    /// The card type.
    pub vct: String,
    /// The card, where it was one of this wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// What the card is called: the card may be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Localized>,
    /// Names of claims.
    pub claims: Vec<String>,
    /// A copy was shown that had been shown before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shown_before: bool,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The card is in the wallet.
    Received,
    /// The card was not stored.
    NotStored,
    /// They received what was agreed to.
    Shared,
    /// The person refused.
    NotShared,
    /// The wallet refused, and nothing was sent.
    Blocked,
    /// Agreed to, and then cut off before anything was sent.
    Interrupted,
    /// Sent, and no reply came back.
    MaybeReceived,
    /// It could not be sent.
    NotSent,
    /// They received it and answered that they do not take it.
    NotAccepted,
}

impl Vault {
    /// Everything that happened, newest first.
    pub fn history(&self) -> Result<Vec<HistoryEntry>, VaultError> {
        let rows: Vec<(i64, i64, String, Option<bool>, bool)> = self.read(|connection| {
            let mut statement = connection.prepare(ENTRIES)?;
            let rows = statement.query_map([], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
            rows.collect()
        })?;
        rows.into_iter()
            .map(|(id, at, body, contradicts, reportable)| {
                let record = serde_json::from_str(&body).map_err(|_| VaultError::MalformedRecord)?;
                let at = UnixTime::try_from(at).map_err(|_| VaultError::MalformedRecord)?;
                Ok(HistoryEntry {
                    id,
                    at,
                    record,
                    receipt: contradicts.is_some(),
                    contradicts: contradicts == Some(true),
                    reportable,
                })
            })
            .collect()
    }

    /// Everything that happened with one of these cards, newest first.
    pub fn history_of(&self, cards: &[CardId]) -> Result<Vec<HistoryEntry>, VaultError> {
        let mut entries = self.history()?;
        let is_about = |noted: &HistoryCard| noted.card.as_ref().is_some_and(|card| cards.contains(card));
        entries.retain(|entry| entry.record.cards.iter().any(is_about));
        Ok(entries)
    }

    /// Notes something that happened, on its own.
    pub(crate) fn note(&self, at: UnixTime, record: &HistoryRecord) -> Result<i64, VaultError> {
        self.write(|transaction| insert(transaction, at, record))
    }
}

const ENTRIES: &str = "SELECT id, at, body,
    (SELECT json_extract(receipt.body, '$.contradicts') IS NOT NULL FROM receipt WHERE receipt.history_id = history.id),
    EXISTS (SELECT 1 FROM kept_request WHERE kept_request.history_id = history.id)
    FROM history ORDER BY id DESC";

/// Notes it in the transaction of what it is about.
pub(crate) fn insert(transaction: &Transaction<'_>, at: UnixTime, record: &HistoryRecord) -> Result<i64, VaultError> {
    let body = serde_json::to_string(record).map_err(|_| VaultError::MalformedRecord)?;
    transaction.execute(
        "INSERT INTO history (at, body) VALUES (?1, ?2)",
        params![i64::try_from(at).unwrap_or(i64::MAX), body],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// Adds to the reason that was noted before.
pub(crate) fn annotate(transaction: &Transaction<'_>, id: i64, suffix: &str) -> Result<(), VaultError> {
    transaction.execute(
        "UPDATE history SET body = json_set(body, '$.reason', json_extract(body, '$.reason') || ?2) WHERE id = ?1",
        params![id, suffix],
    )?;
    Ok(())
}

/// Writes how something ended that was noted before.
pub(crate) fn conclude(
    transaction: &Transaction<'_>,
    id: i64,
    outcome: Outcome,
    reason: Option<&str>,
) -> Result<(), VaultError> {
    let outcome = serde_json::to_value(outcome).map_err(|_| VaultError::MalformedRecord)?;
    transaction.execute(
        "UPDATE history SET body = json_set(body, '$.outcome', ?2, '$.reason', ?3) WHERE id = ?1",
        params![id, outcome.as_str(), reason],
    )?;
    Ok(())
}
