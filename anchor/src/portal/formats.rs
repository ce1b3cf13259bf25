//! The cards of a purpose in every format in which they say the same: in the record, in the rule, in the check.
//! docs/formats.md
//!
//! A purpose names claims of card types; what they are called in a format is known in `card_types` alone. The verifier
//! widens the check by the function by which the rule is widened here, so that both have the same rule.

use std::collections::BTreeMap;

use card_types::{IN_FORMATS, InFormat, Spoken};
use ledger::{ClaimPath, PathElement, PayloadError, ScopeCredential};
use rule::{ClaimType, Rule};
use serde_json::{Value, json};

use super::cards::Card;
use super::content::{ClaimDraft, PurposeDraft};
use super::rules::{RuleProblem, rule_of};

impl PurposeDraft {
    /// The formats beside SD-JWT VC in which its cards are taken, where it takes several: those in which one of its
    /// cards is known, and whoever shows it is asked the same, by this rule.
    fn other_formats(&self, cards: &[Card], rule: Option<&Rule>) -> Vec<&'static str> {
        if !self.every_format {
            return Vec::new();
        }
        let mut formats: Vec<&'static str> = IN_FORMATS.iter().map(|form| form.format).collect();
        formats.sort_unstable();
        formats.dedup();
        formats.retain(|format| {
            let asked = cards.iter().filter(|card| self.asks(card.vct));
            let known: Vec<(&Card, &InFormat)> = asked
                .filter_map(|card| Some((card, InFormat::of(card.name, format)?)))
                .collect();
            let is_same = |(card, form): &(&Card, &InFormat)| self.is_same_in(card, form, rule);
            !known.is_empty() && known.iter().all(is_same)
        });
        formats
    }

    fn asks(&self, vct: &str) -> bool {
        self.claims.iter().any(|claim| claim.vct == vct)
    }

    /// Whether a card can be asked for in a format as it is in its own: every claim says the same there, nothing is
    /// shown that was not asked, and the rule can tell that it was shown.
    fn is_same_in(&self, card: &Card, form: &InFormat, rule: Option<&Rule>) -> bool {
        let asked: Vec<&ClaimDraft> = self.claims.iter().filter(|claim| claim.vct == card.vct).collect();
        let is_needed = |name: &str| asked.iter().any(|claim| claim.is_needed && claim.claim == name);
        let is_placed = asked.iter().all(|claim| form.same_claim(&claim.claim).is_some());
        let is_whole = !form.is_shown_whole() || form.claims.iter().all(|place| is_needed(place.claim));
        is_placed && is_whole && self.is_told_by(card, rule)
    }

    /// Whether the rule reads something of a card whatever is shown of it, or nothing: it asks by `has()` which of two
    /// formats it was.
    fn is_told_by(&self, card: &Card, rule: Option<&Rule>) -> bool {
        let names = rule.into_iter().flat_map(Rule::claims);
        let read: Vec<&str> = names
            .filter_map(|(name, _)| name.strip_prefix(card.query)?.strip_prefix('.'))
            .collect();
        let is_read = |claim: &&ClaimDraft| read.contains(&claim.claim.as_str());
        read.is_empty() || self.answers(card.vct).iter().all(|set| set.iter().any(is_read))
    }

    /// What is asked, in SD-JWT VC, as far as a rule depends on it; card by card, as the record has them.
    fn query(&self, cards: &[Card]) -> Value {
        let mut asked: Vec<&Card> = cards.iter().filter(|card| self.asks(card.vct)).collect();
        asked.sort_unstable_by_key(|card| card.vct);
        let credentials = asked.into_iter().map(|card| {
            let own = self.claims.iter().filter(|claim| claim.vct == card.vct);
            let claims: Vec<Value> = own.map(|claim| json!({ "path": [claim.claim] })).collect();
            json!({ "id": card.query, "meta": { "vct_values": [card.vct] }, "claims": claims })
        });
        json!({ "credentials": credentials.collect::<Vec<_>>() })
    }
}

/// The rule of a purpose as it is registered, and in which formats its cards are.
pub(crate) struct Registered {
    /// Of a purpose whose cards are taken in several formats, the one that is asked of whichever was shown. `None` as of
    /// [`rule_of`].
    pub(crate) rule: Option<Rule>,
    /// Those beside SD-JWT VC.
    formats: Vec<&'static str>,
}

