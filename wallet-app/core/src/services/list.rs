//! Every service that agencies offer, and what it means for the person.

use super::ServicesError;
use super::accredited::Accredited;
use super::entitlement::{Entitlement, HeldCard, Question};
use super::held::Published;
use crate::cards::{Card, CardIssuer, WholeCard};
use crate::proofs::{HeldProofs, Readiness};
use crate::text::{Localized, plain_within};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use card_formats::HeldTypes;
use jose::UnixTime;
use ledger::{Family, Fee, LegalBasis, ObjectSubject, Service};
use serde::Serialize;

/// What can I use?
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Services {
    /// When the list was confirmed; `None` where none is held.
    pub confirmed_at: Option<UnixTime>,
    /// How old that makes it.
    pub age: Readiness,
    /// When it was last confirmed whether the cards are good: the oldest of what is known counts. `None` where nothing is.
    pub cards_confirmed_at: Option<UnixTime>,
    /// Each service that an accredited agency offers now.
    pub services: Vec<OfferedService>,
}

/// A service, as its agency publishes it, made plain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferedService {
    /// Its subject on the ledger.
    pub id: String,
    /// What it is called.
    pub name: Localized,
    /// What it is.
    pub text: Localized,
    /// The agency that offers it.
    pub offered_by: Office,
    /// Who decides.
    pub competent: Office,
    /// The laws behind it.
    pub legal_basis: Vec<Law>,
    /// What it costs; nothing where it is `None`.
    pub fee: Option<Price>,
    /// Within how many days there is an answer.
    pub time_limit_days: Option<u32>,
    /// Where it is asked for.
    pub page: Option<String>,
    /// Where to complain.
    pub complaints: String,
    /// What it means for the person.
    pub answer: Entitlement,
}

/// An organisation, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Office {
    /// Its name, or its host where no name is recorded.
    pub name: Localized,
    /// Its host.
    pub host: String,
}

/// A law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Law {
    /// What it is called.
    pub name: Localized,
    /// Where it can be read.
    pub uri: String,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// In the smallest unit of the currency.
    pub amount: u64,
    /// ISO 4217.
    pub currency: String,
    /// As it is written in English.
    #[serde(skip)]
    pub text: String,
}

impl Wallet {
    /// Every service that accredited agencies offer, and for each what the cards that are held come to by its rule.
    /// Nobody is asked, and nothing is kept.
    ///
    /// # Errors
    /// [`ServicesError`] where nothing of the ledger is believed, or the vault fails.
    pub fn services(&self) -> Result<Services, ServicesError> {
        let ledger = self.ledger(self.clock.now());
        let now = ledger.still_trusted()?.now();
        let Some(list) = self.vault.service_list()? else {
            return Ok(Services::none_held());
        };
        let published = Published::read(&list, &self.pack);
        let proofs = HeldProofs::load(&self.vault, &self.pack, now)?;
        let accredited = Accredited::of(ledger.held_bundles()?, &proofs);
        let cards = self.cards()?;
        let held = self.as_held(&cards, &accredited)?;
        // What is built in reads; a type of which no name is known is shown by its identifier.
        let types = card_types::held().unwrap_or_default();
        let judged = Judged {
            cards: &held,
            published: &published,
            accredited: &accredited,
            types: &types,
            now,
        };
        let services = published.services.iter();
        let services = services.filter_map(|service| judged.offered(service)).collect();
        Ok(Services {
            confirmed_at: Some(list.time),
            age: Readiness::of(Some(list.time), now),
            cards_confirmed_at: self.oldest_status(&cards)?,
            services,
        })
    }

    fn as_held(&self, cards: &[Card], accredited: &Accredited) -> Result<Vec<HeldCard>, VaultError> {
        let whole = WholeCard::of_all(cards.to_vec());
        let statuses = self.form_statuses(&whole)?;
        let mut held = Vec::with_capacity(cards.len());
        for (card, status) in whole.iter().flat_map(WholeCard::forms).zip(statuses) {
            let status = self.counts(card, accredited)?.then_some(status);
            held.extend(HeldCard::of(card, status));
        }
        Ok(held)
    }

    /// Whether a card counts: not where nobody is accredited to issue it now, nor where no copy of it is signed with a
    /// key that its issuer still has.
    fn counts(&self, card: &Card, accredited: &Accredited) -> Result<bool, VaultError> {
        let CardIssuer::Ledger { did, .. } = &card.issuer else {
            return Ok(false);
        };
        if !accredited.may_issue(did, &card.vct) {
            return Ok(false);
        }
        let copies = self.vault.credentials(&card.id)?;
        Ok(copies
            .iter()
            .any(|copy| accredited.lists_key_of(did, card.format, copy)))
    }

    fn oldest_status(&self, cards: &[Card]) -> Result<Option<UnixTime>, VaultError> {
        let mut oldest: Option<UnixTime> = None;
        for card in cards {
            if let Some(at) = self.status_confirmed_at(card)? {
                oldest = Some(oldest.map_or(at, |oldest| oldest.min(at)));
            }
        }
        Ok(oldest)
    }
}

impl Services {
    fn none_held() -> Self {
        Self {
            confirmed_at: None,
            age: Readiness::Missing,
            cards_confirmed_at: None,
            services: Vec::new(),
        }
    }
}

/// What services are judged by.
struct Judged<'a> {
    cards: &'a [HeldCard],
    published: &'a Published,
    accredited: &'a Accredited,
    types: &'a HeldTypes,
    now: UnixTime,
}

impl Judged<'_> {
    /// A service with its answer; `None` where it is over, or no agency offers it.
    fn offered(&self, service: &Service) -> Option<OfferedService> {
        let subject = ObjectSubject::parse_owned(Family::Service, &service.subject)?;
        let owner = subject.owner()?.as_str();
        let is_over = service.until.is_some_and(|until| until <= self.now);
        if is_over || !self.accredited.is_agency(owner) {
            return None;
        }
        Some(OfferedService {
            id: service.subject.clone(),
            name: Localized::from(&service.name),
            text: Localized::from(&service.text),
            offered_by: self.accredited.office(owner),
            competent: self.accredited.office(service.competent.as_str()),
            legal_basis: service.legal_basis.iter().map(Law::of).collect(),
            fee: service.fee.as_ref().map(Price::of),
            time_limit_days: service.time_limit_days,
            page: service.page.as_deref().map(address),
            complaints: address(&service.complaints),
            answer: self.answer(service),
        })
    }

    fn answer(&self, service: &Service) -> Entitlement {
        let Some(named) = &service.rule else {
            return Entitlement::CanUse;
        };
        let (rule, queries) = match self.published.rule(named) {
            Ok(found) => found,
            Err(why) => return Entitlement::CannotBeTold { why },
        };
        let question = Question {
            rule: &rule,
            queries,
            cards: self.cards,
            accredited: self.accredited,
            types: self.types,
        };
        question.answer(self.now)
    }
}

impl Price {
    fn of(fee: &Fee) -> Self {
        Self {
            amount: fee.amount,
            currency: fee.currency.clone(),
            text: fee.to_string(),
        }
    }
}

impl Law {
    fn of(law: &LegalBasis) -> Self {
        Self {
            name: Localized::from(&law.name),
            uri: address(&law.uri),
        }
    }
}

/// A link of the list, whole: it has at most 200 characters. docs/ledger.md §4
fn address(link: &str) -> String {
    plain_within(link, 200)
}
