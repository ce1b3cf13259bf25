//! Rules over cards that are held, without a vault.

use super::accredited::Accredited;
use super::entitlement::{Entitlement, HeldCard, Question, WhyNotTold};
use crate::cards::sample;
use crate::status::CardStatus;
use card_formats::{Format, HeldTypes};
use ledger::RuleQuery;
use rule::{ClaimType, Rule};
use serde_json::{Value, json};
use test_case::test_case;

/// Noon of a day, by UTC.
const NOON: u64 = 1_795_176_000;

fn card(query: &str, claims: Value, status: CardStatus) -> HeldCard {
    let Value::Object(claims) = claims else {
        panic!("no claims");
    };
    HeldCard {
        vct: format!("urn:{query}"),
        claims,
        status: Some(status),
    }
}

/// What a rule over `a.x` and `b.y` comes to with these cards.
fn answer(expression: &str, cards: &[HeldCard]) -> Entitlement {
    answer_at(NOON, expression, cards)
}

fn answer_at(now: u64, expression: &str, cards: &[HeldCard]) -> Entitlement {
    let claims = [("a.x", ClaimType::Bool), ("b.y", ClaimType::Bool)];
    let rule = Rule::parse(expression, claims).expect("a rule");
    let queries = ["a", "b"].map(|id| RuleQuery {
        id: id.to_owned(),
        vct_values: vec![format!("urn:{id}")],
    });
    let (accredited, types) = (Accredited::nobody(), HeldTypes::default());
    let question = Question {
        rule: &rule,
        queries: &queries,
        cards,
        accredited: &accredited,
        types: &types,
    };
    question.answer(now)
}

fn lacks(answer: &Entitlement) -> Vec<(&str, Option<CardStatus>)> {
    match answer {
        Entitlement::LacksCard { cards } => cards.iter().map(|card| (card.card_type.as_str(), card.yours)).collect(),
        other => panic!("{other:?}"),
    }
}

fn not_told(why: WhyNotTold) -> Entitlement {
    Entitlement::CannotBeTold { why }
}

#[test]
fn a_licence_as_mdoc_says_what_is_asked_of_a_licence() {
    let claims = json!({
        "org.iso.18013.5.1": {"document_number": "A1"},
        "urn:holdfast:namespace:driving-licence:1": {"category_b": true},
    });
    let mdoc = sample(Format::MDOC, "org.iso.18013.5.1.mDL", &claims);
    let held: Vec<HeldCard> = HeldCard::of(&mdoc, Some(CardStatus::Valid)).collect();
    let types: Vec<&str> = held.iter().map(|card| card.vct.as_str()).collect();
    assert_eq!(types, ["org.iso.18013.5.1.mDL", "urn:holdfast:vct:driving-licence:1"]);
    let own = &held[1];
    assert_eq!(
        Value::Object(own.claims.clone()),
        json!({"licence_number": "A1", "category_b": true})
    );
    assert_eq!(own.status, Some(CardStatus::Valid));
}

#[test]
fn the_person_picks_the_card_that_says_yes() {
    let both = [true, false].map(|x| card("a", json!({ "x": x }), CardStatus::Valid));
    assert_eq!(answer("a.x", &both), Entitlement::CanUse);
}

#[test]
fn more_ways_than_are_tried_are_not_told() {
    let many = |count: usize| -> Vec<HeldCard> {
        let one = |_| card("a", json!({ "x": false }), CardStatus::Valid);
        (0..count).map(one).collect()
    };
    assert_eq!(answer("a.x", &many(64)), Entitlement::CannotUse);
    assert_eq!(answer("a.x", &many(65)), not_told(WhyNotTold::TooManyCards));
}

#[test_case(json!({}) ; "it does not say")]
#[test_case(json!({"x": "true"}) ; "it says something of another kind")]
fn a_card_that_does_not_answer_is_no_answer(claims: Value) {
    let cards = [card("a", claims, CardStatus::Valid)];
    assert_eq!(answer("a.x", &cards), not_told(WhyNotTold::NotAnswered));
}

#[test_case(true => not_told(WhyNotTold::StatusUnknown) ; "it would be a yes")]
#[test_case(false => Entitlement::CannotUse ; "it would be a no all the same")]
fn a_card_of_unknown_status(x: bool) -> Entitlement {
    answer("a.x", &[card("a", json!({ "x": x }), CardStatus::Unknown)])
}

#[test_case(CardStatus::Suspended ; "suspended")]
#[test_case(CardStatus::Revoked ; "revoked")]
#[test_case(CardStatus::Expired ; "expired")]
#[test_case(CardStatus::NotYetValid ; "not yet valid")]
fn a_card_that_is_not_good_is_lacking(status: CardStatus) {
    let cards = [card("a", json!({"x": true}), status)];
    assert_eq!(lacks(&answer("a.x", &cards)), [("urn:a", Some(status))]);
}

#[test]
fn a_card_that_nobody_may_issue_now_counts_as_none() {
    let mut foreign = card("a", json!({"x": true}), CardStatus::Valid);
    foreign.status = None;
    assert_eq!(lacks(&answer("a.x", &[foreign])), [("urn:a", None)]);
}

/// At eleven by UTC it is the 20th there, the 19th in the west and the 21st in the east.
#[test_case("a.x && today == 20261120" => not_told(WhyNotTold::DayMatters) ; "yes in the middle alone")]
#[test_case("a.x && today != 20261120" => not_told(WhyNotTold::DayMatters) ; "no in the middle alone")]
#[test_case("a.x && today >= 20261119" => Entitlement::CanUse ; "yes on all three days")]
#[test_case("a.x && today > 20261121" => Entitlement::CannotUse ; "no on all three days")]
fn three_days_at_once(expression: &str) -> Entitlement {
    let cards = [card("a", json!({"x": true}), CardStatus::Valid)];
    answer_at(NOON - 3_600, expression, &cards)
}

#[test]
fn of_two_queries_what_is_not_here_is_lacking() {
    let yes = [card("a", json!({"x": true}), CardStatus::Valid)];
    assert_eq!(lacks(&answer("a.x && b.y", &yes)), [("urn:b", None)]);
    assert_eq!(lacks(&answer("a.x || b.y", &[])), [("urn:a", None), ("urn:b", None)]);
    let no = [card("a", json!({"x": false}), CardStatus::Valid)];
    assert_eq!(answer("a.x && b.y", &no), Entitlement::CannotUse);
    assert_eq!(lacks(&answer("a.x || b.y", &no)), [("urn:b", None)]);
}
