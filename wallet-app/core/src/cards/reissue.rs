//! What the copies of a card are got again with, and what changed when they were.

use super::store::{from_json, insert_copies, json};
use super::{Card, CardId, Drawing, NewCard, StoreCardError, WholeCard, seconds};
use crate::keys::VaultKeys;
use crate::vault::{Vault, VaultError};
use card_formats::Format;
use card_types::claim_in_every_format;
use jose::{PrivateJwk, UnixTime};
use oid4vci::wallet::RefreshSession;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// A refresh token, the key it is bound to, and the configurations of the card.
pub(crate) struct Reissue {
    pub(crate) session: RefreshSession,
    pub(crate) dpop_key: PrivateJwk,
    pub(crate) configurations: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    session: RefreshSession,
    dpop_key: Value,
    configurations: Vec<String>,
}

/// A value that is another one since the copies were issued again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangedValue {
    /// The claim.
    pub claim: String,
    /// What the card said before.
    pub before: Option<Value>,
    /// What it says now.
    pub now: Option<Value>,
}

impl Reissue {
    /// Keeps it for a card, in the place of what was kept before.
    pub(crate) fn keep(&self, transaction: &Transaction<'_>, card: &CardId) -> Result<(), VaultError> {
        let stored = Stored {
            session: self.session.clone(),
            dpop_key: self.dpop_key.dangerous_to_value(),
            configurations: self.configurations.clone(),
        };
        let body = json(&stored).map(Zeroizing::new)?;
        transaction.execute(
            "INSERT INTO reissue (card_id, body) VALUES (?1, ?2) ON CONFLICT (card_id) DO UPDATE SET body = ?2",
            params![card.as_str(), body.as_str()],
        )?;
        Ok(())
    }

    /// Keeps the next refresh token in the place of this one, for every card that came with it: the server may take it
    /// no longer. RFC 6749 §6
    pub(crate) fn go_on_with(&self, next: &RefreshSession, transaction: &Transaction<'_>) -> Result<(), VaultError> {
        let key = self.dpop_key.dangerous_to_value();
        let rows: Vec<(String, String)> = {
            let mut statement = transaction.prepare("SELECT card_id, body FROM reissue")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        for (card, body) in rows {
            let body = Zeroizing::new(body);
            // A row that does not read is of no use to its card, and no harm to others.
            let Ok(mut stored) = from_json::<Stored>(&body) else {
                continue;
            };
            if stored.session != self.session || stored.dpop_key != key {
                continue;
            }
            stored.session = next.clone();
            let body = json(&stored).map(Zeroizing::new)?;
            let update = "UPDATE reissue SET body = ?2 WHERE card_id = ?1";
            transaction.execute(update, params![card, body.as_str()])?;
        }
        Ok(())
    }
}

impl Vault {
    /// What the copies of a card are got again with, where its issuer gave it.
    pub(crate) fn reissue(&self, card: &CardId) -> Result<Option<Reissue>, VaultError> {
        let body: Option<String> = self.read(|connection| {
            connection
                .query_row("SELECT body FROM reissue WHERE card_id = ?1", [card.as_str()], |row| {
                    row.get(0)
                })
                .optional()
        })?;
        body.map(Zeroizing::new)
            .map(|body| {
                let stored: Stored = from_json(&body)?;
                Ok(Reissue {
                    session: stored.session,
                    dpop_key: PrivateJwk::from_value(&stored.dpop_key).map_err(|_| VaultError::MalformedRecord)?,
                    configurations: stored.configurations,
                })
            })
            .transpose()
    }

    /// What a card says that it did not say before its copies were issued again, in whichever of its formats: each claim
    /// once, as the first format that says it calls it.
    pub fn changed_values(&self, card: &WholeCard) -> Result<Vec<ChangedValue>, VaultError> {
        let mut told: Vec<(&Card, ChangedValue)> = Vec::new();
        for form in card.forms() {
            for change in self.changed_in(form)? {
                let repeats = |(of, known): &(&Card, ChangedValue)| is_same(form, &change.claim, of, &known.claim);
                if !told.iter().any(repeats) {
                    told.push((form, change));
                }
            }
        }
        Ok(told.into_iter().map(|(_, change)| change).collect())
    }

