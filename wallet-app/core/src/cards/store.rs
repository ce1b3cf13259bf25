//! Cards and copies in the vault.

use super::{
    ArrivalId, Card, CardId, ChosenCopy, CopyKind, Drawing, NewCard, NewCopy, SentCopy, StoreCardError, UnusedCopies,
};
use crate::keys::{KeyId, VaultKeys};
use crate::vault::{Vault, VaultError};
use card_formats::Format;
use jose::UnixTime;
use rusqlite::{Params, Row, Transaction, params};
use serde::Serialize;
use status_list::{StatusPurpose, StatusReference};

/// Stores a card with its copies and their keys: all or nothing. It waits for the person to say
/// that it is theirs.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    keys: &VaultKeys,
    card: &NewCard,
    arrival: &ArrivalId,
    now: UnixTime,
) -> Result<CardId, StoreCardError> {
    let id = CardId::generate();
    transaction
        .execute(
            "INSERT INTO card (id, vct, issuer, issuer_host, display, claims, received_at,
                               valid_from, valid_until, arrival, came_with, format)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11)",
            params![
                id.as_str(),
                card.vct,
                json(&card.issuer)?,
                card.issuer_host,
                json(&card.display)?,
                json(&card.claims)?,
                seconds(now),
                card.valid_from.map(seconds),
                card.valid_until.map(seconds),
                arrival.as_str(),
                card.format.name(),
            ],
        )
        .map_err(VaultError::from)?;
    Drawing::keep(card.drawing.as_ref(), transaction, &id)?;
    insert_copies(transaction, keys, &id, &card.copies)?;
    Ok(id)
}

/// Stores copies of a card and their keys.
pub(super) fn insert_copies(
    transaction: &Transaction<'_>,
    keys: &VaultKeys,
    id: &CardId,
    copies: &[NewCopy],
) -> Result<(), StoreCardError> {
    for copy in copies {
        keys.keep(transaction, &copy.key)?;
        let token = copy.statuses.iter().find(|status| status.purpose.is_none());
        transaction
            .execute(
                "INSERT INTO copy (card_id, kind, key_id, credential, status_uri, status_index)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    id.as_str(),
                    copy.kind.as_str(),
                    copy.key.as_str(),
                    copy.credential,
                    token.map(|status| status.uri.as_str()),
                    token.map(|status| seconds(status.index)),
                ],
            )
            .map_err(VaultError::from)?;
        keep_bits(transaction, transaction.last_insert_rowid(), &copy.statuses)?;
    }
    Ok(())
}

/// Stores the places of a copy in Bitstring Status Lists.
fn keep_bits(transaction: &Transaction<'_>, copy: i64, statuses: &[StatusReference]) -> Result<(), VaultError> {
    for status in statuses {
        if let Some(purpose) = status.purpose {
            transaction.execute(
                "INSERT INTO copy_bit (copy_id, uri, place, purpose) VALUES (?1, ?2, ?3, ?4)",
                params![copy, status.uri, seconds(status.index), purpose.as_str()],
            )?;
        }
    }
    Ok(())
}

/// Marks copies as shown: those that count as unused for the first time, the others once more.
pub(crate) fn mark_used(transaction: &Transaction<'_>, copies: &[SentCopy], now: UnixTime) -> Result<(), VaultError> {
    for copy in copies {
        let changed = transaction.execute(
            "UPDATE copy SET used_at = ?2 WHERE id = ?1 AND (used_at IS NOT NULL) = ?3",
            params![copy.id, seconds(now), copy.shown_before],
        )?;
        if changed != 1 {
            return Err(VaultError::MalformedRecord);
        }
    }
    Ok(())
}

/// Takes the mark back from copies of which it is certain that they never left. One that was shown before stays so.
pub(crate) fn mark_unused(transaction: &Transaction<'_>, copies: &[SentCopy]) -> Result<(), VaultError> {
    for copy in copies.iter().filter(|copy| !copy.shown_before) {
        transaction.execute("UPDATE copy SET used_at = NULL WHERE id = ?1", [copy.id])?;
    }
    Ok(())
}

const CARDS: &str = "SELECT id, vct, issuer, issuer_host, display, claims, received_at, valid_from, valid_until,
        (SELECT count(*) FROM copy WHERE card_id = card.id AND kind = 'online' AND used_at IS NULL),
        (SELECT count(*) FROM copy WHERE card_id = card.id AND kind = 'offline' AND used_at IS NULL),
        arrival, came_with, format
    FROM card";

impl Vault {
    /// All cards that are the person's, oldest first.
    pub fn cards(&self) -> Result<Vec<Card>, VaultError> {
        self.cards_where("arrival IS NULL AND deleted_at IS NULL", [])
    }

    /// The card of this name, also one of which the person has not said yet that it is theirs.
    pub(crate) fn card(&self, id: &str) -> Result<Option<Card>, VaultError> {
        let found = self.cards_where("id = ?1 AND deleted_at IS NULL", [id])?;
        Ok(found.into_iter().next())
    }

