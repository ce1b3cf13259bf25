//! What the person is asked, and what the person agreed to.
//!
//! [`Ask`] is the screen: who, why, what is needed, what is optional (off), what is withheld, and
//! whether it is kept. [`Ask::agree`] turns it into a [`Consent`], which is what the finished
//! answer is compared with.

use crate::cards::CardId;
use crate::presentation::{EarlierRecord, SessionKey, Widened};
use crate::text::{Localized, in_english};
use crate::trust::{PublicRecord, Registration};
use card_formats::{ClaimPath, Format, Member, PathElement};
use ledger::Channel;
use oid4vp::{ClaimsPath, QueryId};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Everything the person has to know before deciding.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who asks.
    pub who: Party,
    /// Why, from the public record; a stranger's reasons are not shown.
    pub why: Option<Why>,
    /// Whether it is kept.
    pub kept: Kept,
    /// What they may ask beyond what they could when the person shared with them last.
    pub widened: Option<Widened>,
    /// What an earlier public record of theirs lacked, for somebody who never shared with them.
    pub earlier_record: Option<EarlierRecord>,
    /// The cards asked for, one for each query to be answered.
    pub cards: Vec<AskedCard>,
    /// What may be added, each on the person's word: nothing of it is needed.
    pub additions: Vec<Addition>,
    /// The request this is about.
    pub(crate) session: SessionKey,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Party {
    /// The name that was verified. Without one the host has to do.
    pub name: Option<Localized>,
    /// The host the answer goes to.
    pub host: String,
    /// Whether and where it is recorded.
    pub registration: Registration,
    /// Whether the name mixes scripts, holds what does not belong in a name, or is easily taken for
    /// that of another organisation.
    pub name_looks_odd: bool,
    /// How the wallet knows, where it is publicly recorded.
    pub record: Option<PublicRecord>,
}

impl Party {
    /// What to call it: the verified name, or the host.
    #[must_use]
    pub fn names(&self) -> Localized {
        self.name.clone().unwrap_or_else(|| in_english(&self.host))
    }

    /// Its identifier, where it is publicly recorded.
    pub(crate) fn id(&self) -> Option<&str> {
        match &self.registration {
            Registration::Registered { did, .. } => Some(did),
            _ => None,
        }
    }
}

/// Why it asks.
#[derive(Clone, Debug)]
pub struct Why {
    /// In words, per language.
    pub text: Localized,
    /// Where its privacy policy is.
    pub privacy_policy: String,
    /// Whether it is recorded as asking over the network or face to face. A wallet cannot see who
    /// stands before it, so this is said and not enforced.
    pub channel: Channel,
}

/// Whether what is shown is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Recorded as not kept.
    No,
    /// Recorded as kept for so many days.
    Days(u32),
    /// Nobody has recorded it, and they say themselves that they keep something of it. OpenID4VP 1.0 Appendix B.2.4
    Said,
    /// Nobody has recorded it.
    NotSaid,
}

impl Kept {
    /// For how many days, where it is recorded; 0: not at all.
    pub(crate) fn days(self) -> Option<u32> {
        match self {
            Self::No => Some(0),
            Self::Days(days) => Some(days),
            Self::Said | Self::NotSaid => None,
        }
    }
}

/// What the answer will be, by the rule that those who ask have publicly recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Foretold {
    /// Yes, as long as the cards are good.
    Yes,
    /// No.
    No,
    /// What would be shown is not enough for an answer.
    CannotBeTold,
}

/// Cards that may go along: one more for a query that takes several, or those of a set that is not
/// required. OpenID4VP 1.0 §6.1, §6.2
#[derive(Clone, Debug)]
pub struct Addition {
    /// All of them together, or none.
    pub cards: Vec<AskedCard>,
}

/// One card and what is asked of it.
#[derive(Clone, Debug)]
pub struct AskedCard {
    /// The query it answers.
    pub query: QueryId,
    /// The card.
    pub card: CardId,
    /// Its format.
    pub format: Format,
    /// Its type.
    pub vct: String,
    /// Claims without which there is no answer.
    pub needed: Vec<ClaimsPath>,
    /// Claims that may be added.
    pub optional: Vec<ClaimsPath>,
    /// Claims of the card that are not asked for.
    pub withheld: Vec<String>,
    /// What travels with every answer made from this card, the outermost of each.
    pub always: Vec<ClaimPath>,
    /// Every copy was shown before, so one would be shown again: whoever saw it, and those who work together with them,
    /// recognise that it is the same person. Only [`Ask::agree_knowing`] agrees to that.
    pub shown_before: bool,
    /// Whether those who ask will be able to check it.
    pub proof: Proof,
    /// The alternatives of the query that contain the needed claims.
    pub(crate) alternatives: Vec<Vec<ClaimsPath>>,
}

