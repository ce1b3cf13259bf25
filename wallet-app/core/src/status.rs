//! Are my cards still good? Lists are refreshed as whole sets of every issuer held, on the person's
//! or a timer's word, never because a card is shown.

use crate::cards::{Card, CardIssuer, WholeCard, seconds, unsigned};
use crate::trust::{Agencies, IssuerKeys, TrustError, load_anchors};
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use card_formats::{StatusListError, UnverifiedList};
use jose::strict_json;
use jose::{PublicJwk, UnixTime, VerifyingKey};
use outbound::{Limits, OutboundError};
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use status_list::{Status, StatusPurpose, StatusReference, TokenError, VerifiedList};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// What is known about a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CardStatus {
    /// Good.
    Valid,
    /// Suspended for a time.
    Suspended,
    /// Revoked, for ever.
    Revoked,
    /// Its time is over.
    Expired,
    /// Its time has not come yet, as the clock of this device says.
    NotYetValid,
    /// Not known: no list is held, it has run out, or it says something this wallet does not know.
    Unknown,
}

/// What a refresh of all lists came to.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Lists that are held and current.
    pub lists: usize,
    /// Lists that could not be had.
    pub failures: Vec<StatusError>,
}

/// Why a status list could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// It could not be fetched.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// Its address is none.
    #[error("the address of a status list is malformed")]
    Address,
    /// It is refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It is no list that is read here.
    #[error(transparent)]
    List(StatusListError),
    /// It is not the one that is publicly recorded, or says something else. docs/ledger.md §4.5
    #[error("a status list is not the one that is recorded")]
    NotAsRecorded,
    /// There are more lists of one issuer, or more bytes of them, than are held for proofs.
    #[error("the status lists of an issuer are too much")]
    TooMuch,
    /// Nobody vouches for the key that signed it.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl StatusError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Outbound(OutboundError::Blocked | OutboundError::Scheme) => "address_not_allowed",
            Self::Outbound(_) | Self::Address | Self::TooMuch => "status_unavailable",
            Self::Token(_) | Self::List(_) | Self::NotAsRecorded => "unresolvable_status_list",
            Self::Trust(error) => error.code(),
            Self::Vault(_) => "vault",
        }
    }
}

impl From<StatusListError> for StatusError {
    fn from(error: StatusListError) -> Self {
        match error {
            StatusListError::Token(error) => Self::Token(error),
            error => Self::List(error),
        }
    }
}

impl Wallet {
    /// Refreshes the lists of all issuers whose cards are held.
    pub async fn refresh_status(&self) -> Result<Refreshed, StatusError> {
        let cards = self.vault.cards()?;
        let mut refreshed = Refreshed::default();
        if cards.is_empty() {
            return Ok(refreshed);
        }
        let ledger = self.ledger(self.clock.now());
        let agencies = ledger.agencies().await?;
        let anchors = load_anchors(self.settings.issuer_anchors.as_deref())?;
        let now = ledger.clock()?.now();
        let issuers = IssuerKeys {
            agencies: &agencies,
            anchors: &anchors,
            now,
        };
        for (uri, issuer) in self.lists_of_all_issuers(&cards, &agencies)? {
            match self.refresh_list(&uri, &issuer, &issuers).await {
                Ok(()) => refreshed.lists += 1,
                Err(error) => refreshed.failures.push(error),
            }
        }
        Ok(refreshed)
    }

    /// What is known about a card from the lists held; asks nobody.
    pub fn card_status(&self, card: &Card) -> Result<CardStatus, VaultError> {
        self.held_lists().status_of(card)
    }

    /// What is known about a card in all of its formats: what was suspended or revoked in one of them is so, and what
    /// is not known of one of them is not known.
    pub fn whole_status(&self, whole: &WholeCard) -> Result<CardStatus, VaultError> {
        self.held_lists().status_of_whole(whole)
    }

    /// The same for several cards: a list that they share is read once.
    pub fn whole_statuses(&self, cards: &[WholeCard]) -> Result<Vec<CardStatus>, VaultError> {
        let mut held = self.held_lists();
        cards.iter().map(|whole| held.status_of_whole(whole)).collect()
    }

    /// What is known about a card where this form of it is shown: of the lists of all its forms, and of the dates of
    /// this one.
    pub fn form_status(&self, whole: &WholeCard, form: &Card) -> Result<CardStatus, VaultError> {
        self.held_lists().status_as(whole, form)
    }

    /// The same for each form of several cards, one after the other. A list that they share is read once.
    pub(crate) fn form_statuses(&self, cards: &[WholeCard]) -> Result<Vec<CardStatus>, VaultError> {
        let mut held = self.held_lists();
        let mut statuses = Vec::new();
        for whole in cards {
            for form in whole.forms() {
                statuses.push(held.status_as(whole, form)?);
            }
        }
        Ok(statuses)
    }

