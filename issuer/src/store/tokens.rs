//! Access tokens, kept as hashes.

use oid4vci::SecretHash;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteExecutor};

use super::authorizations::json;
use super::cards::{self, Card};
use super::offers::{self, Offer};
use super::together::Together;
use super::{Write, signed, unreadable, unsigned};
use crate::issue::ConfigurationId;

/// What a wallet may have: credential configurations, and how it names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Credential configuration ids.
    pub configurations: Vec<String>,
    /// How the wallet names what it asks for.
    pub asked_by: AskedBy,
}

/// How the wallet names what it asks for. OpenID4VCI 1.0 §8.2
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// By credential configuration id.
    Configuration,
    /// By the credential identifiers of the token response.
    Identifier,
}

impl AskedBy {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Identifier => "identifier",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        if name == Self::Identifier.name() {
            Self::Identifier
        } else {
            Self::Configuration
        }
    }
}

/// What an access token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token's hash.
    pub hash: [u8; 32],
    /// The offer it came from.
    pub offer_id: String,
    /// The thumbprint of the key it is bound to.
    pub jkt: [u8; 32],
    /// Whom it was given, if that client has a name.
    pub client_id: Option<String>,
    /// How the wallet names what it asks for.
    pub asked_by: AskedBy,
    /// The authorization it came from; a token of a version before has none.
    pub grant_id: Option<String>,
    /// What it is good for; nothing said means all of the offer.
    pub configurations: Option<Vec<String>>,
    /// From when on it is worth nothing.
    pub expires_at: u64,
}

impl AccessToken {
    /// Whether it is good for a configuration of its offers.
    #[must_use]
    pub fn covers(&self, configuration: &str) -> bool {
        let listed = |list: &Vec<String>| list.iter().any(|one| one == configuration);
        self.configurations.as_ref().is_none_or(listed)
    }
}

/// An access token as it was when a wallet showed it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The token.
    pub token: AccessToken,
    /// The offers of its authorization.
    pub offers: Vec<Offer>,
}

impl Shown {
    /// The offer that the token is good for, if it covers this configuration of it.
    #[must_use]
    pub fn offer(&self, configuration: &ConfigurationId) -> Option<&Offer> {
        let mut offers = self.offers.iter();
        offers
            .find(|offer| offer.credential_type == configuration.credential_type)
            .filter(|offer| offer.formats.is_empty() || offer.formats.contains(&configuration.format))
            .filter(|_| self.token.covers(&configuration.to_string()))
    }
}

/// Keeps a new token.
pub fn add(together: &mut Together, token: &AccessToken) -> Result<(), sqlx::Error> {
    let configurations = token.configurations.as_ref().map(json).transpose()?;
    let into =
        "INSERT INTO access_tokens (hash, offer_id, jkt, asked_by, expires_at, grant_id, configurations, client_id)";
    together.insert(into, |mut row| {
        row.push_bind(token.hash.as_slice())
            .push_bind(token.offer_id.as_str())
            .push_bind(token.jkt.as_slice())
            .push_bind(token.asked_by.name())
            .push_bind(signed(token.expires_at))
            .push_bind(token.grant_id.as_deref())
            .push_bind(configurations)
            .push_bind(token.client_id.as_deref());
    });
    Ok(())
}

/// What a token stands for, unless it has expired.
pub async fn find(executor: impl SqliteExecutor<'_>, token: &str, now: u64) -> Result<Option<Shown>, sqlx::Error> {
    let hash = SecretHash::of(token).0;
    let rows = sqlx::query(
        "SELECT offers.*, jkt, client_id, asked_by, grant_id, configurations, access_tokens.offer_id AS token_offer_id,
           access_tokens.expires_at AS token_expires_at
         FROM access_tokens LEFT JOIN offers ON offers.id IN
           (SELECT offer_id FROM grant_offers WHERE grant_offers.grant_id = access_tokens.grant_id
            UNION ALL SELECT access_tokens.offer_id WHERE access_tokens.grant_id IS NULL)
         WHERE hash = ? AND access_tokens.expires_at > ?",
    )
    .bind(hash.to_vec())
    .bind(signed(now))
    .fetch_all(executor)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let token = access_token(first, hash)?;
    let mut offers = Vec::with_capacity(rows.len());
    for row in &rows {
        // A token whose authorization has lost every offer is still a token.
        if row.try_get::<Option<String>, _>("id")?.is_some() {
            offers.push(offers::offer(row)?);
        }
    }
    Ok(Some(Shown { token, offers }))
}

fn access_token(row: &SqliteRow, hash: [u8; 32]) -> Result<AccessToken, sqlx::Error> {
    let jkt: Vec<u8> = row.try_get("jkt")?;
    let configurations: Option<String> = row.try_get("configurations")?;
    Ok(AccessToken {
        hash,
        offer_id: row.try_get("token_offer_id")?,
        jkt: jkt
            .try_into()
            .map_err(|_| sqlx::Error::Decode("a thumbprint has 32 bytes".into()))?,
        client_id: row.try_get("client_id")?,
        asked_by: AskedBy::from_name(&row.try_get::<String, _>("asked_by")?),
        grant_id: row.try_get("grant_id")?,
        configurations: configurations
            .map(|text| serde_json::from_str(&text).map_err(unreadable))
            .transpose()?,
        expires_at: unsigned(row.try_get("token_expires_at")?),
    })
}

