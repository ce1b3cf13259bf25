//! The rule of a purpose: what turns what is shown into yes or no. docs/rules.md, docs/registration.md §2
//!
//! One rule goes three ways: its hash into the record, itself into an entry of the registrar's, and itself to the
//! verifier, so that requests carry it and wallets can say what the answer will be.

use std::collections::{BTreeMap, BTreeSet};

use did::Did;
use ledger::{Family, ObjectSubject, PayloadError, RuleEntry, RuleQuery};
use rule::{ClaimType, Rule, RuleError};
use serde_json::json;

use super::cards::{self, Card, Kind};
use super::content::{ClaimDraft, LANGUAGES, PurposeDraft, localized};
use super::formats::asked_by;
use crate::pages::card_types::CardTypes;
use crate::pages::messages::Language;
use crate::pages::plain::is_invisible;

/// Claims named in what a rule is called, at most.
const NAMED: usize = 4;

/// Ways to show sets of several cards beside each other that a rule is held against, at most. Each has to be answered, and
/// there are as many as the product of what may be shown of each card.
const SHOWN: usize = 256;

/// Why a rule that was stated is none for its purpose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RuleProblem {
    /// It is no rule, or about what is not asked.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// It holds characters that nobody sees, or that turn the direction of writing: it would read otherwise than it is.
    #[error("the rule holds invisible characters")]
    Invisible,
    /// It asks for nothing that is shown.
    #[error("the rule reads nothing")]
    Nothing,
    /// Whoever shows no more than is needed, or one alternative alone, would get no answer. docs/rules.md §4
    #[error("the rule gives no answer to one of the sets that may be shown")]
    NoAnswer,
    /// There are more ways to show the cards beside each other than anybody looks at.
    #[error("too many sets may be shown beside each other")]
    TooManySets,
    /// None is stated, and none follows: of alternatives that are more than yes or no, nobody can tell what is a yes.
    #[error("no rule follows from the alternatives")]
    Unsaid,
    /// It is a rule, and larger than one may be once it is asked of cards in every format. docs/rules.md §2, §7
    #[error("in several formats: {0}")]
    InFormats(#[source] RuleError),
    /// The ledger would not take it.
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

/// The types of claims that a rule may declare, by `query.claim`.
type Declared = BTreeMap<String, ClaimType>;

/// The rule of a purpose: the one that is stated, else the one that follows from what is needed. `None` where nothing
/// is asked of which a rule could speak.
///
/// # Errors
/// [`RuleProblem`] for one that is stated, and [`RuleProblem::Unsaid`].
pub(crate) fn rule_of(purpose: &PurposeDraft, cards: &[Card]) -> Result<Option<Rule>, RuleProblem> {
    if purpose.rule.is_empty() {
        let rule = following(purpose, cards);
        let has_choices = purpose.claims.iter().any(|claim| !claim.choices.is_empty());
        return match rule {
            None if has_choices => Err(RuleProblem::Unsaid),
            rule => Ok(rule),
        };
    }
    if purpose.rule.chars().any(is_invisible) {
        return Err(RuleProblem::Invisible);
    }
    let rule = declaring_what_it_reads(&purpose.rule, &declared(purpose, cards))?;
    if rule.reads().is_empty() {
        return Err(RuleProblem::Nothing);
    }
    check_answers(purpose, cards, &rule)?;
    Ok(Some(rule))
}

/// Whether somebody wrote a rule that follows from nothing: it would stand in public, and nobody has looked at it.
pub(crate) fn is_written(purpose: &PurposeDraft, cards: &[Card]) -> bool {
    let hash = |rule: Rule| rule.hash();
    let stated = rule_of(purpose, cards).ok().flatten().map(hash);
    !purpose.rule.is_empty() && (stated.is_none() || stated != following(purpose, cards).map(hash))
}

/// The names that a rule of this purpose may use.
pub(crate) fn names<'a>(purpose: &'a PurposeDraft, cards: &'a [Card]) -> Vec<(String, &'a ClaimDraft)> {
    let named = |claim: &'a ClaimDraft| Some((name(cards, claim)?, claim));
    purpose.claims.iter().filter_map(named).collect()
}

