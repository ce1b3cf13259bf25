//! Cards, and the one-time copies each of them consists of.

use crate::keys::{KeyError, KeyId, VaultKeys};
use crate::vault::{Vault, VaultError};
use jose::UnixTime;
use oid4vci::metadata::CredentialMetadata;
use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use status_list::StatusReference;

/// Names a card in this wallet, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CardId(String);

impl CardId {
    pub(crate) fn generate() -> Self {
        Self(jose::base64url::encode(crate::clock::OsRandom::bytes::<9>()))
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A card the person holds.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its name in this wallet.
    pub id: CardId,
    /// Its type.
    pub vct: String,
    /// Who issued it.
    pub issuer: CardIssuer,
    /// The host it came from.
    pub issuer_host: String,
    /// How it is shown.
    pub display: CredentialMetadata,
    /// What it says. Shown to the person; never in a log or the history.
    pub claims: Map<String, Value>,
    /// When it came.
    pub received_at: UnixTime,
    /// The last copy runs out then.
    pub valid_until: Option<UnixTime>,
    /// Copies that have not been shown.
    pub unused: UnusedCopies,
}

/// How many copies are left to be shown once each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UnusedCopies {
    /// Over a network.
    pub online: u64,
    /// Without one.
    pub offline: u64,
}

/// How the wallet knew the issuer when the card came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "known_by")]
pub enum CardIssuer {
    /// An agency whose keys and accreditation are publicly recorded.
    Ledger {
        /// Its DID.
        did: String,
        /// Its name in English.
        name: String,
    },
    /// An issuer certified by a configured trust anchor.
    Certificate {
        /// Subject of the certificate.
        name: String,
        /// Names that the certificate vouches for: two issuers may have one subject text.
        #[serde(default)]
        names: Vec<String>,
    },
}

impl CardIssuer {
    /// The name to be shown.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ledger { name, .. } | Self::Certificate { name, .. } => name,
        }
    }
}

/// What a copy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyKind {
    /// Shown over a network.
    Online,
    /// Shown without one.
    Offline,
}

impl CopyKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
        }
    }
}

/// A verified card about to be stored, with all its copies.
#[derive(Debug)]
pub(crate) struct NewCard {
    pub(crate) vct: String,
    pub(crate) issuer: CardIssuer,
    pub(crate) issuer_host: String,
    pub(crate) display: CredentialMetadata,
    pub(crate) claims: Map<String, Value>,
    pub(crate) valid_until: Option<UnixTime>,
    pub(crate) copies: Vec<NewCopy>,
}

/// A verified copy about to be stored.
#[derive(Debug)]
pub(crate) struct NewCopy {
    pub(crate) kind: CopyKind,
    pub(crate) key: KeyId,
    pub(crate) credential: String,
    pub(crate) status: Option<StatusReference>,
}

/// A copy that was not shown yet.
#[derive(Debug)]
pub(crate) struct UnusedCopy {
    pub(crate) id: i64,
    pub(crate) key: KeyId,
    pub(crate) credential: String,
}

/// Why a card was not stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreCardError {
    /// One of its keys is not there.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Stores a card with its copies and their keys: all or nothing.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    keys: &VaultKeys,
    card: &NewCard,
    now: UnixTime,
) -> Result<CardId, StoreCardError> {
    let id = CardId::generate();
    transaction
        .execute(
            "INSERT INTO card (id, vct, issuer, issuer_host, display, claims, received_at,
                               valid_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                id.as_str(),
                card.vct,
                json(&card.issuer)?,
                card.issuer_host,
                json(&card.display)?,
                json(&card.claims)?,
                seconds(now),
                card.valid_until.map(seconds),
            ],
        )
        .map_err(VaultError::from)?;
    for copy in &card.copies {
        keys.keep(transaction, &copy.key)?;
        transaction
            .execute(
                "INSERT INTO copy (card_id, kind, key_id, credential, status_uri, status_index)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    id.as_str(),
                    copy.kind.as_str(),
                    copy.key.as_str(),
                    copy.credential,
                    copy.status.as_ref().map(|status| status.uri.as_str()),
                    copy.status.as_ref().map(|status| seconds(status.index)),
                ],
            )
            .map_err(VaultError::from)?;
    }
    Ok(id)
}