/// Whether a token is still good, in the transaction that something is done with it: it may have been taken back since
/// it was read.
pub async fn is_good(write: &mut Write, token: &AccessToken, now: u64) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT 1 FROM access_tokens WHERE hash = ? AND expires_at > ?")
        .bind(token.hash.to_vec())
        .bind(signed(now))
        .fetch_optional(&mut **write)
        .await?;
    Ok(row.is_some())
}

/// What a token is good for.
#[derive(Debug, Clone)]
pub struct Covered {
    /// The offer: one of its authorization.
    pub offer: Offer,
    /// The card that was issued on it, if one was.
    pub card: Option<Card>,
}

/// What a token is good for of a type, as long as it is good itself and its authorization has not lost the offer: both
/// may have changed since the token was read.
pub async fn covered(
    write: &mut Write,
    token: &AccessToken,
    credential_type: &str,
    now: u64,
) -> Result<Option<Covered>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT offers.*, credentials.id AS card_id, credentials.status AS card_status
         FROM offers LEFT JOIN credentials ON credentials.offer_id = offers.id
         WHERE offers.credential_type = ?1 AND ((?3 IS NULL AND offers.id = ?2) OR offers.id IN
         (SELECT offer_id FROM grant_offers WHERE grant_id = ?3))
         AND EXISTS (SELECT 1 FROM access_tokens WHERE hash = ?4 AND expires_at > ?5)",
    )
    .bind(credential_type)
    .bind(&token.offer_id)
    .bind(&token.grant_id)
    .bind(token.hash.to_vec())
    .bind(signed(now))
    .fetch_optional(&mut **write)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let card = match row.try_get::<Option<String>, _>("card_id")? {
        Some(id) => Some(Card {
            id,
            status: cards::status(&row, "card_status")?,
        }),
        None => None,
    };
    let offer = offers::offer(&row)?;
    Ok(Some(Covered { offer, card }))
}

/// The offers of an authorization.
pub async fn grant_offers(write: &mut Write, grant_id: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT offer_id FROM grant_offers WHERE grant_id = ? ORDER BY offer_id")
        .bind(grant_id)
        .fetch_all(&mut **write)
        .await
}

/// An authorization is good for an offer from now on.
pub fn add_to_grant(together: &mut Together, grant_id: &str, offer_id: &str, now: u64) {
    together.insert(
        "INSERT INTO grant_offers (grant_id, offer_id, granted_at)",
        |mut row| {
            row.push_bind(grant_id).push_bind(offer_id).push_bind(signed(now));
        },
    );
}

/// The authorizations for the card of this offer that came after this one.
pub async fn later_grants(write: &mut Write, offer_id: &str, grant_id: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT later.grant_id FROM grant_offers AS later
         JOIN grant_offers AS own ON own.offer_id = later.offer_id AND own.grant_id = ?2
         WHERE later.offer_id = ?1 AND later.granted_at > own.granted_at",
    )
    .bind(offer_id)
    .bind(grant_id)
    .fetch_all(&mut **write)
    .await
}

/// Another wallet has the card of this offer now: the authorizations before its own lose it, and those that are good
/// for nothing else lose their tokens.
pub async fn end_earlier_grants(write: &mut Write, offer_id: &str, grant_id: &str) -> Result<(), sqlx::Error> {
    let earlier: Vec<String> = sqlx::query_scalar(
        "SELECT earlier.grant_id FROM grant_offers AS earlier
         JOIN grant_offers AS own ON own.offer_id = earlier.offer_id AND own.grant_id = ?2
         WHERE earlier.offer_id = ?1 AND earlier.grant_id <> ?2 AND earlier.granted_at <= own.granted_at",
    )
    .bind(offer_id)
    .bind(grant_id)
    .fetch_all(&mut **write)
    .await?;
    for grant in &earlier {
        sqlx::query("DELETE FROM grant_offers WHERE grant_id = ? AND offer_id = ?")
            .bind(grant)
            .bind(offer_id)
            .execute(&mut **write)
            .await?;
        if grant_offers(write, grant).await?.is_empty() {
            revoke_grant(write, grant).await?;
        }
    }
    Ok(())
}

/// Takes back every token of an authorization, which is good for nothing from then on. RFC 6749 §4.1.2
pub async fn revoke_grant(write: &mut Write, grant_id: &str) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM access_tokens WHERE grant_id = ?",
        "DELETE FROM refresh_tokens WHERE grant_id = ?",
        "DELETE FROM grant_offers WHERE grant_id = ?",
    ] {
        sqlx::query(statement).bind(grant_id).execute(&mut **write).await?;
    }
    Ok(())
}

/// Drops what has expired.
pub async fn forget(write: &mut Write, now: u64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM access_tokens WHERE expires_at <= ?")
        .bind(signed(now))
        .execute(&mut **write)
        .await?;
    Ok(())
}
