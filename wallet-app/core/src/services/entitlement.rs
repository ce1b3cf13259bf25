//! Whether the person is entitled to a service, by its rule and the cards that are held.

use super::accredited::Accredited;
use super::list::Office;
use crate::status::CardStatus;
use crate::text::{Localized, localized};
use card_formats::HeldTypes;
use jose::UnixTime;
use ledger::RuleQuery;
use rule::{Card, Day, EvaluationError, Rule};
use serde::Serialize;
use serde_json::{Map, Value};

/// What the person can do with a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Entitlement {
    /// They can use it: it is for everybody, or the rule says yes of good cards that are held.
    CanUse,
    /// They cannot: the rule says no, whatever other card there might be.
    CannotUse,
    /// A card that is not here, or not good any more, might do.
    LacksCard {
        /// The types of card that the rule asks for and of which there is no good one.
        cards: Vec<LackedCard>,
    },
    /// Not known, and so not a yes.
    CannotBeTold {
        /// Why.
        why: WhyNotTold,
    },
}

/// A type of card that is lacking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LackedCard {
    /// The type.
    pub card_type: String,
    /// What it is called; its identifier where no name is known.
    pub name: Localized,
    /// Every agency that may issue it now.
    pub issuers: Vec<Office>,
    /// What is wrong with the one that the person has; `None` where they have none.
    pub yours: Option<CardStatus>,
}

/// Why it is not known whether the person is entitled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyNotTold {
    /// The rule that the service names is not recorded, or cannot be read.
    RuleMissing,
    /// Another rule is recorded where the service's rule was.
    AnotherRule,
    /// It hangs on a card of which it is not known whether it is good.
    StatusUnknown,
    /// It hangs on what day it is where the service is.
    DayMatters,
    /// The cards that are held do not say what the rule asks.
    NotAnswered,
    /// There are too many ways to combine the cards that are held.
    TooManyCards,
}

/// A card, as far as a rule is concerned.
pub(super) struct HeldCard {
    pub(super) vct: String,
    /// By the names that rules use.
    pub(super) claims: Map<String, Value>,
    /// `None` where its issuer may not issue it now, or has taken out the key it is signed with: then it does not count.
    pub(super) status: Option<CardStatus>,
}

impl HeldCard {
    /// A card as its format calls it, and as its card type does where that is another name: rules of services ask for
    /// types of cards, whatever format they come in.
    pub(super) fn of(card: &crate::cards::Card, status: Option<CardStatus>) -> impl Iterator<Item = Self> {
        let as_it_is = Self {
            vct: card.vct.clone(),
            claims: card.format.named_claims(&card.claims),
            status,
        };
        let said = card.form();
        let form = said.known().and_then(|form| Some((form, form.vct()?)));
        let own = form.filter(|(_, vct)| *vct != card.vct).map(|(form, vct)| {
            let places = form.claims.iter();
            let claims =
                places.filter_map(|place| Some((place.claim.to_owned(), said.own_claim(place.claim)?.clone())));
            Self {
                vct: vct.to_owned(),
                claims: claims.collect(),
                status,
            }
        });
        std::iter::once(as_it_is).chain(own)
    }
}

/// One rule over the cards that are held.
pub(super) struct Question<'a> {
    pub(super) rule: &'a Rule,
    pub(super) queries: &'a [RuleQuery],
    pub(super) cards: &'a [HeldCard],
    pub(super) accredited: &'a Accredited,
    pub(super) types: &'a HeldTypes,
}

/// One card for each query that can be answered.
type Way<'a> = Vec<(&'a str, &'a HeldCard)>;

/// So many ways to choose cards are tried out.
const WAYS: usize = 64;
/// Twelve hours behind UTC, UTC, and fourteen hours ahead of it: on some of these clocks it may be another day. From
/// ten to twelve by UTC there are three days on Earth, at other times two.
const CLOCKS: [i32; 3] = [-12 * 3_600, 0, 14 * 3_600];
/// Stands for what a card would say that is not here.
static NOT_KNOWN: Value = Value::Null;

impl<'a> Question<'a> {
    /// The answer, where it is the same whatever day it is at the service.
    pub(super) fn answer(&self, now: UnixTime) -> Entitlement {
        let on = CLOCKS.map(|clock| Day::of_unix(now, clock).map(|day| self.on(day)));
        match on {
            [Some(one), Some(between), Some(other)] if one == between && one == other => one,
            _ => cannot(WhyNotTold::DayMatters),
        }
    }