/// Marks copies as shown; the first time counts.
pub(crate) fn mark_used(transaction: &Transaction<'_>, copies: &[i64], now: UnixTime) -> Result<(), VaultError> {
    for copy in copies {
        let changed = transaction.execute(
            "UPDATE copy SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL",
            params![copy, seconds(now)],
        )?;
        if changed != 1 {
            return Err(VaultError::MalformedRecord);
        }
    }
    Ok(())
}

/// Takes the mark back from copies of which it is certain that they never left.
pub(crate) fn mark_unused(transaction: &Transaction<'_>, copies: &[i64]) -> Result<(), VaultError> {
    for copy in copies {
        transaction.execute("UPDATE copy SET used_at = NULL WHERE id = ?1", [copy])?;
    }
    Ok(())
}

impl Vault {
    /// All cards, oldest first.
    pub fn cards(&self) -> Result<Vec<Card>, VaultError> {
        let rows = self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, vct, issuer, issuer_host, display, claims, received_at, valid_until,
                        (SELECT count(*) FROM copy WHERE card_id = card.id
                            AND kind = 'online' AND used_at IS NULL),
                        (SELECT count(*) FROM copy WHERE card_id = card.id
                            AND kind = 'offline' AND used_at IS NULL)
                 FROM card ORDER BY received_at, rowid",
            )?;
            let rows = statement.query_map([], StoredCard::read)?;
            rows.collect::<Result<Vec<_>, _>>()
        })?;
        rows.into_iter().map(StoredCard::parse).collect()
    }

    /// A copy of the card for use over a network that was never shown, drawn at random so that
    /// the order of showing says nothing about the order of issuing.
    pub(crate) fn unused_copy(&self, card: &CardId) -> Result<Option<UnusedCopy>, VaultError> {
        self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, key_id, credential FROM copy
                 WHERE card_id = ?1 AND kind = 'online' AND used_at IS NULL
                 ORDER BY random() LIMIT 1",
            )?;
            let mut rows = statement.query_map([card.as_str()], |row| {
                Ok(UnusedCopy {
                    id: row.get(0)?,
                    key: KeyId::from_stored(row.get(1)?),
                    credential: row.get(2)?,
                })
            })?;
            rows.next().transpose()
        })
    }

    /// Where the status of the card's copies is told.
    pub(crate) fn status_references(&self, card: &CardId) -> Result<Vec<StatusReference>, VaultError> {
        let rows: Vec<(String, i64)> = self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT status_uri, status_index FROM copy
                 WHERE card_id = ?1 AND status_uri IS NOT NULL",
            )?;
            let rows = statement.query_map([card.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })?;
        rows.into_iter()
            .map(|(uri, index)| {
                let index = u64::try_from(index).map_err(|_| VaultError::MalformedRecord)?;
                Ok(StatusReference { uri, index })
            })
            .collect()
    }
}

/// A row before its JSON is read.
struct StoredCard {
    id: String,
    vct: String,
    issuer: String,
    issuer_host: String,
    display: String,
    claims: String,
    received_at: i64,
    valid_until: Option<i64>,
    online: i64,
    offline: i64,
}

impl StoredCard {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            vct: row.get(1)?,
            issuer: row.get(2)?,
            issuer_host: row.get(3)?,
            display: row.get(4)?,
            claims: row.get(5)?,
            received_at: row.get(6)?,
            valid_until: row.get(7)?,
            online: row.get(8)?,
            offline: row.get(9)?,
        })
    }

    fn parse(self) -> Result<Card, VaultError> {
        Ok(Card {
            id: CardId(self.id),
            vct: self.vct,
            issuer: from_json(&self.issuer)?,
            issuer_host: self.issuer_host,
            display: from_json(&self.display)?,
            claims: from_json(&self.claims)?,
            received_at: unsigned(self.received_at)?,
            valid_until: self.valid_until.map(unsigned).transpose()?,
            unused: UnusedCopies {
                online: unsigned(self.online)?,
                offline: unsigned(self.offline)?,
            },
        })
    }
}

fn json(value: &impl Serialize) -> Result<String, VaultError> {
    serde_json::to_string(value).map_err(|_| VaultError::MalformedRecord)
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, VaultError> {
    serde_json::from_str(text).map_err(|_| VaultError::MalformedRecord)
}

pub(crate) fn seconds(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(value: i64) -> Result<u64, VaultError> {
    u64::try_from(value).map_err(|_| VaultError::MalformedRecord)
}
