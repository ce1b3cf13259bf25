//! Cards that their issuer needs time for. They are nothing yet: no list shows them among the cards, no request is
//! matched with them.

use super::store::{from_json, json};
use super::{seconds, unsigned};
use crate::clock::OsRandom;
use crate::issuance::OfferedCard;
use crate::vault::{Vault, VaultError};
use jose::UnixTime;
use oid4vci::wallet::{DeferredSession, NotificationSession, RefreshSession};
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

/// Names cards that their issuer needs time for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct WaitingId(String);

impl WaitingId {
    /// As a handle.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// All that is needed to ask again, and to store what comes then. It holds keys and a token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    pub(crate) issuer: String,
    pub(crate) host: String,
    pub(crate) cards: Vec<OfferedCard>,
    pub(crate) batches: Vec<WaitingBatch>,
    pub(crate) notification_session: Option<NotificationSession>,
    pub(crate) notifications: Vec<String>,
    /// What the copies are got again with once they are here.
    pub(crate) refresh: Option<RefreshSession>,
    pub(crate) dpop_key: Value,
    pub(crate) token_asked_at: UnixTime,
}

/// One batch of copies of one card.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitingBatch {
    /// Which of the cards.
    pub(crate) card: usize,
    /// Whether the copies are for use without a network.
    pub(crate) offline: bool,
    /// The private keys that were proven.
    pub(crate) keys: Vec<Value>,
    pub(crate) state: BatchState,
}

/// How far a batch is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BatchState {
    /// It came: what an issuer has delivered it does not deliver again.
    Received(Vec<String>),
    /// The issuer is to be asked again.
    Deferred(Box<DeferredSession>),
}

/// A row.
pub(crate) struct WaitingRow {
    pub(crate) id: WaitingId,
    pub(crate) since: UnixTime,
    pub(crate) ask_again_at: UnixTime,
    pub(crate) waiting: Waiting,
}

impl Waiting {
    /// Stores it under a new name.
    pub(crate) fn insert(
        &self,
        transaction: &Transaction<'_>,
        now: UnixTime,
        ask_again_at: UnixTime,
    ) -> Result<WaitingId, VaultError> {
        let id = WaitingId(OsRandom::name());
        let body = Zeroizing::new(json(self)?);
        transaction.execute(
            "INSERT INTO waiting (id, since, ask_again_at, body) VALUES (?1, ?2, ?3, ?4)",
            params![id.0, seconds(now), seconds(ask_again_at), body.as_str()],
        )?;
        Ok(id)
    }
}

impl WaitingRow {
    /// Keeps how far it is, and when to ask again.
    pub(crate) fn update(&self, transaction: &Transaction<'_>) -> Result<(), VaultError> {
        let body = Zeroizing::new(json(&self.waiting)?);
        transaction.execute(
            "UPDATE waiting SET ask_again_at = ?2, body = ?3 WHERE id = ?1",
            params![self.id.0, seconds(self.ask_again_at), body.as_str()],
        )?;
        Ok(())
    }

    /// It is over; false if it was over before.
    pub(crate) fn delete(&self, transaction: &Transaction<'_>) -> Result<bool, VaultError> {
        Ok(transaction.execute("DELETE FROM waiting WHERE id = ?1", [&self.id.0])? == 1)
    }
}

impl Vault {
    /// Everything that waits for an issuer, oldest first.
    pub(crate) fn waiting(&self) -> Result<Vec<WaitingId>, VaultError> {
        self.read(|connection| {
            let mut statement = connection.prepare("SELECT id FROM waiting ORDER BY since, rowid")?;
            let ids = statement.query_map([], |row| row.get(0).map(WaitingId))?;
            ids.collect()
        })
    }

    /// One that waits.
    pub(crate) fn waiting_row(&self, id: &WaitingId) -> Result<Option<WaitingRow>, VaultError> {
        let row: Option<(i64, i64, String)> = self.read(|connection| {
            let statement = "SELECT since, ask_again_at, body FROM waiting WHERE id = ?1";
            let row = connection.query_row(statement, [&id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            row.optional()
        })?;
        row.map(|(since, ask_again_at, body)| {
            let body = Zeroizing::new(body);
            Ok(WaitingRow {
                id: id.clone(),
                since: unsigned(since)?,
                ask_again_at: unsigned(ask_again_at)?,
                waiting: from_json(&body)?,
            })
        })
        .transpose()
    }
}