impl Registered {
    /// What is registered of cards in the other formats: the same claims, where they stand there.
    pub(super) fn in_other_formats(&self, own: &[ScopeCredential], cards: &[Card]) -> Vec<ScopeCredential> {
        let forms = |credential: &ScopeCredential| -> Vec<&'static InFormat> {
            let Some(card) = cards.iter().find(|card| credential.has_type(card.vct)) else {
                return Vec::new();
            };
            let forms = self.formats.iter();
            forms.filter_map(|format| InFormat::of(card.name, format)).collect()
        };
        own.iter()
            .flat_map(|credential| forms(credential).into_iter().map(move |form| placed(credential, form)))
            .collect()
    }
}

/// What is registered of a purpose.
///
/// # Errors
/// [`RuleProblem`]; [`RuleProblem::InFormats`] where the rule is larger in several formats than one may be.
pub(crate) fn registered(purpose: &PurposeDraft, cards: &[Card]) -> Result<Registered, RuleProblem> {
    let own = rule_of(purpose, cards)?;
    let formats = purpose.other_formats(cards, own.as_ref());
    let rule = match own {
        Some(rule) if !formats.is_empty() => Some(in_formats(&rule, purpose, &formats, cards)?),
        own => own,
    };
    Ok(Registered { rule, formats })
}

/// The rule alone.
///
/// # Errors
/// As of [`registered`].
pub(crate) fn registered_rule(purpose: &PurposeDraft, cards: &[Card]) -> Result<Option<Rule>, RuleProblem> {
    registered(purpose, cards).map(|registered| registered.rule)
}

/// A rule, asked of whichever card was shown.
fn in_formats(
    rule: &Rule,
    purpose: &PurposeDraft,
    formats: &[&'static str],
    cards: &[Card],
) -> Result<Rule, RuleProblem> {
    // Both name types by the same words. docs/rules.md §1
    let unnamed = |_: serde_json::Error| PayloadError::Text("claims");
    let declared: BTreeMap<&str, ClaimType> = rule.claims().collect();
    let mut types: BTreeMap<String, String> = serde_json::from_value(json!(declared)).map_err(unnamed)?;
    let mut query = purpose.query(cards);
    let mut text = rule.text().to_owned();
    let mut spoken = Spoken {
        query: &mut query,
        types: &mut types,
        rule: &mut text,
        keep: &mut Vec::new(),
        issuers: &mut BTreeMap::new(),
    };
    spoken.ask_in(formats).map_err(|_| PayloadError::Text("formats"))?;
    let types: BTreeMap<String, ClaimType> = serde_json::from_value(json!(types)).map_err(unnamed)?;
    Rule::parse(&text, types).map_err(RuleProblem::InFormats)
}

/// The form in which the record names a card.
pub(super) fn form_of(credential: &ScopeCredential) -> Option<&'static InFormat> {
    let vct = credential.vct_values.first()?;
    let first = credential.needed.iter().chain(&credential.optional).next()?;
    IN_FORMATS.iter().find(|form| {
        let Some(PathElement::Name(inside)) = first.0.first() else {
            return false;
        };
        form.type_name == vct && form.claims.iter().any(|place| place.inside == inside)
    })
}

/// What a query of this name asks for: a card, or it in another format.
pub(super) fn asked_by(query: &str, cards: &[Card]) -> Option<&'static str> {
    cards.iter().find_map(|card| {
        let mut forms = IN_FORMATS.iter().filter(|form| form.card == card.name);
        let other = forms.find(|form| form.query_name(card.query) == query);
        let own = (card.query == query).then_some(card.vct);
        own.or_else(|| other.map(|form| form.type_name))
    })
}

