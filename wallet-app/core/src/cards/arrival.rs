//! Cards that came and wait for the person to say that they are theirs. They count as nothing until
//! then: no list shows them and no request is matched with them.
//!
//! ```text
//! arrived   cards, copies and keys stored; killed here: still waiting after a restart
//! decided   kept or destroyed in one transaction, with the line in the history
//! told      the issuer knows; the row is gone
//! ```

use super::store::{from_json, json};
use super::{Card, seconds, unsigned};
use crate::clock::OsRandom;
use crate::vault::{Vault, VaultError};
use jose::{PrivateJwk, UnixTime};
use oid4vci::NotificationEvent;
use oid4vci::wallet::NotificationSession;
use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Names cards that came together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ArrivalId(String);

impl ArrivalId {
    pub(crate) fn generate() -> Self {
        Self(OsRandom::name())
    }

    pub(super) fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Reads what [`ArrivalId::as_str`] gave.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As a handle.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Cards that came together and wait for the person's word.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its name.
    pub id: ArrivalId,
    /// When they came.
    pub at: UnixTime,
    /// The name of who issued them, in English.
    pub issuer: String,
    /// The host they came from.
    pub host: String,
    /// The cards.
    pub cards: Vec<Card>,
}

/// An arrival about to be stored.
pub(crate) struct NewArrival {
    pub(crate) issuer: String,
    pub(crate) host: String,
    pub(crate) owed: Option<Owed>,
    pub(crate) good_until: UnixTime,
}

/// What is needed to tell the issuer what became of its cards.
pub(crate) struct Owed {
    pub(crate) session: NotificationSession,
    pub(crate) notifications: Vec<String>,
    pub(crate) dpop_key: PrivateJwk,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredOwed {
    session: NotificationSession,
    notifications: Vec<String>,
    dpop_key: serde_json::Value,
}

/// A decision that the issuer was not told yet.
pub(crate) struct Decided {
    pub(crate) id: ArrivalId,
    pub(crate) event: NotificationEvent,
    pub(crate) owed: Option<Owed>,
    pub(crate) good_until: UnixTime,
}

impl Owed {
    fn to_text(&self) -> Result<Zeroizing<String>, VaultError> {
        let stored = StoredOwed {
            session: self.session.clone(),
            notifications: self.notifications.clone(),
            dpop_key: self.dpop_key.dangerous_to_value(),
        };
        json(&stored).map(Zeroizing::new)
    }

    fn from_text(text: &str) -> Result<Self, VaultError> {
        let stored: StoredOwed = from_json(text)?;
        Ok(Self {
            session: stored.session,
            notifications: stored.notifications,
            dpop_key: PrivateJwk::from_value(&stored.dpop_key).map_err(|_| VaultError::MalformedRecord)?,
        })
    }
}

impl NewArrival {
    /// Stores it; its cards follow in the same transaction.
    pub(crate) fn insert(&self, transaction: &Transaction<'_>, now: UnixTime) -> Result<ArrivalId, VaultError> {
        let id = ArrivalId::generate();
        let owed = self.owed.as_ref().map(Owed::to_text).transpose()?;
        transaction.execute(
            "INSERT INTO arrival (id, at, issuer, issuer_host, notifications, good_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                id.as_str(),
                seconds(now),
                self.issuer,
                self.host,
                owed.as_deref().map(String::as_str),
                seconds(self.good_until),
            ],
        )?;
        Ok(id)
    }
}

impl ArrivalId {
    /// Writes the decision; whoever came second changes nothing and hears so.
    pub(crate) fn decide(&self, transaction: &Transaction<'_>, event: NotificationEvent) -> Result<bool, VaultError> {
        let changed = transaction.execute(
            "UPDATE arrival SET decided = ?2 WHERE id = ?1 AND decided IS NULL",
            params![self.0, event.wire_name()],
        )?;
        Ok(changed == 1)
    }

    /// The cards are the person's from now on.
    pub(crate) fn keep(&self, transaction: &Transaction<'_>) -> Result<(), VaultError> {
        transaction.execute("UPDATE card SET arrival = NULL WHERE arrival = ?1", [&self.0])?;
        Ok(())
    }
}

impl Vault {
    /// Everything that waits for the person's word, oldest first.
    pub fn arrivals(&self) -> Result<Vec<Arrival>, VaultError> {
        let rows: Vec<(String, i64, String, String)> = self.read(|connection| {
            let mut statement = connection
                .prepare("SELECT id, at, issuer, issuer_host FROM arrival WHERE decided IS NULL ORDER BY at, rowid")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            rows.collect()
        })?;
        rows.into_iter()
            .map(|(id, at, issuer, host)| {
                Ok(Arrival {
                    cards: self.cards_where("arrival = ?1", [id.as_str()])?,
                    id: ArrivalId(id),
                    at: unsigned(at)?,
                    issuer,
                    host,
                })
            })
            .collect()
    }

    /// One that waits.
    pub(crate) fn arrival(&self, id: &ArrivalId) -> Result<Option<Arrival>, VaultError> {
        Ok(self.arrivals()?.into_iter().find(|arrival| arrival.id == *id))
    }

    /// The first decision that an issuer was not told yet, of those not in `passed_over`.
    pub(crate) fn next_decided(&self, passed_over: &[ArrivalId]) -> Result<Option<Decided>, VaultError> {
        let rows: Vec<(String, String, Option<String>, i64)> = self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, decided, notifications, good_until FROM arrival WHERE decided IS NOT NULL ORDER BY rowid",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            rows.collect()
        })?;
        let next = rows
            .into_iter()
            .find(|(id, ..)| !passed_over.iter().any(|passed| passed.0 == *id));
        next.map(|(id, event, owed, good_until)| {
            Ok(Decided {
                id: ArrivalId(id),
                event: event_of(&event)?,
                owed: owed
                    .map(Zeroizing::new)
                    .map(|text| Owed::from_text(&text))
                    .transpose()?,
                good_until: unsigned(good_until)?,
            })
        })
        .transpose()
    }

    /// The issuer knows, or never will.
    pub(crate) fn forget_arrival(&self, id: &ArrivalId) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM arrival WHERE id = ?1", [&id.0])?;
            Ok(())
        })
    }
}

fn event_of(text: &str) -> Result<NotificationEvent, VaultError> {
    from_json(&format!("\"{text}\""))
}