/// As it goes to the ledger, called by what it reads. Its subject has its hash: of many purposes with one rule, the
/// ledger has it once.
///
/// # Errors
/// [`RuleProblem::Payload`] where the ledger would not take it.
pub(crate) fn entry(rule: &Rule, owner: &Did, cards: &[Card], types: &CardTypes) -> Result<RuleEntry, RuleProblem> {
    let declared: Declared = rule.claims().map(|(name, kind)| (name.to_owned(), kind)).collect();
    // Both name types by the same words. docs/rules.md §1
    let claims = serde_json::from_value(json!(declared)).map_err(|_| PayloadError::Text("claims"))?;
    let name = hex::encode(rule.hash());
    let subject = ObjectSubject::owned(Family::Rule, owner, &name).ok_or(PayloadError::Text("subject"))?;
    let asked: BTreeSet<&str> = declared
        .keys()
        .filter_map(|name| Some(name.split_once('.')?.0))
        .collect();
    let query = |id: &str| RuleQuery {
        id: id.to_owned(),
        vct_values: asked_by(id, cards).into_iter().map(str::to_owned).collect(),
    };
    let entry = RuleEntry {
        claims,
        expression: rule.text().to_owned(),
        name: localized(&called(rule, cards, types))?,
        queries: asked.into_iter().map(query).collect(),
        subject: subject.as_str().to_owned(),
        subset: u64::from(rule::SUBSET_VERSION),
    };
    entry.encode()?;
    Ok(entry)
}

/// The claims that a rule reads, in words; what it reads in several formats once.
fn called(rule: &Rule, cards: &[Card], types: &CardTypes) -> BTreeMap<String, String> {
    let is_own = |name: &String| {
        let query = name.split_once('.').map(|(query, _)| query);
        cards.iter().any(|card| Some(card.query) == query)
    };
    let reads: Vec<String> = rule.reads().into_iter().filter(is_own).collect();
    let label = |name: &String, language: Language| {
        let (query, claim) = name.split_once('.')?;
        let card = cards.iter().find(|card| card.query == query)?;
        types.label(card.vct, &cards::path(claim), language).map(str::to_owned)
    };
    let words = |language: Language| {
        let labels = reads.iter().take(NAMED).filter_map(|name| label(name, language));
        let mut labels: Vec<String> = labels.collect();
        if reads.len() > NAMED {
            labels.push("…".to_owned());
        }
        labels.join(", ")
    };
    let languages = Language::ALL
        .into_iter()
        .filter(|language| LANGUAGES.contains(&language.tag()));
    languages
        .map(|language| (language.tag().to_owned(), words(language)))
        .collect()
}

/// What follows from the claims alone: every yes or no that is needed is yes, all else that is needed is there, and of
/// alternatives that say yes or no one is all yes. Nothing follows from others: to have a day of birth is no age.
/// Where that is longer than a rule may be, it is about yes and no alone.
fn following(purpose: &PurposeDraft, cards: &[Card]) -> Option<Rule> {
    let needed: Vec<(String, Kind)> = needed(purpose, cards);
    let all = needed.iter().map(|(name, kind)| match kind {
        Kind::Boolean => name.clone(),
        Kind::Date | Kind::List | Kind::Text | Kind::Other => format!("has({name})"),
    });
    let booleans = needed.iter().filter(|(_, kind)| *kind == Kind::Boolean);
    let booleans = booleans.map(|(name, _)| name.clone());
    let declared = declared(purpose, cards);
    let choices = choices(purpose, cards)?;
    let texts = [all.collect::<Vec<_>>(), booleans.collect()];
    texts
        .into_iter()
        .map(|conditions| [conditions, choices.clone()].concat())
        .filter(|conditions| !conditions.is_empty())
        .find_map(|conditions| declaring_what_it_reads(&conditions.join(" && "), &declared).ok())
}