    pub(super) fn cards_where(&self, condition: &str, values: impl Params) -> Result<Vec<Card>, VaultError> {
        let rows = self.read(|connection| {
            let mut statement =
                connection.prepare(&format!("{CARDS} WHERE {condition} ORDER BY received_at, rowid"))?;
            let rows = statement.query_map(values, StoredCard::read)?;
            rows.collect::<Result<Vec<_>, _>>()
        })?;
        rows.into_iter().map(StoredCard::parse).collect()
    }

    /// A copy of the card that was never shown, drawn at random so that the order of showing says
    /// nothing about the order of issuing.
    pub(crate) fn unused_copy(&self, card: &CardId, kind: CopyKind) -> Result<Option<ChosenCopy>, VaultError> {
        self.chosen_copy(card, kind, "used_at IS NULL ORDER BY random()")
    }

    /// The copy of the card that was not shown for the longest time, where all of them were.
    pub(crate) fn used_copy(&self, card: &CardId, kind: CopyKind) -> Result<Option<ChosenCopy>, VaultError> {
        self.chosen_copy(card, kind, "used_at IS NOT NULL ORDER BY used_at, random()")
    }

    fn chosen_copy(
        &self,
        card: &CardId,
        kind: CopyKind,
        which: &'static str,
    ) -> Result<Option<ChosenCopy>, VaultError> {
        let found = self.read(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT id, key_id, credential, used_at IS NOT NULL, status_uri, status_index FROM copy
                 WHERE card_id = ?1 AND kind = ?2 AND {which} LIMIT 1"
            ))?;
            let mut rows = statement.query_map([card.as_str(), kind.as_str()], |row| {
                let copy = ChosenCopy {
                    id: row.get(0)?,
                    key: KeyId::from_stored(row.get(1)?),
                    credential: row.get(2)?,
                    shown_before: row.get(3)?,
                    status: None,
                };
                let status: (Option<String>, Option<i64>) = (row.get(4)?, row.get(5)?);
                Ok((copy, status))
            })?;
            rows.next().transpose()
        })?;
        let Some((mut copy, status)) = found else {
            return Ok(None);
        };
        if let (Some(uri), Some(index)) = status {
            let index = unsigned(index)?;
            copy.status = Some(StatusReference::of_token(uri, index));
        }
        Ok(Some(copy))
    }

    /// Every copy of the card, as it was issued.
    pub(crate) fn credentials(&self, card: &CardId) -> Result<Vec<String>, VaultError> {
        self.read(|connection| {
            let mut statement = connection.prepare("SELECT credential FROM copy WHERE card_id = ?1")?;
            let rows = statement.query_map([card.as_str()], |row| row.get::<_, String>(0))?;
            rows.collect()
        })
    }

    /// Where the status of the card's copies is told.
    pub(crate) fn status_references(&self, card: &CardId) -> Result<Vec<StatusReference>, VaultError> {
        let rows: Vec<(String, i64, Option<String>)> = self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT status_uri, status_index, NULL FROM copy
                 WHERE card_id = ?1 AND status_uri IS NOT NULL
                 UNION ALL
                 SELECT copy_bit.uri, copy_bit.place, copy_bit.purpose FROM copy_bit
                 JOIN copy ON copy.id = copy_bit.copy_id WHERE copy.card_id = ?1",
            )?;
            let rows = statement.query_map([card.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        })?;
        let place = |(uri, index, purpose): (String, i64, Option<String>)| {
            let purpose = match purpose {
                None => None,
                Some(name) => Some(StatusPurpose::from_name(&name).ok_or(VaultError::MalformedRecord)?),
            };
            let index = unsigned(index)?;
            Ok(StatusReference { uri, index, purpose })
        };
        rows.into_iter().map(place).collect()
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
    valid_from: Option<i64>,
    valid_until: Option<i64>,
    online: i64,
    offline: i64,
    arrival: Option<String>,
    came_with: Option<String>,
    format: String,
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
            valid_from: row.get(7)?,
            valid_until: row.get(8)?,
            online: row.get(9)?,
            offline: row.get(10)?,
            arrival: row.get(11)?,
            came_with: row.get(12)?,
            format: row.get(13)?,
        })
    }

    fn parse(self) -> Result<Card, VaultError> {
        Ok(Card {
            id: CardId(self.id),
            format: Format::named(&self.format).ok_or(VaultError::MalformedRecord)?,
            vct: self.vct,
            issuer: from_json(&self.issuer)?,
            issuer_host: self.issuer_host,
            display: from_json(&self.display)?,
            claims: from_json(&self.claims)?,
            received_at: unsigned(self.received_at)?,
            valid_from: self.valid_from.map(unsigned).transpose()?,
            valid_until: self.valid_until.map(unsigned).transpose()?,
            arrival: self.arrival.map(ArrivalId::from_stored),
            came_with: self.came_with.map(ArrivalId::from_stored),
            unused: UnusedCopies {
                online: unsigned(self.online)?,
                offline: unsigned(self.offline)?,
            },
        })
    }
}

pub(super) fn json(value: &impl Serialize) -> Result<String, VaultError> {
    serde_json::to_string(value).map_err(|_| VaultError::MalformedRecord)
}

pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, VaultError> {
    serde_json::from_str(text).map_err(|_| VaultError::MalformedRecord)
}

pub(crate) fn seconds(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(value: i64) -> Result<u64, VaultError> {
    u64::try_from(value).map_err(|_| VaultError::MalformedRecord)
}
