//! A question that holds, as the person sees it, however it came; and what is noted of questions.

use super::matching::Matched;
use super::scope::Outside;
use super::send::StoredAnswer;
use crate::cards::Card;
use crate::consent::{Ask, AskedCard, Consent, Kept, Party, Why};
use crate::history::{HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::text::Localized;
use jose::UnixTime;
use ledger::{OrganisationRecord, Purpose};
use oid4vp::{DcqlQuery, PresentationRequest};

/// A question that holds, from somebody who was authenticated, for cards that are here. `Q` is how it came, and so how
/// it can be answered.
pub struct Open<Q> {
    pub(super) question: Q,
    pub(super) ask: Ask,
    pub(super) matched: Matched,
    pub(super) earlier: Option<StoredAnswer>,
    pub(super) expires_at: Option<UnixTime>,
    /// The record of whoever asks, as it came with the request: by it a receipt is verified.
    pub(super) asker: Option<Box<OrganisationRecord>>,
}

/// A request over the network: [`crate::Wallet::share`] answers it.
pub type OpenRequest = Open<PresentationRequest>;

impl<Q> Open<Q> {
    /// What the person is asked.
    #[must_use]
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// The card that one part of the question would be answered from; `None` where it was answered before.
    #[must_use]
    pub fn card(&self, asked: &AskedCard) -> Option<&Card> {
        self.matched.held(&asked.card).map(|held| &held.card)
    }

    /// Whether this very question was answered before and no reply came: the same bytes can be sent
    /// again, and nothing else.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.earlier.is_some()
    }

    /// Whether the other is the same question, opened at another time.
    #[must_use]
    pub fn asks_the_same(&self, other: &Self) -> bool {
        self.ask.session == other.ask.session
    }

    /// When the question runs out, where it says so.
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// Who asks, in English, for the history and for tools.
    #[must_use]
    pub fn party_name(&self) -> String {
        self.ask.who.names().text("en").to_owned()
    }

    pub(super) fn record(&self, outcome: Outcome, reason: Option<&str>) -> HistoryRecord {
        let mut record = record(&self.ask.who, self.ask.why.as_ref(), outcome, reason);
        record.kept_days = self.ask.kept.days();
        record.says_kept = self.ask.kept == Kept::Said;
        record.cards = self.ask.cards.iter().map(|asked| self.noted(asked)).collect();
        record
    }

    /// What the person agreed to show, as the history has it.
    pub(super) fn agreed(&self, consent: &Consent) -> Vec<HistoryCard> {
        let cards = consent.shown.iter().map(|(_, shown)| HistoryCard {
            vct: shown.vct.clone(),
            card: Some(shown.card.clone()),
            title: self.matched.held(&shown.card).map(|held| held.card.face().title),
            claims: shown.claims.iter().map(ToString::to_string).collect(),
            shown_before: shown.shown_before,
        });
        cards.collect()
    }

    fn noted(&self, asked: &AskedCard) -> HistoryCard {
        HistoryCard {
            vct: asked.vct.clone(),
            card: Some(asked.card.clone()),
            title: self.card(asked).map(|card| card.face().title),
            claims: asked
                .needed
                .iter()
                .chain(&asked.optional)
                .map(ToString::to_string)
                .collect(),
            shown_before: false,
        }
    }
}

impl<Q> std::fmt::Debug for Open<Q> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open")
            .field("host", &self.ask.who.host)
            .finish_non_exhaustive()
    }
}

/// What is known of a question before any card is looked for.
pub(super) struct Asked {
    pub(super) who: Party,
    pub(super) why: Option<Why>,
    pub(super) kept: Kept,
}

impl Asked {
    pub(super) fn new(who: Party, purpose: Option<&Purpose>, query: &DcqlQuery) -> Self {
        Self {
            who,
            why: purpose.map(|purpose| Why {
                text: Localized::from(&purpose.text),
                privacy_policy: purpose.privacy_policy.clone(),
                channel: purpose.channel,
            }),
            kept: match purpose.map(|purpose| purpose.retention_days) {
                None if says_that_it_is_kept(query) => Kept::Said,
                None => Kept::NotSaid,
                Some(0) => Kept::No,
                Some(days) => Kept::Days(days),
            },
        }
    }

    /// A line of the history about a question that nothing here answers.
    pub(super) fn unanswered(&self, query: &DcqlQuery, reason: &str) -> HistoryRecord {
        let mut record = record(&self.who, self.why.as_ref(), Outcome::NotShared, Some(reason));
        let queries = query.credentials().iter();
        record.cards = queries
            .filter_map(|query| {
                let types = query.meta().type_names();
                let claims = query.claims().iter().map(|claim| claim.path().to_string());
                Some(asked_of(types.first()?, claims.collect()))
            })
            .collect();
        record
    }

    /// A line of the history about a question that the wallet refuses, with the claim that is too much.
    pub(super) fn outside(&self, outside: &Outside) -> HistoryRecord {
        match outside {
            Outside::Scope { vct, claim } => self.refused(outside.code(), vct, claim),
            _ => record(&self.who, self.why.as_ref(), Outcome::Blocked, Some(outside.code())),
        }
    }

    /// A line of the history about a question that the wallet refuses because of one claim.
    pub(super) fn refused(&self, reason: &str, vct: &str, claim: &str) -> HistoryRecord {
        let mut record = record(&self.who, self.why.as_ref(), Outcome::Blocked, Some(reason));
        record.cards.push(asked_of(vct, vec![claim.to_owned()]));
        record
    }
}

/// Whether those who ask say of something that they keep it.
fn says_that_it_is_kept(query: &DcqlQuery) -> bool {
    let mut claims = query.credentials().iter().flat_map(|asked| asked.claims());
    claims.any(|claim| claim.intent_to_retain() == Some(true))
}

fn asked_of(vct: &str, claims: Vec<String>) -> HistoryCard {
    HistoryCard {
        vct: vct.to_owned(),
        card: None,
        title: None,
        claims,
        shown_before: false,
    }
}

pub(super) fn record(who: &Party, why: Option<&Why>, outcome: Outcome, reason: Option<&str>) -> HistoryRecord {
    HistoryRecord {
        event: HistoryEvent::Request,
        party: who.names().text("en").to_owned(),
        party_id: who.id().map(str::to_owned),
        host: who.host.clone(),
        purpose: why.map(|why| why.text.text("en").to_owned()),
        cards: Vec::new(),
        outcome,
        reason: reason.map(str::to_owned),
        kept_days: None,
        says_kept: false,
    }
}

/// A line of the history about a question that is not even shown, from a host that said who it is or did not.
pub(super) fn blocked_at(host: String, reason: &str) -> HistoryRecord {
    HistoryRecord {
        event: HistoryEvent::Request,
        party: host.clone(),
        party_id: None,
        host,
        purpose: None,
        cards: Vec::new(),
        outcome: Outcome::Blocked,
        reason: Some(reason.to_owned()),
        kept_days: None,
        says_kept: false,
    }
}