/// For each card with alternatives, that all of one of them is yes; `None` where one is more than yes or no.
fn choices(purpose: &PurposeDraft, cards: &[Card]) -> Option<Vec<String>> {
    let is_yes = |claim: &&ClaimDraft| {
        let is_boolean = cards::kind(cards, &claim.vct, &claim.claim) == Some(Kind::Boolean);
        let name = name(cards, claim).filter(|_| is_boolean)?;
        Some(format!("has({name}) && {name}"))
    };
    let mut conditions = Vec::new();
    for card in cards {
        let sets = purpose.claim_sets(card.vct);
        let alternatives: Option<Vec<String>> = sets
            .iter()
            .map(|set| {
                let mut own: Vec<&ClaimDraft> = set.iter().copied().filter(|claim| !claim.choices.is_empty()).collect();
                own.sort_by(|one, other| one.claim.cmp(&other.claim));
                let all: Option<Vec<String>> = own.iter().map(is_yes).collect();
                Some(all?.join(" && "))
            })
            .collect();
        let mut alternatives = alternatives?;
        // The order on the page makes no other rule.
        alternatives.sort_unstable();
        if !alternatives.is_empty() {
            conditions.push(format!("({})", alternatives.join(" || ")));
        }
    }
    Some(conditions)
}

fn needed(purpose: &PurposeDraft, cards: &[Card]) -> Vec<(String, Kind)> {
    let mut needed: Vec<_> = purpose
        .claims
        .iter()
        .filter(|claim| claim.is_needed)
        .filter_map(|claim| Some((name(cards, claim)?, cards::kind(cards, &claim.vct, &claim.claim)?)))
        .collect();
    // The order on the page makes no other rule.
    needed.sort_by(|(one, _), (other, _)| one.cmp(other));
    needed
}

/// `query.claim`; none for a card that is not built in.
fn name(cards: &[Card], claim: &ClaimDraft) -> Option<String> {
    let card = cards.iter().find(|card| card.vct == claim.vct)?;
    Some(format!("{}.{}", card.query, claim.claim))
}

fn declared(purpose: &PurposeDraft, cards: &[Card]) -> Declared {
    let one = |claim: &ClaimDraft| {
        let kind = match cards::kind(cards, &claim.vct, &claim.claim)? {
            Kind::Boolean => ClaimType::Bool,
            Kind::Date => ClaimType::Date,
            Kind::List => ClaimType::StringList,
            // A picture is a text that is there or not.
            Kind::Text | Kind::Other => ClaimType::String,
        };
        Some((name(cards, claim)?, kind))
    };
    purpose.claims.iter().filter_map(one).collect()
}

/// A rule is the same whatever else is asked beside it: it declares what it reads, and no more.
fn declaring_what_it_reads(text: &str, declared: &Declared) -> Result<Rule, RuleError> {
    let reads = Rule::parse(text, declared.clone())?.reads();
    let read = declared.iter().filter(|(name, _)| reads.contains(*name));
    Rule::parse(text, read.map(|(name, kind)| (name.clone(), *kind)))
}