    fn held_lists(&self) -> HeldLists<'_> {
        HeldLists {
            vault: &self.vault,
            now: self.clock.now(),
            read: BTreeMap::new(),
        }
    }

    /// When what [`Wallet::card_status`] says was last confirmed: the oldest of the lists it rests on
    /// was issued then. `None` where a list is not held, or none is named.
    pub fn status_confirmed_at(&self, card: &Card) -> Result<Option<UnixTime>, VaultError> {
        self.confirmed_at(std::iter::once(card))
    }

    /// The same of [`Wallet::whole_status`]: the oldest of the lists of all its forms counts.
    pub fn whole_confirmed_at(&self, whole: &WholeCard) -> Result<Option<UnixTime>, VaultError> {
        self.confirmed_at(whole.forms())
    }

    fn confirmed_at<'c>(&self, forms: impl Iterator<Item = &'c Card>) -> Result<Option<UnixTime>, VaultError> {
        let mut lists = BTreeSet::new();
        for form in forms {
            let references = self.vault.status_references(&form.id)?;
            lists.extend(references.into_iter().map(|reference| reference.uri));
        }
        let mut oldest: Option<UnixTime> = None;
        for uri in lists {
            let Some(issued_at) = self.vault.newest_list(&uri)? else {
                return Ok(None);
            };
            oldest = Some(oldest.map_or(issued_at, |oldest| oldest.min(issued_at)));
        }
        Ok(oldest)
    }

    /// Everything an agency has published, and every list that a card here names. A list that an agency has recorded is
    /// its own, whoever else names it on a card, and any other that of the card that came first: a card cannot keep a
    /// wallet from the lists of somebody else.
    fn lists_of_all_issuers(
        &self,
        cards: &[Card],
        agencies: &Agencies,
    ) -> Result<BTreeMap<String, CardIssuer>, StatusError> {
        let mut lists = BTreeMap::new();
        let mut named = Vec::new();
        for card in cards {
            let places = self.vault.status_references(&card.id)?;
            let in_bits = places.iter().any(|place| place.purpose.is_some());
            if let CardIssuer::Ledger { did, .. } = &card.issuer
                && let Some(agency) = agencies.by_did(did)
                && let Some(snapshot) = agency.snapshot()?
            {
                for list in snapshot.lists {
                    // Which of them a card is in is told to nobody: all are fetched, of each kind that is needed.
                    for purpose in StatusPurpose::ALL.iter().filter(|_| in_bits) {
                        let beside = lists.entry(purpose.list_beside(&list.uri));
                        beside.or_insert_with(|| card.issuer.clone());
                    }
                    lists.entry(list.uri).or_insert_with(|| card.issuer.clone());
                }
            }
            named.extend(places.into_iter().map(|place| (place.uri, &card.issuer)));
        }
        for (uri, issuer) in named {
            lists.entry(uri).or_insert_with(|| issuer.clone());
        }
        Ok(lists)
    }

    async fn refresh_list(&self, uri: &str, issuer: &CardIssuer, issuers: &IssuerKeys<'_>) -> Result<(), StatusError> {
        let url = Url::parse(uri).map_err(|_| StatusError::Address)?;
        let answer = self.client.get(&url, &Limits::STATUS_LIST).await?.success()?;
        let text = std::str::from_utf8(answer.body())
            .map_err(|_| StatusError::Address)?
            .trim();
        let list = UnverifiedList::parse(text)?;
        let trusted = issuers.for_status_list(issuer, list.kid(), list.x5c())?;
        let did = match issuer {
            CardIssuer::Ledger { did, .. } => Some(did.as_str()),
            CardIssuer::Certificate { .. } => None,
        };
        let list = list.verify(&trusted.key, did, uri, issuers.now)?;
        // Also one that has run out tells how far its issuer had come.
        if self
            .vault
            .newest_list(uri)?
            .is_some_and(|newest| list.issued_at() < newest)
        {
            return Err(TokenError::OlderThanHeld.into());
        }
        self.vault.keep_list(uri, text, &trusted.jwk, list.issued_at())?;
        Ok(())
    }
}

/// The lists that were read so far, each checked once.
struct HeldLists<'a> {
    vault: &'a Vault,
    now: UnixTime,
    read: BTreeMap<String, Option<VerifiedList>>,
}