/// Whether those who ask can check a card without asking anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Proof {
    /// They ask over a network, or hold all that they need.
    NotNeeded,
    /// What is publicly recorded about the issuer and the card goes along.
    GoesAlong {
        /// So many full hours old.
        hours: u64,
    },
    /// It may end in "could not check".
    Missing {
        /// What is missing.
        why: MissingProof,
    },
}

/// Why those who ask may not be able to check a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingProof {
    /// Nothing was fetched yet, or the issuer is not in it.
    NotHeld,
    /// It is older than they accept.
    TooOld,
    /// The status lists that are held are not those that are publicly recorded.
    StatusDiffers,
    /// The issuer is publicly recorded nowhere.
    NotRecorded,
}

/// What the person agreed to show: to this request, and for each of its queries these cards with
/// exactly these claims. A consent to another request is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub(crate) session: SessionKey,
    pub(crate) shown: Vec<(QueryId, ShownCard)>,
}

/// What is shown of one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownCard {
    pub(crate) card: CardId,
    pub(crate) vct: String,
    pub(crate) claims: Vec<ClaimsPath>,
    pub(crate) always: Vec<ClaimPath>,
    /// The person agreed to show a copy again.
    pub(crate) shown_before: bool,
}

/// Why a choice is not possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// The card is not among those that may go along.
    #[error("{0} is not among the cards that may go along")]
    NotOffered(String),
    /// The claim is not among the optional ones.
    #[error("{0} is not among the optional claims")]
    NotOptional(String),
    /// The business offers no alternative with exactly these optional claims.
    #[error("these optional claims cannot be chosen together")]
    NotTogether,
    /// A copy of the card would be shown again, and the person did not say that they know what that means.
    #[error("every copy of {0} was shown before")]
    ShownBefore(String),
}

impl Ask {
    /// The person agrees, and adds these optional claims.
    pub fn agree(&self, with: &[String]) -> Result<Consent, ConsentError> {
        self.agree_also(with, &[])
    }

    /// The person agrees, adds these optional claims, and lets these cards go along. No copy is shown again.
    pub fn agree_also(&self, with: &[String], also: &[String]) -> Result<Consent, ConsentError> {
        let consent = self.agree_knowing(with, also)?;
        let again = consent.shown.iter().find(|(_, shown)| shown.shown_before);
        match again {
            Some((_, shown)) => Err(ConsentError::ShownBefore(shown.card.as_str().to_owned())),
            None => Ok(consent),
        }
    }

    /// The same by a person who was told of the copies that would be shown again, and what that means
    /// ([`AskedCard::shown_before`]).
    pub fn agree_knowing(&self, with: &[String], also: &[String]) -> Result<Consent, ConsentError> {
        let cards = self.chosen(also)?;
        for name in with {
            let known = |card: &&AskedCard| card.optional.iter().any(|path| is_named(path, name));
            if !cards.iter().any(known) {
                return Err(ConsentError::NotOptional(name.clone()));
            }
        }
        let mut shown = Vec::with_capacity(cards.len());
        for card in cards {
            let claims = card.with(with).ok_or(ConsentError::NotTogether)?;
            shown.push((
                card.query.clone(),
                ShownCard {
                    card: card.card.clone(),
                    vct: card.vct.clone(),
                    claims,
                    always: card.always.clone(),
                    shown_before: card.shown_before,
                },
            ));
        }
        Ok(Consent {
            session: self.session.clone(),
            shown,
        })
    }
}

impl Ask {
    /// The cards asked for, and those of each addition in which one of these stands; none twice.
    pub fn chosen(&self, also: &[String]) -> Result<Vec<&AskedCard>, ConsentError> {
        let mut cards: Vec<&AskedCard> = self.cards.iter().collect();
        for id in also {
            let holds = |addition: &&Addition| addition.cards.iter().any(|card| card.card.as_str() == id);
            let mut found = self.additions.iter().filter(holds).peekable();
            if found.peek().is_none() {
                return Err(ConsentError::NotOffered(id.clone()));
            }
            cards.extend(found.flat_map(|addition| &addition.cards));
        }
        let mut seen = BTreeSet::new();
        cards.retain(|card| {
            let card = *card;
            seen.insert((&card.query, card.card.as_str()))
        });
        Ok(cards)
    }
}

impl AskedCard {
    /// What the card says about the person in every answer, because its issuer left no choice.
    pub fn company(&self) -> impl Iterator<Item = ClaimsPath> {
        let format = self.format;
        let said = move |path: &&ClaimPath| path.root().is_some_and(|root| format.member(root) != Member::Envelope);
        self.always.iter().filter(said).filter_map(claims_path)
    }