/// A card as the record names it, in another format.
fn placed(own: &ScopeCredential, form: &InFormat) -> ScopeCredential {
    let place = |path: &ClaimPath| match path.0.as_slice() {
        [PathElement::Name(name)] => form.same_claim(name).map(|place| ClaimPath::names(&place)),
        _ => None,
    };
    let paths = |own: &[ClaimPath]| own.iter().filter_map(place).collect::<Vec<_>>();
    ScopeCredential {
        claim_sets: own.claim_sets.iter().map(|set| paths(set)).collect(),
        needed: paths(&own.needed),
        optional: paths(&own.optional),
        vct_values: vec![form.type_name.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::portal::cards;
    use crate::portal::content::drafted;

    const PERSON: &str = "urn:holdfast:vct:person-identification:1";
    const STUDENT: &str = "urn:holdfast:vct:student-card:1";
    const RESIDENCE: &str = "urn:holdfast:vct:residence:1";

    fn purpose(vct: &str, claims: &[(&str, bool)]) -> PurposeDraft {
        let claim = |(claim, is_needed): &(&str, bool)| ClaimDraft {
            vct: vct.to_owned(),
            claim: (*claim).to_owned(),
            is_needed: *is_needed,
            choices: [].into(),
        };
        PurposeDraft {
            every_format: true,
            ..drafted(claims.iter().map(claim).collect())
        }
    }

    const WHOLE: [(&str, bool); 5] = [
        ("given_name", true),
        ("family_name", true),
        ("institution_name", true),
        ("student_number", true),
        ("enrolled_until", true),
    ];

    #[test_case(PERSON, &[("age_over_18", true)] => vec!["mso_mdoc"]; "a yes or no")]
    #[test_case(PERSON, &[("age_over_18", true), ("portrait", false)] => vec!["mso_mdoc"]; "and what may be left out")]
    #[test_case(PERSON, &[("age_over_18", true), ("nationality", true)] => Vec::<&str>::new(); "what is written in another way there")]
    #[test_case(RESIDENCE, &[("resident", true)] => Vec::<&str>::new(); "a card that is in one format alone")]
    #[test_case(STUDENT, &WHOLE => vec!["ldp_vc"]; "all of a card that is shown whole")]
    #[test_case(STUDENT, &WHOLE[1..] => Vec::<&str>::new(); "a part of a card that is shown whole")]
    fn formats(vct: &str, claims: &[(&str, bool)]) -> Vec<&'static str> {
        let (mut purpose, cards) = (purpose(vct, claims), cards::cards());
        let formats = registered(&purpose, &cards).unwrap().formats;
        purpose.every_format = false;
        assert!(registered(&purpose, &cards).unwrap().formats.is_empty());
        formats
    }

    #[test]
    fn a_rule_that_reads_only_what_may_be_left_out_is_of_one_format() {
        let mut purpose = purpose(PERSON, &[("family_name", true), ("age_over_18", false)]);
        purpose.rule = "!has(person.age_over_18) || person.age_over_18".to_owned();
        let registered = registered(&purpose, &cards::cards()).unwrap();
        assert!(registered.formats.is_empty());
        assert_eq!(registered.rule.unwrap().text(), purpose.rule);
    }

    #[test]
    fn the_rule_and_the_record_speak_of_each_format() {
        let cards = cards::cards();
        let registered = registered(&purpose(PERSON, &[("age_over_18", true)]), &cards).unwrap();
        assert_eq!(
            registered.rule.as_ref().unwrap().text(),
            "(has(person.age_over_18)) && (person.age_over_18) || (has(person_mdoc.age_over_18)) && (person_mdoc.age_over_18)"
        );
        let own = ScopeCredential {
            claim_sets: Vec::new(),
            needed: vec![ClaimPath::names(&["age_over_18"])],
            optional: vec![ClaimPath::names(&["portrait"])],
            vct_values: vec![PERSON.to_owned()],
        };
        let others = registered.in_other_formats(std::slice::from_ref(&own), &cards);
        let there = |claim: &str| vec![ClaimPath::names(&["eu.europa.ec.eudi.pid.1", claim])];
        assert_eq!(others.len(), 1);
        assert_eq!(others[0].vct_values, ["eu.europa.ec.eudi.pid.1"]);
        assert_eq!(
            (&others[0].needed, &others[0].optional),
            (&there("age_over_18"), &there("portrait"))
        );
        assert_eq!(form_of(&own), None);
        assert_eq!(form_of(&others[0]).map(|form| form.format), Some("mso_mdoc"));
    }
}