impl HeldLists<'_> {
    fn status_of(&mut self, card: &Card) -> Result<CardStatus, VaultError> {
        if card.valid_until.is_some_and(|until| until <= self.now) {
            return Ok(CardStatus::Expired);
        }
        if card.valid_from.is_some_and(|from| self.now < from) {
            return Ok(CardStatus::NotYetValid);
        }
        let mut worst = CardStatus::Valid;
        for place in self.vault.status_references(&card.id)? {
            worst = worse(worst, self.look_up(&place)?);
            // What is recorded counts, whatever a list of bits beside it says; where it is not held, that says nothing.
            if let Some(recorded) = place.beside_which()
                && self.list(&recorded.uri)?.is_some()
            {
                worst = worse(worst, self.look_up(&recorded)?);
            }
        }
        Ok(worst)
    }

    /// Its dates are those of the form that came first: while that can be shown, the card can.
    fn status_of_whole(&mut self, whole: &WholeCard) -> Result<CardStatus, VaultError> {
        self.status_as(whole, &whole.card)
    }

    /// By the dates of this form, and by the lists of all of them.
    fn status_as(&mut self, whole: &WholeCard, shown: &Card) -> Result<CardStatus, VaultError> {
        let mut worst = self.status_of(shown)?;
        for form in whole.forms().filter(|form| form.id != shown.id) {
            let found = self.status_of(form)?;
            if is_taken_back(found) || found == CardStatus::Unknown {
                worst = worse(worst, found);
            }
        }
        Ok(worst)
    }

    /// The list of this address, where one is held that has not run out.
    fn list(&mut self, uri: &str) -> Result<Option<&VerifiedList>, VaultError> {
        let list = match self.read.entry(uri.to_owned()) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(self.vault.held_list(uri, self.now)?),
        };
        Ok(list.as_ref())
    }

    fn look_up(&mut self, place: &StatusReference) -> Result<CardStatus, VaultError> {
        let list = self.list(&place.uri)?;
        Ok(match list.map(|list| list.look_up(place)) {
            Some(Ok(Status::Valid)) => CardStatus::Valid,
            Some(Ok(Status::Invalid)) => CardStatus::Revoked,
            Some(Ok(Status::Suspended)) => CardStatus::Suspended,
            _ => CardStatus::Unknown,
        })
    }
}

/// Whether its issuer took a card back, for a time or for ever.
fn is_taken_back(status: CardStatus) -> bool {
    matches!(status, CardStatus::Suspended | CardStatus::Revoked)
}

/// A card is as good as the worst of its copies; what is not known is worse than good.
fn worse(a: CardStatus, b: CardStatus) -> CardStatus {
    let rank = |status| match status {
        CardStatus::Valid => 0,
        CardStatus::Unknown => 1,
        CardStatus::Suspended | CardStatus::NotYetValid => 2,
        CardStatus::Expired | CardStatus::Revoked => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

impl Vault {
    /// A held list, checked again with the key that was found when it came. One that has run out
    /// counts as not held.
    fn held_list(&self, uri: &str, now: UnixTime) -> Result<Option<VerifiedList>, VaultError> {
        let row: Option<(String, String)> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT token, issuer_key FROM status_list WHERE uri = ?1",
                    [uri],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
        })?;
        let Some((token, key)) = row else { return Ok(None) };
        let jwk = strict_json::parse(key.as_bytes(), &strict_json::Limits::MESSAGE)
            .ok()
            .and_then(|value| PublicJwk::parse(&value).ok())
            .ok_or(VaultError::MalformedRecord)?;
        let key = VerifyingKey::new(&jwk).map_err(|_| VaultError::MalformedRecord)?;
        let list = UnverifiedList::parse(&token).and_then(|list| list.verify(&key, None, uri, now));
        Ok(list.ok())
    }

    /// A held list as it was when it was issued, whether or not it has run out: a snapshot of that time is of it.
    pub(crate) fn list_as_issued(&self, uri: &str) -> Result<Option<VerifiedList>, VaultError> {
        match self.newest_list(uri)? {
            Some(issued_at) => self.held_list(uri, issued_at),
            None => Ok(None),
        }
    }

    /// When the list that is held was issued, whether or not it has run out.
    fn newest_list(&self, uri: &str) -> Result<Option<UnixTime>, VaultError> {
        let stored: Option<i64> = self.read(|connection| {
            connection
                .query_row("SELECT issued_at FROM status_list WHERE uri = ?1", [uri], |row| {
                    row.get(0)
                })
                .optional()
        })?;
        stored.map(unsigned).transpose()
    }

    fn keep_list(&self, uri: &str, token: &str, key: &PublicJwk, issued_at: UnixTime) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO status_list (uri, token, issuer_key, issued_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (uri) DO UPDATE
                 SET token = excluded.token, issuer_key = excluded.issuer_key, issued_at = excluded.issued_at",
                params![uri, token, key.to_value().to_string(), seconds(issued_at)],
            )?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CardStatus, worse};
    use test_case::test_case;

    #[test_case(CardStatus::Valid, CardStatus::Unknown => CardStatus::Unknown ; "unknown is never good")]
    #[test_case(CardStatus::Revoked, CardStatus::Unknown => CardStatus::Revoked ; "revoked stays revoked")]
    #[test_case(CardStatus::Suspended, CardStatus::Valid => CardStatus::Suspended ; "suspended stays suspended")]
    fn the_worst_counts(a: CardStatus, b: CardStatus) -> CardStatus {
        worse(a, b)
    }
}