    /// The same of one format.
    fn changed_in(&self, card: &Card) -> Result<Vec<ChangedValue>, VaultError> {
        let before: Option<String> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT claims FROM changed_card WHERE card_id = ?1",
                    [card.id.as_str()],
                    |row| row.get(0),
                )
                .optional()
        })?;
        let Some(before) = before else { return Ok(Vec::new()) };
        let before = by_path(card.format, from_json(&before)?);
        Ok(differences(&before, &by_path(card.format, card.claims.clone())))
    }

    /// The person has seen what changed: what the card said before is kept in no format any more.
    pub fn forget_changes(&self, card: &WholeCard) -> Result<(), VaultError> {
        let forgotten: Result<usize, VaultError> = self.write(|transaction| {
            let mut forgotten = 0;
            for form in card.forms() {
                let delete = "DELETE FROM changed_card WHERE card_id = ?1";
                forgotten += transaction.execute(delete, [form.id.as_str()])?;
            }
            Ok(forgotten)
        });
        match forgotten? {
            0 => Ok(()),
            _ => self.empty_log(),
        }
    }
}

/// Puts new copies in the place of all old ones, which are destroyed with their keys: from now on
/// the old values can be shown to nobody.
pub(crate) fn replace(
    transaction: &Transaction<'_>,
    keys: &VaultKeys,
    old: &Card,
    new: &NewCard,
    now: UnixTime,
) -> Result<(), StoreCardError> {
    destroy_copies(transaction, &old.id)?;
    transaction
        .execute(
            "UPDATE card SET issuer = ?2, display = ?3, claims = ?4, valid_from = ?5, valid_until = ?6 WHERE id = ?1",
            params![
                old.id.as_str(),
                json(&new.issuer)?,
                json(&new.display)?,
                json(&new.claims)?,
                new.valid_from.map(seconds),
                new.valid_until.map(seconds),
            ],
        )
        .map_err(VaultError::from)?;
    Drawing::keep(new.drawing.as_ref(), transaction, &old.id)?;
    if new.claims != old.claims {
        transaction
            .execute(
                "INSERT INTO changed_card (card_id, claims, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (card_id) DO UPDATE SET claims = ?2, at = ?3",
                params![old.id.as_str(), json(&old.claims)?, seconds(now)],
            )
            .map_err(VaultError::from)?;
    }
    insert_copies(transaction, keys, &old.id, &new.copies)
}

/// Removes all copies of a card with their keys.
pub(super) fn destroy_copies(transaction: &Transaction<'_>, card: &CardId) -> Result<(), VaultError> {
    let keys: Vec<String> = {
        let mut statement = transaction.prepare("DELETE FROM copy WHERE card_id = ?1 RETURNING key_id")?;
        let rows = statement.query_map([card.as_str()], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    for key in keys {
        transaction.execute("DELETE FROM holder_key WHERE id = ?1", [key])?;
    }
    Ok(())
}

/// Whether a claim of a form is what another form says by its own name.
fn is_same(form: &Card, claim: &str, other: &Card, known: &str) -> bool {
    let names = claim_in_every_format(&form.vct, claim);
    // Of a type that is not built in nothing else is known than what it is called without what it stands in.
    let is_plain = names.len() == 1 && form.own_name(claim) == other.own_name(known);
    let mut names = names.iter();
    form.id != other.id && (is_plain || names.any(|(vct, name)| *vct == other.vct && name == known))
}

/// Claims by their paths with dots, in formats in which all of them stand in something.
fn by_path(format: Format, claims: Map<String, Value>) -> Map<String, Value> {
    if format == Format::SD_JWT_VC {
        return claims;
    }
    let mut placed = Map::new();
    for (around, value) in claims {
        match value {
            Value::Object(members) => {
                placed.extend(
                    members
                        .into_iter()
                        .map(|(name, value)| (format!("{around}.{name}"), value)),
                );
            }
            value => drop(placed.insert(around, value)),
        }
    }
    placed
}

fn differences(before: &Map<String, Value>, now: &Map<String, Value>) -> Vec<ChangedValue> {
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    let changed = names.into_iter().filter(|name| before.get(*name) != now.get(*name));
    changed
        .map(|name| ChangedValue {
            claim: name.clone(),
            before: before.get(name).cloned(),
            now: now.get(name).cloned(),
        })
        .collect()
}