/// There has to be an answer to every set of claims that may be shown of each card, beside every set of the others.
fn check_answers(purpose: &PurposeDraft, cards: &[Card], rule: &Rule) -> Result<(), RuleProblem> {
    let mut shown: Vec<BTreeSet<String>> = vec![BTreeSet::new()];
    for card in cards {
        let sets = purpose.answers(card.vct);
        let names = |set: &Vec<&ClaimDraft>| set.iter().filter_map(|claim| name(cards, claim)).collect();
        let named: Vec<BTreeSet<String>> = sets.iter().map(names).collect();
        if shown.len().saturating_mul(named.len()) > SHOWN {
            return Err(RuleProblem::TooManySets);
        }
        let beside = |before: &BTreeSet<String>| named.iter().map(|set| before | set).collect::<Vec<_>>();
        shown = shown.iter().flat_map(beside).collect();
    }
    match shown.iter().all(|shown| rule.can_answer(shown)) {
        true => Ok(()),
        false => Err(RuleProblem::NoAnswer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::content::drafted;
    use test_case::test_case;

    const PERSON: &str = "urn:holdfast:vct:person-identification:1";
    const OWNER: &str = "did:webvh:QmVUE1PXRETvpMn2MVPwUTsxki8kWQPqqK2pUxXgjDcv6w:registrar.example";

    fn purpose(claims: &[(&str, bool)], rule: &str) -> PurposeDraft {
        let claim = |(claim, is_needed): &(&str, bool)| ClaimDraft {
            vct: PERSON.to_owned(),
            claim: (*claim).to_owned(),
            is_needed: *is_needed,
            choices: [].into(),
        };
        PurposeDraft {
            rule: rule.to_owned(),
            ..drafted(claims.iter().map(claim).collect())
        }
    }

    fn text(claims: &[(&str, bool)], rule: &str) -> Option<String> {
        let rule = rule_of(&purpose(claims, rule), &cards::cards()).unwrap();
        rule.map(|rule| rule.text().to_owned())
    }

    #[test_case(&[("age_over_18", true)] => Some("person.age_over_18".to_owned()); "a yes or no")]
    #[test_case(&[("family_name", true), ("age_over_18", true)] => Some("person.age_over_18 && has(person.family_name)".to_owned()); "all that is needed")]
    #[test_case(&[("portrait", true)] => Some("has(person.portrait)".to_owned()); "a picture that is there")]
    #[test_case(&[("age_over_18", true), ("age_over_21", false)] => Some("person.age_over_18".to_owned()); "not what is optional")]
    #[test_case(&[("age_over_21", false)] => None; "nothing that is needed")]
    fn what_follows_from_the_claims(claims: &[(&str, bool)]) -> Option<String> {
        text(claims, "")
    }

    #[test_case("person.birth_date_age_years >= 18" => true; "of what is needed")]
    #[test_case("has(person.age_over_18) && person.age_over_18 || person.birth_date_age_years >= 18" => true; "asks first")]
    #[test_case("person.age_over_18" => false; "of what may be left out")]
    #[test_case("person.family_name == \"A\"" => false; "of what is not asked")]
    #[test_case("true" => false; "of nothing")]
    #[test_case("person.birth_date + 1" => false; "no rule")]
    #[test_case("person.birth_date_age_years >= 18 && \"\u{202E}\" != \"A\"" => false; "turned around")]
    #[test_case("person.birth_date_age_years >= 18 && \"j@x.example\" == \"j@x.example\"" => true; "personal, which the entry refuses")]
    fn stated(rule: &str) -> bool {
        let claims = [("birth_date", true), ("age_over_18", false)];
        rule_of(&purpose(&claims, rule), &cards::cards()).is_ok()
    }

    /// Alternatives of one claim each, and a rule.
    fn chosen(claims: &[&str], rule: &str) -> Result<Option<String>, RuleProblem> {
        let claims: Vec<(&str, bool)> = claims.iter().map(|claim| (*claim, false)).collect();
        let mut purpose = purpose(&claims, rule);
        for (claim, number) in purpose.claims.iter_mut().zip(1..) {
            claim.choices = [number].into();
        }
        rule_of(&purpose, &cards::cards()).map(|rule| rule.map(|rule| rule.text().to_owned()))
    }

    #[test]
    fn of_alternatives_that_say_yes_or_no_one_has_to_say_yes() {
        let follows =
            "(has(person.age_over_18) && person.age_over_18 || has(person.age_over_21) && person.age_over_21)";
        assert_eq!(
            chosen(&["age_over_21", "age_over_18"], ""),
            Ok(Some(follows.to_owned()))
        );
        assert_eq!(chosen(&["age_over_18", "birth_date"], ""), Err(RuleProblem::Unsaid));
    }

    #[test]
    fn so_many_sets_that_nobody_looks_at_them_all_are_too_many() {
        let cards = cards::cards();
        let mut purpose = purpose(&[], "");
        // Three alternatives, and one that may be left out beside each.
        let large = cards.iter().filter(|card| card.claims.len() >= 4);
        for card in large.take(4) {
            for (claim, choice) in card.claims.iter().zip([None, Some(1), Some(2), Some(3)]) {
                purpose.claims.push(ClaimDraft {
                    vct: card.vct.to_owned(),
                    claim: claim.name.clone(),
                    is_needed: false,
                    choices: choice.into_iter().collect(),
                });
            }
        }
        let one = names(&purpose, &cards).remove(0).0;
        purpose.rule = format!("has({one})");
        assert_eq!(rule_of(&purpose, &cards), Err(RuleProblem::TooManySets));
        let first = purpose.claims[0].vct.clone();
        purpose.claims.retain(|claim| claim.vct == first);
        assert!(rule_of(&purpose, &cards).is_ok());
    }

    #[test_case("has(person.age_over_18) && person.age_over_18 || has(person.birth_date) && person.birth_date_age_years >= 18" => Ok(()); "each")]
    #[test_case("has(person.age_over_18) && person.age_over_18 || person.birth_date_age_years >= 18" => Err(RuleProblem::NoAnswer); "one alone, unless it says yes")]
    #[test_case("person.birth_date_age_years >= 18" => Err(RuleProblem::NoAnswer); "the second alone")]
    #[test_case("person.age_over_18 && person.birth_date_age_years >= 18" => Err(RuleProblem::NoAnswer); "both together")]
    fn a_rule_has_to_answer_each_alternative(rule: &str) -> Result<(), RuleProblem> {
        chosen(&["age_over_18", "birth_date"], rule).map(drop)
    }

    #[test]
    fn a_rule_is_the_same_whatever_is_asked_beside_it() {
        let cards = cards::cards();
        let hash = |claims: &[(&str, bool)]| rule_of(&purpose(claims, ""), &cards).unwrap().unwrap().hash();
        let alone = hash(&[("age_over_18", true)]);
        assert_eq!(hash(&[("portrait", false), ("age_over_18", true)]), alone);
        assert_ne!(hash(&[("age_over_21", true)]), alone);
    }

    #[test]
    fn the_entry_has_the_hash_of_the_rule_and_its_name() {
        let (cards, types) = (cards::cards(), CardTypes::load().unwrap());
        let owner: Did = OWNER.parse().unwrap();
        let rule = rule_of(&purpose(&[("age_over_18", true)], ""), &cards)
            .unwrap()
            .unwrap();
        let entry = entry(&rule, &owner, &cards, &types).unwrap();
        assert_eq!(entry.rule_hash().unwrap(), rule.hash());
        assert_eq!(entry.queries[0].vct_values, [PERSON]);
        assert_eq!(entry.name.text("en"), "18 or older");
        assert_eq!(entry.subject, format!("{OWNER}/rule/{}", hex::encode(rule.hash())));
        assert_eq!(RuleEntry::parse(&entry.encode().unwrap()), Ok(entry));
    }

    #[test]
    fn what_looks_personal_is_no_entry() {
        let (cards, types) = (cards::cards(), CardTypes::load().unwrap());
        let text = "person.age_over_18 && \"j@x.example\" == \"j@x.example\"";
        let rule = rule_of(&purpose(&[("age_over_18", true)], text), &cards)
            .unwrap()
            .unwrap();
        let refused = entry(&rule, &OWNER.parse().unwrap(), &cards, &types);
        assert!(matches!(
            refused,
            Err(RuleProblem::Payload(PayloadError::Personal("expression")))
        ));
    }

    #[test]
    fn what_was_written_by_hand_is_told_from_what_follows() {
        let cards = cards::cards();
        let is_written = |rule: &str| super::is_written(&purpose(&[("age_over_18", true)], rule), &cards);
        assert!(!is_written(""));
        assert!(!is_written("person.age_over_18"));
        assert!(is_written("!person.age_over_18"));
        assert!(is_written("no rule"));
    }
}