    /// The alternative with the needed claims and those added, and nothing else that is optional.
    pub(crate) fn with(&self, names: &[String]) -> Option<Vec<ClaimsPath>> {
        let added: Vec<&ClaimsPath> = self
            .optional
            .iter()
            .filter(|path| names.iter().any(|name| is_named(path, name)))
            .collect();
        self.alternatives
            .iter()
            .find(|paths| {
                added.iter().all(|path| paths.contains(path)) && paths.len() == self.needed.len() + added.len()
            })
            .cloned()
    }
}

/// A place in a card as a path to it.
fn claims_path(place: &ClaimPath) -> Option<ClaimsPath> {
    let steps = place.elements().iter().map(|element| match element {
        PathElement::Name(name) => Value::from(name.as_str()),
        PathElement::Index(index) => Value::from(*index),
    });
    ClaimsPath::parse(&steps.collect()).ok()
}

/// A claim is called by its path with dots, as `address.city`.
fn is_named(path: &ClaimsPath, name: &str) -> bool {
    path.to_string() == name
}

#[cfg(test)]
mod tests {
    use super::*;
    use oid4vp::DcqlQuery;
    use serde_json::json;

    fn query_id() -> QueryId {
        let query = json!({"credentials": [{"id": "c", "format": "dc+sd-jwt",
            "meta": {"vct_values": ["v"]}}]});
        DcqlQuery::parse(&query).expect("query").credentials()[0].id().clone()
    }

    fn ask() -> Ask {
        let [a, b, c] = ["a", "b", "c"].map(ClaimsPath::top_level);
        Ask {
            who: Party {
                name: None,
                host: "shop.example".into(),
                registration: Registration::Unregistered,
                name_looks_odd: false,
                record: None,
            },
            why: None,
            kept: Kept::NotSaid,
            widened: None,
            earlier_record: None,
            session: SessionKey::default(),
            cards: vec![AskedCard {
                query: query_id(),
                card: CardId::generate(),
                format: Format::SD_JWT_VC,
                vct: "v".into(),
                needed: vec![a.clone()],
                optional: vec![b.clone(), c.clone()],
                withheld: vec!["d".into()],
                always: vec!["iss".into()],
                shown_before: false,
                proof: Proof::NotNeeded,
                alternatives: vec![vec![a.clone()], vec![a.clone(), b.clone()], vec![a, b, c]],
            }],
            additions: Vec::new(),
        }
    }

    fn names(consent: &Consent) -> Vec<String> {
        consent.shown[0].1.claims.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_may_go_along_goes_along_on_the_persons_word() {
        let mut ask = ask();
        let more = |id: CardId| AskedCard {
            card: id,
            ..ask.cards[0].clone()
        };
        let (one, two) = (CardId::generate(), CardId::generate());
        let additions = vec![
            Addition {
                cards: vec![more(one.clone())],
            },
            Addition {
                cards: vec![more(two.clone()), ask.cards[0].clone()],
            },
        ];
        ask.additions = additions;
        let shown = |also: &[&CardId]| {
            let also: Vec<String> = also.iter().map(|id| id.as_str().to_owned()).collect();
            let consent = ask.agree_also(&[], &also).expect("agreed");
            consent
                .shown
                .into_iter()
                .map(|(_, shown)| shown.card)
                .collect::<Vec<_>>()
        };
        let first = ask.cards[0].card.clone();
        assert_eq!(shown(&[]), std::slice::from_ref(&first));
        assert_eq!(shown(&[&one]), [first.clone(), one.clone()]);
        assert_eq!(shown(&[&two, &two, &one]), [first, two.clone(), one.clone()]);
        let refused = ask.agree_also(&[], &["stranger".to_owned()]);
        assert_eq!(refused, Err(ConsentError::NotOffered("stranger".to_owned())));
    }

    #[test]
    fn a_copy_is_shown_again_only_by_those_who_know() {
        let mut ask = ask();
        ask.cards[0].shown_before = true;
        let card = ask.cards[0].card.as_str().to_owned();
        assert_eq!(ask.agree(&[]), Err(ConsentError::ShownBefore(card)));
        assert!(ask.agree_knowing(&[], &[]).expect("agreed").shown[0].1.shown_before);
    }

    #[test]
    fn optional_claims_are_off() {
        assert_eq!(names(&ask().agree(&[]).expect("agreed")), ["a"]);
    }

    #[test]
    fn optional_claims_are_added_by_name() {
        assert_eq!(names(&ask().agree(&["b".into()]).expect("agreed")), ["a", "b"]);
    }

    #[test]
    fn nothing_is_added_that_was_not_asked_for() {
        let refused = ask().agree(&["d".into()]);
        assert_eq!(refused, Err(ConsentError::NotOptional("d".into())));
    }

    #[test]
    fn a_choice_that_needs_a_further_claim_is_refused() {
        assert_eq!(ask().agree(&["c".into()]), Err(ConsentError::NotTogether));
    }
}
