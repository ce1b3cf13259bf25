//! What is looked at in the same way however a question came: what it is for, whether it asks too much or too often,
//! and which cards answer it.

use super::foretell::RecordedRule;
use super::matching::{self, Copies, Matched, NoMatch, Wanted};
use super::never::Never;
use super::opened::Asked;
use super::scope::{self, Outside};
use super::send::SessionKey;
use super::{NeverShown, RequestRefused, Unanswerable, Untold};
use crate::cards::CopyKind;
use crate::complaint::keep_request;
use crate::consent::{Ask, AskedCard, Party};
use crate::history::{self, HistoryRecord};
use crate::trust::Registration;
use crate::vault::VaultError;
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
    /// It asks for what they may have, and a card here shows more than that with it: nothing to blame them for.
    Company(Box<Asked>, Outside),
    /// No card answers.
    NoMatch(Box<Asked>, NoMatch),
    /// It needs a claim that the person shows to nobody.
    Never(Box<Asked>, NeverShown),
    /// For another reason, about which nobody can be told anything.
    Refused(RequestRefused),
}

/// What is left of whoever asked, for what the person may want to do.
#[derive(Default)]
pub(super) struct Whoever {
    /// What they may be told.
    pub(super) untold: Option<Untold>,
    /// Their signed request, as it was received.
    pub(super) request: Option<String>,
}

impl Whoever {
    /// Those who asked without a network hear nothing, and what they signed is no request object.
    pub(super) fn offline() -> Self {
        Self::default()
    }
}

impl From<RequestRefused> for Declined {
    fn from(error: RequestRefused) -> Self {
        Self::Refused(error)
    }
}

impl Wallet {
    /// Scope, rule, pace and cards.
    pub(super) fn weigh(&self, who: Party, question: Question<'_>) -> Result<(Ask, Matched), Declined> {
        if !question.answered {
            self.mind_the_stopped(&who)?;
        }
        let registration = question.registration;
        let purpose = match scope::check(question.query, registration, question.purpose) {
            Ok(purpose) => purpose.cloned(),
            Err(outside) => {
                let asked = Asked::new(who, None, question.query);
                return Err(Declined::Outside(Box::new(asked), outside));
            }
        };
        let asked = Asked::new(who, purpose.as_ref(), question.query);
        let rule = match RecordedRule::of(question.rule, purpose.as_ref(), question.query, question.now) {
            Ok(rule) => rule,
            Err(outside) => return Err(Declined::Outside(Box::new(asked), outside)),
        };
        let never = Never::load(&self.vault).map_err(RequestRefused::from)?;
        // What was answered already is not made again, so no card is looked for.
        let mut matched = if question.answered {
            Matched::default()
        } else {
            self.mind_the_pace(&asked.who)?;
            let wanted = Wanted {
                kind: question.kind,
                copies: Copies::for_asker(registration),
                never: &never,
                rule,
            };
            match matching::find(&self.vault, question.query, question.now, wanted)? {
                Ok(matched) => matched,
                Err(reason) => return Err(Declined::NoMatch(Box::new(asked), reason)),
            }
        };
        if let Some((vct, claim)) = never.apply(&mut matched) {
            return Err(Declined::Never(Box::new(asked), NeverShown { vct, claim }));
        }
        let in_company = |cards: &[AskedCard]| scope::check_company(cards, registration, purpose.as_ref());
        if let Err(outside) = in_company(&matched.asked) {
            return Err(Declined::Company(Box::new(asked), outside));
        }
        matched.additions.retain(|addition| in_company(&addition.cards).is_ok());
        let widened = self.widened(registration, question.purpose);
        let ask = Ask {
            who: asked.who,
            why: asked.why,
            kept: asked.kept,
            widened: widened.map_err(RequestRefused::from)?,
            earlier_record: None,
            cards: matched.asked.clone(),
            additions: matched.additions.clone(),
            session: question.session,
        };
        Ok((ask, matched))
    }

    /// Notes that a question is not shown, and keeps what is needed to say so to those who can be told.
    pub(super) fn declined(&self, query: &DcqlQuery, declined: Declined, whoever: Whoever) -> RequestRefused {
        let too_much = matches!(declined, Declined::Outside(_, Outside::Scope { .. }));
        let kept = whoever.request.filter(|_| too_much);
        let (asked, record, refusal): (Box<Asked>, HistoryRecord, Refusal) = match declined {
            Declined::Refused(error) => return error,
            Declined::NoMatch(asked, reason) => {
                let record = asked.unanswered(query, reason.code());
                (asked, record, Box::new(move |kept| reason.refusal(kept)))
            }
            Declined::Never(asked, never) => {
                let record = asked.refused("claim_never_shown", &never.vct, &never.claim);
                let NeverShown { vct, claim } = never;
                (
                    asked,
                    record,
                    Box::new(move |kept| RequestRefused::NeverShown { kept, vct, claim }),
                )
            }
            Declined::Outside(asked, outside) | Declined::Company(asked, outside) => {
                let record = asked.outside(&outside);
                (asked, record, Box::new(move |kept| outside.refusal(kept)))
            }
        };
        let noted: Result<i64, VaultError> = self.vault.write(|transaction| {
            let history_id = history::insert(transaction, self.clock.now(), &record)?;
            if let Some(request) = &kept {
                keep_request(transaction, history_id, request)?;
            }
            Ok(history_id)
        });
        match noted {
            Err(error) => error.into(),
            Ok(history_id) => {
                let left = Unanswerable::new(*asked, query, whoever.untold, (history_id, kept.is_some()));
                refusal(Box::new(left))
            }
        }
    }
}