    /// The answer on a day. The person picks which card to show, so one way to a yes is enough.
    fn on(&self, day: Day) -> Entitlement {
        let (Some(good), Some(perhaps)) = (self.ways(is_good), self.ways(is_perhaps_good)) else {
            return cannot(WhyNotTold::TooManyCards);
        };
        let is_yes = |way: &Way<'_>| self.evaluate(day, way, &[]) == Ok(true);
        if good.iter().any(is_yes) {
            return Entitlement::CanUse;
        }
        if perhaps.iter().any(is_yes) {
            return cannot(WhyNotTold::StatusUnknown);
        }
        let missing = self.missing();
        if perhaps.iter().all(|way| self.evaluate(day, way, &missing) == Ok(false)) {
            return Entitlement::CannotUse;
        }
        if missing.is_empty() {
            return cannot(WhyNotTold::NotAnswered);
        }
        let cards = missing.iter().flat_map(|query| &query.vct_values);
        Entitlement::LacksCard {
            cards: cards.map(|vct| self.lacked(vct)).collect(),
        }
    }

    /// What the rule says of these cards. Of a query that no card answers something is shown that is not known: where
    /// the rule gives a no then, no such card makes it a yes.
    fn evaluate(&self, day: Day, way: &Way<'_>, missing: &[&RuleQuery]) -> Result<bool, EvaluationError> {
        let mut shown: Vec<Card<'_>> = Vec::new();
        for &(query, card) in way {
            let claims = self.claims_of(query);
            shown.push(Card {
                query,
                claims: claims.filter_map(|name| Some((name, card.claims.get(name)?))).collect(),
            });
        }
        for query in missing {
            let claims = self.claims_of(&query.id);
            shown.push(Card {
                query: &query.id,
                claims: claims.map(|name| (name, &NOT_KNOWN)).collect(),
            });
        }
        self.rule.evaluate_cards(day, &shown)
    }

    /// The claims that the rule declares of a query.
    fn claims_of<'q>(&self, query: &'q str) -> impl Iterator<Item = &'a str> + use<'a, 'q> {
        let rule: &'a Rule = self.rule;
        rule.claims().filter_map(move |(name, _)| {
            let (of, claim) = name.split_once('.')?;
            (of == query).then_some(claim)
        })
    }

    /// Every way to take one card that counts for each query; `None` where there are too many.
    fn ways(&self, counts: fn(&HeldCard) -> bool) -> Option<Vec<Way<'a>>> {
        let (queries, cards): (&'a [RuleQuery], &'a [HeldCard]) = (self.queries, self.cards);
        let mut ways: Vec<Way<'a>> = vec![Vec::new()];
        for query in queries {
            let answering = cards.iter().filter(|card| counts(card) && answers(query, card));
            let answering: Vec<&'a HeldCard> = answering.collect();
            if answering.is_empty() {
                continue;
            }
            if ways.len() * answering.len() > WAYS {
                return None;
            }
            let mut longer = Vec::new();
            for way in &ways {
                for card in &answering {
                    let mut with = way.clone();
                    with.push((query.id.as_str(), *card));
                    longer.push(with);
                }
            }
            ways = longer;
        }
        Some(ways)
    }

    /// The queries that the rule reads and no card answers.
    fn missing(&self) -> Vec<&'a RuleQuery> {
        let queries: &'a [RuleQuery] = self.queries;
        let reads = self.rule.reads();
        let is_read = |query: &&RuleQuery| {
            let mut read = reads.iter().filter_map(|name| name.split_once('.'));
            read.any(|(of, _)| of == query.id)
        };
        let is_answered = |query: &&RuleQuery| {
            let mut cards = self.cards.iter();
            cards.any(|card| is_perhaps_good(card) && answers(query, card))
        };
        let missing = queries.iter().filter(|query| is_read(query) && !is_answered(query));
        missing.collect()
    }

    fn lacked(&self, vct: &str) -> LackedCard {
        let mut yours = self.cards.iter().filter(|card| card.vct == vct);
        let display = self.types.known(vct).into_iter().flat_map(|known| known.display());
        let names = display.map(|display| (display.locale.as_str(), display.name.as_str()));
        LackedCard {
            card_type: vct.to_owned(),
            name: localized(names, vct),
            issuers: self.accredited.issuers_of(vct),
            yours: yours.find_map(|card| card.status),
        }
    }
}

fn is_good(card: &HeldCard) -> bool {
    card.status == Some(CardStatus::Valid)
}

/// Unknown is never yes, and it is no no either.
fn is_perhaps_good(card: &HeldCard) -> bool {
    matches!(card.status, Some(CardStatus::Valid | CardStatus::Unknown))
}

fn answers(query: &RuleQuery, card: &HeldCard) -> bool {
    query.vct_values.contains(&card.vct)
}

fn cannot(why: WhyNotTold) -> Entitlement {
    Entitlement::CannotBeTold { why }
}
