//! What is looked at in the same way however a question came: what it is for, whether it asks too much or too often,
//! and which cards answer it.

use super::foretell::RecordedRule;
use super::matching::{self, Copies, Matched, NoMatch};
use super::opened::Asked;
use super::scope::{self, Outside};
use super::send::SessionKey;
use super::{RequestRefused, Unanswerable, Untold};
use crate::cards::CopyKind;
use crate::consent::{Ask, AskedCard, Party};
use crate::history::HistoryRecord;
use crate::trust::Registration;
use crate::wallet::Wallet;
use jose::UnixTime;
use oid4vp::DcqlQuery;
use serde_json::Value;

/// A question of somebody who was authenticated.
pub(super) struct Question<'a> {
    pub(super) query: &'a DcqlQuery,
    pub(super) registration: &'a Registration,
    /// The id of the purpose that it names.
    pub(super) purpose: Option<&'a str>,
    /// The rule that came along, as it was sent; a challenge has no room for one.
    pub(super) rule: Option<&'a Value>,
    pub(super) session: SessionKey,
    /// Whether it was answered already: then no card is looked for.
    pub(super) answered: bool,
    /// Which copies answer it.
    pub(super) kind: CopyKind,
    pub(super) now: UnixTime,
}

/// Makes a refusal of what is left of a question.
type Refusal = Box<dyn FnOnce(Box<Unanswerable>) -> RequestRefused>;

/// Why a question is not shown.
pub(super) enum Declined {
    /// It asks for what they may not have.
    Outside(Box<Asked>, Outside),
    /// No card answers.
    NoMatch(Box<Asked>, NoMatch),
    /// For another reason, about which nobody can be told anything.
    Refused(RequestRefused),
}

impl From<RequestRefused> for Declined {
    fn from(error: RequestRefused) -> Self {
        Self::Refused(error)
    }
}

impl Wallet {
    /// Scope, rule, pace and cards.
    pub(super) fn weigh(&self, who: Party, question: Question<'_>) -> Result<(Ask, Matched), Declined> {
        let registration = question.registration;
        let purpose = match scope::check(question.query, registration, question.purpose) {
            Ok(purpose) => purpose.cloned(),
            Err(outside) => return Err(Declined::Outside(Box::new(Asked::new(who, None)), outside)),
        };
        let asked = Asked::new(who, purpose.as_ref());
        let rule = match RecordedRule::of(question.rule, purpose.as_ref(), question.query, question.now) {
            Ok(rule) => rule,
            Err(outside) => return Err(Declined::Outside(Box::new(asked), outside)),
        };
        // What was answered already is not made again, so no card is looked for.
        let mut matched = if question.answered {
            Matched::default()
        } else {
            self.mind_the_pace(&asked.who)?;
            let copies = Copies::for_asker(registration);
            match matching::find(&self.vault, question.query, question.now, (question.kind, copies), rule)? {
                Ok(matched) => matched,
                Err(reason) => return Err(Declined::NoMatch(Box::new(asked), reason)),
            }
        };
        let in_company = |cards: &[AskedCard]| scope::check_company(cards, registration, purpose.as_ref());
        if let Err(outside) = in_company(&matched.asked) {
            return Err(Declined::Outside(Box::new(asked), outside));
        }
        matched.additions.retain(|addition| in_company(&addition.cards).is_ok());
        let widened = self.widened(registration, question.purpose);
        let ask = Ask {
            who: asked.who,
            why: asked.why,
            kept: asked.kept,
            widened: widened.map_err(RequestRefused::from)?,
            cards: matched.asked.clone(),
            additions: matched.additions.clone(),
            session: question.session,
        };
        Ok((ask, matched))
    }

    /// Notes that a question is not shown, and keeps what is needed to say so to those who can be told.
    pub(super) fn declined(&self, query: &DcqlQuery, declined: Declined, untold: Option<Untold>) -> RequestRefused {
        let (asked, record, refusal): (Box<Asked>, HistoryRecord, Refusal) = match declined {
            Declined::Refused(error) => return error,
            Declined::NoMatch(asked, reason) => {
                let record = asked.unanswered(query, reason.code());
                (asked, record, Box::new(move |kept| reason.refusal(kept)))
            }
            Declined::Outside(asked, outside) => {
                let record = asked.outside(&outside);
                (asked, record, Box::new(move |kept| outside.refusal(kept)))
            }
        };
        match self.vault.note(self.clock.now(), &record) {
            Err(error) => error.into(),
            Ok(history_id) => refusal(Box::new(Unanswerable::new(*asked, query, untold, history_id))),
        }
    }
}
